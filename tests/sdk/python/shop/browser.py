"""The buyer's browser in a window of the checkout, and the merchant's page that opens it."""

import re
from typing import Any
from urllib.parse import urlencode

from .shop import Shop


class Visit:
    def __init__(self, shop: Shop, kind: str, **request: Any) -> None:
        """Opens a window the way the browser SDK does: from any origin, without credentials."""
        self._wire = shop.wire.authorized(None)
        page = {"url": "https://shop.example/cart", "origin": "https://shop.example", "platform": "PC"}
        request = {"storeId": shop.store_id, "noticeUrls": [shop.receiver.url]} | request
        body = {"kind": kind, "request": request, "page": page}
        answer = self._wire.post("/checkout/windows", body, content_type="text/plain")
        assert answer.status == 200, answer.text
        self._window: str = answer.json["window"]
        self.ids: dict[str, str] = answer.json["ids"]

    def submits(self, **fields: str) -> None:
        """Fills in the form that the page shows now."""
        page = self._wire.get(f"/checkout/{self._window}")
        assert page.status == 200, page.text
        hidden = re.search(r"<input[^>]*name=\"?nonce\"?[^>]*>", page.text)
        assert hidden, page.text
        nonce = re.search(r"value=\"?([^\"\s>]+)", hidden.group())
        assert nonce, hidden.group()
        form = urlencode({"nonce": nonce.group(1)} | fields)
        answer = self._wire.post(f"/checkout/{self._window}", form, content_type="application/x-www-form-urlencoded")
        assert answer.status == 303, answer.text

    def types(self, number: str) -> None:
        self.submits(intent="card", number=number, expiry="12/39", birth="900101", password="12")

    def result(self) -> dict[str, str]:
        """What the merchant's page is told: the members of the browser SDK's response."""
        answer = self._wire.get(f"/checkout/windows/{self._window}/result")
        assert answer.json["state"] == "ENDED", answer.text
        return answer.json["result"]
