from portone_server_sdk.common import PageInput
from portone_server_sdk.errors import ForbiddenError, InvalidRequestError
from portone_server_sdk.payment import PaymentFilterInput, PaymentTextSearch
from shop import Story, cards
from shop.shop import NOBODY


class PaymentList(Story):
    """Every story sees only the payments of this class, found by the id prefix that they share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shop = cls.shop
        cls.series = f"{shop.new_payment_id()}-list"

        def named(n, **changes):
            return {"payment_id": f"{cls.series}-{n}", "notice_urls": None} | changes

        cls.paid = shop.is_paid(**named(1, order_name="빨간 우산 + 장화 😀"))
        cls.mastercard = shop.is_paid(**named(2, order_name="빨간 모자", card=cards.MASTERCARD, currency="USD"))
        cls.partly = shop.is_paid(**named(3))
        cls.cancelled = shop.is_paid(**named(4))
        cls.failed = shop.fails_to_pay(**named(5, order_name="빨간 우산"))
        cls.account = shop.has_issued_account(**named(6))
        cls.partly.cancel(amount=1)
        cls.cancelled.cancel()
        cls.all = [cls.paid, cls.mastercard, cls.partly, cls.cancelled, cls.failed, cls.account]
        cls.ids = [it.id for it in cls.all]

    def find(self, page=None, text_search=(), **filter):
        ours = PaymentTextSearch("PAYMENT_ID", self.series)
        wanted = PaymentFilterInput(text_search=[ours, *text_search], **filter)
        return self.shop.payments.get_payments(page=page, filter=wanted)

    def found(self, **criteria):
        return [it.id for it in self.find(**criteria).items]

    def test_the_list_finds_payments_by_the_beginning_of_their_id(self):
        answer = self.find()
        self.assertCountEqual([it.id for it in answer.items], self.ids)
        self.assertEqual((answer.page.number, answer.page.size, answer.page.total_count), (0, 10, 6))

    def test_an_item_of_the_list_is_the_payment_itself(self):
        answer = self.find(text_search=[PaymentTextSearch("PAYMENT_ID", self.paid.id)])
        self.assertEqual(answer.items, [self.paid.read()])

    def test_pages_cover_the_whole_list_without_gaps_or_repeats(self):
        seen = []
        for number in range(4):
            answer = self.find(page=PageInput(number=number, size=2), sort_by="REQUESTED_AT", sort_order="ASC")
            self.assertEqual((answer.page.number, answer.page.size, answer.page.total_count), (number, 2, 6))
            seen += [it.id for it in answer.items]
        self.assertEqual(seen, self.ids)

    def test_payments_are_sorted_by_request_or_by_change_of_status_latest_first_unless_asked_otherwise(self):
        self.assertEqual(self.found(sort_by="REQUESTED_AT"), self.ids[::-1])
        # The two cancellations came last.
        self.assertEqual(self.found()[:2], [self.cancelled.id, self.partly.id])
        self.assertEqual(self.found(sort_by="STATUS_CHANGED_AT", sort_order="ASC")[-1], self.cancelled.id)

    def test_the_list_can_be_narrowed(self):
        def named(value):
            return {"text_search": [PaymentTextSearch("ORDER_NAME", value)]}

        for name, filter, expected in (
            ("one status", {"status": ["PAID"]}, [self.paid, self.mastercard]),
            ("several statuses", {"status": ["CANCELLED", "PARTIAL_CANCELLED", "FAILED"]}, [self.cancelled, self.partly, self.failed]),
            ("method", {"methods": ["VIRTUAL_ACCOUNT"]}, [self.account]),
            ("an empty array", {"status": []}, self.all),
            ("currency", {"currency": "USD"}, [self.mastercard]),
            ("card brand", {"card_brand": "MASTER"}, [self.mastercard]),
            ("test payments", {"is_test": True}, self.all),
            ("live payments", {"is_test": False}, []),
            ("own store", {"store_id": self.shop.store_id}, self.all),
            ("order name", named("빨간"), [self.paid, self.mastercard, self.failed]),
            ("order name with blank, plus and emoji", named("빨간 우산 + 장화 😀"), [self.paid]),
            ("the middle of an order name", named("우산"), []),
            ("text and status", {"status": ["FAILED"]} | named("빨간 우산"), [self.failed]),
        ):
            with self.subTest(name):
                self.assertCountEqual(self.found(**filter), [it.id for it in expected])

    def test_the_list_can_be_narrowed_by_time_from_inclusive(self):
        third = self.partly.read().requested_at
        created = {"timestamp_type": "CREATED_AT", "sort_by": "REQUESTED_AT", "sort_order": "ASC"}
        self.assertEqual(self.found(from_=third, **created), self.ids[2:])
        self.assertEqual(self.found(from_="2020-01-01T00:00:00+09:00", until="2020-02-01T00:00:00+09:00", **created), [])

    def test_another_store_cannot_be_listed(self):
        wanted = PaymentFilterInput(store_id=f"store-{NOBODY}")
        self.refused(ForbiddenError, self.shop.payments.get_payments, filter=wanted)

    def test_criteria_that_cannot_be_are_invalid_requests(self):
        turned = PaymentFilterInput(from_="2026-02-01T00:00:00Z", until="2026-01-01T00:00:00Z")
        for ask in (
            {"filter": turned},
            {"page": PageInput(number=600, size=100)},
            {"page": PageInput(number=-1)},
            {"filter": PaymentFilterInput(status=["LOST"])},
            {"filter": PaymentFilterInput(from_="yesterday")},
        ):
            with self.subTest(ask):
                self.refused(InvalidRequestError, self.shop.payments.get_payments, **ask)

    def test_a_list_without_any_criteria_is_answered(self):
        answer = self.shop.payments.get_payments()
        self.assertLessEqual(6, len(answer.items))
        self.assertGreaterEqual(answer.page.total_count, 6)
