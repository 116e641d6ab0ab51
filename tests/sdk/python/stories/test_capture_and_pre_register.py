from portone_server_sdk.errors import (
    AlreadyPaidError,
    InvalidPaymentTokenError,
    InvalidRequestError,
    PaymentNotFoundError,
    PaymentNotPaidError,
)
from portone_server_sdk.payment import PaidPayment
from shop import Story


class CaptureAndPreRegister(Story):
    def test_a_paid_payment_can_be_captured_again_and_again_and_stays_as_it_is(self):
        payment = self.shop.is_paid(channel_key=self.shop.channels["manualCapture"])
        self.shop.payments.capture_payment(payment_id=payment.id)
        self.shop.payments.capture_payment(payment_id=payment.id)
        self.assertIsInstance(payment.read(), PaidPayment)

    def test_only_a_paid_payment_can_be_captured(self):
        capture = self.shop.payments.capture_payment
        self.refused(PaymentNotPaidError, capture, payment_id=self.shop.fails_to_pay().id)
        self.refused(PaymentNotFoundError, capture, payment_id=self.shop.new_payment_id())

    def test_registering_an_amount_beforehand_makes_no_payment_yet(self):
        payments = self.shop.payments
        payment_id = self.shop.new_payment_id()
        payments.pre_register_payment(payment_id=payment_id, total_amount=1_000, currency="KRW")
        payments.pre_register_payment(payment_id=payment_id, total_amount=2_000, tax_free_amount=500)
        self.refused(PaymentNotFoundError, payments.get_payment, payment_id=payment_id)
        payments.pay_instantly(**self.shop.order(payment_id=payment_id))
        self.refused(AlreadyPaidError, payments.pre_register_payment, payment_id=payment_id, total_amount=1_000)

    def test_a_negative_or_fractional_amount_cannot_be_registered(self):
        for amount in (-1, 1.5):
            with self.subTest(amount):
                ask = {"payment_id": self.shop.new_payment_id(), "total_amount": amount}
                self.refused(InvalidRequestError, self.shop.payments.pre_register_payment, **ask)

    def test_manual_approval_without_a_payment_that_waits_for_it_is_refused(self):
        for refusal, payment_id in (
            (PaymentNotFoundError, self.shop.new_payment_id()),
            (AlreadyPaidError, self.shop.is_paid().id),
            (InvalidPaymentTokenError, self.shop.fails_to_pay().id),
        ):
            with self.subTest(refusal.__name__):
                self.refused(refusal, self.shop.payments.confirm_payment, payment_id=payment_id, payment_token="made-up")
