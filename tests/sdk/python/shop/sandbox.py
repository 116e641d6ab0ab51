"""The control API of the simulated PSP: the test clock, deposits, faults and the PSP's own books."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from .wire import Answer, Wire


@dataclass
class OrderBook:
    charged: list[int]
    refunded: list[int]


class PspBooks:
    def __init__(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            assert entry["kind"] in ("CHARGE", "REFUND", "CHARGEBACK"), entry
            assert type(entry["amount"]) is int and entry["amount"] > 0, entry
        self._entries = entries

    def of(self, transaction_id: str) -> OrderBook:
        """The charge and refunds of one attempt: the PSP knows it by our transaction id."""
        own = [it for it in self._entries if it["reference"] == transaction_id]
        return OrderBook(
            charged=[it["amount"] for it in own if it["kind"] == "CHARGE"],
            refunded=[it["amount"] for it in own if it["kind"] == "REFUND"],
        )

    def held(self) -> dict[str, int]:
        """Charged less refunded, per currency."""
        held: Counter[str] = Counter()
        for entry in self._entries:
            held[entry["currency"]] += entry["amount"] if entry["kind"] == "CHARGE" else -entry["amount"]
        return dict(held)


class Sandbox:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def after(self, duration: str) -> None:
        """Moves the store's clock by an ISO 8601 duration; every job that became due has run when this returns."""
        _succeeded(self._wire.post("/sandbox/clock", {"advance": duration}))

    def now(self) -> datetime:
        """What the store's clock shows."""
        return datetime.fromisoformat(_succeeded(self._wire.get("/sandbox/clock"))["now"])

    def deposits(self, payment_id: str, amount: int) -> None:
        _succeeded(self._wire.post(f"/sandbox/payments/{quote(payment_id, safe='')}/deposit", {"amount": amount}))

    def expires(self, payment_id: str) -> None:
        """Ends the time of the payment's virtual account."""
        _succeeded(self._wire.post(f"/sandbox/payments/{quote(payment_id, safe='')}/expire", {}))

    def parcel_is(self, payment_id: str, to: str) -> None:
        """The parcel of a payment in escrow moves on."""
        _succeeded(self._wire.post(f"/sandbox/payments/{quote(payment_id, safe='')}/escrow", {"to": to}))

    def disputes(self, payment_id: str, reason: str) -> None:
        _succeeded(self._wire.post(f"/sandbox/payments/{quote(payment_id, safe='')}/dispute", {"reason": reason}))

    def resolves_dispute(self, payment_id: str) -> None:
        _succeeded(self._wire.post(f"/sandbox/payments/{quote(payment_id, safe='')}/dispute/resolve", {}))

    def charges_back(self, payment_id: str, amount: int) -> None:
        _succeeded(self._wire.post(f"/sandbox/payments/{quote(payment_id, safe='')}/chargeback", {"amount": amount}))

    @contextmanager
    def psp_takes(self, latency_ms: int) -> Iterator[None]:
        """Every PSP call takes this long while the block runs."""
        _succeeded(self._wire.put("/sandbox/psp/faults", {"latencyMs": latency_ms}))
        try:
            yield
        finally:
            _succeeded(self._wire.put("/sandbox/psp/faults", {"latencyMs": 0}))

    def psp_books(self) -> PspBooks:
        """What the PSP believes it charged and refunded."""
        entries: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = _succeeded(self._wire.get("/sandbox/psp/ledger?size=1000" + (f"&after={quote(after)}" if after else "")))
            entries += page["lines"]
            after = page.get("next")
        return PspBooks(entries)


def _succeeded(answer: Answer) -> Any:
    assert answer.status == 200, answer.text
    return answer.json
