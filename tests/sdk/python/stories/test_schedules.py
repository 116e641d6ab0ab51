from datetime import datetime, timedelta

from portone_server_sdk.common import PageInput
from portone_server_sdk.errors import (
    AlreadyPaidOrWaitingError,
    BillingKeyAlreadyDeletedError,
    BillingKeyNotFoundError,
    InvalidRequestError,
    PaymentScheduleAlreadyExistsError,
    PaymentScheduleAlreadyProcessedError,
    PaymentScheduleAlreadyRevokedError,
    PaymentScheduleNotFoundError,
    SumOfPartsExceedsTotalAmountError,
)
from portone_server_sdk.payment import FailedPayment, PaidPayment
from portone_server_sdk.payment.payment_schedule import (
    BillingKeyPaymentScheduleInput,
    FailedPaymentSchedule,
    PaymentScheduleFilterInput,
    PaymentScheduleSortInput,
    RevokedPaymentSchedule,
    ScheduledPaymentSchedule,
    SucceededPaymentSchedule,
)
from portone_server_sdk.webhook import WebhookTransactionFailed, WebhookTransactionPaid
from shop import Story, cards
from shop.shop import krw


class Schedules(Story):
    def in_hours(self, hours):
        return (self.shop.sandbox.now() + timedelta(hours=hours)).isoformat()

    def plan(self, billing_key, time_to_pay=None, **changes):
        """The SDK's arguments for a payment that is planned for an hour from now."""
        order = self.shop.charge_order(billing_key, **changes)
        payment_id = order.pop("payment_id")
        payment = BillingKeyPaymentScheduleInput(**order)
        return {"payment_id": payment_id, "payment": payment, "time_to_pay": time_to_pay or self.in_hours(1)}

    def plans(self, billing_key, **changes):
        """Plans a payment; hands back its schedule's id and what was asked for."""
        plan = self.plan(billing_key, **changes)
        return self.shop.schedules.create_payment_schedule(**plan).schedule.id, plan

    def read(self, schedule_id):
        return self.shop.schedules.get_payment_schedule(payment_schedule_id=schedule_id)

    def test_a_planned_payment_is_made_once_at_its_time_with_the_billing_key(self):
        key = self.shop.has_billing_key()
        schedule_id, plan = self.plans(key)
        waiting = self.read(schedule_id)
        self.assertIsInstance(waiting, ScheduledPaymentSchedule)
        self.assertEqual((waiting.payment_id, waiting.billing_key, waiting.total_amount), (plan["payment_id"], key, 9_900))
        self.assertEqual(datetime.fromisoformat(waiting.time_to_pay), datetime.fromisoformat(plan["time_to_pay"]))
        payment = self.shop.payment(plan["payment_id"])
        self.assert_refusal(self.shop.wire.get(payment.path), "PAYMENT_NOT_FOUND")

        self.shop.sandbox.after("PT2H")

        payment.hears(WebhookTransactionPaid)
        paid = payment.read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertEqual((paid.schedule_id, paid.billing_key, paid.amount.paid), (schedule_id, key, 9_900))
        self.assertIsInstance(self.read(schedule_id), SucceededPaymentSchedule)
        books = self.shop.sandbox.psp_books().of(paid.transaction_id)
        self.assertEqual((books.charged, books.refunded), ([9_900], []))

    def test_a_charge_that_is_declined_at_its_time_leaves_a_failed_payment_and_a_failed_schedule(self):
        key = self.shop.has_billing_key(card=cards.LATER_CHARGES_DECLINED)
        schedule_id, plan = self.plans(key)
        self.shop.sandbox.after("PT2H")
        payment = self.shop.payment(plan["payment_id"])
        payment.hears(WebhookTransactionFailed)
        self.assertIsInstance(payment.read(), FailedPayment)
        self.assertIsInstance(self.read(schedule_id), FailedPaymentSchedule)

    def test_what_is_planned_is_paid_by_nobody_else_and_the_key_it_needs_stays(self):
        key = self.shop.has_billing_key()
        schedule_id, plan = self.plans(key)
        taken = PaymentScheduleAlreadyExistsError
        payment_id = plan["payment_id"]
        self.refused(taken, self.shop.schedules.create_payment_schedule, **plan)
        self.refused(taken, self.shop.payments.pay_with_billing_key, **self.shop.charge_order(key, payment_id=payment_id))
        self.refused(taken, self.shop.billing_keys.delete_billing_key, billing_key=key)
        answer = self.shop.schedules.revoke_payment_schedules(billing_key=key)
        self.assertEqual(answer.revoked_schedule_ids, [schedule_id])
        self.assertIsInstance(self.read(schedule_id), RevokedPaymentSchedule)
        self.shop.is_paid(payment_id=payment_id)
        self.shop.billing_keys.delete_billing_key(billing_key=key)

    def test_schedules_are_revoked_by_their_ids_all_of_them_or_none(self):
        key = self.shop.has_billing_key()
        (first, _), (second, _) = self.plans(key), self.plans(key)
        revoke = self.shop.schedules.revoke_payment_schedules
        self.refused(PaymentScheduleNotFoundError, revoke, schedule_ids=[first, "unknown"])
        self.assertEqual(revoke(schedule_ids=[first]).revoked_schedule_ids, [first])
        self.refused(PaymentScheduleAlreadyRevokedError, revoke, schedule_ids=[second, first])
        self.assertIsInstance(self.read(second), ScheduledPaymentSchedule)
        self.shop.sandbox.after("PT2H")
        self.refused(PaymentScheduleAlreadyProcessedError, revoke, schedule_ids=[second])
        self.refused(InvalidRequestError, revoke)

    def test_what_cannot_be_planned_is_refused(self):
        key = self.shop.has_billing_key()
        paid = self.shop.is_paid()
        create = self.shop.schedules.create_payment_schedule
        self.refused(InvalidRequestError, create, **self.plan(key, time_to_pay=self.in_hours(-1)))
        self.refused(AlreadyPaidOrWaitingError, create, **self.plan(key, payment_id=paid.id))
        self.refused(BillingKeyNotFoundError, create, **self.plan("unknown"))
        self.refused(SumOfPartsExceedsTotalAmountError, create, **self.plan(key, amount=krw(1_000, tax_free=2_000)))
        self.shop.billing_keys.delete_billing_key(billing_key=key)
        self.refused(BillingKeyAlreadyDeletedError, create, **self.plan(key))
        self.refused(PaymentScheduleNotFoundError, self.read, schedule_id="unknown")

    def test_schedules_are_listed_by_key_time_and_status(self):
        key = self.shop.has_billing_key()
        (third, _), (first, _), (second, _) = [self.plans(key, time_to_pay=self.in_hours(hours)) for hours in (3, 1, 2)]
        self.shop.schedules.revoke_payment_schedules(schedule_ids=[third])
        start, end = self.in_hours(0), self.in_hours(4)

        def find(sort=None, page=None, **filters):
            criteria = PaymentScheduleFilterInput(**({"billing_key": key, "from_": start, "until": end} | filters))
            found = self.shop.schedules.get_payment_schedules(filter=criteria, sort=sort, page=page)
            return [it.id for it in found.items], found.page.total_count

        self.assertEqual(find(), ([third, second, first], 3))
        self.assertEqual(find(sort=PaymentScheduleSortInput(by="TIME_TO_PAY", order="ASC")), ([first, second, third], 3))
        self.assertEqual(find(status=["SCHEDULED"]), ([second, first], 2))
        self.assertEqual(find(page=PageInput(number=1, size=2)), ([first], 3))
        # What is named no times are the 90 days up to now.
        self.assertEqual(find(from_=None, until=None), ([], 0))
