from portone_server_sdk.errors import AlreadyPaidError, PgProviderError
from portone_server_sdk.payment import FailedPayment, PaidPayment, PayPendingPayment
from portone_server_sdk.webhook import WebhookTransactionFailed, WebhookTransactionPaid, WebhookTransactionPayPending
from shop import Story, cards


class Unanswered(Story):
    def test_a_charge_whose_answer_got_lost_is_found_by_asking(self):
        order = self.shop.order(card=cards.CHARGED_WITHOUT_ANSWER)

        summary = self.shop.payments.pay_instantly(**order).payment

        payment = self.shop.payment(order["payment_id"])
        paid = payment.read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertEqual(paid.pg_tx_id, summary.pg_tx_id)
        payment.hears(WebhookTransactionPaid)
        self.assertEqual(self.shop.sandbox.psp_books().of(paid.transaction_id).charged, [10_000])

    def test_a_charge_that_the_psp_never_saw_fails_honestly_and_the_id_can_be_paid_afterwards(self):
        order = self.shop.order(card=cards.NEVER_CHARGED_WITHOUT_ANSWER)

        refusal = self.refused(PgProviderError, self.shop.payments.pay_instantly, **order)

        payment = self.shop.payment(order["payment_id"])
        if refusal.pg_code == "OUTCOME_UNKNOWN":
            self.shop.sandbox.after("PT1H")
        failed = payment.read()
        self.assertIsInstance(failed, FailedPayment)
        self.assertEqual(failed.amount.paid, 0)
        payment.hears(WebhookTransactionFailed)
        self.shop.payments.pay_instantly(**self.shop.order(payment_id=payment.id))
        self.assertIsInstance(payment.read(), PaidPayment)

    def test_a_charge_whose_outcome_stays_unknown_is_never_declared_failed_and_never_repeated(self):
        order = self.shop.order(card=cards.CHARGED_BUT_SILENT_FOR_THREE_QUERIES)
        payment = self.shop.payment(order["payment_id"])

        try:
            self.shop.payments.pay_instantly(**order)
        except PgProviderError as refusal:
            self.assertEqual(refusal.pg_code, "OUTCOME_UNKNOWN")
            self.assertIsInstance(payment.read(), PayPendingPayment)
            payment.hears(WebhookTransactionPayPending)
            self.refused(AlreadyPaidError, self.shop.payments.pay_instantly, **self.shop.order(payment_id=payment.id))
            self.shop.sandbox.after("PT1H")

        paid = payment.read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertEqual(paid.amount.paid, 10_000)
        payment.hears(WebhookTransactionPaid)
        self.assertEqual(payment.heard(WebhookTransactionFailed), [])
        self.assertEqual(self.shop.sandbox.psp_books().of(paid.transaction_id).charged, [10_000])
