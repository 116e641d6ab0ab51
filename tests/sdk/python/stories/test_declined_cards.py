from portone_server_sdk.errors import PgProviderError
from portone_server_sdk.payment import FailedPayment, PaidPayment
from portone_server_sdk.webhook import WebhookTransactionFailed, WebhookTransactionPaid
from shop import Story, cards


class DeclinedCards(Story):
    def test_a_declined_card_leaves_a_failed_payment_that_says_the_same_as_the_error(self):
        codes = {}
        for how, card in cards.DECLINED.items():
            with self.subTest(how):
                order = self.shop.order(card=card)

                refusal = self.refused(PgProviderError, self.shop.payments.pay_instantly, **order)

                self.assertRegex(refusal.pg_code, r"^SANDBOX_[A-Z0-9_]+$")
                codes[how] = refusal.pg_code
                payment = self.shop.payment(order["payment_id"])
                failed = payment.read()
                self.assertIsInstance(failed, FailedPayment)
                self.assertEqual((failed.failure.pg_code, failed.failure.pg_message), (refusal.pg_code, refusal.pg_message))
                self.assertEqual((failed.amount.total, failed.amount.paid), (10_000, 0))
                event = payment.hears(WebhookTransactionFailed).event
                self.assertEqual(event.data.transaction_id, failed.transaction_id)

        self.assertEqual(codes["by issuer"], "SANDBOX_DECLINED")
        self.assertEqual(codes["insufficient funds"], "SANDBOX_INSUFFICIENT_FUNDS")
        self.assertEqual(len(set(codes.values())), len(cards.DECLINED), codes)

    def test_a_failed_payment_can_be_paid_with_another_card_under_the_same_id(self):
        payment = self.shop.fails_to_pay()
        failed = payment.read()
        self.shop.payments.pay_instantly(**self.shop.order(payment_id=payment.id, card=cards.MASTERCARD))
        paid = payment.read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertNotEqual(paid.transaction_id, failed.transaction_id)
        payment.hears(WebhookTransactionPaid)
