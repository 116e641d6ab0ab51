from portone_server_sdk.errors import InvalidRequestError, PaymentNotFoundError, PaymentNotPaidError
from portone_server_sdk.payment import (
    BeforeRegisteredPaymentEscrow,
    ConfirmedPaymentEscrow,
    DeliveredPaymentEscrow,
    PartialCancelledPayment,
    PaymentLogistics,
    RegisteredPaymentEscrow,
    RegisterStoreReceiptBodyItem,
)
from portone_server_sdk.webhook import WebhookTransactionDisputeCreated, WebhookTransactionDisputeResolved
from shop import Story


def logistics(invoice_number: str) -> PaymentLogistics:
    return PaymentLogistics(company="CJ", invoice_number=invoice_number, sent_at="2026-04-25T01:00:00Z")


class Escrow(Story):
    def paid_in_escrow(self):
        order = self.shop.order(is_escrow=True)
        self.shop.payments.pay_instantly(**order)
        return self.shop.payment(order["payment_id"])

    def test_a_parcel_is_reported_corrected_and_delivered_and_the_purchase_completed(self):
        payment = self.paid_in_escrow()
        self.assertIsInstance(payment.read().escrow, BeforeRegisteredPaymentEscrow)
        about = self.shop.payments.apply_escrow_logistics(payment_id=payment.id, logistics=logistics("6012-1"))
        self.assertEqual(about.invoice_number, "6012-1")
        registered = payment.read().escrow
        self.assertIsInstance(registered, RegisteredPaymentEscrow)
        self.assertEqual(registered.applied_at, about.applied_at)
        self.shop.payments.modify_escrow_logistics(payment_id=payment.id, logistics=logistics("6012-2"))
        self.shop.sandbox.parcel_is(payment.id, "DELIVERED")
        self.assertIsInstance(payment.read().escrow, DeliveredPaymentEscrow)
        self.assertIsNotNone(self.shop.payments.confirm_escrow(payment_id=payment.id).completed_at)
        confirmed = payment.read().escrow
        self.assertIsInstance(confirmed, ConfirmedPaymentEscrow)
        self.assertEqual((confirmed.invoice_number, confirmed.is_automatically_confirmed), ("6012-2", False))

    def test_what_is_not_in_escrow_or_not_at_that_step_is_refused(self):
        payment = self.paid_in_escrow()
        payments = self.shop.payments
        parcel = logistics("6012")
        self.refused(InvalidRequestError, payments.modify_escrow_logistics, payment_id=payment.id, logistics=parcel)
        self.refused(InvalidRequestError, payments.confirm_escrow, payment_id=payment.id)
        payment.cancel()
        self.refused(PaymentNotPaidError, payments.apply_escrow_logistics, payment_id=payment.id, logistics=parcel)
        never = "never-" + payment.id
        self.refused(PaymentNotFoundError, payments.apply_escrow_logistics, payment_id=never, logistics=parcel)

    def test_stores_are_put_on_the_slips_of_kg_inicis_alone(self):
        order = self.shop.order()
        self.shop.payments.pay_instantly(**order)
        item = RegisterStoreReceiptBodyItem(
            store_business_registration_number="1208147521",
            store_name="a stall",
            total_amount=1_000,
            tax_free_amount=0,
            vat_amount=91,
            supply_amount=909,
            currency="KRW",
        )
        register = self.shop.payments.register_store_receipt
        self.refused(InvalidRequestError, register, payment_id=order["payment_id"], items=[item])


class Disputes(Story):
    def test_a_dispute_is_shown_and_told_and_a_chargeback_is_a_cancellation_of_its_own(self):
        order = self.shop.order()
        self.shop.payments.pay_instantly(**order)
        payment = self.shop.payment(order["payment_id"])
        self.shop.sandbox.disputes(payment.id, "not recognised")
        payment.hears(WebhookTransactionDisputeCreated)
        self.assertEqual([it.status for it in payment.read().disputes], ["UNRESOLVED"])
        self.shop.sandbox.resolves_dispute(payment.id)
        payment.hears(WebhookTransactionDisputeResolved)
        self.assertEqual([it.status for it in payment.read().disputes], ["RESOLVED"])
        self.shop.sandbox.charges_back(payment.id, 400)
        charged = payment.read()
        self.assertIsInstance(charged, PartialCancelledPayment)
        self.assertEqual(charged.cancellations[0].trigger, "CHARGEBACK")
