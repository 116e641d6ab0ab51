import json
import os
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from portone_server_sdk import AuthClient, PaymentClient, webhook
from portone_server_sdk.common import PaymentAmountInput
from portone_server_sdk.payment import (
    InstantPaymentMethodInput,
    InstantPaymentMethodInputVirtualAccount,
    InstantPaymentMethodInputVirtualAccountExpiry,
    InstantPaymentMethodInputVirtualAccountOption,
    Payment,
    PaymentCancellation,
)

from . import cards
from .receiver import Delivery, Receiver
from .sandbox import Sandbox
from .wire import Wire

NOBODY = "00000000-0000-4000-8000-000000000000"


def krw(total: int, **parts: int) -> PaymentAmountInput:
    return PaymentAmountInput(total=total, **parts)


class Shop:
    def __init__(self) -> None:
        path = os.environ.get("PAYPIER_SANDBOX")
        assert path, "PAYPIER_SANDBOX must name the sandbox.json of a running server"
        described = json.loads(Path(path).read_text(encoding="utf-8"))
        v2 = described["v2"]
        self.url: str = described["url"]
        self.api_secret: str = v2["apiSecret"]
        self.webhook_secret: str = v2["webhookSecret"]
        self.store_id: str = v2["storeId"]
        self.merchant_id: str = v2["merchantId"]
        self.channels: dict[str, str] = v2["channels"]
        self.channel_group_id: str = v2["channelGroupId"]
        self.auth = AuthClient(secret=self.api_secret, base_url=self.url)
        self.payments = self.client()
        self.billing_keys = self.payments.billing_key
        self.schedules = self.payments.payment_schedule
        self.wire = Wire(self.url, f"PortOne {self.api_secret}")
        self.sandbox = Sandbox(self.wire)
        self.receiver = Receiver(self.webhook_secret)
        self._prefix = f"py-{uuid.uuid4()}"
        self._ids = 0

    def client(self, secret: str | None = None, store_id: str | None = None) -> PaymentClient:
        return PaymentClient(secret=secret or self.api_secret, base_url=self.url, store_id=store_id)

    def close(self) -> None:
        self.receiver.close()

    def new_payment_id(self) -> str:
        self._ids += 1
        return f"{self._prefix}-{self._ids}"

    def order(self, card: str = cards.VISA, **changes: Any) -> dict[str, Any]:
        """The SDK's arguments for a key-in card payment; every one can be replaced."""
        return {
            "payment_id": self.new_payment_id(),
            "channel_key": self.channels["card"],
            "order_name": "Two tickets",
            "amount": krw(10_000),
            "currency": "KRW",
            "method": cards.key_in(card),
            "notice_urls": [self.receiver.url],
        } | changes

    def account_order(self, **changes: Any) -> dict[str, Any]:
        account = InstantPaymentMethodInputVirtualAccount(
            bank="SHINHAN",
            expiry=InstantPaymentMethodInputVirtualAccountExpiry(valid_hours=24),
            option=InstantPaymentMethodInputVirtualAccountOption(type="NORMAL"),
        )
        method = InstantPaymentMethodInput(virtual_account=account)
        return self.order() | {"channel_key": self.channels["virtualAccount"], "method": method} | changes

    def billing_key_order(self, card: str = cards.VISA, **changes: Any) -> dict[str, Any]:
        return {
            "channel_key": self.channels["billing"],
            "method": cards.for_billing_key(card),
            "notice_urls": [self.receiver.url],
        } | changes

    def charge_order(self, billing_key: str, **changes: Any) -> dict[str, Any]:
        return {
            "payment_id": self.new_payment_id(),
            "billing_key": billing_key,
            "order_name": "Monthly box",
            "amount": krw(9_900),
            "currency": "KRW",
            "notice_urls": [self.receiver.url],
        } | changes

    def is_paid(self, **changes: Any) -> "PaymentOfShop":
        """Pays by key-in and hands back the payment to go on with."""
        order = self.order(**changes)
        self.payments.pay_instantly(**order)
        return self.payment(order["payment_id"])

    def fails_to_pay(self, **changes: Any) -> "PaymentOfShop":
        order = self.order(**({"card": cards.DECLINED["by issuer"]} | changes))
        try:
            self.payments.pay_instantly(**order)
        except Exception:
            return self.payment(order["payment_id"])
        raise AssertionError("a declined card paid")

    def has_issued_account(self, **changes: Any) -> "PaymentOfShop":
        order = self.account_order(**changes)
        self.payments.pay_instantly(**order)
        return self.payment(order["payment_id"])

    def has_billing_key(self, **changes: Any) -> str:
        return self.billing_keys.issue_billing_key(**self.billing_key_order(**changes)).billing_key_info.billing_key

    def payment(self, payment_id: str) -> "PaymentOfShop":
        return PaymentOfShop(self, payment_id)


class PaymentOfShop:
    def __init__(self, shop: Shop, payment_id: str) -> None:
        self._shop = shop
        self.id = payment_id

    @property
    def path(self) -> str:
        return f"/payments/{quote(self.id, safe='')}"

    def read(self) -> Payment:
        return self._shop.payments.get_payment(payment_id=self.id)

    def cancel(self, **ask: Any) -> PaymentCancellation:
        return self._shop.payments.cancel_payment(**({"payment_id": self.id, "reason": "changed my mind"} | ask)).cancellation

    def hears(self, kind: type[webhook.WebhookTransaction], times: int = 1, **about: str) -> Delivery:
        return self._shop.receiver.hears(kind, times=times, payment_id=self.id, **about)

    def heard(self, kind: type = object) -> list[Delivery]:
        return self._shop.receiver.heard(kind, payment_id=self.id)
