import assert from "node:assert/strict";
import { after, test } from "node:test";
import { isUnrecognizedPaymentCancellation } from "@portone/server-sdk/payment";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

test("a payment is cancelled in parts until nothing is left, and every won is accounted for", async () => {
  const payment = await shop.isPaid({ amount: { total: 11_000, taxFree: 1_000 } });

  const first = await payment.cancel({ amount: 3_000, requester: "CUSTOMER", currentCancellableAmount: 11_000 });

  assert.ok(!isUnrecognizedPaymentCancellation(first));
  assert.equal(first.status, "SUCCEEDED");
  assert.deepEqual([first.totalAmount, first.taxFreeAmount, first.vatAmount], [3_000, 0, 273]);
  assert.equal(first.reason, "changed my mind");
  assert.equal(typeof first.cancelledAt, "string");
  const partly = await payment.read();
  assert.equal(partly.status, "PARTIAL_CANCELLED");
  assert.deepEqual([partly.amount.total, partly.amount.paid, partly.amount.cancelled, partly.amount.cancelledTaxFree], [11_000, 11_000, 3_000, 0]);
  assert.deepEqual(partly.cancellations.map((it) => it.id), [first.id]);
  assert.equal((await payment.hears("Transaction.PartialCancelled")).event.data.cancellationId, first.id);

  const second = await payment.cancel({ amount: 1_500, taxFreeAmount: 400, vatAmount: 100 });
  assert.deepEqual([second.totalAmount, second.taxFreeAmount, second.vatAmount], [1_500, 400, 100]);

  const last = await payment.cancel();
  assert.deepEqual([last.totalAmount, last.taxFreeAmount, last.vatAmount], [6_500, 600, 909 - 273 - 100]);
  const cancelled = await payment.read();
  assert.equal(cancelled.status, "CANCELLED");
  assert.deepEqual([cancelled.amount.paid, cancelled.amount.cancelled, cancelled.amount.cancelledTaxFree], [11_000, 11_000, 1_000]);
  assert.deepEqual(new Set(cancelled.cancellations.map((it) => it.id)), new Set([first.id, second.id, last.id]));
  assert.equal(typeof cancelled.paidAt, "string");
  assert.equal(Date.parse(cancelled.cancelledAt), Date.parse(last.cancelledAt));
  assert.equal((await payment.hears("Transaction.Cancelled")).event.data.cancellationId, last.id);
  assert.deepEqual(
    payment.heard().map((it) => it.event.type),
    ["Transaction.Paid", "Transaction.PartialCancelled", "Transaction.PartialCancelled", "Transaction.Cancelled"],
  );
});

test("a payment is cancelled in one step", async () => {
  const payment = await shop.isPaid({ amount: { total: 7_000, taxFree: 7_000 } });

  const cancellation = await payment.cancel();

  assert.deepEqual([cancellation.totalAmount, cancellation.taxFreeAmount, cancellation.vatAmount], [7_000, 7_000, 0]);
  assert.equal((await payment.read()).status, "CANCELLED");
  await payment.hears("Transaction.Cancelled");
  assert.deepEqual(payment.heard("Transaction.PartialCancelled"), []);
});

test("a cancellation without webhook is silent, the next one is heard", async () => {
  const payment = await shop.isPaid();
  const silent = await payment.cancel({ amount: 1_000, skipWebhook: true });
  const heard = await payment.cancel({ amount: 2_000 });

  await payment.hears("Transaction.PartialCancelled");

  assert.deepEqual(payment.heard("Transaction.PartialCancelled").map((it) => it.event.data.cancellationId), [heard.id]);
  assert.deepEqual((await payment.read()).cancellations.map((it) => it.id).sort(), [silent.id, heard.id].sort());
});

test("the PSP refunded what was cancelled", async () => {
  const payment = await shop.isPaid();
  await payment.cancel({ amount: 4_000 });
  await payment.cancel({ amount: 6_000 });

  const books = (await shop.sandbox.pspBooks()).of((await payment.read()).transactionId);

  assert.deepEqual(books.charged, [10_000]);
  assert.deepEqual(books.refunded.sort(), [4_000, 6_000]);
});
