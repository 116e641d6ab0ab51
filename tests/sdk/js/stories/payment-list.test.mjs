import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GetPaymentsError, isUnrecognizedPayment } from "@portone/server-sdk/payment";
import { approved } from "../shop/cards.mjs";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

// Every story below sees only these payments, found by the id prefix that they share.
const series = `${shop.newPaymentId()}-list`;
let paid, mastercard, partlyCancelled, cancelled, failed, account, ids;

before(async () => {
  const named = (n, changes = {}) => ({ paymentId: `${series}-${n}`, noticeUrls: undefined, ...changes });
  paid = await shop.isPaid(named(1, { orderName: "빨간 우산 + 장화", customer: { email: "rain@example.com" } }));
  mastercard = await shop.isPaid(named(2, { orderName: "빨간 모자", card: approved.mastercard, currency: "USD" }));
  partlyCancelled = await shop.isPaid(named(3));
  cancelled = await shop.isPaid(named(4));
  failed = await shop.failsToPay(named(5, { orderName: "빨간 우산" }));
  account = await shop.hasIssuedAccount(named(6));
  await partlyCancelled.cancel({ amount: 1 });
  await cancelled.cancel();
  ids = [paid, mastercard, partlyCancelled, cancelled, failed, account].map((it) => it.id);
});

async function find(filter = {}, page = undefined) {
  const { textSearch = [], ...rest } = filter;
  const ours = { field: "PAYMENT_ID", value: series };
  const answer = await shop.payments.getPayments({ page, filter: { textSearch: [ours, ...textSearch], ...rest } });
  for (const payment of answer.items) assert.ok(!isUnrecognizedPayment(payment));
  return { ...answer, ids: answer.items.map((it) => it.id) };
}

const sorted = (list) => [...list].sort();

test("the list finds payments by the beginning of their id", async () => {
  const { ids: found, page } = await find();
  assert.deepEqual(sorted(found), sorted(ids));
  assert.deepEqual(page, { number: 0, size: 10, totalCount: 6 });
});

test("an item of the list is the payment itself", async () => {
  const { items } = await find({ textSearch: [{ field: "PAYMENT_ID", value: paid.id }] });
  assert.deepEqual(items, [await paid.read()]);
});

test("pages cover the whole list without gaps or repeats", async () => {
  const sort = { sortBy: "REQUESTED_AT", sortOrder: "ASC" };
  const seen = [];
  for (let number = 0; number < 4; number += 1) {
    const { ids: found, page } = await find(sort, { number, size: 2 });
    assert.deepEqual(page, { number, size: 2, totalCount: 6 });
    seen.push(...found);
  }
  assert.deepEqual(seen, ids);
});

test("payments are sorted by request or by change of status, latest first unless asked otherwise", async () => {
  assert.deepEqual((await find({ sortBy: "REQUESTED_AT" })).ids, ids.toReversed());
  // The two cancellations came last.
  assert.deepEqual((await find()).ids.slice(0, 2), [cancelled.id, partlyCancelled.id]);
  assert.deepEqual((await find({ sortBy: "STATUS_CHANGED_AT", sortOrder: "ASC" })).ids.at(-1), cancelled.id);
});

for (const [name, filter, expected] of [
  ["one status", { status: ["PAID"] }, () => [paid, mastercard]],
  ["any of several statuses", { status: ["CANCELLED", "PARTIAL_CANCELLED", "FAILED"] }, () => [cancelled, partlyCancelled, failed]],
  ["an issued account", { status: ["VIRTUAL_ACCOUNT_ISSUED"], methods: ["VIRTUAL_ACCOUNT"] }, () => [account]],
  ["an empty array, which is no filter", { status: [] }, () => [paid, mastercard, partlyCancelled, cancelled, failed, account]],
  ["currency", { currency: "USD" }, () => [mastercard]],
  ["card brand", { cardBrand: "MASTER" }, () => [mastercard]],
  ["test payments", { isTest: true }, () => [paid, mastercard, partlyCancelled, cancelled, failed, account]],
  ["live payments", { isTest: false }, () => []],
  ["scheduled payments", { isScheduled: true }, () => []],
  ["version 1", { version: "V1" }, () => []],
  ["platform", { platformType: "API", status: ["FAILED"] }, () => [failed]],
  ["order name", { textSearch: [{ field: "ORDER_NAME", value: "빨간" }] }, () => [paid, mastercard, failed]],
  ["an order name with a blank and a plus", { textSearch: [{ field: "ORDER_NAME", value: "빨간 우산 +" }] }, () => [paid]],
  ["the beginning, not the middle, of an order name", { textSearch: [{ field: "ORDER_NAME", value: "우산" }] }, () => []],
  ["customer", { textSearch: [{ field: "CUSTOMER_EMAIL", value: "rain@" }] }, () => [paid]],
  ["any field", { textSearch: [{ field: "ALL", value: "rain@example.com" }] }, () => [paid]],
  [
    "text and status together",
    { status: ["FAILED"], textSearch: [{ field: "ORDER_NAME", value: "빨간 우산" }] },
    () => [failed],
  ],
]) {
  test(`the list can be narrowed by ${name}`, async () => {
    const { ids: found, page } = await find(filter);
    assert.deepEqual(sorted(found), sorted(expected().map((it) => it.id)));
    assert.equal(page.totalCount, expected().length);
  });
}

test("the list can be narrowed by store, and only to one's own", async () => {
  assert.equal((await find({ storeId: shop.v2.storeId })).ids.length, 6);
  const another = shop.payments.getPayments({ filter: { storeId: "store-00000000-0000-4000-8000-000000000000" } });
  await refused(another, GetPaymentsError, "FORBIDDEN");
});

test("the list can be narrowed by time, from inclusive", async () => {
  const third = await partlyCancelled.read();
  const created = { timestampType: "CREATED_AT", sortBy: "REQUESTED_AT", sortOrder: "ASC" };
  assert.deepEqual((await find({ ...created, from: third.requestedAt })).ids, ids.slice(2));
  assert.deepEqual((await find({ ...created, from: "2020-01-01T00:00:00+09:00", until: "2020-02-01T00:00:00+09:00" })).ids, []);
});

for (const [name, ask] of [
  ["a range turned around", { filter: { from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" } }],
  ["a page beyond the sixty-thousandth payment", { page: { number: 600, size: 100 } }],
  ["a negative page", { page: { number: -1 } }],
  ["an unknown status", { filter: { status: ["LOST"] } }],
  ["a time that is none", { filter: { from: "yesterday" } }],
]) {
  test(`asking for ${name} is an invalid request`, async () => {
    await refused(shop.payments.getPayments(ask), GetPaymentsError, "INVALID_REQUEST");
  });
}

test("a list without any criteria is answered", async () => {
  const { items, page } = await shop.payments.getPayments();
  assert.ok(items.length >= 6 && items.length <= 10);
  assert.ok(page.totalCount >= 6);
});
