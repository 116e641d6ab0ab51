import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PayInstantlyError } from "@portone/server-sdk/payment";
import { approved, declined, keyIn } from "../shop/cards.mjs";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const codes = new Map();

for (const [how, card] of Object.entries(declined)) {
  test(`a card declined as ${how} leaves a failed payment that says the same as the error`, async () => {
    const order = shop.order({ card });

    const refusal = await refused(shop.payments.payInstantly(order), PayInstantlyError, "PG_PROVIDER");

    assert.match(refusal.pgCode, /^SANDBOX_[A-Z0-9_]+$/);
    assert.notEqual(refusal.pgMessage, "");
    codes.set(how, refusal.pgCode);

    const payment = await shop.payment(order.paymentId).read();
    assert.equal(payment.status, "FAILED");
    assert.equal(payment.failure.pgCode, refusal.pgCode);
    assert.equal(payment.failure.pgMessage, refusal.pgMessage);
    assert.equal(payment.amount.total, 10_000);
    assert.equal(payment.amount.paid, 0);
    assert.equal(typeof payment.failedAt, "string");

    const { event } = await shop.payment(order.paymentId).hears("Transaction.Failed");
    assert.equal(event.data.transactionId, payment.transactionId);
  });
}

test("the codes are stable, and each reason has its own", () => {
  assert.equal(codes.get("byIssuer"), "SANDBOX_DECLINED");
  assert.equal(codes.get("insufficientFunds"), "SANDBOX_INSUFFICIENT_FUNDS");
  assert.equal(new Set(codes.values()).size, Object.keys(declined).length, JSON.stringify([...codes]));
});

test("a failed payment can be paid with another card under the same id", async () => {
  const payment = await shop.failsToPay();
  const failed = await payment.read();

  await shop.payments.payInstantly({ ...shop.order(), paymentId: payment.id, method: keyIn(approved.mastercard) });

  const paid = await payment.read();
  assert.equal(paid.status, "PAID");
  assert.notEqual(paid.transactionId, failed.transactionId);
  await payment.hears("Transaction.Paid");
});
