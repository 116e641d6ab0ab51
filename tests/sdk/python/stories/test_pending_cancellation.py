from portone_server_sdk.errors import (
    CancelAmountExceedsCancellableAmountError,
    PaymentCancellationNotFoundError,
    PaymentCancellationNotPendingError,
    PaymentNotFoundError,
)
from portone_server_sdk.payment import (
    CancelledPayment,
    FailedPaymentCancellation,
    PaidPayment,
    PartialCancelledPayment,
    RequestedPaymentCancellation,
    SucceededPaymentCancellation,
)
from portone_server_sdk.webhook import (
    WebhookTransactionCancelledCancelled,
    WebhookTransactionCancelledCancelPending,
    WebhookTransactionCancelledPartialCancelled,
    WebhookTransactionPaid,
)
from shop import Story, cards
from shop.shop import NOBODY


def states(payment):
    return [(it.id, type(it)) for it in payment.cancellations]


class PendingCancellation(Story):
    def stop(self, payment, cancellation_id):
        return self.shop.payments.stop_payment_cancellation(payment_id=payment.id, cancellation_id=cancellation_id)

    def trigger_of(self, payment, delivery):
        return {it.id: it.trigger for it in payment.read().webhooks}[delivery.headers["webhook-id"]]

    def test_a_pending_cancellation_reserves_its_amount_and_succeeds_when_the_psp_says_so(self):
        payment = self.shop.is_paid(card=cards.CANCELLATION_SUCCEEDS_LATER)

        pending = payment.cancel(amount=7_000)

        self.assertIsInstance(pending, RequestedPaymentCancellation)
        waiting = payment.read()
        self.assertIsInstance(waiting, PaidPayment)
        self.assertEqual(waiting.amount.cancelled, 0)
        self.assertEqual(states(waiting), [(pending.id, RequestedPaymentCancellation)])
        event = payment.hears(WebhookTransactionCancelledCancelPending).event
        self.assertEqual(event.data.cancellation_id, pending.id)
        self.refused(CancelAmountExceedsCancellableAmountError, payment.cancel, amount=3_001)

        self.shop.sandbox.after("PT10M")

        partly = payment.read()
        self.assertIsInstance(partly, PartialCancelledPayment)
        self.assertEqual(partly.amount.cancelled, 7_000)
        self.assertEqual(states(partly), [(pending.id, SucceededPaymentCancellation)])
        delivery = payment.hears(WebhookTransactionCancelledPartialCancelled)
        self.assertEqual(self.trigger_of(payment, delivery), "ASYNC_CANCEL_APPROVED")

    def test_a_pending_cancellation_of_everything_ends_as_a_cancelled_payment(self):
        payment = self.shop.is_paid(card=cards.CANCELLATION_SUCCEEDS_LATER)
        payment.cancel()
        self.shop.sandbox.after("PT10M")
        self.assertIsInstance(payment.read(), CancelledPayment)
        payment.hears(WebhookTransactionCancelledCancelled)

    def test_a_pending_cancellation_that_fails_gives_its_amount_back_and_tells_the_merchant_to_look_again(self):
        payment = self.shop.is_paid(card=cards.CANCELLATION_FAILS_LATER)
        pending = payment.cancel()
        self.assertIsInstance(pending, RequestedPaymentCancellation)

        self.shop.sandbox.after("PT10M")

        read = payment.read()
        self.assertIsInstance(read, PaidPayment)
        self.assertEqual(read.amount.cancelled, 0)
        self.assertEqual(states(read), [(pending.id, FailedPaymentCancellation)])
        # There is no event type for it, so the current status is told again.
        delivery = payment.hears(WebhookTransactionPaid, times=2)
        self.assertEqual(self.trigger_of(payment, delivery), "ASYNC_CANCEL_FAILED")

    def test_a_pending_cancellation_that_is_stopped_never_happens(self):
        payment = self.shop.is_paid(card=cards.CANCELLATION_SUCCEEDS_LATER)
        pending = payment.cancel()
        self.assertIsNotNone(self.stop(payment, pending.id).stopped_at)
        self.refused(PaymentCancellationNotPendingError, self.stop, payment=payment, cancellation_id=pending.id)
        self.shop.sandbox.after("PT10M")
        read = payment.read()
        self.assertIsInstance(read, PaidPayment)
        self.assertEqual(states(read), [(pending.id, FailedPaymentCancellation)])
        self.assertEqual(self.shop.sandbox.psp_books().of(read.transaction_id).refunded, [])

    def test_only_a_pending_cancellation_of_a_known_payment_can_be_stopped(self):
        payment = self.shop.is_paid()
        done = payment.cancel(amount=1_000)
        unknown = self.shop.payment(self.shop.new_payment_id())
        self.refused(PaymentCancellationNotPendingError, self.stop, payment=payment, cancellation_id=done.id)
        self.refused(PaymentCancellationNotFoundError, self.stop, payment=payment, cancellation_id=NOBODY)
        self.refused(PaymentNotFoundError, self.stop, payment=unknown, cancellation_id=done.id)
