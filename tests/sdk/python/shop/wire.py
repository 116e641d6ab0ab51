"""The bare HTTP interface, for what the SDK hides: statuses, bytes, headers and requests that it would never send."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Wire:
    def __init__(self, url: str, authorization: str | None) -> None:
        self._url = url
        self._authorization = authorization

    def authorized(self, authorization: str | None) -> "Wire":
        """The same server without, or with other, credentials."""
        return Wire(self._url, authorization)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PUT", path, body, **headers)

    def send(self, method: str, path: str, body: Any, **headers: str) -> Answer:
        """A string goes out as it is, anything else as JSON; `idempotency_key=…` becomes a header."""
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._authorization is not None:
            named["authorization"] = self._authorization
        connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=60)
        try:
            connection.request(method, path, content.encode() if content is not None else None, named)
            response = connection.getresponse()
            answered = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, answered, response.read().decode())
        finally:
            connection.close()
