from portone_server_sdk.common import CustomerInput, CustomerNameInput, CustomerSeparatedName
from portone_server_sdk.errors import (
    AlreadyPaidError,
    ChannelNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    MaxTransactionCountReachedError,
    PaymentNotFoundError,
    PgProviderError,
    SumOfPartsExceedsTotalAmountError,
)
from portone_server_sdk.payment import InstantPaymentMethodInput
from shop import Story, cards
from shop.shop import NOBODY, krw


class PaymentRefusals(Story):
    def test_an_order_that_cannot_be_is_refused_and_leaves_no_trace(self):
        both_names = CustomerNameInput(full="홍길동", separated=CustomerSeparatedName(first="길동", last="홍"))
        account = self.shop.account_order()["method"].virtual_account
        for name, refusal, changes in (
            ("parts above the total", SumOfPartsExceedsTotalAmountError, {"amount": krw(1_000, tax_free=900, vat=200)}),
            ("an unknown channel", ChannelNotFoundError, {"channel_key": f"channel-key-{NOBODY}"}),
            ("an unknown group", ChannelNotFoundError, {"channel_key": None, "channel_group_id": f"channel-group-test-{NOBODY}"}),
            ("no channel at all", InvalidRequestError, {"channel_key": None}),
            ("an empty method", InvalidRequestError, {"method": InstantPaymentMethodInput()}),
            (
                "two methods",
                InvalidRequestError,
                {"method": InstantPaymentMethodInput(card=cards.key_in(cards.VISA).card, virtual_account=account)},
            ),
            ("a total of nothing", InvalidRequestError, {"amount": krw(0)}),
            ("a negative total", InvalidRequestError, {"amount": krw(-1)}),
            ("a fractional total", InvalidRequestError, {"amount": krw(1_000.5)}),
            ("a total in words", InvalidRequestError, {"amount": krw("1000")}),
            ("an unknown currency", InvalidRequestError, {"currency": "ABC"}),
            ("a card number with letters", InvalidRequestError, {"method": cards.key_in("4242abcd42424242")}),
            ("a notice URL that is not HTTP", InvalidRequestError, {"notice_urls": ["ftp://example.com/hook"]}),
            ("both kinds of name", InvalidRequestError, {"customer": CustomerInput(name=both_names)}),
            ("an unknown promotion", InvalidRequestError, {"promotion_id": f"promotion-id-{NOBODY}"}),
        ):
            with self.subTest(name):
                order = self.shop.order(**changes)
                self.refused(refusal, self.shop.payments.pay_instantly, **order)
                self.refused(PaymentNotFoundError, self.shop.payments.get_payment, payment_id=order["payment_id"])

    def test_another_store_can_neither_pay_nor_be_read(self):
        elsewhere = self.shop.client(store_id=f"store-{NOBODY}")
        payment = self.shop.is_paid()
        self.refused(ForbiddenError, elsewhere.pay_instantly, **self.shop.order())
        self.refused(ForbiddenError, elsewhere.get_payment, payment_id=payment.id)

    def test_ones_own_store_may_be_named(self):
        named = self.shop.client(store_id=self.shop.store_id)
        payment = self.shop.is_paid()
        self.assertEqual(named.get_payment(payment_id=payment.id).id, payment.id)

    def test_an_id_that_was_paid_is_never_charged_again_not_after_a_cancellation_either(self):
        payment = self.shop.is_paid()
        billing_key = self.shop.has_billing_key()
        again = self.shop.order(payment_id=payment.id)
        charge = self.shop.charge_order(billing_key, payment_id=payment.id)

        self.refused(AlreadyPaidError, self.shop.payments.pay_instantly, **again)
        self.refused(AlreadyPaidError, self.shop.payments.pay_with_billing_key, **charge)
        payment.cancel(amount=1_000)
        self.refused(AlreadyPaidError, self.shop.payments.pay_instantly, **again)
        payment.cancel()
        self.refused(AlreadyPaidError, self.shop.payments.pay_instantly, **again)

        self.assertEqual(payment.read().amount.paid, 10_000)

    def test_the_hundredth_failed_attempt_was_the_last_one_on_its_id(self):
        order = self.shop.order(card=cards.DECLINED["insufficient funds"], notice_urls=None)
        for _ in range(100):
            self.refused(PgProviderError, self.shop.payments.pay_instantly, **order)
        paying = order | {"method": cards.key_in(cards.VISA)}
        self.refused(MaxTransactionCountReachedError, self.shop.payments.pay_instantly, **paying)

    def test_a_payment_that_was_never_tried_is_not_found(self):
        self.refused(PaymentNotFoundError, self.shop.payments.get_payment, payment_id=self.shop.new_payment_id())
