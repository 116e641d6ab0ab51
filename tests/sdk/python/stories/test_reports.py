"""What is asked about many payments, and what only one PSP can tell."""

import json
from datetime import UTC, datetime

from portone_server_sdk import PgSpecificClient, ReconciliationClient
from portone_server_sdk.common import DateRange
from portone_server_sdk.errors import ChannelNotFoundError, InvalidRequestError, PaymentNotFoundError
from shop import Story


class Reports(Story):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        credentials = {"secret": cls.shop.api_secret, "base_url": cls.shop.url, "store_id": cls.shop.store_id}
        cls.reconciliation = ReconciliationClient(**credentials)
        cls.pg_specific = PgSpecificClient(**credentials)

    def test_vat_is_reported_by_the_day_of_the_transaction_and_of_the_settlement(self):
        self.shop.is_paid()
        half_a_year = DateRange(from_="2026-01-01", until="2026-06-30")
        by_transaction = self.reconciliation.get_payment_reconciliation_transaction_vat_report
        by_settlement = self.reconciliation.get_payment_reconciliation_settlement_vat_report
        for report in (by_transaction, by_settlement):
            # The sandbox has test channels only, and what was paid through those is not money.
            self.assertEqual(report(date_range=half_a_year).items, [])
            for wrong in (DateRange("2026-02-30", "2026-03-01"), DateRange("2026-03-02", "2026-03-01")):
                self.refused(InvalidRequestError, report, date_range=wrong)

    def test_kakaopays_own_words_about_an_order_are_passed_on(self):
        channel_key = self.shop.channels["easyPay"]
        pg_tx_id = self.shop.is_paid(channel_key=channel_key).read().pg_tx_id
        asks = self.pg_specific.get_kakaopay_payment_order
        answer = asks(pg_tx_id=pg_tx_id, channel_key=channel_key)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(json.loads(answer.body)["tid"], pg_tx_id)
        # KakaoPay's own refusal is an answer as well.
        self.assertEqual(asks(pg_tx_id="unknown", channel_key=channel_key).status_code, 400)
        self.refused(InvalidRequestError, asks, pg_tx_id=pg_tx_id, channel_key=self.shop.channels["card"])

    def test_kcps_discounts_are_listed_by_amount_and_company(self):
        channel_key = self.shop.channels["transfer"]
        asks = self.shop.payments.additional_feature.get_pg_card_promotions
        found = asks(channel_key=channel_key, amount=30_000).promotions
        self.assertEqual([it.promotion_id for it in found], ["SBX-CARD-1", "SBX-CARD-2", "SBX-CARD-3"])
        self.assertEqual(
            (found[1].card_company, found[1].discount_amount, found[1].minimum_payment_amount),
            ("SHINHAN_CARD", 1_000, 10_000),
        )
        [only] = asks(channel_key=channel_key, amount=50_000, card_company="KAKAO_BANK").promotions
        self.assertEqual(only.promotion_id, "SBX-CARD-4")
        self.refused(ChannelNotFoundError, asks, channel_key="unknown", amount=1_000)
        self.refused(InvalidRequestError, asks, channel_key=self.shop.channels["card"], amount=1_000)

    def test_paymentwall_is_told_what_was_delivered(self):
        paid = self.shop.is_paid(channel_key=self.shop.channels["paymentwall"]).read()
        elsewhere = self.shop.is_paid().read()
        now = datetime.now(UTC).isoformat()

        def tells(transaction_id: str, **more: str) -> None:
            self.pg_specific.confirm_paymentwall_delivery(
                **{
                    "transaction_id": transaction_id,
                    "delivery_type": "DIGITAL",
                    "delivery_status": "DELIVERED",
                    "estimated_delivery_datetime": now,
                    "estimated_update_datetime": now,
                    "refundable": False,
                    "details": "two tickets",
                    "shipping_address_email": "dana@example.com",
                }
                | more
            )

        tells(paid.transaction_id)
        self.refused(InvalidRequestError, tells, transaction_id=paid.transaction_id, delivery_type="PHYSICAL")
        self.refused(InvalidRequestError, tells, transaction_id=elsewhere.transaction_id)
        self.refused(PaymentNotFoundError, tells, transaction_id="unknown")
