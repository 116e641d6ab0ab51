"""Pays through a server that is killed with SIGKILL at random moments, and checks the outcome.

Usage: load.py BINARY DATA_DIR ROUNDS

Each caller repeats an unanswered request with the same idempotency key, as a careful merchant does.
Afterwards every payment that was acknowledged must be paid, once, and the simulated PSP must have
charged exactly what the server says.
"""

import concurrent.futures
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

binary, data_dir, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
CALLERS = 16
seed = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
print(f"  seed {seed}", flush=True)
rng = random.Random(seed)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


port = free_port()
stop = threading.Event()
acknowledged, refused = {}, []
lock = threading.Lock()


def start():
    sandbox = os.path.join(data_dir, "sandbox.json")
    if os.path.exists(sandbox):
        os.remove(sandbox)
    log = open(os.path.join(data_dir, "server.log"), "ab")
    process = subprocess.Popen(
        [binary, "dev", "--listen", f"127.0.0.1:{port}", "--data-dir", data_dir],
        stdout=log, stderr=log,
    )
    deadline = time.monotonic() + 30
    while not os.path.exists(sandbox):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"the server did not start; see {data_dir}/server.log")
        time.sleep(0.02)
    with open(sandbox) as file:
        return process, json.load(file)


def request(method, path, body, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def caller(number, secret, channel):
    own = random.Random(seed * 1000 + number)
    count = 0
    while not stop.is_set():
        count += 1
        payment_id = f"drill-{seed}-{number}-{count}"
        amount = own.randrange(1000, 100000)
        body = {
            "channelKey": channel, "orderName": "drill", "amount": {"total": amount}, "currency": "KRW",
            "method": {"card": {"credential": {
                "number": "4242424242424242", "expiryYear": "39", "expiryMonth": "12",
                "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12"}}},
        }
        headers = {"Authorization": f"PortOne {secret}", "Idempotency-Key": f"key-{payment_id}-0123456789"}
        while True:
            try:
                status, answer = request("POST", f"/payments/{payment_id}/instant", body, headers)
            except (OSError, http.client.HTTPException):
                if stop.is_set():
                    return
                time.sleep(0.05)
                continue
            if status == 409 and b"IDEMPOTENCY_OUTSTANDING_REQUEST" in answer or status == 503:
                if stop.is_set():
                    return
                time.sleep(0.2)
                continue
            break
        with lock:
            if status == 200:
                acknowledged[payment_id] = (amount, answer)
            else:
                refused.append((payment_id, status, answer[:200]))


process, sandbox = start()
secret, channel = sandbox["v2"]["apiSecret"], sandbox["v2"]["channels"]["card"]
with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
    futures = [pool.submit(caller, number, secret, channel) for number in range(CALLERS)]
    for _ in range(rounds):
        time.sleep(rng.uniform(0.3, 1.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process, sandbox = start()
    time.sleep(2)
    stop.set()
    for future in futures:
        future.result()

# Whatever the kills left open is asked about; the visibility delay of the PSP is a few seconds.
headers = {"Authorization": f"PortOne {secret}"}
deadline = time.monotonic() + 90
while True:
    criteria = {"filter": {"status": ["PENDING"]}, "page": {"size": 100}}
    status, answer = request("GET", "/payments", criteria, headers)
    open_now = json.loads(answer)["page"]["totalCount"] if status == 200 else -1
    if open_now == 0:
        break
    if time.monotonic() > deadline:
        sys.exit(f"{open_now} payments are still open: {answer[:500]}")
    time.sleep(1)

lost = []
for payment_id, (amount, _) in acknowledged.items():
    status, answer = request("GET", f"/payments/{payment_id}", None, headers)
    payment = json.loads(answer)
    if status != 200 or payment["status"] != "PAID" or payment["amount"]["paid"] != amount:
        lost.append((payment_id, status, answer[:300]))

charges, after = {}, None
while True:
    status, answer = request("GET", "/sandbox/psp/ledger?size=1000" + (f"&after={after}" if after else ""), None, headers)
    if status != 200:
        sys.exit(f"the PSP's ledger cannot be read: {status} {answer[:300]}")
    page = json.loads(answer)
    for line in page["lines"]:
        if line["kind"] == "CHARGE":
            charges[line["reference"]] = charges.get(line["reference"], 0) + 1
    after = page.get("next")
    if not after:
        break
twice = {reference: count for reference, count in charges.items() if count > 1}

process.send_signal(signal.SIGTERM)
process.wait(timeout=60)
print(f"  {len(acknowledged)} payments acknowledged, {len(refused)} refused, {len(charges)} charges at the PSP, {rounds} kills")
if lost or twice or not acknowledged:
    print("  lost:", lost[:5], "charged twice:", list(twice.items())[:5])
    sys.exit(1)
if refused:
    print("  refused, for example:", refused[:3])
