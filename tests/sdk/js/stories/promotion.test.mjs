import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CancelPaymentError, PayInstantlyError } from "@portone/server-sdk/payment";
import { GetPromotionError, isUnrecognizedPromotion } from "@portone/server-sdk/payment/promotion";
import * as cards from "../shop/cards.mjs";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

// The demo store's: 10 % off from 5,000 won on, for cards that begin with 4242.
const promotionId = "promotion-id-de300000-0000-4000-8000-000000000006";

test("a promotion is read with its discount and its budget", async () => {
  const promotion = await shop.payments.promotion.getPromotion({ promotionId });

  assert.ok(!isUnrecognizedPromotion(promotion));
  assert.equal(promotion.status, "IN_PROGRESS");
  assert.deepEqual(promotion.discountPolicy.partitions, [{ amountFrom: 5_000, scheme: { type: "PERCENT", percent: 10 } }]);
  assert.deepEqual(promotion.recoverOption, { type: "RECOVER" });
  await refused(shop.payments.promotion.getPromotion({ promotionId: "other" }), GetPromotionError, "PROMOTION_NOT_FOUND");
});

test("the promotion's card pays less, and a part is given back with the discount released or kept", async () => {
  for (const [promotionDiscountRetainOption, refunded] of [["RELEASE", 1_400], ["RETAIN", 1_800]]) {
    const payment = await shop.isPaid({ amount: { total: 6_000 }, promotionId });
    const { amount, promotionId: applied } = await payment.read();
    assert.deepEqual([amount.total, amount.discount, amount.paid, applied], [6_000, 600, 5_400, promotionId]);

    const { totalAmount } = await payment.cancel({ amount: 2_000, promotionDiscountRetainOption });

    assert.equal(totalAmount, refunded);
    const other = promotionDiscountRetainOption === "RETAIN" ? "RELEASE" : "RETAIN";
    await refused(
      payment.cancel({ amount: 100, promotionDiscountRetainOption: other }),
      CancelPaymentError,
      "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED",
    );
    await payment.cancel();
    assert.equal((await payment.read()).amount.cancelled, 5_400);
  }
});

test("a rest that would cost more than is held, and another company's card, are refused", async () => {
  const payment = await shop.isPaid({ amount: { total: 5_100 }, promotionId });
  await refused(payment.cancel({ amount: 200 }), CancelPaymentError, "NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT");

  const order = shop.order({ card: cards.approved.mastercard, promotionId });
  await refused(shop.payments.payInstantly(order), PayInstantlyError, "PROMOTION_PAY_METHOD_DOES_NOT_MATCH");
});
