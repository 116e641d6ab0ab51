from portone_server_sdk.errors import (
    AlreadyPaidError,
    BillingKeyNotFoundError,
    InformationMismatchError,
)
from portone_server_sdk.payment import FailedPayment, PaidPayment, ReadyPayment
from portone_server_sdk.payment.billing_key import IssuedBillingKeyInfo
from portone_server_sdk.webhook import WebhookTransactionPaid, WebhookTransactionReady
from shop import Story, cards
from shop.browser import Visit


class Checkout(Story):
    def opens(self, channel="card"):
        return Visit(
            self.shop,
            "PAYMENT",
            paymentId=self.shop.new_payment_id(),
            channelKey=self.shop.channels[channel],
            orderName="Two tickets",
            totalAmount=10_000,
            currency="CURRENCY_KRW",
            payMethod="CARD",
        )

    def test_a_payment_in_a_window_is_paid_told_to_the_page_and_read_with_the_server_sdk(self):
        visit = self.opens()
        payment = self.shop.payment(visit.ids["paymentId"])
        payment.hears(WebhookTransactionReady)
        self.assertIsInstance(payment.read(), ReadyPayment)

        visit.types(cards.VISA)

        told = {"transactionType": "PAYMENT", "paymentId": payment.id, "txId": visit.ids["txId"]}
        self.assertEqual(visit.result(), told)
        paid = payment.read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertEqual((paid.transaction_id, paid.amount.paid), (visit.ids["txId"], 10_000))
        payment.hears(WebhookTransactionPaid)

    def test_a_declined_card_is_the_pages_code_and_the_payments_failure(self):
        visit = self.opens()
        visit.types(cards.DECLINED["by issuer"])
        result = visit.result()
        self.assertEqual((result["code"], result["pgCode"]), ("PGProviderError", "SANDBOX_DECLINED"))
        self.assertIsInstance(self.shop.payment(visit.ids["paymentId"]).read(), FailedPayment)

    def test_with_manual_approval_the_merchants_server_approves_once_and_only_what_it_believes_in(self):
        confirm = self.shop.payments.confirm_payment
        visit = self.opens("manualApproval")
        visit.types(cards.VISA)
        told = visit.result()
        ask = {"payment_id": told["paymentId"], "payment_token": told["paymentToken"]}
        self.assertIsInstance(self.shop.payment(told["paymentId"]).read(), ReadyPayment)

        self.refused(InformationMismatchError, confirm, total_amount=9_000, **ask)
        confirm(total_amount=10_000, tx_id=told["txId"], **ask)

        self.assertIsInstance(self.shop.payment(told["paymentId"]).read(), PaidPayment)
        self.refused(AlreadyPaidError, confirm, **ask)

    def test_a_billing_key_is_confirmed_by_the_merchants_server_and_charged(self):
        keys = self.shop.billing_keys
        visit = Visit(
            self.shop,
            "ISSUE_BILLING_KEY",
            channelKey=self.shop.channels["manualApproval"],
            billingKeyMethod="CARD",
            issueName="Monthly box",
        )
        visit.types(cards.VISA)
        told = visit.result()

        self.refused(BillingKeyNotFoundError, keys.confirm_billing_key, billing_issue_token="guessed")
        self.assertEqual(told["billingKey"], "NEEDS_CONFIRMATION")
        key = keys.confirm_billing_key(billing_issue_token=told["billingIssueToken"]).billing_key

        self.assertIsInstance(keys.get_billing_key_info(billing_key=key), IssuedBillingKeyInfo)
        charge = self.shop.charge_order(key)
        self.shop.payments.pay_with_billing_key(**charge)
        self.assertIsInstance(self.shop.payment(charge["payment_id"]).read(), PaidPayment)

    def test_a_billing_key_is_issued_and_paid_with_in_one_confirmation(self):
        payment_id = self.shop.new_payment_id()
        visit = Visit(
            self.shop,
            "ISSUE_BILLING_KEY_AND_PAY",
            channelKey=self.shop.channels["manualApproval"],
            paymentId=payment_id,
            billingKeyAndPayMethod="MOBILE",
            orderName="First box",
            totalAmount=9_900,
            currency="CURRENCY_KRW",
        )
        visit.submits(intent="approve")
        token = visit.result()["billingIssueToken"]

        confirm = self.shop.billing_keys.confirm_billing_key_issue_and_pay
        confirm(billing_issue_token=token, payment_id=payment_id, total_amount=9_900)

        payment = self.shop.payment(payment_id).read()
        self.assertIsInstance(payment, PaidPayment)
        self.assertEqual(payment.billing_key, visit.ids["billingKey"])
