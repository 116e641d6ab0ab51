import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CancelPaymentError, PayInstantlyError } from "@portone/server-sdk/payment";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

async function race(count, attempt) {
  const ends = await Promise.allSettled(Array.from({ length: count }, attempt));
  return {
    succeeded: ends.filter((it) => it.status === "fulfilled").map((it) => it.value),
    refused: ends.filter((it) => it.status === "rejected").map((it) => it.reason),
  };
}

test("twenty callers of one payment id are charged once", async () => {
  const order = shop.order();

  const { succeeded, refused } = await race(20, () => shop.payments.payInstantly(order));

  assert.equal(succeeded.length, 1);
  for (const error of refused) {
    assert.ok(error instanceof PayInstantlyError, String(error));
    assert.equal(error.data.type, "ALREADY_PAID", JSON.stringify(error.data));
  }
  const payment = await shop.payment(order.paymentId).read();
  assert.equal(payment.status, "PAID");
  assert.deepEqual((await shop.sandbox.pspBooks()).of(payment.transactionId).charged, [10_000]);
  const { items } = await shop.payments.getPaymentTransactions({ paymentId: order.paymentId });
  assert.deepEqual(items.filter((it) => it.status === "PAID").length, 1);
});

test("of twenty-five cancellations of a tenth exactly ten succeed", async () => {
  const payment = await shop.isPaid();

  const { succeeded, refused } = await race(25, () => payment.cancel({ amount: 1_000 }));

  assert.equal(succeeded.length, 10);
  assert.equal(new Set(succeeded.map((it) => it.id)).size, 10);
  for (const error of refused) {
    assert.ok(error instanceof CancelPaymentError, String(error));
    assert.ok(
      ["CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT", "PAYMENT_ALREADY_CANCELLED"].includes(error.data.type),
      JSON.stringify(error.data),
    );
  }
  const read = await payment.read();
  assert.equal(read.status, "CANCELLED");
  assert.equal(read.amount.cancelled, 10_000);
  assert.deepEqual((await shop.sandbox.pspBooks()).of(read.transactionId).refunded, Array(10).fill(1_000));
  await payment.hears("Transaction.Cancelled");
  assert.equal(payment.heard("Transaction.PartialCancelled").length, 9);
});

test("of five full cancellations at once, each guarded by what is left, one succeeds", async () => {
  const payment = await shop.isPaid();
  const { succeeded, refused } = await race(5, () => payment.cancel({ currentCancellableAmount: 10_000 }));
  assert.equal(succeeded.length, 1);
  for (const error of refused) {
    assert.ok(
      ["PAYMENT_ALREADY_CANCELLED", "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN"].includes(error.data.type),
      JSON.stringify(error.data),
    );
  }
});
