"""A merchant's webhook endpoint: verifies what arrives with the SDK's own verifier, as the documentation tells merchants to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portone_server_sdk import webhook

PATIENCE_SECONDS = 20


@dataclass
class Delivery:
    event: webhook.Webhook
    body: str
    path: str
    headers: dict[str, str]


class Receiver:
    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._arrived: list[Delivery] = []
        self._rejected: list[str] = []
        self._answers: dict[str, list[int]] = {}
        self._change = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self._base}/webhooks"

    def answering(self, *statuses: int) -> str:
        """A URL of this receiver whose deliveries are answered by the given statuses in turn, the last one from then on."""
        path = f"/webhooks/answering-{len(self._answers)}"
        self._answers[path] = list(statuses)
        return self._base + path

    def hears(self, kind: type, times: int = 1, **about: str) -> Delivery:
        """Waits for the delivery of a typed event that fits, one that has already arrived included."""
        with self._change:
            self._change.wait_for(lambda: self._rejected or len(self.heard(kind, **about)) >= times, PATIENCE_SECONDS)
            self._assert_nothing_rejected()
            fitting = self.heard(kind, **about)
            if len(fitting) < times:
                heard = [type(it.event).__name__ for it in self.heard(object, **about)]
                raise AssertionError(f"waited in vain for {kind.__name__} ({times}) about {about}; heard {heard}")
            return fitting[times - 1]

    def heard(self, kind: type, **about: str) -> list[Delivery]:
        return [it for it in self._arrived if isinstance(it.event, kind) and _concerns(it, about)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._assert_nothing_rejected()

    def _assert_nothing_rejected(self) -> None:
        if self._rejected:
            raise AssertionError(f"every webhook must pass the SDK's verifier and be of a known type: {self._rejected}")

    def receive(self, path: str, headers: dict[str, str], body: str) -> int:
        with self._change:
            try:
                event = webhook.verify(self._secret, body, headers)
                # What the SDK cannot read as one of its classes, it hands out as a dict.
                assert not isinstance(event, dict), f"untyped {body}"
                self._arrived.append(Delivery(event, body, path, headers))
            except Exception as error:
                self._rejected.append(f"{error!r}: {body} {headers}")
            answers = self._answers.get(path, [200])
            status = answers.pop(0) if len(answers) > 1 else answers[0]
            self._change.notify_all()
            return status


def _concerns(delivery: Delivery, about: dict[str, str]) -> bool:
    def fits(name: str, value: str) -> bool:
        if name == "at":
            return value.endswith(delivery.path)
        return getattr(delivery.event.data, name, None) == value

    return all(fits(name, value) for name, value in about.items())


def _handler(receiver: Receiver) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.receive(self.path, headers, body)
            self.send_response(status)
            self.send_header("content-length", "8")
            self.end_headers()
            self.wfile.write(b"received")

        def log_message(self, *_: object) -> None:
            pass

    return Handler
