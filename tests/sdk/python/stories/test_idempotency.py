import uuid
from concurrent.futures import ThreadPoolExecutor

from shop import Story, cards


class Idempotency(Story):
    def instant(self, card=cards.VISA):
        payment_id = self.shop.new_payment_id()
        return payment_id, {
            "channelKey": self.shop.channels["card"],
            "orderName": "Two tickets",
            "amount": {"total": 10_000},
            "currency": "KRW",
            "method": {"card": {"credential": {"number": card, "expiryYear": "39", "expiryMonth": "12"}}},
        }

    def pay(self, payment_id, body, key):
        return self.shop.wire.post(f"/payments/{payment_id}/instant", body, idempotency_key=key)

    def new_key(self):
        return f'"{uuid.uuid4()}"'

    def test_the_same_request_with_the_same_key_is_answered_by_the_same_bytes_quoted_or_not(self):
        payment_id, body = self.instant()
        key = self.new_key()
        first = self.pay(payment_id, body, key)
        self.assertEqual(first.status, 200, first.text)
        for again in (key, key.strip('"')):
            answer = self.pay(payment_id, body, again)
            self.assertEqual((answer.status, answer.text), (200, first.text))

    def test_a_key_for_another_body_or_path_is_refused_and_nothing_is_done(self):
        payment_id, body = self.instant()
        key = self.new_key()
        self.pay(payment_id, body, key)
        other_id, other = self.instant()
        self.assert_refusal(self.pay(payment_id, body | {"orderName": "Something else"}, key), "INVALID_REQUEST")
        self.assert_refusal(self.pay(other_id, other, key), "INVALID_REQUEST")
        self.assert_refusal(self.shop.wire.get(f"/payments/{other_id}"), "PAYMENT_NOT_FOUND")

    def test_a_refusal_by_the_psp_is_replayed_instead_of_tried_again(self):
        payment_id, body = self.instant(cards.DECLINED["by issuer"])
        key = self.new_key()
        first, second = self.pay(payment_id, body, key), self.pay(payment_id, body, key)
        self.assert_refusal(first, "PG_PROVIDER")
        self.assertEqual((second.status, second.text), (first.status, first.text))
        self.assertEqual(len(self.shop.payments.get_payment_transactions(payment_id=payment_id).items), 1)

    def test_thirty_requests_at_once_with_one_key_are_done_once(self):
        payment = self.shop.is_paid()
        key = self.new_key()

        def cancel(_):
            return self.shop.wire.post(f"{payment.path}/cancel", {"amount": 100, "reason": "impatient"}, idempotency_key=key)

        with self.shop.sandbox.psp_takes(500), ThreadPoolExecutor(30) as callers:
            answers = list(callers.map(cancel, range(30)))

        done = {it.text for it in answers if it.status == 200}
        self.assertEqual(len(done), 1, answers)
        for answer in answers:
            if answer.status != 200:
                self.assert_refusal(answer, "IDEMPOTENCY_OUTSTANDING_REQUEST")
        self.assertEqual(payment.read().amount.cancelled, 100)

    def test_a_malformed_key_is_an_invalid_request(self):
        for key in ("short", f'"{"x" * 257}"', '"unfinished-quotation-mark'):
            with self.subTest(key):
                payment_id, body = self.instant()
                self.assert_refusal(self.pay(payment_id, body, key), "INVALID_REQUEST")
