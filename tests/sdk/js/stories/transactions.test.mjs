import assert from "node:assert/strict";
import { after, test } from "node:test";
import { GetPaymentTransactionsError, isUnrecognizedPaymentTransaction } from "@portone/server-sdk/payment";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const transactions = (paymentId) => shop.payments.getPaymentTransactions({ paymentId });

test("every attempt is kept with what was ordered in it, newest first", async () => {
  const payment = await shop.failsToPay({ orderName: "First try", amount: { total: 1_000 } });
  const { transactionId: failedId } = await payment.read();
  await shop.payments.payInstantly(shop.order({ paymentId: payment.id, orderName: "Second try", amount: { total: 2_000 } }));
  const { transactionId: paidId } = await payment.read();

  const { items } = await transactions(payment.id);

  for (const item of items) assert.ok(!isUnrecognizedPaymentTransaction(item));
  assert.deepEqual(
    items.map((it) => [it.id, it.paymentId, it.status, it.orderName, it.amount.total]),
    [
      [paidId, payment.id, "PAID", "Second try", 2_000],
      [failedId, payment.id, "FAILED", "First try", 1_000],
    ],
  );
  assert.equal(items[0].channel.key, shop.channels.card);
  assert.match(items[1].failure.pgCode, /^SANDBOX_/);
});

test("an attempt shows the cancellations of its payment", async () => {
  const payment = await shop.isPaid();
  const cancellation = await payment.cancel({ amount: 1_000 });

  const { items } = await transactions(payment.id);

  assert.deepEqual(items.map((it) => it.status), ["PARTIAL_CANCELLED"]);
  assert.deepEqual(items[0].cancellations.map((it) => it.id), [cancellation.id]);
});

test("an issued account is an attempt", async () => {
  const payment = await shop.hasIssuedAccount();
  const { items } = await transactions(payment.id);
  assert.deepEqual(items.map((it) => it.status), ["VIRTUAL_ACCOUNT_ISSUED"]);
});

test("a payment that was never tried has no attempts to show", async () => {
  await refused(transactions(shop.newPaymentId()), GetPaymentTransactionsError, "PAYMENT_NOT_FOUND");
});
