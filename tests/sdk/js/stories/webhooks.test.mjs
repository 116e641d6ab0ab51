import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Webhook } from "@portone/server-sdk";
import { ResendWebhookError } from "@portone/server-sdk/payment";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const resend = (payment, webhookId) => shop.payments.resendWebhook({ paymentId: payment.id, webhookId });

/** The delivery record of a webhook, once its outcome has been written down. */
async function record(payment, webhookId, settled = (it) => it.status !== undefined) {
  for (let look = 0; look < 200; look += 1) {
    const found = (await payment.read()).webhooks?.find((it) => it.id === webhookId);
    if (found && settled(found)) return found;
    await new Promise((soon) => setTimeout(soon, 25));
  }
  assert.fail(`no outcome of webhook ${webhookId}`);
}

test("a webhook is signed, in JSON, and recorded with what was sent and answered", async () => {
  const payment = await shop.isPaid({ orderName: "서명된 주문" });

  const { body, headers, event } = await payment.hears("Transaction.Paid");

  assert.match(headers["content-type"], /^application\/json/);
  assert.match(headers["webhook-id"], /^[^.\s]+$/);
  assert.match(headers["webhook-timestamp"], /^[1-9]\d*$/);
  for (const signature of headers["webhook-signature"].split(" ")) assert.match(signature, /^v1,[A-Za-z0-9+/]{43}=$/);
  assert.ok(!body.includes("서명된 주문"), "a webhook carries ids, not the order");

  const delivered = await record(payment, headers["webhook-id"]);
  assert.equal(delivered.url, shop.receiver.url);
  assert.equal(delivered.status, "SUCCEEDED");
  assert.equal(delivered.paymentStatus, "PAID");
  assert.equal(delivered.currentExecutionCount, 1);
  assert.equal(delivered.maxExecutionCount, 6);
  assert.equal(delivered.request.body, body);
  assert.equal(delivered.response.code, "200");
  assert.equal(delivered.response.body, "received");
  assert.equal(event.data.storeId, shop.v2.storeId);
});

test("the state is readable before its webhook leaves", async () => {
  for (let n = 0; n < 5; n += 1) {
    const payment = await shop.isPaid();
    const { event } = await payment.hears("Transaction.Paid");
    assert.equal((await payment.read()).transactionId, event.data.transactionId);
  }
});

test("a webhook that was altered, or signed by another, does not pass the verifier", async () => {
  const { body, headers } = await (await shop.isPaid()).hears("Transaction.Paid");
  const rejected = (secret, text, changed = {}) =>
    assert.rejects(Webhook.verify(secret, text, { ...headers, ...changed }), { reason: "NO_MATCHING_SIGNATURE" });

  await rejected(shop.v2.webhookSecret, `${body} `);
  await rejected(shop.v2.webhookSecret, body, { "webhook-id": "another" });
  await rejected(`whsec_${Buffer.from("another secret, also 32 bytes ok").toString("base64")}`, body);
});

test("two notice URLs get a webhook each", async () => {
  const urls = [shop.receiver.answering(200), shop.receiver.answering(200)];
  const payment = await shop.isPaid({ noticeUrls: urls });

  const [one, other] = await Promise.all(urls.map((at) => payment.hears("Transaction.Paid", { at })));

  assert.notEqual(one.headers["webhook-id"], other.headers["webhook-id"]);
  assert.equal(one.event.data.transactionId, other.event.data.transactionId);
  assert.deepEqual((await payment.read()).webhooks.map((it) => it.url).sort(), [...urls].sort());
});

test("a receiver that was down hears the same webhook again, freshly signed", async () => {
  const url = shop.receiver.answering(500, 200);
  const payment = await shop.isPaid({ noticeUrls: [url] });
  const first = await payment.hears("Transaction.Paid");
  const missed = await record(payment, first.headers["webhook-id"]);
  assert.equal(missed.status, "FAILED_NOT_OK_RESPONSE");
  assert.equal(missed.response.code, "500");

  await shop.sandbox.after("PT5M");

  // The receiver verified it against the real clock: a test clock that is ahead must not leak into the header.
  const second = await payment.hears("Transaction.Paid", { times: 2 });
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.equal(second.body, first.body);
  const delivered = await record(payment, first.headers["webhook-id"], (it) => it.currentExecutionCount === 2 && it.status === "SUCCEEDED");
  assert.equal(delivered.response.code, "200");
});

test("a webhook is sent again on request, the same but for time and signature", async () => {
  const payment = await shop.isPaid();
  const first = await payment.hears("Transaction.Paid");

  const { webhook } = await resend(payment, first.headers["webhook-id"]);

  assert.equal(webhook.id, first.headers["webhook-id"]);
  assert.equal(webhook.status, "SUCCEEDED");
  assert.equal(webhook.trigger, "MANUAL");
  assert.equal(webhook.response.code, "200");
  const second = await payment.hears("Transaction.Paid", { times: 2 });
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.equal(second.body, first.body);
});

test("without an id the latest webhook is sent again", async () => {
  const payment = await shop.isPaid();
  await payment.cancel();
  const { headers } = await payment.hears("Transaction.Cancelled");

  const { webhook } = await resend(payment);

  assert.equal(webhook.id, headers["webhook-id"]);
  await payment.hears("Transaction.Cancelled", { times: 2 });
});

test("a receiver that fails again is an answer, not an error", async () => {
  const payment = await shop.isPaid({ noticeUrls: [shop.receiver.answering(503)] });
  const { headers } = await payment.hears("Transaction.Paid");
  const { webhook } = await resend(payment, headers["webhook-id"]);
  assert.equal(webhook.status, "FAILED_NOT_OK_RESPONSE");
  assert.equal(webhook.response.code, "503");
});

test("a webhook is sent again ten times by hand and no more", async () => {
  const payment = await shop.isPaid();
  const { headers } = await payment.hears("Transaction.Paid");
  for (let n = 0; n < 10; n += 1) await resend(payment, headers["webhook-id"]);
  await refused(resend(payment, headers["webhook-id"]), ResendWebhookError, "MAX_WEBHOOK_RETRY_COUNT_REACHED");
});

test("only the payment's own webhooks can be sent again", async () => {
  const [payment, other] = [await shop.isPaid(), await shop.isPaid()];
  const { headers } = await other.hears("Transaction.Paid");
  await payment.hears("Transaction.Paid");
  await refused(resend(payment, headers["webhook-id"]), ResendWebhookError, "WEBHOOK_NOT_FOUND");
  await refused(resend(shop.payment(shop.newPaymentId())), ResendWebhookError, "PAYMENT_NOT_FOUND");
});
