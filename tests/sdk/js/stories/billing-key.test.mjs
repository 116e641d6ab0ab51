import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PayWithBillingKeyError } from "@portone/server-sdk/payment";
import {
  DeleteBillingKeyError,
  GetBillingKeyInfoError,
  GetBillingKeyInfosError,
  IssueBillingKeyError,
  isUnrecognizedBillingKeyInfo,
} from "@portone/server-sdk/payment/billingKey";
import { approved, credential, declined, laterChargesDeclined } from "../shop/cards.mjs";
import { assertRefusal, refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const nobody = "00000000-0000-4000-8000-000000000000";
const unknownKey = `billing-key-${nobody}`;

async function read(billingKey) {
  const info = await shop.billingKeys.getBillingKeyInfo({ billingKey });
  assert.ok(!isUnrecognizedBillingKeyInfo(info));
  return info;
}

test("a billing key is issued, read, charged, deleted and still readable", async () => {
  const customer = { id: `customer-${shop.newPaymentId()}`, name: { full: "김구독" }, email: "sub@example.com" };
  const order = shop.billingKeyOrder({ card: approved.mastercard, customer, customData: "plan-a" });

  const { billingKeyInfo, channelSpecificFailures } = await shop.billingKeys.issueBillingKey(order);

  const { billingKey } = billingKeyInfo;
  assert.match(billingKey, /^billing-key-/);
  assert.deepEqual(channelSpecificFailures, []);
  assert.deepEqual(billingKeyInfo.channels.map((it) => it.key), [shop.channels.billing]);
  await shop.receiver.hears("BillingKey.Issued", { billingKey });

  const issued = await read(billingKey);
  assert.equal(issued.status, "ISSUED");
  assert.equal(issued.storeId, shop.v2.storeId);
  assert.equal(issued.merchantId, shop.v2.merchantId);
  assert.equal(issued.customer.id, customer.id);
  assert.equal(issued.customer.name, "김구독");
  assert.equal(issued.customData, "plan-a");
  assert.equal(issued.methods[0].type, "BillingKeyPaymentMethodCard");
  assert.equal(issued.methods[0].card.brand, "MASTER");
  assert.ok(!JSON.stringify(issued).includes(approved.mastercard), "the full card number must not be shown");

  const charge = shop.chargeOrder(billingKey);
  const { payment: summary } = await shop.payments.payWithBillingKey(charge);
  const payment = await shop.payment(charge.paymentId).read();
  assert.equal(payment.status, "PAID");
  assert.equal(payment.billingKey, billingKey);
  assert.equal(payment.pgTxId, summary.pgTxId);
  assert.equal(payment.amount.paid, 9_900);
  assert.equal(payment.customer.email, "sub@example.com", "the key's customer fills what the order leaves out");
  await shop.payment(charge.paymentId).hears("Transaction.Paid");

  const { deletedAt } = await shop.billingKeys.deleteBillingKey({ billingKey });
  const deleted = await read(billingKey);
  assert.equal(deleted.status, "DELETED");
  assert.equal(Date.parse(deleted.deletedAt), Date.parse(deletedAt));
  await shop.receiver.hears("BillingKey.Deleted", { billingKey });
});

test("billing keys are found by customer, by key and by status, newest first", async () => {
  const customer = { id: `customer-${shop.newPaymentId()}` };
  const keys = [];
  for (let n = 0; n < 3; n += 1) keys.push(await shop.hasBillingKey({ customer }));
  await shop.billingKeys.deleteBillingKey({ billingKey: keys[0] });
  const find = async (filter, rest = {}) => {
    const { items, page } = await shop.billingKeys.getBillingKeyInfos({ filter: { customerId: customer.id, ...filter }, ...rest });
    return { keys: items.map((it) => it.billingKey), page };
  };

  assert.deepEqual((await find({})).keys, keys.toReversed());
  assert.deepEqual((await find({}, { sort: { by: "ISSUED_AT", order: "ASC" } })).keys, keys);
  assert.deepEqual((await find({ status: ["DELETED"] })).keys, [keys[0]]);
  assert.deepEqual((await find({ status: ["ISSUED"], methods: ["CARD"] })).keys, [keys[2], keys[1]]);
  assert.deepEqual((await find({ textSearch: { field: "BILLING_KEY", value: keys[1] } })).keys, [keys[1]]);
  const second = await find({}, { page: { number: 1, size: 2 } });
  assert.deepEqual(second.keys, [keys[0]]);
  assert.deepEqual(second.page, { number: 1, size: 2, totalCount: 3 });
});

test("a list of a range turned around is an invalid request", async () => {
  const filter = { from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" };
  await refused(shop.billingKeys.getBillingKeyInfos({ filter }), GetBillingKeyInfosError, "INVALID_REQUEST");
});

test("a declined card gets no key, and the webhook says so", async () => {
  const issuing = shop.billingKeys.issueBillingKey(shop.billingKeyOrder({ card: declined.byIssuer, noticeUrls: [shop.receiver.answering(200)] }));
  const refusal = await refused(issuing, IssueBillingKeyError, "PG_PROVIDER");
  assert.match(refusal.pgCode, /^SANDBOX_/);
  await shop.receiver.hears("BillingKey.Failed", { storeId: shop.v2.storeId });
});

test("a key that is declined on every later charge leaves failed payments and stays issued", async () => {
  const billingKey = await shop.hasBillingKey({ card: laterChargesDeclined });
  const charge = shop.chargeOrder(billingKey);

  const refusal = await refused(shop.payments.payWithBillingKey(charge), PayWithBillingKeyError, "PG_PROVIDER");

  assert.match(refusal.pgCode, /^SANDBOX_/);
  const payment = await shop.payment(charge.paymentId).read();
  assert.equal(payment.status, "FAILED");
  assert.equal(payment.failure.pgCode, refusal.pgCode);
  assert.equal(payment.billingKey, billingKey);
  assert.equal((await read(billingKey)).status, "ISSUED");
  await shop.payment(charge.paymentId).hears("Transaction.Failed");
});

test("an unknown key is not found by any operation", async () => {
  await refused(shop.billingKeys.getBillingKeyInfo({ billingKey: unknownKey }), GetBillingKeyInfoError, "BILLING_KEY_NOT_FOUND");
  await refused(shop.billingKeys.deleteBillingKey({ billingKey: unknownKey }), DeleteBillingKeyError, "BILLING_KEY_NOT_FOUND");
  await refused(shop.payments.payWithBillingKey(shop.chargeOrder(unknownKey)), PayWithBillingKeyError, "BILLING_KEY_NOT_FOUND");
  assertRefusal(await shop.wire.get(`/billing-keys/${unknownKey}`), "BILLING_KEY_NOT_FOUND");
});

test("a deleted key is neither charged nor deleted again", async () => {
  const billingKey = await shop.hasBillingKey();
  await shop.billingKeys.deleteBillingKey({ billingKey, reason: "고객 요청", requester: "CUSTOMER" });

  await refused(shop.billingKeys.deleteBillingKey({ billingKey }), DeleteBillingKeyError, "BILLING_KEY_ALREADY_DELETED");
  await refused(shop.payments.payWithBillingKey(shop.chargeOrder(billingKey)), PayWithBillingKeyError, "BILLING_KEY_ALREADY_DELETED");
  assertRefusal(await shop.wire.delete(`/billing-keys/${billingKey}`), "BILLING_KEY_ALREADY_DELETED");
});

for (const [name, type, changes] of [
  ["no channel", "INVALID_REQUEST", { channelKey: undefined }],
  ["no method", "INVALID_REQUEST", { method: undefined }],
  ["a card without expiry", "INVALID_REQUEST", { method: { card: { credential: { number: approved.visa } } } }],
  ["an unknown channel", "CHANNEL_NOT_FOUND", { channelKey: `channel-key-${nobody}` }],
  ["an unknown channel group", "CHANNEL_NOT_FOUND", { channelKey: undefined, channelGroupId: `channel-group-test-${nobody}` }],
  ["another's store", "FORBIDDEN", { storeId: `store-${nobody}` }],
]) {
  test(`issuing a key with ${name} is refused as ${type}`, async () => {
    await refused(shop.billingKeys.issueBillingKey(shop.billingKeyOrder(changes)), IssueBillingKeyError, type);
  });
}

for (const [name, type, changes] of [
  ["parts above the total", "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT", { amount: { total: 1_000, taxFree: 900, vat: 200 } }],
  ["a channel that the key was not issued on", "CHANNEL_NOT_FOUND", { channelKey: shop.channels.virtualAccount }],
  ["a total of nothing", "INVALID_REQUEST", { amount: { total: 0 } }],
  ["an unknown currency", "INVALID_REQUEST", { currency: "ABC" }],
  ["no order name", "INVALID_REQUEST", { orderName: undefined }],
]) {
  test(`charging a key with ${name} is refused as ${type}`, async () => {
    const billingKey = await shop.hasBillingKey();
    await refused(shop.payments.payWithBillingKey(shop.chargeOrder(billingKey, changes)), PayWithBillingKeyError, type);
  });
}

test("a channel group issues one key on every channel of it, and a charge goes through one of them", async () => {
  const group = { channelKey: undefined, channelGroupId: shop.v2.channelGroupId };
  const { billingKeyInfo, channelSpecificFailures } = await shop.billingKeys.issueBillingKey(shop.billingKeyOrder(group));
  const { billingKey } = billingKeyInfo;
  const keys = billingKeyInfo.channels.map((it) => it.key);

  assert.ok(keys.length >= 2, `a super billing key is held at several channels, not ${keys}`);
  assert.deepEqual(channelSpecificFailures, []);
  const info = await read(billingKey);
  assert.equal(info.channelGroup.id, shop.v2.channelGroupId);
  assert.deepEqual(info.channels.map((it) => it.key).sort(), [...keys].sort());
  assert.deepEqual(info.pgBillingKeyIssueResponses.map((it) => it.type), keys.map(() => "ISSUED"));

  const drawn = shop.chargeOrder(billingKey);
  await shop.payments.payWithBillingKey(drawn);
  assert.ok(keys.includes((await shop.payment(drawn.paymentId).read()).channel.key));

  for (const channelKey of keys) {
    const chosen = shop.chargeOrder(billingKey, { channelKey });
    await shop.payments.payWithBillingKey(chosen);
    assert.equal((await shop.payment(chosen.paymentId).read()).channel.key, channelKey);
  }
});

test("a card that every channel of a group declines gets no key, and each channel's reason is told", async () => {
  const order = shop.billingKeyOrder({
    channelKey: undefined,
    channelGroupId: shop.v2.channelGroupId,
    method: { card: { credential: credential(declined.byIssuer) } },
  });

  const refusal = await refused(shop.billingKeys.issueBillingKey(order), IssueBillingKeyError, "CHANNEL_SPECIFIC");

  assert.deepEqual(refusal.succeededChannels, []);
  assert.ok(refusal.failures.length >= 2);
  for (const failure of refusal.failures) {
    assert.equal(failure.type, "PG_PROVIDER");
    assert.match(failure.pgCode, /^SANDBOX_/);
    assert.equal(typeof failure.pgMessage, "string");
    assert.equal(typeof failure.channel.pgMerchantId, "string");
  }
});
