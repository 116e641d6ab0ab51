"""What the drills have in common: servers that are started and stopped, a client that keeps its
connections, bodies of requests, a database to be thrown away, a receiver of webhooks.
"""

import base64
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BINARY = os.environ.get("PAYPIER_BIN", "target/release/paypier")
BROKEN = (OSError, http.client.HTTPException)

failures = []


def must(holds, what):
    if not holds:
        failures.append(what)
        print(f"  FAILED: {what}", flush=True)
    return holds


def say(text):
    print(f"  {text}", flush=True)


def clean_environment(**settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAYPIER_")}
    return {**kept, **settings}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds, every=0.1):
    """Waits for a condition; says whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


class Database:
    """A PostgreSQL database of its own, dropped at the end."""

    def __init__(self, name):
        self.base = os.environ.get("PAYPIER_TEST_POSTGRES_URL") or (
            f"postgres://{os.environ.get('USER', 'root')}@127.0.0.1:5432/postgres"
        )
        self.name = f"paypier_{name}_{os.getpid()}"
        address = urllib.parse.urlsplit(self.base)
        self.url = urllib.parse.urlunsplit(address._replace(path=f"/{self.name}"))
        self.run(f"CREATE DATABASE {self.name}", self.base)

    @staticmethod
    def is_there():
        """Whether PostgreSQL can be used. In CI it must be."""
        base = os.environ.get("PAYPIER_TEST_POSTGRES_URL") or (
            f"postgres://{os.environ.get('USER', 'root')}@127.0.0.1:5432/postgres"
        )
        asked = subprocess.run(["psql", base, "-qc", "SELECT 1"], capture_output=True) if shutil.which("psql") else None
        if asked is not None and asked.returncode == 0:
            return True
        if os.environ.get("CI"):
            sys.exit("PostgreSQL was not found, and CI never leaves it out")
        print("PostgreSQL was not found; its part is left out", flush=True)
        return False

    def run(self, sql, url=None):
        asked = subprocess.run(
            ["psql", url or self.url, "-qAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql],
            capture_output=True, text=True,
            # Who only looks must not get into the way of those who are looked at, whatever they run at.
            env={**os.environ, "PGOPTIONS": "-c default_transaction_isolation=read\\ committed"},
        )
        if asked.returncode != 0:
            raise RuntimeError(f"{sql}: {asked.stderr}")
        return [tuple(line.split("\t")) for line in asked.stdout.splitlines()]

    def drop(self):
        self.run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", self.base)


class Server:
    """One process. `arguments` say what it serves; the environment says how."""

    def __init__(self, name, arguments, environment, folder, nice=0):
        self.name, self.arguments, self.environment = name, arguments, environment
        self.port, self.process, self.nice = free_port(), None, nice
        self.log = os.path.join(folder, f"{name}.log")

    def start(self, wait=30):
        command = [BINARY, *self.arguments, "--listen", f"127.0.0.1:{self.port}"]
        if self.nice:
            command = ["nice", "-n", str(self.nice), *command]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)

        def is_over_or_ready():
            return self.process.poll() is not None or self.is_ready()

        if not until(is_over_or_ready, wait, 0.02) or self.process.poll() is not None:
            with open(self.log, errors="replace") as log:
                sys.exit(f"{self.name} did not start:\n{log.read()[-3000:]}")

    def get(self, path, timeout=5):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def is_ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except BROKEN:
            return False

    def metrics(self):
        """The sum of each metric over its labels, and each labelled value."""
        found = {}
        for line in self.get("/metrics")[1].decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name] = float(value)
                if "{" in name:
                    plain = name.split("{", 1)[0]
                    found[plain] = found.get(plain, 0) + float(value)
        return found

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return float("nan")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, wait=60):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=wait)

    def end(self):
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def has_panicked(self):
        with open(self.log, errors="replace") as log:
            return "panicked" in log.read()


class Client:
    """Keeps a connection to each address it talks to. One thread's."""

    def __init__(self, secret, timeout=60):
        self.secret, self.timeout, self.open = secret, timeout, {}

    def ask(self, port, method, path, body=None, key=None):
        headers = {"Authorization": f"PortOne {self.secret}"}
        if key:
            headers["Idempotency-Key"] = key
        connection = self.open.get(port)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.timeout)
            self.open[port] = connection
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except BROKEN:
            self.forget(port)
            raise
        except ValueError:
            self.forget(port)
            raise http.client.HTTPException("the answer is no JSON") from None

    def forget(self, port):
        connection = self.open.pop(port, None)
        if connection is not None:
            connection.close()

    def close(self):
        for port in list(self.open):
            self.forget(port)


