import assert from "node:assert/strict";
import { after, test } from "node:test";
import { GetPaymentError, PayInstantlyError, PayWithBillingKeyError } from "@portone/server-sdk/payment";
import { approved, credential, declined, keyIn } from "../shop/cards.mjs";
import { assertRefusal, refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const nobody = "00000000-0000-4000-8000-000000000000";

for (const [name, type, changes] of [
  ["parts above the total", "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT", { amount: { total: 1_000, taxFree: 900, vat: 200 } }],
  ["an unknown channel", "CHANNEL_NOT_FOUND", { channelKey: `channel-key-${nobody}` }],
  ["an unknown channel group", "CHANNEL_NOT_FOUND", { channelKey: undefined, channelGroupId: `channel-group-test-${nobody}` }],
  ["another's store", "FORBIDDEN", { storeId: `store-${nobody}` }],
  ["no channel at all", "INVALID_REQUEST", { channelKey: undefined }],
  ["no method", "INVALID_REQUEST", { method: undefined }],
  ["an empty method", "INVALID_REQUEST", { method: {} }],
  [
    "two methods",
    "INVALID_REQUEST",
    {
      method: {
        ...keyIn(approved.visa),
        virtualAccount: { bank: "SHINHAN", expiry: { validHours: 1 }, option: { type: "NORMAL" } },
      },
    },
  ],
  ["no order name", "INVALID_REQUEST", { orderName: undefined }],
  ["no amount", "INVALID_REQUEST", { amount: undefined }],
  ["a total of nothing", "INVALID_REQUEST", { amount: { total: 0 } }],
  ["a negative total", "INVALID_REQUEST", { amount: { total: -1 } }],
  ["a fractional total", "INVALID_REQUEST", { amount: { total: 1_000.5 } }],
  ["a total in words", "INVALID_REQUEST", { amount: { total: "1000" } }],
  ["a negative tax-free amount", "INVALID_REQUEST", { amount: { total: 1_000, taxFree: -1 } }],
  ["no currency", "INVALID_REQUEST", { currency: undefined }],
  ["an unknown currency", "INVALID_REQUEST", { currency: "ABC" }],
  ["a card number with letters", "INVALID_REQUEST", { method: keyIn("4242abcd42424242") }],
  ["a card without expiry", "INVALID_REQUEST", { method: { card: { credential: { number: approved.visa } } } }],
  ["a notice URL that is not HTTP", "INVALID_REQUEST", { noticeUrls: ["ftp://example.com/hook"] }],
  ["both kinds of name", "INVALID_REQUEST", { customer: { name: { full: "홍길동", separated: { first: "길동", last: "홍" } } } }],
  ["an unknown promotion", "INVALID_REQUEST", { promotionId: `promotion-id-${nobody}` }],
]) {
  test(`an order with ${name} is refused as ${type} and leaves no trace`, async () => {
    const order = shop.order(changes);

    await refused(shop.payments.payInstantly(order), PayInstantlyError, type);

    const { paymentId, ...body } = order;
    assertRefusal(await shop.wire.post(`/payments/${paymentId}/instant`, body), type);
    await refused(shop.payments.getPayment({ paymentId }), GetPaymentError, "PAYMENT_NOT_FOUND");
    assert.deepEqual(shop.payment(paymentId).heard(), []);
  });
}

test("an account that would expire in the past is an invalid request", async () => {
  for (const expiry of [{ dueDate: "2020-01-01T00:00:00Z" }, { validHours: 0 }, {}, { validHours: 1, dueDate: "2099-01-01T00:00:00Z" }]) {
    const method = { virtualAccount: { bank: "SHINHAN", expiry, option: { type: "NORMAL" } } };
    await refused(shop.payments.payInstantly(shop.accountOrder({ method })), PayInstantlyError, "INVALID_REQUEST");
  }
});

test("an id that was paid is never charged again, by no means and not after a cancellation either", async () => {
  const payment = await shop.isPaid();
  const billingKey = await shop.hasBillingKey();
  const again = () => refused(shop.payments.payInstantly({ ...shop.order(), paymentId: payment.id }), PayInstantlyError, "ALREADY_PAID");

  await again();
  await refused(
    shop.payments.payWithBillingKey(shop.chargeOrder(billingKey, { paymentId: payment.id })),
    PayWithBillingKeyError,
    "ALREADY_PAID",
  );
  await payment.cancel({ amount: 1_000 });
  await again();
  await payment.cancel();
  await again();

  assert.equal((await payment.read()).amount.paid, 10_000);
});

test("the hundredth failed attempt was the last one on its id", async () => {
  const order = shop.order({ card: declined.insufficientFunds, noticeUrls: undefined });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    await refused(shop.payments.payInstantly(order), PayInstantlyError, "PG_PROVIDER");
  }

  const paying = { ...order, method: { card: { credential: credential(approved.visa) } } };
  await refused(shop.payments.payInstantly(paying), PayInstantlyError, "MAX_TRANSACTION_COUNT_REACHED");

  assert.equal((await shop.payment(order.paymentId).read()).status, "FAILED");
});

test("a payment that was never tried is not found", async () => {
  await refused(shop.payments.getPayment({ paymentId: shop.newPaymentId() }), GetPaymentError, "PAYMENT_NOT_FOUND");
});

test("another's store cannot be read", async () => {
  const payment = await shop.isPaid();
  const ask = { paymentId: payment.id, storeId: `store-${nobody}` };
  await refused(shop.payments.getPayment(ask), GetPaymentError, "FORBIDDEN");
});
