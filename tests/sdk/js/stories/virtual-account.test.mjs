import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CancelPaymentError, CloseVirtualAccountError, PayInstantlyError } from "@portone/server-sdk/payment";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const refundAccount = { bank: "KAKAO", number: "3333012345678", holderName: "홍길동" };

test("an account is issued at once and waits for its deposit", async () => {
  const order = shop.accountOrder();

  const { payment: summary } = await shop.payments.payInstantly(order);

  assert.equal(typeof summary.paidAt, "string");
  const payment = shop.payment(order.paymentId);
  const issued = await payment.read();
  assert.equal(issued.status, "VIRTUAL_ACCOUNT_ISSUED");
  assert.equal(issued.channel.key, shop.channels.virtualAccount);
  assert.equal(issued.method.type, "PaymentMethodVirtualAccount");
  assert.equal(issued.method.bank, "SHINHAN");
  assert.match(issued.method.accountNumber, /^[\d-]+$/);
  assert.equal(typeof issued.method.expiredAt, "string");
  assert.equal(issued.amount.paid, 0);
  const { event } = await payment.hears("Transaction.VirtualAccountIssued");
  assert.equal(event.data.transactionId, issued.transactionId);
});

test("no two accounts have the same number", async () => {
  const [one, other] = await Promise.all([shop.hasIssuedAccount(), shop.hasIssuedAccount()]);
  assert.notEqual((await one.read()).method.accountNumber, (await other.read()).method.accountNumber);
});

test("the deposit pays, and its webhook says where it came from", async () => {
  const payment = await shop.hasIssuedAccount();
  const issued = await payment.read();

  await shop.sandbox.deposits(payment.id, 10_000);

  const paid = await payment.read();
  assert.equal(paid.status, "PAID");
  assert.equal(paid.transactionId, issued.transactionId);
  assert.equal(paid.method.accountNumber, issued.method.accountNumber);
  assert.equal(paid.amount.paid, 10_000);
  const { headers } = await payment.hears("Transaction.Paid");
  const record = (await payment.read()).webhooks.find((it) => it.id === headers["webhook-id"]);
  assert.equal(record.trigger, "VIRTUAL_ACCOUNT_DEPOSIT");
});

test("an account that waits can neither be paid again nor cancelled", async () => {
  const payment = await shop.hasIssuedAccount();
  await refused(shop.payments.payInstantly({ ...shop.order(), paymentId: payment.id }), PayInstantlyError, "ALREADY_PAID");
  await refused(payment.cancel({ refundAccount }), CancelPaymentError, "PAYMENT_NOT_PAID");
  assert.equal((await payment.read()).status, "VIRTUAL_ACCOUNT_ISSUED");
});

test("a deposit goes back only to a named account", async () => {
  const payment = await shop.hasIssuedAccount();
  await shop.sandbox.deposits(payment.id, 10_000);

  await refused(payment.cancel(), CancelPaymentError, "INVALID_REQUEST");
  const cancellation = await payment.cancel({ refundAccount });

  assert.equal(cancellation.status, "SUCCEEDED");
  assert.equal(cancellation.totalAmount, 10_000);
  assert.equal((await payment.read()).status, "CANCELLED");
  await payment.hears("Transaction.Cancelled");
});

const close = (payment) => shop.payments.closeVirtualAccount({ paymentId: payment.id });

test("an account that waits is closed once, expired or not, and its payment id is free again", async () => {
  for (const expires of [false, true]) {
    const payment = await shop.hasIssuedAccount();
    if (expires) await shop.sandbox.expires(payment.id);

    const { closedAt } = await close(payment);

    const failed = await payment.read();
    assert.equal(failed.status, "FAILED");
    assert.equal(failed.failedAt, closedAt);
    assert.equal(failed.failure.reason, "virtual account closed");
    await payment.hears("Transaction.Failed");
    await refused(close(payment), CloseVirtualAccountError, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
    await shop.payments.payInstantly({ ...shop.order(), paymentId: payment.id });
    assert.equal((await payment.read()).status, "PAID");
  }
});

test("an account with something on it is not closed, and an unknown one is not found", async () => {
  const payment = await shop.hasIssuedAccount();
  await shop.sandbox.deposits(payment.id, 1);
  await refused(close(payment), CloseVirtualAccountError, "PG_PROVIDER");
  assert.equal((await payment.read()).status, "VIRTUAL_ACCOUNT_ISSUED");
  await refused(close(shop.payment(shop.newPaymentId())), CloseVirtualAccountError, "PAYMENT_NOT_FOUND");
});

test("a refund that is wired later says how far it has come", async () => {
  const payment = await shop.hasIssuedAccount();
  await shop.sandbox.deposits(payment.id, 10_000);
  const cancellation = await payment.cancel({ refundAccount: { ...refundAccount, number: "333301234511" } });
  assert.equal(cancellation.status, "REQUESTED");
  assert.equal((await payment.read()).method.refundStatus, "PENDING");
  await shop.sandbox.after("PT11M");
  assert.equal((await payment.read()).method.refundStatus, "COMPLETED");
});
