from portone_server_sdk.errors import InvalidRequestError
from portone_server_sdk.payment import CancelledPaymentEvent, PaidPaymentEvent, PartialCancelledPaymentEvent
from shop import Story
from shop.shop import krw


def read_through(list_, **range_):
    """Reads a cursor list to its end, a few items at a time."""
    cursor = None
    read = []
    while items := list_(cursor=cursor, size=3, **range_).items:
        assert len(items) <= 3
        read += items
        cursor = items[-1].cursor
        assert len(read) < 10_000, "the list does not end"
    return read


class Cursors(Story):
    def test_all_payments_are_paged_through_without_gaps_or_repeats_oldest_first(self):
        made = [self.shop.is_paid(notice_urls=None) for _ in range(8)]
        first = made[0].read()
        read = [it.payment for it in read_through(self.shop.payments.get_all_payments_by_cursor, from_=first.requested_at)]
        self.assertEqual([it.id for it in read], [it.id for it in made])
        self.assertEqual(read[0], first)

    def test_a_payment_made_while_one_pages_appears_once_at_the_end(self):
        made = [self.shop.is_paid(notice_urls=None) for _ in range(4)]
        list_ = self.shop.payments.get_all_payments_by_cursor
        from_ = made[0].read().requested_at
        start = list_(from_=from_, size=2).items
        made.append(self.shop.is_paid(notice_urls=None))
        rest = list_(from_=from_, cursor=start[-1].cursor, size=10).items
        self.assertEqual([it.payment.id for it in start + rest], [it.id for it in made])

    def test_a_range_ends_before_its_until(self):
        first, last = self.shop.is_paid(notice_urls=None), self.shop.is_paid(notice_urls=None)
        range_ = {"from_": first.read().requested_at, "until": last.read().requested_at}
        items = self.shop.payments.get_all_payments_by_cursor(**range_).items
        self.assertEqual([it.payment.id for it in items], [first.id])

    def test_every_movement_of_money_is_an_event_signed_in_order_once(self):
        stepwise = self.shop.is_paid(notice_urls=None)
        at_once = self.shop.is_paid(notice_urls=None, amount=krw(5_000))
        failed = self.shop.fails_to_pay(notice_urls=None)
        part = stepwise.cancel(amount=3_000)
        rest = stepwise.cancel()
        at_once.cancel()
        from_ = stepwise.read().paid_at

        read = [it.payment_event for it in read_through(self.shop.payments.get_all_payment_events_by_cursor, from_=from_)]

        self.assertEqual(len({it.id for it in read}), len(read))

        def of(payment):
            return [it for it in read if it.payment_id == payment.id]

        self.assertEqual(
            [(type(it), it.event_amount) for it in of(stepwise)],
            [(PaidPaymentEvent, 10_000), (PartialCancelledPaymentEvent, -3_000), (CancelledPaymentEvent, -7_000)],
        )
        self.assertEqual([it.cancellation.id for it in of(stepwise)[1:]], [part.id, rest.id])
        self.assertEqual([it.event_amount for it in of(at_once)], [5_000, -5_000])
        self.assertEqual(of(failed), [])
        self.assertEqual(of(stepwise)[0].total_amount.total, 10_000)

    def test_a_made_up_cursor_an_oversized_page_and_a_range_turned_around_are_invalid_requests(self):
        turned = {"from_": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
        payments = self.shop.payments
        for ask in ({"cursor": "made-up"}, {"size": 1_001}, turned):
            for list_ in (payments.get_all_payments_by_cursor, payments.get_all_payment_events_by_cursor):
                with self.subTest(list_.__name__, **ask):
                    self.refused(InvalidRequestError, list_, **ask)
