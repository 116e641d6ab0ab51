from portone_server_sdk.errors import (
    CancelAmountExceedsCancellableAmountError,
    CancellableAmountConsistencyBrokenError,
    CancelTaxAmountExceedsCancellableTaxAmountError,
    CancelTaxFreeAmountExceedsCancellableTaxFreeAmountError,
    ForbiddenError,
    InvalidRequestError,
    PaymentAlreadyCancelledError,
    PaymentNotFoundError,
    PaymentNotPaidError,
    PgProviderError,
    SumOfPartsExceedsCancelAmountError,
    UnknownError,
)
from portone_server_sdk.payment import CancelledPayment, FailedPaymentCancellation, PaidPayment
from shop import Story, cards
from shop.shop import NOBODY, krw


class CancellationRefusals(Story):
    def test_a_cancellation_that_cannot_be_is_refused_by_the_first_rule_it_breaks_and_moves_no_money(self):
        # 10,000 of which 4,000 tax-free, hence 6,000 taxable.
        payment = self.shop.is_paid(amount=krw(10_000, tax_free=4_000))
        stale = {"current_cancellable_amount": 9_999}
        for name, refusal, ask in (
            ("an empty reason", InvalidRequestError, {"reason": ""}),
            ("nothing", InvalidRequestError, {"amount": 0}),
            ("less than nothing", InvalidRequestError, {"amount": -1}),
            ("a fraction", InvalidRequestError, {"amount": 10.5}),
            ("an unknown requester", InvalidRequestError, {"requester": "NEIGHBOUR"}),
            ("a stale view", CancellableAmountConsistencyBrokenError, {"amount": 1_000} | stale),
            ("a stale view, too much", CancellableAmountConsistencyBrokenError, {"amount": 20_000} | stale),
            ("too much", CancelAmountExceedsCancellableAmountError, {"amount": 10_001}),
            ("too much in parts", CancelAmountExceedsCancellableAmountError, {"amount": 10_001, "tax_free_amount": 20_000}),
            ("parts above the whole", SumOfPartsExceedsCancelAmountError, {"amount": 1_000, "tax_free_amount": 900, "vat_amount": 200}),
            ("parts above whole and rest", SumOfPartsExceedsCancelAmountError, {"amount": 4_500, "tax_free_amount": 5_000}),
            (
                "more tax-free money than there is",
                CancelTaxFreeAmountExceedsCancellableTaxFreeAmountError,
                {"amount": 5_000, "tax_free_amount": 4_001},
            ),
            ("more taxable money than there is", CancelTaxAmountExceedsCancellableTaxAmountError, {"amount": 6_001}),
            (
                "everything, declared taxable",
                CancelTaxAmountExceedsCancellableTaxAmountError,
                {"amount": 10_000, "tax_free_amount": 0},
            ),
        ):
            with self.subTest(name):
                self.refused(refusal, payment.cancel, **ask)
        untouched = payment.read()
        self.assertIsInstance(untouched, PaidPayment)
        self.assertEqual(untouched.amount.cancelled, 0)
        self.assertEqual(untouched.cancellations or [], [])

    def test_another_store_cannot_cancel(self):
        payment = self.shop.is_paid()
        elsewhere = self.shop.client(store_id=f"store-{NOBODY}")
        self.refused(ForbiddenError, elsewhere.cancel_payment, payment_id=payment.id, reason="mine now")

    def test_what_was_never_paid_cannot_be_cancelled(self):
        self.refused(PaymentNotFoundError, self.shop.payment(self.shop.new_payment_id()).cancel)
        self.refused(PaymentNotPaidError, self.shop.fails_to_pay().cancel)

    def test_what_is_cancelled_cannot_be_cancelled_again_whatever_else_is_wrong(self):
        payment = self.shop.is_paid()
        payment.cancel()
        self.refused(PaymentAlreadyCancelledError, payment.cancel)
        self.refused(PaymentAlreadyCancelledError, payment.cancel, amount=20_000, current_cancellable_amount=1)

    def test_after_a_partial_cancellation_the_guards_count_what_is_left(self):
        payment = self.shop.is_paid(amount=krw(10_000, tax_free=4_000))
        payment.cancel(amount=7_000, tax_free_amount=3_000)
        self.refused(CancelAmountExceedsCancellableAmountError, payment.cancel, amount=3_001)
        self.refused(
            CancelTaxFreeAmountExceedsCancellableTaxFreeAmountError, payment.cancel, amount=2_000, tax_free_amount=1_001
        )
        self.refused(CancelTaxAmountExceedsCancellableTaxAmountError, payment.cancel, amount=2_001, tax_free_amount=0)
        payment.cancel(current_cancellable_amount=3_000)
        self.assertIsInstance(payment.read(), CancelledPayment)

    def test_the_hundredth_cancellation_was_the_last_one(self):
        payment = self.shop.is_paid(notice_urls=None)
        for _ in range(100):
            payment.cancel(amount=1)
        # This SDK version has no class for it yet.
        refusal = self.refused(UnknownError, payment.cancel, amount=1)
        self.assertEqual(refusal.error["type"], "MAX_CANCEL_COUNT_REACHED")
        self.assertEqual(payment.read().amount.cancelled, 100)

    def test_a_refusal_by_the_psp_is_told_kept_as_a_failed_cancellation_and_gives_the_amount_back(self):
        payment = self.shop.is_paid(card=cards.CANCELLATION_REFUSED)
        refusal = self.refused(PgProviderError, payment.cancel, amount=4_000)
        self.assertTrue(refusal.pg_code.startswith("SANDBOX_"), refusal.pg_code)
        read = payment.read()
        self.assertIsInstance(read, PaidPayment)
        self.assertEqual(read.amount.cancelled, 0)
        self.assertEqual([(type(it), it.total_amount) for it in read.cancellations], [(FailedPaymentCancellation, 4_000)])
        self.refused(PgProviderError, payment.cancel, current_cancellable_amount=10_000)
        self.assertEqual(self.shop.sandbox.psp_books().of(read.transaction_id).refunded, [])
