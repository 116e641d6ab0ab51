import base64
import time

from portone_server_sdk import webhook
from portone_server_sdk.errors import MaxWebhookRetryCountReachedError, PaymentNotFoundError, WebhookNotFoundError
from portone_server_sdk.webhook import WebhookTransactionCancelledCancelled, WebhookTransactionPaid, WebhookVerificationError
from shop import Story


class Webhooks(Story):
    def resend(self, payment, webhook_id=None):
        return self.shop.payments.resend_webhook(payment_id=payment.id, webhook_id=webhook_id).webhook

    def record(self, payment, webhook_id, executions=1):
        """The delivery record of a webhook, once the outcome of so many executions has been written down."""
        for _ in range(200):
            for found in payment.read().webhooks or []:
                if found.id == webhook_id and found.status and found.current_execution_count >= executions:
                    return found
            time.sleep(0.025)
        self.fail(f"no outcome of webhook {webhook_id}")

    def test_a_webhook_is_signed_in_json_and_recorded_with_what_was_sent_and_answered(self):
        payment = self.shop.is_paid(order_name="서명된 주문")

        heard = payment.hears(WebhookTransactionPaid)

        self.assertTrue(heard.headers["content-type"].startswith("application/json"))
        self.assertRegex(heard.headers["webhook-id"], r"^[^.\s]+$")
        self.assertRegex(heard.headers["webhook-timestamp"], r"^[1-9]\d*$")
        for signature in heard.headers["webhook-signature"].split(" "):
            self.assertRegex(signature, r"^v1,[A-Za-z0-9+/]{43}=$")
        self.assertNotIn("서명된 주문", heard.body)
        record = self.record(payment, heard.headers["webhook-id"])
        self.assertEqual((record.url, record.status, record.payment_status), (self.shop.receiver.url, "SUCCEEDED", "PAID"))
        self.assertEqual((record.current_execution_count, record.max_execution_count), (1, 6))
        self.assertEqual(record.request.body, heard.body)
        self.assertEqual((record.response.code, record.response.body), ("200", "received"))

    def test_the_state_is_readable_before_its_webhook_leaves(self):
        for _ in range(5):
            payment = self.shop.is_paid()
            event = payment.hears(WebhookTransactionPaid).event
            self.assertEqual(payment.read().transaction_id, event.data.transaction_id)

    def test_a_webhook_that_was_altered_or_signed_by_another_does_not_pass_the_verifier(self):
        heard = self.shop.is_paid().hears(WebhookTransactionPaid)
        another = "whsec_" + base64.b64encode(b"another secret, also 32 bytes ok").decode()
        for secret, body, headers in (
            (self.shop.webhook_secret, heard.body + " ", heard.headers),
            (self.shop.webhook_secret, heard.body, heard.headers | {"webhook-id": "another"}),
            (another, heard.body, heard.headers),
        ):
            with self.assertRaises(WebhookVerificationError) as caught:
                webhook.verify(secret, body, headers)
            self.assertEqual(caught.exception.reason, "NO_MATCHING_SIGNATURE")

    def test_two_notice_urls_get_a_webhook_each(self):
        urls = [self.shop.receiver.answering(200), self.shop.receiver.answering(200)]
        payment = self.shop.is_paid(notice_urls=urls)
        one, other = (payment.hears(WebhookTransactionPaid, at=url) for url in urls)
        self.assertNotEqual(one.headers["webhook-id"], other.headers["webhook-id"])
        self.assertCountEqual([it.url for it in payment.read().webhooks], urls)

    def test_a_receiver_that_was_down_hears_the_same_webhook_again_freshly_signed(self):
        payment = self.shop.is_paid(notice_urls=[self.shop.receiver.answering(500, 200)])
        first = payment.hears(WebhookTransactionPaid)
        missed = self.record(payment, first.headers["webhook-id"])
        self.assertEqual((missed.status, missed.response.code), ("FAILED_NOT_OK_RESPONSE", "500"))

        self.shop.sandbox.after("PT5M")

        # The receiver verified it against the real clock: a test clock that is ahead must not leak into the header.
        second = payment.hears(WebhookTransactionPaid, times=2)
        self.assertEqual((second.headers["webhook-id"], second.body), (first.headers["webhook-id"], first.body))
        self.assertEqual(self.record(payment, first.headers["webhook-id"], executions=2).status, "SUCCEEDED")

    def test_a_webhook_is_sent_again_on_request_the_same_but_for_time_and_signature(self):
        payment = self.shop.is_paid()
        first = payment.hears(WebhookTransactionPaid)
        record = self.resend(payment, first.headers["webhook-id"])
        self.assertEqual((record.id, record.status, record.trigger), (first.headers["webhook-id"], "SUCCEEDED", "MANUAL"))
        second = payment.hears(WebhookTransactionPaid, times=2)
        self.assertEqual((second.headers["webhook-id"], second.body), (first.headers["webhook-id"], first.body))

    def test_without_an_id_the_latest_webhook_is_sent_again(self):
        payment = self.shop.is_paid()
        payment.cancel()
        heard = payment.hears(WebhookTransactionCancelledCancelled)
        self.assertEqual(self.resend(payment).id, heard.headers["webhook-id"])
        payment.hears(WebhookTransactionCancelledCancelled, times=2)

    def test_a_receiver_that_fails_again_is_an_answer_not_an_error(self):
        payment = self.shop.is_paid(notice_urls=[self.shop.receiver.answering(503)])
        heard = payment.hears(WebhookTransactionPaid)
        record = self.resend(payment, heard.headers["webhook-id"])
        self.assertEqual((record.status, record.response.code), ("FAILED_NOT_OK_RESPONSE", "503"))

    def test_a_webhook_is_sent_again_ten_times_by_hand_and_no_more(self):
        payment = self.shop.is_paid()
        webhook_id = payment.hears(WebhookTransactionPaid).headers["webhook-id"]
        for _ in range(10):
            self.resend(payment, webhook_id)
        self.refused(MaxWebhookRetryCountReachedError, self.resend, payment=payment, webhook_id=webhook_id)

    def test_only_the_payments_own_webhooks_can_be_sent_again(self):
        payment, other = self.shop.is_paid(), self.shop.is_paid()
        webhook_id = other.hears(WebhookTransactionPaid).headers["webhook-id"]
        payment.hears(WebhookTransactionPaid)
        self.refused(WebhookNotFoundError, self.resend, payment=payment, webhook_id=webhook_id)
        self.refused(PaymentNotFoundError, self.resend, payment=self.shop.payment(self.shop.new_payment_id()))
