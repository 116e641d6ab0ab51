// What is asked about many payments, and what only one PSP can tell.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { GetPgCardPromotionsError } from "@portone/server-sdk/payment/additionalFeature";
import { GetKakaopayPaymentOrderError } from "@portone/server-sdk/pgSpecific";
import { GetPaymentReconciliationTransactionVatReportError } from "@portone/server-sdk/reconciliation";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

test("VAT is reported by the day of the transaction and by the day of the settlement", async () => {
  await shop.isPaid();
  const range = { dateRange: { from: "2026-01-01", until: "2026-06-30" } };
  // The sandbox has test channels only, and what was paid through those is not money.
  const byTransaction = await shop.portone.reconciliation.getPaymentReconciliationTransactionVatReport(range);
  assert.deepEqual(byTransaction.items, []);
  const bySettlement = await shop.portone.reconciliation.getPaymentReconciliationSettlementVatReport(range);
  assert.deepEqual(bySettlement.items, []);
  await refused(
    shop.portone.reconciliation.getPaymentReconciliationTransactionVatReport({ dateRange: { from: "2026-02-30", until: "2026-03-01" } }),
    GetPaymentReconciliationTransactionVatReportError,
    "INVALID_REQUEST",
  );
});

test("KakaoPay's own words about an order are passed on", async () => {
  const channelKey = shop.channels.easyPay;
  const { pgTxId } = await (await shop.isPaid({ channelKey })).read();
  const answer = await shop.portone.pgSpecific.getKakaopayPaymentOrder({ pgTxId, channelKey });
  assert.equal(answer.statusCode, 200);
  assert.equal(JSON.parse(answer.body).tid, pgTxId);
  await refused(
    shop.portone.pgSpecific.getKakaopayPaymentOrder({ pgTxId, channelKey: shop.channels.card }),
    GetKakaopayPaymentOrderError,
    "INVALID_REQUEST",
  );
});

test("KCP's discounts on cards are listed by amount and company", async () => {
  const { additionalFeature } = shop.payments;
  const channelKey = shop.channels.transfer;
  const { promotions } = await additionalFeature.getPgCardPromotions({ channelKey, amount: 30_000 });
  assert.deepEqual(promotions.map(({ promotionId }) => promotionId), ["SBX-CARD-1", "SBX-CARD-2", "SBX-CARD-3"]);
  assert.deepEqual(promotions[1], {
    promotionId: "SBX-CARD-2", cardCompany: "SHINHAN_CARD", discountAmount: 1_000, minimumPaymentAmount: 10_000,
  });
  const only = await additionalFeature.getPgCardPromotions({ channelKey, amount: 50_000, cardCompany: "KAKAO_BANK" });
  assert.deepEqual(only.promotions.map(({ promotionId }) => promotionId), ["SBX-CARD-4"]);
  await refused(
    additionalFeature.getPgCardPromotions({ channelKey: "unknown", amount: 1_000 }),
    GetPgCardPromotionsError,
    "CHANNEL_NOT_FOUND",
  );
});
