from portone_server_sdk.errors import (
    AlreadyPaidError,
    InvalidRequestError,
    PaymentNotFoundError,
    PaymentNotPaidError,
    PaymentNotWaitingForDepositError,
    PgProviderError,
)
from portone_server_sdk.payment import (
    CancelledPayment,
    FailedPayment,
    RequestedPaymentCancellation,
    CancelPaymentBodyRefundAccount,
    InstantPaymentMethodInput,
    InstantPaymentMethodInputVirtualAccount,
    InstantPaymentMethodInputVirtualAccountExpiry,
    InstantPaymentMethodInputVirtualAccountOption,
    PaidPayment,
    PaymentMethodVirtualAccount,
    SucceededPaymentCancellation,
    VirtualAccountIssuedPayment,
)
from portone_server_sdk.webhook import (
    WebhookTransactionCancelledCancelled,
    WebhookTransactionPaid,
    WebhookTransactionVirtualAccountIssued,
)
from shop import Story

REFUND_ACCOUNT = CancelPaymentBodyRefundAccount(bank="KAKAO", number="3333012345678", holder_name="홍길동")


class VirtualAccount(Story):
    def test_an_account_is_issued_at_once_and_waits_for_its_deposit(self):
        payment = self.shop.has_issued_account()
        issued = payment.read()
        self.assertIsInstance(issued, VirtualAccountIssuedPayment)
        self.assertIsInstance(issued.method, PaymentMethodVirtualAccount)
        self.assertEqual((issued.method.bank, issued.channel.key), ("SHINHAN", self.shop.channels["virtualAccount"]))
        self.assertRegex(issued.method.account_number, r"^[\d-]+$")
        self.assertIsNotNone(issued.method.expired_at)
        self.assertEqual(issued.amount.paid, 0)
        event = payment.hears(WebhookTransactionVirtualAccountIssued).event
        self.assertEqual(event.data.transaction_id, issued.transaction_id)

    def test_the_deposit_pays_and_its_webhook_says_where_it_came_from(self):
        payment = self.shop.has_issued_account()
        issued = payment.read()

        self.shop.sandbox.deposits(payment.id, 10_000)

        paid = payment.read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertEqual(paid.transaction_id, issued.transaction_id)
        self.assertEqual(paid.method.account_number, issued.method.account_number)
        self.assertEqual(paid.amount.paid, 10_000)
        webhook_id = payment.hears(WebhookTransactionPaid).headers["webhook-id"]
        triggers = {it.id: it.trigger for it in payment.read().webhooks}
        self.assertEqual(triggers[webhook_id], "VIRTUAL_ACCOUNT_DEPOSIT")

    def test_an_account_that_waits_can_neither_be_paid_again_nor_cancelled(self):
        payment = self.shop.has_issued_account()
        self.refused(AlreadyPaidError, self.shop.payments.pay_instantly, **self.shop.order(payment_id=payment.id))
        self.refused(PaymentNotPaidError, payment.cancel, refund_account=REFUND_ACCOUNT)

    def test_a_deposit_goes_back_only_to_a_named_account(self):
        payment = self.shop.has_issued_account()
        self.shop.sandbox.deposits(payment.id, 10_000)
        self.refused(InvalidRequestError, payment.cancel)
        self.assertIsInstance(payment.cancel(refund_account=REFUND_ACCOUNT), SucceededPaymentCancellation)
        self.assertIsInstance(payment.read(), CancelledPayment)
        payment.hears(WebhookTransactionCancelledCancelled)

    def test_an_account_that_would_expire_in_the_past_is_an_invalid_request(self):
        for expiry in ({"due_date": "2020-01-01T00:00:00Z"}, {"valid_hours": 0}, {}):
            with self.subTest(expiry):
                account = InstantPaymentMethodInputVirtualAccount(
                    bank="SHINHAN",
                    expiry=InstantPaymentMethodInputVirtualAccountExpiry(**expiry),
                    option=InstantPaymentMethodInputVirtualAccountOption(type="NORMAL"),
                )
                order = self.shop.account_order(method=InstantPaymentMethodInput(virtual_account=account))
                self.refused(InvalidRequestError, self.shop.payments.pay_instantly, **order)

    def test_an_account_that_waits_is_closed_once_expired_or_not(self):
        for expires in (False, True):
            with self.subTest(expires=expires):
                payment = self.shop.has_issued_account()
                if expires:
                    self.shop.sandbox.expires(payment.id)
                closed_at = self.shop.payments.close_virtual_account(payment_id=payment.id).closed_at
                failed = payment.read()
                self.assertIsInstance(failed, FailedPayment)
                self.assertEqual((failed.failed_at, failed.failure.reason), (closed_at, "virtual account closed"))
                close = self.shop.payments.close_virtual_account
                self.refused(PaymentNotWaitingForDepositError, close, payment_id=payment.id)
                self.shop.payments.pay_instantly(**self.shop.order(payment_id=payment.id))
                self.assertIsInstance(payment.read(), PaidPayment)

    def test_an_account_with_something_on_it_is_not_closed_and_an_unknown_one_is_not_found(self):
        payment = self.shop.has_issued_account()
        self.shop.sandbox.deposits(payment.id, 1)
        self.refused(PgProviderError, self.shop.payments.close_virtual_account, payment_id=payment.id)
        self.assertIsInstance(payment.read(), VirtualAccountIssuedPayment)
        self.refused(PaymentNotFoundError, self.shop.payments.close_virtual_account, payment_id="never-" + payment.id)

    def test_a_refund_that_is_wired_later_says_how_far_it_has_come(self):
        payment = self.shop.has_issued_account()
        self.shop.sandbox.deposits(payment.id, 10_000)
        account = CancelPaymentBodyRefundAccount(bank="KAKAO", number="333301234511", holder_name="홍길동")
        self.assertIsInstance(payment.cancel(refund_account=account), RequestedPaymentCancellation)
        self.assertEqual(payment.read().method.refund_status, "PENDING")
        self.shop.sandbox.after("PT11M")
        self.assertEqual(payment.read().method.refund_status, "COMPLETED")
