import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CancelPaymentError, StopPaymentCancellationError } from "@portone/server-sdk/payment";
import { cancellationFailsLater, cancellationSucceedsLater } from "../shop/cards.mjs";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const stop = (payment, cancellationId) =>
  shop.payments.stopPaymentCancellation({ paymentId: payment.id, cancellationId });

test("a pending cancellation reserves its amount, and succeeds when the PSP says so", async () => {
  const payment = await shop.isPaid({ card: cancellationSucceedsLater });

  const pending = await payment.cancel({ amount: 7_000 });

  assert.equal(pending.status, "REQUESTED");
  assert.equal(pending.totalAmount, 7_000);
  const waiting = await payment.read();
  assert.equal(waiting.status, "PAID");
  assert.equal(waiting.amount.cancelled, 0);
  assert.deepEqual(waiting.cancellations.map((it) => [it.id, it.status]), [[pending.id, "REQUESTED"]]);
  assert.equal((await payment.hears("Transaction.CancelPending")).event.data.cancellationId, pending.id);
  await refused(payment.cancel({ amount: 3_001 }), CancelPaymentError, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
  await refused(payment.cancel({ currentCancellableAmount: 10_000 }), CancelPaymentError, "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN");

  await shop.sandbox.after("PT10M");

  const partly = await payment.read();
  assert.equal(partly.status, "PARTIAL_CANCELLED");
  assert.equal(partly.amount.cancelled, 7_000);
  assert.deepEqual(partly.cancellations.map((it) => [it.id, it.status]), [[pending.id, "SUCCEEDED"]]);
  const { event, headers } = await payment.hears("Transaction.PartialCancelled");
  assert.equal(event.data.cancellationId, pending.id);
  const record = (await payment.read()).webhooks.find((it) => it.id === headers["webhook-id"]);
  assert.equal(record.trigger, "ASYNC_CANCEL_APPROVED");
});

test("a pending cancellation of everything ends as a cancelled payment", async () => {
  const payment = await shop.isPaid({ card: cancellationSucceedsLater });
  await payment.cancel();
  await shop.sandbox.after("PT10M");
  assert.equal((await payment.read()).status, "CANCELLED");
  await payment.hears("Transaction.Cancelled");
});

test("a pending cancellation that fails gives its amount back and tells the merchant to look again", async () => {
  const payment = await shop.isPaid({ card: cancellationFailsLater });
  const pending = await payment.cancel();
  assert.equal(pending.status, "REQUESTED");
  await payment.hears("Transaction.CancelPending");

  await shop.sandbox.after("PT10M");

  const read = await payment.read();
  assert.equal(read.status, "PAID");
  assert.equal(read.amount.cancelled, 0);
  assert.deepEqual(read.cancellations.map((it) => [it.id, it.status]), [[pending.id, "FAILED"]]);
  // There is no event type for it, so the current status is told again.
  const { headers } = await payment.hears("Transaction.Paid", { times: 2 });
  const record = (await payment.read()).webhooks.find((it) => it.id === headers["webhook-id"]);
  assert.equal(record.trigger, "ASYNC_CANCEL_FAILED");
  assert.equal((await payment.cancel({ currentCancellableAmount: 10_000 })).status, "REQUESTED");
  await shop.sandbox.after("PT10M");
});

test("a pending cancellation that is stopped never happens", async () => {
  const payment = await shop.isPaid({ card: cancellationSucceedsLater });
  const pending = await payment.cancel();

  const { stoppedAt } = await stop(payment, pending.id);

  assert.equal(typeof stoppedAt, "string");
  await refused(stop(payment, pending.id), StopPaymentCancellationError, "PAYMENT_CANCELLATION_NOT_PENDING");
  await shop.sandbox.after("PT10M");
  const read = await payment.read();
  assert.equal(read.status, "PAID");
  assert.equal(read.amount.cancelled, 0);
  assert.deepEqual(read.cancellations.map((it) => [it.id, it.status]), [[pending.id, "FAILED"]]);
  assert.deepEqual(payment.heard("Transaction.Cancelled"), []);
  assert.deepEqual((await shop.sandbox.pspBooks()).of(read.transactionId).refunded, []);
});

test("only a pending cancellation of a known payment can be stopped", async () => {
  const payment = await shop.isPaid();
  const done = await payment.cancel({ amount: 1_000 });
  const nobody = "00000000-0000-4000-8000-000000000000";

  await refused(stop(payment, done.id), StopPaymentCancellationError, "PAYMENT_CANCELLATION_NOT_PENDING");
  await refused(stop(payment, nobody), StopPaymentCancellationError, "PAYMENT_CANCELLATION_NOT_FOUND");
  await refused(stop(shop.payment(shop.newPaymentId()), done.id), StopPaymentCancellationError, "PAYMENT_NOT_FOUND");
});
