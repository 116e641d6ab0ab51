import asyncio
from concurrent.futures import ThreadPoolExecutor

from portone_server_sdk.errors import (
    AlreadyPaidError,
    CancelAmountExceedsCancellableAmountError,
    PaymentAlreadyCancelledError,
)
from portone_server_sdk.payment import CancelledPayment, PaidPayment
from portone_server_sdk.webhook import WebhookTransactionCancelledCancelled, WebhookTransactionCancelledPartialCancelled
from shop import Story


class Concurrency(Story):
    def test_twenty_callers_of_one_payment_id_are_charged_once(self):
        order = self.shop.order()

        async def race():
            # A client of its own, for its connections belong to this event loop.
            payments = self.shop.client()
            callers = (payments.pay_instantly_async(**order) for _ in range(20))
            return await asyncio.gather(*callers, return_exceptions=True)

        ends = asyncio.run(race())

        refused = [it for it in ends if isinstance(it, Exception)]
        self.assertEqual(len(refused), 19, ends)
        for error in refused:
            self.assertIs(type(error), AlreadyPaidError, repr(error))
        paid = self.shop.payment(order["payment_id"]).read()
        self.assertIsInstance(paid, PaidPayment)
        self.assertEqual(self.shop.sandbox.psp_books().of(paid.transaction_id).charged, [10_000])

    def test_of_twenty_five_cancellations_of_a_tenth_exactly_ten_succeed(self):
        payment = self.shop.is_paid()

        def cancel(_):
            try:
                return payment.cancel(amount=1_000)
            except Exception as error:
                return error

        with ThreadPoolExecutor(25) as callers:
            ends = list(callers.map(cancel, range(25)))

        refused = [it for it in ends if isinstance(it, Exception)]
        self.assertEqual(len(refused), 15, ends)
        for error in refused:
            self.assertIn(type(error), (CancelAmountExceedsCancellableAmountError, PaymentAlreadyCancelledError), repr(error))
        read = payment.read()
        self.assertIsInstance(read, CancelledPayment)
        self.assertEqual(read.amount.cancelled, 10_000)
        self.assertEqual(self.shop.sandbox.psp_books().of(read.transaction_id).refunded, [1_000] * 10)
        payment.hears(WebhookTransactionCancelledCancelled)
        self.assertEqual(len(payment.heard(WebhookTransactionCancelledPartialCancelled)), 9)
