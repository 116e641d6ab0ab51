from collections import Counter

from portone_server_sdk.payment import PayPendingPayment
from shop import Story
from shop.shop import krw


class PspLedger(Story):
    def every_payment(self):
        cursor = None
        list_ = self.shop.payments.get_all_payments_by_cursor
        while items := list_(from_="2020-01-01T00:00:00Z", cursor=cursor, size=1_000).items:
            yield from (it.payment for it in items)
            cursor = items[-1].cursor

    def test_the_psp_holds_for_us_exactly_what_our_payments_say_currency_by_currency(self):
        self.shop.is_paid().cancel(amount=2_500)
        self.shop.is_paid(currency="USD", amount=krw(600))
        # Whatever was unknown or pending in earlier stories is settled by then.
        self.shop.sandbox.after("P1D")

        ours = Counter()
        for payment in self.every_payment():
            self.assertNotIsInstance(payment, PayPendingPayment)
            if payment.amount.paid > 0:
                ours[payment.currency] += payment.amount.paid - payment.amount.cancelled

        self.assertEqual(self.shop.sandbox.psp_books().held(), dict(ours))