def card(number="4242424242424242"):
    return {"card": {"credential": {
        "number": number, "expiryYear": "39", "expiryMonth": "12",
        "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12"}}}


def order(channel, amount, number="4242424242424242", **more):
    return {"channelKey": channel, "orderName": "drill", "amount": {"total": amount}, "currency": "KRW",
            "method": card(number), **more}


class Receiver:
    """Takes webhooks, notes each in the order of arrival, and can hold its answers back."""

    def __init__(self):
        self.arrived, self.lock = [], threading.Lock()
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                with receiver.lock:
                    receiver.arrived.append((time.monotonic(), self.headers["webhook-id"], self.path, json.loads(body)))
                receiver.may_answer.wait(30)
                try:
                    self.send_response(200)
                    self.send_header("content-length", "0")
                    self.end_headers()
                except OSError:
                    # Whoever sent it is gone.
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, number=0):
        return f"http://127.0.0.1:{self.port}/hook/{number}"

    def so_far(self):
        with self.lock:
            return list(self.arrived)


class Shop:
    """A merchant with a store, a secret and a card channel, made by the administrator's commands as for
    production. Holds the settings that all its servers share.
    """

    def __init__(self, database_url, folder, replicas=1, **settings):
        self.folder, self.replicas = folder, replicas
        secret_file = os.path.join(folder, "sandbox-psp.key")
        with open(os.open(secret_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(base64.b64encode(os.urandom(32)).decode())
        self.settings = {
            "PAYPIER_DATA_DIR": folder, "PAYPIER_SANDBOX_ENABLED": "true",
            "PAYPIER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "PAYPIER_WEBHOOKS_INTERNAL_NETWORKS": "127.0.0.0/8", "PAYPIER_LOG_FILTER": "warn", **settings,
        }
        if database_url:
            self.settings["PAYPIER_DATABASE_URL"] = database_url
        self.command("migrate")
        self.store = self.admin("merchant", "create", "--name", "Drill")["storeId"]
        self.secret = self.new_secret("drill")["apiSecret"]
        self.channel = self.new_channel("drill")
        self.admin("webhook", "secret", "create", "--store", self.store, "--environment", "test")

    def command(self, *arguments):
        ran = subprocess.run([BINARY, *arguments], capture_output=True, text=True, env=clean_environment(**self.settings))
        if ran.returncode != 0:
            raise RuntimeError(f"paypier {' '.join(arguments)}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def admin(self, *arguments):
        return json.loads(self.command("admin", "--json", *arguments))

    def new_secret(self, name):
        return self.admin("secret", "create", "--store", self.store, "--name", name)

    def new_channel(self, pg_merchant):
        return self.admin(
            "channel", "create", "--store", self.store, "--connector", "sandbox", "--pg-provider", "TOSSPAYMENTS",
            "--pg-merchant-id", pg_merchant, "--environment", "test", "--name", pg_merchant,
        )["channelKey"]

    def server(self, name, nice=0, **settings):
        arguments = ["serve", "--replicas", str(self.replicas)]
        return Server(name, arguments, clean_environment(**{**self.settings, **settings}), self.folder, nice)

    def verified(self):
        ran = subprocess.run([BINARY, "verify"], capture_output=True, text=True, env=clean_environment(**self.settings))
        must(ran.returncode == 0, f"the books do not tie: {ran.stdout}{ran.stderr}")
        return ran.stdout.strip().splitlines()[0] if ran.stdout.strip() else ""


def folder_of(name):
    return tempfile.mkdtemp(prefix=f"paypier-{name}-")


def concluded(folder):
    """Ends the drill: with 1 and the logs kept when something does not hold."""
    if failures:
        print(f"{len(failures)} things do not hold; logs are in {folder}", file=sys.stderr)
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)
