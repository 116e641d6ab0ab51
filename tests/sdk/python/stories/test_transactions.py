from portone_server_sdk.errors import PaymentNotFoundError
from portone_server_sdk.payment import (
    FailedPaymentTransaction,
    PaidPaymentTransaction,
    PartialCancelledPaymentTransaction,
    VirtualAccountIssuedPaymentTransaction,
)
from shop import Story
from shop.shop import krw


class Transactions(Story):
    def of(self, payment):
        return self.shop.payments.get_payment_transactions(payment_id=payment.id).items

    def test_every_attempt_is_kept_with_what_was_ordered_in_it_newest_first(self):
        payment = self.shop.fails_to_pay(order_name="First try", amount=krw(1_000))
        failed_id = payment.read().transaction_id
        self.shop.payments.pay_instantly(**self.shop.order(payment_id=payment.id, order_name="Second try", amount=krw(2_000)))
        paid_id = payment.read().transaction_id

        self.assertEqual(
            [(type(it), it.id, it.payment_id, it.order_name, it.amount.total) for it in self.of(payment)],
            [
                (PaidPaymentTransaction, paid_id, payment.id, "Second try", 2_000),
                (FailedPaymentTransaction, failed_id, payment.id, "First try", 1_000),
            ],
        )

    def test_an_attempt_shows_the_cancellations_of_its_payment(self):
        payment = self.shop.is_paid()
        cancellation = payment.cancel(amount=1_000)
        [attempt] = self.of(payment)
        self.assertIsInstance(attempt, PartialCancelledPaymentTransaction)
        self.assertEqual([it.id for it in attempt.cancellations], [cancellation.id])

    def test_an_issued_account_is_an_attempt(self):
        [attempt] = self.of(self.shop.has_issued_account())
        self.assertIsInstance(attempt, VirtualAccountIssuedPaymentTransaction)

    def test_a_payment_that_was_never_tried_has_no_attempts_to_show(self):
        unknown = self.shop.new_payment_id()
        self.refused(PaymentNotFoundError, self.shop.payments.get_payment_transactions, payment_id=unknown)
