import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ConfirmPaymentError } from "@portone/server-sdk/payment";
import { ConfirmBillingKeyError } from "@portone/server-sdk/payment/billingKey";
import { Visit } from "../shop/browser.mjs";
import { approved, declined } from "../shop/cards.mjs";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

function opens(changes = {}) {
  const request = { orderName: "Two tickets", totalAmount: 10_000, currency: "CURRENCY_KRW", payMethod: "CARD" };
  return Visit.opens(shop, "PAYMENT", { paymentId: shop.newPaymentId(), channelKey: shop.channels.card, ...request, ...changes });
}

function opensForKey(kind, changes = {}) {
  const request = { channelKey: shop.channels.manualApproval, issueName: "Monthly box", ...changes };
  return Visit.opens(shop, kind, request);
}

test("a payment in a window is paid, told to the page, and read with the server SDK", async () => {
  const visit = await opens();
  const payment = shop.payment(visit.ids.paymentId);
  await payment.hears("Transaction.Ready");
  assert.equal((await payment.read()).status, "READY");

  await visit.types(approved.visa);

  assert.deepEqual(await visit.result(), { transactionType: "PAYMENT", paymentId: payment.id, txId: visit.ids.txId });
  const paid = await payment.read();
  assert.equal(paid.status, "PAID");
  assert.equal(paid.transactionId, visit.ids.txId);
  assert.equal(paid.amount.paid, 10_000);
  await payment.hears("Transaction.Paid");
});

test("a declined card is the page's code and the payment's failure", async () => {
  const visit = await opens();
  await visit.types(declined.byIssuer);

  const result = await visit.result();
  assert.equal(result.code, "PGProviderError");
  assert.equal(result.pgCode, "SANDBOX_DECLINED");
  assert.equal((await shop.payment(visit.ids.paymentId).read()).status, "FAILED");
});

test("with manual approval the merchant's server approves, once, and only what it believes in", async () => {
  const visit = await opens({ channelKey: shop.channels.manualApproval });
  await visit.types(approved.visa);
  const { paymentId, paymentToken, txId } = await visit.result();
  assert.equal((await shop.payment(paymentId).read()).status, "READY");

  const dearer = shop.payments.confirmPayment({ paymentId, paymentToken, totalAmount: 9_000 });
  await refused(dearer, ConfirmPaymentError, "INFORMATION_MISMATCH");
  await shop.payments.confirmPayment({ paymentId, paymentToken, txId, totalAmount: 10_000 });

  assert.equal((await shop.payment(paymentId).read()).status, "PAID");
  await refused(shop.payments.confirmPayment({ paymentId, paymentToken }), ConfirmPaymentError, "ALREADY_PAID");
});

test("a billing key is confirmed by the merchant's server and charged", async () => {
  const visit = await opensForKey("ISSUE_BILLING_KEY", { billingKeyMethod: "CARD" });
  await visit.types(approved.visa);
  const { billingKey: name, billingIssueToken } = await visit.result();
  assert.equal(name, "NEEDS_CONFIRMATION");

  await refused(shop.billingKeys.confirmBillingKey({ billingIssueToken: "guessed" }), ConfirmBillingKeyError, "BILLING_KEY_NOT_FOUND");
  const { billingKey } = await shop.billingKeys.confirmBillingKey({ billingIssueToken });

  assert.equal((await shop.billingKeys.getBillingKeyInfo({ billingKey })).status, "ISSUED");
  const charge = shop.chargeOrder(billingKey);
  await shop.payments.payWithBillingKey(charge);
  assert.equal((await shop.payment(charge.paymentId).read()).status, "PAID");
});

test("a billing key is issued and paid with in one confirmation", async () => {
  const paymentId = shop.newPaymentId();
  const visit = await opensForKey("ISSUE_BILLING_KEY_AND_PAY", {
    paymentId,
    billingKeyAndPayMethod: "MOBILE",
    orderName: "First box",
    totalAmount: 9_900,
    currency: "CURRENCY_KRW",
  });
  await visit.submits({ intent: "approve" });
  const { billingIssueToken } = await visit.result();

  await shop.billingKeys.confirmBillingKeyIssueAndPay({ billingIssueToken, paymentId, totalAmount: 9_900 });

  const payment = await shop.payment(paymentId).read();
  assert.equal(payment.status, "PAID");
  assert.equal(payment.billingKey, visit.ids.billingKey);
});
