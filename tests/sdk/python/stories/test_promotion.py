from portone_server_sdk.errors import (
    NegativePromotionAdjustedCancelAmountError,
    PromotionNotFoundError,
    PromotionPayMethodDoesNotMatchError,
)
from shop import Story, cards
from shop.shop import krw

# The demo store's: 10 % off from 5,000 won on, for cards that begin with 4242.
PROMOTION = "promotion-id-de300000-0000-4000-8000-000000000006"


class Promotions(Story):
    def test_a_promotion_is_read_with_its_discount_and_its_budget(self):
        promotion = self.shop.payments.promotion.get_promotion(promotion_id=PROMOTION)
        self.assertEqual((promotion.status, promotion.card_company), ("IN_PROGRESS", "KOOKMIN_CARD"))
        [partition] = promotion.discount_policy.partitions
        self.assertEqual((partition.amount_from, partition.scheme.percent), (5_000, 10))
        self.refused(PromotionNotFoundError, self.shop.payments.promotion.get_promotion, promotion_id="other")

    def test_the_promotions_card_pays_less_and_a_part_is_given_back(self):
        for option, refunded in (("RELEASE", 1_400), ("RETAIN", 1_800)):
            payment = self.shop.is_paid(amount=krw(6_000), promotion_id=PROMOTION)
            amount = payment.read().amount
            self.assertEqual((amount.discount, amount.paid), (600, 5_400))
            cancelled = self.shop.payments.cancel_payment(
                payment_id=payment.id, reason="too much", amount=2_000, promotion_discount_retain_option=option
            )
            self.assertEqual(cancelled.cancellation.total_amount, refunded)

    def test_what_does_not_fit_is_refused(self):
        payment = self.shop.is_paid(amount=krw(5_100), promotion_id=PROMOTION)
        self.refused(
            NegativePromotionAdjustedCancelAmountError,
            self.shop.payments.cancel_payment,
            payment_id=payment.id,
            reason="a little",
            amount=200,
        )
        order = self.shop.order(card=cards.MASTERCARD, promotion_id=PROMOTION)
        self.refused(PromotionPayMethodDoesNotMatchError, self.shop.payments.pay_instantly, **order)
