import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { CreatePlatformOrderCancelTransferError, CreatePlatformOrderTransferError, DeletePlatformTransferError } from "@portone/server-sdk/platform/transfer";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const { platform } = shop.portone;
const { transfer } = platform;
const inTest = { test: true };
const newId = () => `js-${randomUUID()}`;
const nothing = { discounts: [], additionalFees: [] };

/** A marketplace of its own: 10 % of each order, settled every day; a person who pays withholding tax. */
async function marketplace() {
  const { contract } = await platform.policy.createPlatformContract({
    ...inTest,
    id: newId(),
    name: "bakers",
    platformFee: { fixedRate: 10_000 },
    settlementCycle: { lagDays: 1, datePolicy: "CALENDAR_DAY", method: { daily: {} } },
    platformFeeVatPayer: "PARTNER",
    subtractPaymentVatAmount: false,
  });
  const { partner } = await platform.partner.createPlatformPartner({
    ...inTest,
    id: newId(),
    name: "Kim's bread",
    contact: { name: "Kim", email: "kim@example.com" },
    account: { bank: "KOOKMIN", currency: "KRW", number: "110123456781", holder: "Kim" },
    defaultContractId: contract.id,
    tags: ["bread"],
    type: { whtPayer: { birthdate: "1990-01-02" } },
  });
  return partner.id;
}

const settlementsOf = (partnerId, filter = {}) =>
  platform.partnerSettlement.getPlatformPartnerSettlements({ isForTest: true, ...inTest, filter: { partnerIds: [partnerId], ...filter } });

test("a month of a marketplace: orders, a cancel, a payout of what is left, and books that tie", async () => {
  const partnerId = await marketplace();
  const orders = [];
  for (const total of [10_000, 20_000, 30_000]) {
    const payment = await shop.isPaid({ amount: { total } });
    const { transfer: made } = await transfer.createPlatformOrderTransfer({
      ...inTest, ...nothing, partnerId, paymentId: payment.id, orderDetail: { orderAmount: total },
    });
    assert.equal(made.amount.settlement, (total / 100) * 89);
    orders.push({ payment, made });
  }
  const [first, second] = orders;
  await refused(
    transfer.createPlatformOrderTransfer({ ...inTest, ...nothing, partnerId, paymentId: first.payment.id, orderDetail: { orderAmount: 1 } }),
    CreatePlatformOrderTransferError,
    "PLATFORM_TRANSFER_ALREADY_EXISTS",
  );

  const { cancellation } = await shop.payments.cancelPayment({ paymentId: second.payment.id, amount: 5_000, reason: "stale" });
  const cancel = (orderAmount) =>
    transfer.createPlatformOrderCancelTransfer({
      ...inTest, transferId: second.made.id, cancellationId: cancellation.id, orderDetail: { orderAmount }, discounts: [],
    });
  await refused(cancel(5_001), CreatePlatformOrderCancelTransferError, "PLATFORM_SETTLEMENT_CANCEL_AMOUNT_EXCEEDED_PORT_ONE_CANCEL");
  const { transfer: taken } = await cancel(5_000);
  assert.equal(taken.amount.settlement, 4_450);
  await refused(
    transfer.deletePlatformTransfer({ ...inTest, id: second.made.id }),
    DeletePlatformTransferError,
    "PLATFORM_CANCEL_ORDER_TRANSFERS_EXISTS",
  );

  await shop.sandbox.after("P31D");
  const { items, counts } = await settlementsOf(partnerId);
  assert.ok(items.every(({ status }) => status === "PAYOUT_PREPARED"));
  assert.equal(counts.payoutPrepared, items.length);
  const bulkPayoutId = newId();
  const done = await shop.wire.post("/platform/partner-settlements/complete-payout?test=true", {
    bulkPayoutId, partnerSettlementIds: items.map(({ id }) => id),
  });
  assert.equal(done.status, 200, done.text);

  // 53,400 less 4,450; 3 % of it and a tenth of that are withheld, each cut to ten won.
  const { items: payouts } = await platform.payout.getPlatformPayouts({ ...inTest, isForTest: true, filter: { criteria: { bulkPayoutId } } });
  const [payout] = payouts;
  assert.equal(payouts.length, 1);
  assert.deepEqual(
    [payout.settlementAmount, payout.incomeTaxAmount, payout.localIncomeTaxAmount, payout.amount, payout.status],
    [48_950, 1_460, 140, 47_350, "SUCCEEDED"],
  );
  assert.equal((await transfer.getPlatformTransfer({ ...inTest, id: first.made.id })).status, "PAID_OUT");
  const statement = await shop.wire.get(`/operator/platform/partners/${partnerId}/statement?test=true&from=2020-01-01&until=2099-12-31`);
  assert.deepEqual([statement.json.closingBalance, statement.json.paid.amount], [0, payout.amount], statement.text);

  const filter = { keyword: { partnerId } };
  const summaries = await transfer.getPlatformTransferSummaries({ ...inTest, isForTest: true, filter });
  assert.equal(summaries.page.totalCount, 4);
  const sheet = await transfer.downloadPlatformTransferSheet({ ...inTest, filter, fields: ["TRANSFER_ID", "TYPE"] });
  assert.equal(sheet.trim().split("\r\n").length, 5);
});
