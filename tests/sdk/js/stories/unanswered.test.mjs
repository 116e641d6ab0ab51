import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PayInstantlyError } from "@portone/server-sdk/payment";
import { chargedButSilentForThreeQueries, chargedWithoutAnswer, neverChargedWithoutAnswer } from "../shop/cards.mjs";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

test("a charge whose answer got lost is found by asking, and the caller sees a normal payment", async () => {
  const order = shop.order({ card: chargedWithoutAnswer });

  const { payment: summary } = await shop.payments.payInstantly(order);

  const payment = await shop.payment(order.paymentId).read();
  assert.equal(payment.status, "PAID");
  assert.equal(payment.pgTxId, summary.pgTxId);
  await shop.payment(order.paymentId).hears("Transaction.Paid");
  assert.deepEqual((await shop.sandbox.pspBooks()).of(payment.transactionId).charged, [10_000]);
});

test("a charge that the PSP never saw fails honestly, and the id can be paid afterwards", async () => {
  const order = shop.order({ card: neverChargedWithoutAnswer });

  const refusal = await refused(shop.payments.payInstantly(order), PayInstantlyError, "PG_PROVIDER");

  const payment = shop.payment(order.paymentId);
  if (refusal.pgCode === "OUTCOME_UNKNOWN") await shop.sandbox.after("PT1H");
  assert.equal((await payment.read()).status, "FAILED");
  assert.equal((await payment.read()).amount.paid, 0);
  await payment.hears("Transaction.Failed");
  await shop.payments.payInstantly({ ...shop.order(), paymentId: payment.id });
  assert.equal((await payment.read()).status, "PAID");
});

test("a charge whose outcome stays unknown is never declared failed and never repeated", async () => {
  const order = shop.order({ card: chargedButSilentForThreeQueries });
  const payment = shop.payment(order.paymentId);

  let answer;
  try {
    answer = await shop.payments.payInstantly(order);
  } catch (error) {
    assert.ok(error instanceof PayInstantlyError, String(error));
    assert.equal(error.data.type, "PG_PROVIDER", JSON.stringify(error.data));
    assert.equal(error.data.pgCode, "OUTCOME_UNKNOWN");
    assert.equal((await payment.read()).status, "PAY_PENDING");
    await payment.hears("Transaction.PayPending");
    await refused(shop.payments.payInstantly({ ...shop.order(), paymentId: payment.id }), PayInstantlyError, "ALREADY_PAID");
    await shop.sandbox.after("PT1H");
  }

  const paid = await payment.read();
  assert.equal(paid.status, "PAID");
  if (answer) assert.equal(paid.pgTxId, answer.payment.pgTxId);
  assert.equal(paid.amount.paid, 10_000);
  await payment.hears("Transaction.Paid");
  assert.deepEqual(payment.heard("Transaction.Failed"), []);
  assert.deepEqual((await shop.sandbox.pspBooks()).of(paid.transactionId).charged, [10_000]);
});
