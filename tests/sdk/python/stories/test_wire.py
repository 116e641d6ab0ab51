from portone_server_sdk.webhook import WebhookTransactionPaid
from shop import Story


class Wire(Story):
    def test_a_payment_id_may_hold_anything_that_can_be_encoded(self):
        for hostile in ("a/b", "a?b=c", "a#b", "a b", "a+b", "a%2Fb", "주문-😀", "../escape", "a&b=c;d"):
            with self.subTest(hostile):
                payment_id = f"{self.shop.new_payment_id()} {hostile}"
                payment = self.shop.is_paid(payment_id=payment_id)
                self.assertEqual(payment.read().id, payment_id)
                self.assertEqual(payment.hears(WebhookTransactionPaid).event.data.payment_id, payment_id)

    def test_the_banks_are_listed_to_anyone(self):
        answer = self.shop.wire.authorized(None).get("/banks")
        self.assertEqual(answer.status, 200, answer.text)
        names = {it["bank"]: it["name"]["ko"] for it in answer.json["items"]}
        self.assertLessEqual({"KOOKMIN", "SHINHAN", "KAKAO", "TOSS"}, names.keys())
        self.assertTrue(all(names.values()))
