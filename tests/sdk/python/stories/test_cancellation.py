from portone_server_sdk.payment import CancelledPayment, PartialCancelledPayment, SucceededPaymentCancellation
from portone_server_sdk.webhook import (
    WebhookTransactionCancelledCancelled,
    WebhookTransactionCancelledPartialCancelled,
    WebhookTransactionPaid,
)
from shop import Story
from shop.shop import krw


def parts(cancellation):
    return cancellation.total_amount, cancellation.tax_free_amount, cancellation.vat_amount


class Cancellation(Story):
    def test_a_payment_is_cancelled_in_parts_until_nothing_is_left_and_every_won_is_accounted_for(self):
        payment = self.shop.is_paid(amount=krw(11_000, tax_free=1_000))

        first = payment.cancel(amount=3_000, requester="CUSTOMER", current_cancellable_amount=11_000)

        self.assertIsInstance(first, SucceededPaymentCancellation)
        self.assertEqual(parts(first), (3_000, 0, 273))
        self.assertEqual(first.reason, "changed my mind")
        self.assertIsNotNone(first.cancelled_at)
        partly = payment.read()
        self.assertIsInstance(partly, PartialCancelledPayment)
        self.assertEqual((partly.amount.paid, partly.amount.cancelled, partly.amount.cancelled_tax_free), (11_000, 3_000, 0))
        self.assertEqual([it.id for it in partly.cancellations], [first.id])
        event = payment.hears(WebhookTransactionCancelledPartialCancelled).event
        self.assertEqual(event.data.cancellation_id, first.id)

        second = payment.cancel(amount=1_500, tax_free_amount=400, vat_amount=100)
        self.assertEqual(parts(second), (1_500, 400, 100))
        last = payment.cancel()
        self.assertEqual(parts(last), (6_500, 600, 909 - 273 - 100))
        cancelled = payment.read()
        self.assertIsInstance(cancelled, CancelledPayment)
        self.assertEqual((cancelled.amount.paid, cancelled.amount.cancelled, cancelled.amount.cancelled_tax_free), (11_000, 11_000, 1_000))
        self.assertCountEqual([it.id for it in cancelled.cancellations], [first.id, second.id, last.id])
        self.assertIsNotNone(cancelled.paid_at)
        self.assertEqual(payment.hears(WebhookTransactionCancelledCancelled).event.data.cancellation_id, last.id)
        self.assertEqual(
            [type(it.event) for it in payment.heard()],
            [
                WebhookTransactionPaid,
                WebhookTransactionCancelledPartialCancelled,
                WebhookTransactionCancelledPartialCancelled,
                WebhookTransactionCancelledCancelled,
            ],
        )

    def test_a_payment_is_cancelled_in_one_step(self):
        payment = self.shop.is_paid(amount=krw(7_000, tax_free=7_000))
        self.assertEqual(parts(payment.cancel()), (7_000, 7_000, 0))
        self.assertIsInstance(payment.read(), CancelledPayment)
        payment.hears(WebhookTransactionCancelledCancelled)
        self.assertEqual(payment.heard(WebhookTransactionCancelledPartialCancelled), [])

    def test_a_cancellation_without_webhook_is_silent_the_next_one_is_heard(self):
        payment = self.shop.is_paid()
        payment.cancel(amount=1_000, skip_webhook=True)
        heard = payment.cancel(amount=2_000)
        payment.hears(WebhookTransactionCancelledPartialCancelled)
        deliveries = payment.heard(WebhookTransactionCancelledPartialCancelled)
        self.assertEqual([it.event.data.cancellation_id for it in deliveries], [heard.id])

    def test_the_psp_refunded_what_was_cancelled(self):
        payment = self.shop.is_paid()
        payment.cancel(amount=4_000)
        payment.cancel(amount=6_000)
        books = self.shop.sandbox.psp_books().of(payment.read().transaction_id)
        self.assertEqual(books.charged, [10_000])
        self.assertCountEqual(books.refunded, [4_000, 6_000])
