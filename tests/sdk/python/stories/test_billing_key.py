from portone_server_sdk.common import CustomerInput, CustomerNameInput, PageInput
from portone_server_sdk.errors import (
    BillingKeyAlreadyDeletedError,
    BillingKeyNotFoundError,
    ChannelNotFoundError,
    ChannelSpecificError,
    InvalidRequestError,
    PgProviderError,
    SumOfPartsExceedsTotalAmountError,
)
from portone_server_sdk.payment import FailedPayment, PaidPayment
from portone_server_sdk.payment.billing_key import (
    BillingKeyFilterInput,
    BillingKeyPaymentMethodCard,
    BillingKeySortInput,
    BillingKeyTextSearch,
    ChannelSpecificFailurePgProvider,
    DeletedBillingKeyInfo,
    IssuedBillingKeyInfo,
    IssuedPgBillingKeyIssueResponse,
)
from portone_server_sdk.webhook import (
    WebhookBillingKeyDeleted,
    WebhookBillingKeyFailed,
    WebhookBillingKeyIssued,
    WebhookTransactionFailed,
    WebhookTransactionPaid,
)
from shop import Story, cards
from shop.shop import NOBODY, krw

UNKNOWN_KEY = f"billing-key-{NOBODY}"


class BillingKey(Story):
    def read(self, billing_key):
        return self.shop.billing_keys.get_billing_key_info(billing_key=billing_key)

    def test_a_billing_key_is_issued_read_charged_deleted_and_still_readable(self):
        customer = CustomerInput(id=self.shop.new_payment_id(), name=CustomerNameInput(full="김구독"), email="sub@example.com")
        order = self.shop.billing_key_order(card=cards.MASTERCARD, customer=customer, custom_data="plan-a")

        answer = self.shop.billing_keys.issue_billing_key(**order)

        key = answer.billing_key_info.billing_key
        self.assertTrue(key.startswith("billing-key-"), key)
        self.assertEqual(answer.channel_specific_failures, [])
        self.assertEqual([it.key for it in answer.billing_key_info.channels], [self.shop.channels["billing"]])
        self.shop.receiver.hears(WebhookBillingKeyIssued, billing_key=key)

        issued = self.read(key)
        self.assertIsInstance(issued, IssuedBillingKeyInfo)
        self.assertEqual((issued.store_id, issued.merchant_id), (self.shop.store_id, self.shop.merchant_id))
        self.assertEqual((issued.customer.id, issued.customer.name, issued.custom_data), (customer.id, "김구독", "plan-a"))
        self.assertIsInstance(issued.methods[0], BillingKeyPaymentMethodCard)
        self.assertEqual(issued.methods[0].card.brand, "MASTER")

        charge = self.shop.charge_order(key)
        summary = self.shop.payments.pay_with_billing_key(**charge).payment
        payment = self.shop.payment(charge["payment_id"]).read()
        self.assertIsInstance(payment, PaidPayment)
        self.assertEqual((payment.billing_key, payment.pg_tx_id, payment.amount.paid), (key, summary.pg_tx_id, 9_900))
        self.assertEqual(payment.customer.email, "sub@example.com", "the key's customer fills what the order leaves out")
        self.shop.payment(payment.id).hears(WebhookTransactionPaid)

        self.shop.billing_keys.delete_billing_key(billing_key=key)
        self.assertIsInstance(self.read(key), DeletedBillingKeyInfo)
        self.shop.receiver.hears(WebhookBillingKeyDeleted, billing_key=key)

    def test_a_silent_issue_and_a_silent_deletion_send_no_webhook(self):
        silent = self.shop.has_billing_key(skip_webhook=True)
        self.shop.billing_keys.delete_billing_key(billing_key=silent, skip_webhook=True)
        loud = self.shop.has_billing_key()
        self.shop.receiver.hears(WebhookBillingKeyIssued, billing_key=loud)
        self.assertEqual(self.shop.receiver.heard(object, billing_key=silent), [])

    def test_billing_keys_are_found_by_customer_by_key_and_by_status_newest_first(self):
        customer = CustomerInput(id=self.shop.new_payment_id())
        keys = [self.shop.has_billing_key(customer=customer) for _ in range(3)]
        self.shop.billing_keys.delete_billing_key(billing_key=keys[0])

        def find(page=None, sort=None, **filter):
            wanted = BillingKeyFilterInput(customer_id=customer.id, **filter)
            return self.shop.billing_keys.get_billing_key_infos(page=page, sort=sort, filter=wanted)

        def found(**criteria):
            return [it.billing_key for it in find(**criteria).items]

        self.assertEqual(found(), keys[::-1])
        self.assertEqual(found(sort=BillingKeySortInput(by="ISSUED_AT", order="ASC")), keys)
        self.assertEqual(found(status=["DELETED"]), [keys[0]])
        self.assertEqual(found(status=["ISSUED"], methods=["CARD"]), [keys[2], keys[1]])
        self.assertEqual(found(text_search=BillingKeyTextSearch("BILLING_KEY", keys[1])), [keys[1]])
        second = find(page=PageInput(number=1, size=2))
        self.assertEqual([it.billing_key for it in second.items], [keys[0]])
        self.assertEqual((second.page.number, second.page.size, second.page.total_count), (1, 2, 3))

    def test_a_declined_card_gets_no_key_and_the_webhook_says_so(self):
        url = self.shop.receiver.answering(200)
        order = self.shop.billing_key_order(card=cards.DECLINED["by issuer"], notice_urls=[url])
        refusal = self.refused(PgProviderError, self.shop.billing_keys.issue_billing_key, **order)
        self.assertTrue(refusal.pg_code.startswith("SANDBOX_"), refusal.pg_code)
        self.shop.receiver.hears(WebhookBillingKeyFailed, at=url)

    def test_a_key_that_is_declined_on_every_later_charge_leaves_failed_payments_and_stays_issued(self):
        key = self.shop.has_billing_key(card=cards.LATER_CHARGES_DECLINED)
        charge = self.shop.charge_order(key)

        refusal = self.refused(PgProviderError, self.shop.payments.pay_with_billing_key, **charge)

        payment = self.shop.payment(charge["payment_id"])
        failed = payment.read()
        self.assertIsInstance(failed, FailedPayment)
        self.assertEqual((failed.failure.pg_code, failed.billing_key), (refusal.pg_code, key))
        self.assertIsInstance(self.read(key), IssuedBillingKeyInfo)
        payment.hears(WebhookTransactionFailed)

    def test_an_unknown_key_is_not_found_by_any_operation(self):
        keys = self.shop.billing_keys
        self.refused(BillingKeyNotFoundError, keys.get_billing_key_info, billing_key=UNKNOWN_KEY)
        self.refused(BillingKeyNotFoundError, keys.delete_billing_key, billing_key=UNKNOWN_KEY)
        self.refused(BillingKeyNotFoundError, self.shop.payments.pay_with_billing_key, **self.shop.charge_order(UNKNOWN_KEY))

    def test_a_deleted_key_is_neither_charged_nor_deleted_again(self):
        keys = self.shop.billing_keys
        key = self.shop.has_billing_key()
        keys.delete_billing_key(billing_key=key, reason="고객 요청", requester="CUSTOMER")
        self.refused(BillingKeyAlreadyDeletedError, keys.delete_billing_key, billing_key=key)
        self.refused(BillingKeyAlreadyDeletedError, self.shop.payments.pay_with_billing_key, **self.shop.charge_order(key))

    def test_an_issue_that_cannot_be_is_refused(self):
        for name, refusal, changes in (
            ("no channel", InvalidRequestError, {"channel_key": None}),
            ("an unknown channel", ChannelNotFoundError, {"channel_key": f"channel-key-{NOBODY}"}),
            ("an unknown group", ChannelNotFoundError, {"channel_key": None, "channel_group_id": f"channel-group-test-{NOBODY}"}),
        ):
            with self.subTest(name):
                self.refused(refusal, self.shop.billing_keys.issue_billing_key, **self.shop.billing_key_order(**changes))

    def test_a_charge_that_cannot_be_is_refused(self):
        key = self.shop.has_billing_key()
        for name, refusal, changes in (
            ("parts above the total", SumOfPartsExceedsTotalAmountError, {"amount": krw(1_000, tax_free=900, vat=200)}),
            ("a channel without the key", ChannelNotFoundError, {"channel_key": self.shop.channels["virtualAccount"]}),
            ("a total of nothing", InvalidRequestError, {"amount": krw(0)}),
            ("an unknown currency", InvalidRequestError, {"currency": "ABC"}),
        ):
            with self.subTest(name):
                self.refused(refusal, self.shop.payments.pay_with_billing_key, **self.shop.charge_order(key, **changes))

    def test_a_channel_group_issues_one_key_on_every_channel_and_a_charge_goes_through_one_of_them(self):
        order = self.shop.billing_key_order(channel_key=None, channel_group_id=self.shop.channel_group_id)
        answer = self.shop.billing_keys.issue_billing_key(**order)
        key = answer.billing_key_info.billing_key
        channels = [it.key for it in answer.billing_key_info.channels]

        self.assertGreaterEqual(len(channels), 2)
        self.assertEqual(answer.channel_specific_failures, [])
        info = self.read(key)
        self.assertEqual(info.channel_group.id, self.shop.channel_group_id)
        self.assertCountEqual([it.key for it in info.channels], channels)
        self.assertEqual(len(info.pg_billing_key_issue_responses), len(channels))
        for response in info.pg_billing_key_issue_responses:
            self.assertIsInstance(response, IssuedPgBillingKeyIssueResponse)

        drawn = self.shop.charge_order(key)
        self.shop.payments.pay_with_billing_key(**drawn)
        self.assertIn(self.shop.payment(drawn["payment_id"]).read().channel.key, channels)
        for channel_key in channels:
            chosen = self.shop.charge_order(key, channel_key=channel_key)
            self.shop.payments.pay_with_billing_key(**chosen)
            self.assertEqual(self.shop.payment(chosen["payment_id"]).read().channel.key, channel_key)

    def test_a_card_that_every_channel_of_a_group_declines_gets_no_key_and_each_reason_is_told(self):
        group = {"channel_key": None, "channel_group_id": self.shop.channel_group_id}
        order = self.shop.billing_key_order(card=cards.DECLINED["by issuer"], **group)
        refusal = self.refused(ChannelSpecificError, self.shop.billing_keys.issue_billing_key, **order)
        self.assertEqual(refusal.succeeded_channels, [])
        self.assertGreaterEqual(len(refusal.failures), 2)
        for failure in refusal.failures:
            self.assertIsInstance(failure, ChannelSpecificFailurePgProvider)
            self.assertTrue(failure.pg_code.startswith("SANDBOX_"), failure.pg_code)
