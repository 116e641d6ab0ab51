from portone_server_sdk.common import PageInput
from portone_server_sdk.errors import (
    CashReceiptAlreadyIssuedError,
    CashReceiptNotFoundError,
    CashReceiptNotIssuedError,
    ChannelNotFoundError,
    InvalidRequestError,
    PgProviderError,
)
from portone_server_sdk.payment.cash_receipt import (
    CancelledCashReceipt,
    CashReceiptFilterInput,
    IssueCashReceiptCustomerInput,
    IssueFailedCashReceipt,
    IssuedCashReceipt,
)
from shop import Story
from shop.shop import krw


class CashReceipt(Story):
    @property
    def receipts(self):
        return self.shop.payments.cash_receipt

    def order(self, identity_number="010-1234-5678", **changes):
        return {
            "payment_id": self.shop.new_payment_id(),
            "channel_key": self.shop.channels["transfer"],
            "type": "PERSONAL",
            "order_name": "현장 결제",
            "currency": "KRW",
            "amount": krw(11_000),
            "customer": IssueCashReceiptCustomerInput(identity_number=identity_number),
        } | changes

    def read(self, payment_id):
        return self.receipts.get_cash_receipt_by_payment_id(payment_id=payment_id)

    def test_a_receipt_is_issued_by_hand_read_listed_cancelled_and_issued_again(self):
        order = self.order()
        payment_id = order["payment_id"]

        summary = self.receipts.issue_cash_receipt(**order).cash_receipt

        issued = self.read(payment_id)
        self.assertIsInstance(issued, IssuedCashReceipt)
        self.assertTrue(issued.is_manual)
        self.assertEqual((issued.amount, issued.vat_amount), (11_000, 1_000))
        self.assertEqual((issued.issue_number, issued.url), (summary.issue_number, summary.url))
        listed = self.receipts.get_cash_receipts(
            page=PageInput(number=0, size=10), filter=CashReceiptFilterInput(payment_id=payment_id)
        )
        self.assertEqual([it.issue_number for it in listed.items], [summary.issue_number])
        with self.assertRaises(CashReceiptAlreadyIssuedError):
            self.receipts.issue_cash_receipt(**order)

        answer = self.receipts.cancel_cash_receipt_by_payment_id(payment_id=payment_id)

        self.assertEqual(answer.cancelled_amount, 11_000)
        cancelled = self.read(payment_id)
        self.assertIsInstance(cancelled, CancelledCashReceipt)
        self.assertEqual(cancelled.cancelled_at, answer.cancelled_at)
        with self.assertRaises(CashReceiptNotIssuedError):
            self.receipts.cancel_cash_receipt_by_payment_id(payment_id=payment_id)
        self.receipts.issue_cash_receipt(**order)
        self.assertIsInstance(self.read(payment_id), IssuedCashReceipt)

    def test_a_receipt_that_the_tax_office_refuses_is_kept_as_failed(self):
        order = self.order(identity_number="01012340000")
        with self.assertRaises(PgProviderError) as refusal:
            self.receipts.issue_cash_receipt(**order)
        self.assertEqual(refusal.exception.pg_code, "SANDBOX_RECEIPT_REFUSED")
        self.assertIsInstance(self.read(order["payment_id"]), IssueFailedCashReceipt)

    def test_nothing_is_found_or_issued_where_there_is_nothing(self):
        payment_id = self.shop.new_payment_id()
        with self.assertRaises(CashReceiptNotFoundError):
            self.read(payment_id)
        with self.assertRaises(CashReceiptNotFoundError):
            self.receipts.cancel_cash_receipt_by_payment_id(payment_id=payment_id)
        with self.assertRaises(ChannelNotFoundError):
            self.receipts.issue_cash_receipt(**self.order(channel_key="channel-key-unknown"))
        with self.assertRaises(InvalidRequestError):
            self.receipts.issue_cash_receipt(**self.order(identity_number="nobody"))
