import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CancelPaymentError } from "@portone/server-sdk/payment";
import { cancellationRefused } from "../shop/cards.mjs";
import { assertRefusal, refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const nobody = "00000000-0000-4000-8000-000000000000";

// 10,000 of which 4,000 tax-free, hence 6,000 taxable. Where a row breaks several rules, the first one answers.
for (const [name, type, ask] of [
  ["without a reason", "INVALID_REQUEST", { reason: undefined }],
  ["with an empty reason", "INVALID_REQUEST", { reason: "" }],
  ["of nothing", "INVALID_REQUEST", { amount: 0 }],
  ["of less than nothing", "INVALID_REQUEST", { amount: -1 }],
  ["of a fraction", "INVALID_REQUEST", { amount: 10.5 }],
  ["of an amount in words", "INVALID_REQUEST", { amount: "1000" }],
  ["by an unknown requester", "INVALID_REQUEST", { requester: "NEIGHBOUR" }],
  ["in another's store", "FORBIDDEN", { storeId: `store-${nobody}` }],
  ["with a stale view of what is left", "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN", { amount: 1_000, currentCancellableAmount: 9_999 }],
  ["with a stale view, of too much", "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN", { amount: 20_000, currentCancellableAmount: 9_999 }],
  ["of too much", "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT", { amount: 10_001 }],
  ["of too much in parts that do not fit", "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT", { amount: 10_001, taxFreeAmount: 20_000 }],
  ["in parts above the whole", "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT", { amount: 1_000, taxFreeAmount: 900, vatAmount: 200 }],
  ["in parts above the whole and the tax-free rest", "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT", { amount: 4_500, taxFreeAmount: 5_000 }],
  [
    "of more tax-free money than there is",
    "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
    { amount: 5_000, taxFreeAmount: 4_001 },
  ],
  ["of more taxable money than there is", "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT", { amount: 6_001 }],
  [
    "of everything, declared taxable",
    "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT",
    { amount: 10_000, taxFreeAmount: 0 },
  ],
]) {
  test(`a cancellation ${name} is refused as ${type} and moves no money`, async () => {
    const payment = await shop.isPaid({ amount: { total: 10_000, taxFree: 4_000 } });

    await refused(payment.cancel(ask), CancelPaymentError, type);

    assertRefusal(await shop.wire.post(`${payment.path}/cancel`, { reason: "changed my mind", ...ask }), type);
    const untouched = await payment.read();
    assert.equal(untouched.status, "PAID");
    assert.equal(untouched.amount.cancelled, 0);
    assert.deepEqual(untouched.cancellations ?? [], []);
  });
}

test("what was never paid cannot be cancelled", async () => {
  await refused(shop.payment(shop.newPaymentId()).cancel(), CancelPaymentError, "PAYMENT_NOT_FOUND");
  await refused((await shop.failsToPay()).cancel(), CancelPaymentError, "PAYMENT_NOT_PAID");
});

test("what is cancelled cannot be cancelled again, whatever else is wrong with the request", async () => {
  const payment = await shop.isPaid();
  await payment.cancel();
  await refused(payment.cancel(), CancelPaymentError, "PAYMENT_ALREADY_CANCELLED");
  await refused(payment.cancel({ amount: 20_000, currentCancellableAmount: 1 }), CancelPaymentError, "PAYMENT_ALREADY_CANCELLED");
});

test("after a partial cancellation the guards count what is left", async () => {
  const payment = await shop.isPaid({ amount: { total: 10_000, taxFree: 4_000 } });
  await payment.cancel({ amount: 7_000, taxFreeAmount: 3_000 });

  await refused(payment.cancel({ amount: 3_001 }), CancelPaymentError, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
  await refused(
    payment.cancel({ amount: 2_000, taxFreeAmount: 1_001 }),
    CancelPaymentError,
    "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
  );
  await refused(
    payment.cancel({ amount: 2_001, taxFreeAmount: 0 }),
    CancelPaymentError,
    "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT",
  );
  await payment.cancel({ currentCancellableAmount: 3_000 });
  assert.equal((await payment.read()).status, "CANCELLED");
});

test("the hundredth cancellation was the last one", async () => {
  const payment = await shop.isPaid({ noticeUrls: undefined });
  for (let n = 0; n < 100; n += 1) await payment.cancel({ amount: 1 });

  await refused(payment.cancel({ amount: 1 }), CancelPaymentError, "MAX_CANCEL_COUNT_REACHED");

  assert.equal((await payment.read()).amount.cancelled, 100);
});

test("a refusal by the PSP is told with its code, kept as a failed cancellation, and gives the amount back", async () => {
  const payment = await shop.isPaid({ card: cancellationRefused });

  const refusal = await refused(payment.cancel({ amount: 4_000 }), CancelPaymentError, "PG_PROVIDER");

  assert.match(refusal.pgCode, /^SANDBOX_/);
  const read = await payment.read();
  assert.equal(read.status, "PAID");
  assert.equal(read.amount.cancelled, 0);
  assert.deepEqual(read.cancellations.map((it) => [it.status, it.totalAmount]), [["FAILED", 4_000]]);
  await refused(payment.cancel({ currentCancellableAmount: 10_000 }), CancelPaymentError, "PG_PROVIDER");
  assert.deepEqual((await shop.sandbox.pspBooks()).of(read.transactionId).refunded, []);
});
