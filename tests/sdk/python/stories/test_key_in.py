from dataclasses import asdict

from portone_server_sdk.common import Customer, CustomerInput, CustomerNameInput, CustomerSeparatedName, PaymentProduct
from portone_server_sdk.common import SeparatedAddress, SeparatedAddressInput
from portone_server_sdk.payment import PaidPayment, PaymentMethodCard
from portone_server_sdk.webhook import WebhookTransactionCancelledCancelled, WebhookTransactionPaid
from shop import Story, cards
from shop.shop import krw


class KeyIn(Story):
    def test_a_key_in_payment_is_approved_and_reads_back_as_it_was_ordered(self):
        products = [
            PaymentProduct(id="ticket", name="표", amount=5_000, quantity=2),
            PaymentProduct(id="fee", name="수수료", amount=1_000, quantity=1, tag="fee", code="F1", link="https://example.com/fee"),
        ]
        address = {"address_line_1": "왕십리로 83", "address_line_2": "3층", "city": "성동구", "province": "서울", "country": "KR"}
        order = self.shop.order(
            order_name="두 장의 표",
            amount=krw(11_000, tax_free=1_000),
            customer=CustomerInput(
                id="customer-7",
                name=CustomerNameInput(full="홍길동"),
                email="gildong@example.com",
                phone_number="01012341234",
                birth_year="1990",
                birth_month="01",
                birth_day="31",
                gender="MALE",
                address=SeparatedAddressInput(**address),
                zipcode="04769",
            ),
            custom_data='{"seat": "창가 😀"}',
            products=products,
            product_count=3,
            is_cultural_expense=True,
            country="KR",
            method=cards.key_in(cards.VISA, installment_month=3),
        )

        summary = self.shop.payments.pay_instantly(**order).payment
        payment = self.shop.payment(order["payment_id"]).read()

        self.assertIsInstance(payment, PaidPayment)
        self.assertEqual(payment.id, order["payment_id"])
        self.assertEqual((payment.store_id, payment.merchant_id, payment.version), (self.shop.store_id, self.shop.merchant_id, "V2"))
        self.assertEqual(payment.pg_tx_id, summary.pg_tx_id)
        self.assertEqual((payment.order_name, payment.currency), ("두 장의 표", "KRW"))
        self.assertEqual(
            asdict(payment.amount),
            {
                "total": 11_000,
                "tax_free": 1_000,
                "vat": 909,
                "supply": 9_091,
                "discount": 0,
                "paid": 11_000,
                "cancelled": 0,
                "cancelled_tax_free": 0,
            },
        )
        self.assertEqual((payment.channel.type, payment.channel.key), ("TEST", self.shop.channels["card"]))
        self.assertEqual(
            payment.customer,
            Customer(
                id="customer-7",
                name="홍길동",
                email="gildong@example.com",
                phone_number="01012341234",
                birth_year="1990",
                birth_month="01",
                birth_day="31",
                gender="MALE",
                address=SeparatedAddress(one_line="서울 성동구 왕십리로 83 3층", **address),
                zipcode="04769",
            ),
        )
        self.assertEqual(payment.custom_data, order["custom_data"])
        self.assertEqual(payment.products, products)
        self.assertEqual((payment.product_count, payment.is_cultural_expense, payment.country), (3, True, "KR"))
        self.assertEqual(payment.disputes, [])
        self.assertEqual(payment.origin.platform_type, "API")
        self.assertIsInstance(payment.method, PaymentMethodCard)
        self.assertEqual(payment.method.installment.month, 3)
        self.assertIsNotNone(payment.method.approval_number)

        event = self.shop.payment(payment.id).hears(WebhookTransactionPaid).event
        self.assertEqual((event.data.store_id, event.data.transaction_id), (payment.store_id, payment.transaction_id))

    def test_of_a_card_only_the_first_and_last_digits_are_kept(self):
        for number, brand in ((cards.VISA, "VISA"), (cards.MASTERCARD, "MASTER"), (cards.VISA_DEBIT, "VISA"), (cards.DOMESTIC, "LOCAL")):
            with self.subTest(number):
                payment = self.shop.is_paid(card=number)
                card = payment.read().method.card
                self.assertEqual(card.brand, brand)
                self.assertIn(len(card.bin), (6, 8))
                self.assertTrue(number.startswith(card.bin))
                self.assertRegex(card.number, r"^\d{6}[\d*-]*\*[\d*-]*$")
                self.assertNotIn(number, self.shop.wire.get(payment.path).text)

    def test_value_added_tax_is_an_eleventh_rounded_half_up_unless_it_is_given(self):
        for given, taxes in (
            (krw(1_000), (0, 91, 909)),
            (krw(10_000, tax_free=10_000), (10_000, 0, 0)),
            (krw(1_000, vat=0), (0, 0, 1_000)),
            (krw(1_000, tax_free=300, vat=70), (300, 70, 630)),
        ):
            with self.subTest(given):
                amount = self.shop.is_paid(amount=given).read().amount
                self.assertEqual((amount.tax_free, amount.vat, amount.supply), taxes)

    def test_dollars_are_counted_in_cents(self):
        payment = self.shop.is_paid(currency="USD", amount=krw(600)).read()
        self.assertEqual((payment.currency, payment.amount.total, payment.amount.paid, payment.amount.vat), ("USD", 600, 600, 55))

    def test_a_separated_name_is_kept_as_one_family_name_first(self):
        name = CustomerNameInput(separated=CustomerSeparatedName(first="길동", last="홍"))
        self.assertEqual(self.shop.is_paid(customer=CustomerInput(name=name)).read().customer.name, "홍 길동")

    def test_a_payment_without_customer_has_an_empty_customer(self):
        self.assertEqual(self.shop.is_paid().read().customer, Customer())

    def test_a_payment_through_a_channel_group_shows_the_channel_that_was_drawn_and_the_group(self):
        payment = self.shop.is_paid(channel_key=None, channel_group_id=self.shop.channel_group_id).read()
        self.assertEqual((payment.channel_group.id, payment.channel_group.is_for_test), (self.shop.channel_group_id, True))
        self.assertIn(payment.channel.key, self.shop.channels.values())

    def test_a_psp_that_notifies_twice_and_early_makes_one_payment_and_one_webhook(self):
        payment = self.shop.is_paid(card=cards.NOTIFIED_TWICE_AND_EARLY)
        payment.hears(WebhookTransactionPaid)
        # Webhooks of one payment come in order, so a second Paid would have come before this.
        payment.cancel()
        payment.hears(WebhookTransactionCancelledCancelled)
        self.assertEqual(len(payment.heard(WebhookTransactionPaid)), 1)
        self.assertEqual(len(self.shop.payments.get_payment_transactions(payment_id=payment.id).items), 1)

    def test_a_payment_without_webhook_is_silent_until_something_else_happens(self):
        payment = self.shop.is_paid(skip_webhook=True)
        payment.cancel()
        payment.hears(WebhookTransactionCancelledCancelled)
        self.assertEqual(payment.heard(WebhookTransactionPaid), [])
