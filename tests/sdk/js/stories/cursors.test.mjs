import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  GetAllPaymentEventsError,
  GetAllPaymentsError,
  isUnrecognizedPayment,
  isUnrecognizedPaymentEvent,
} from "@portone/server-sdk/payment";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const quietly = { noticeUrls: undefined };

/** Reads a cursor list to its end, a few items at a time. */
async function readThrough(list, range) {
  const read = [];
  for (let cursor; ; ) {
    const { items } = await list({ ...range, cursor, size: 3 });
    if (items.length === 0) return read;
    assert.ok(items.length <= 3);
    read.push(...items);
    cursor = items.at(-1).cursor;
    assert.ok(read.length < 10_000, "the list does not end");
  }
}

test("all payments are paged through without gaps or repeats, oldest first", async () => {
  const made = [];
  for (let n = 0; n < 8; n += 1) made.push(await shop.isPaid(quietly));
  const from = (await made[0].read()).requestedAt;

  const read = (await readThrough(shop.payments.getAllPaymentsByCursor, { from })).map((it) => it.payment);

  for (const payment of read) assert.ok(!isUnrecognizedPayment(payment));
  assert.deepEqual(read.map((it) => it.id), made.map((it) => it.id));
  assert.deepEqual(read[0], await made[0].read());
});

test("a payment made while one pages appears once, at the end", async () => {
  const made = [];
  for (let n = 0; n < 4; n += 1) made.push(await shop.isPaid(quietly));
  const from = (await made[0].read()).requestedAt;
  const { items } = await shop.payments.getAllPaymentsByCursor({ from, size: 2 });
  made.push(await shop.isPaid(quietly));

  const rest = await readThrough(
    ({ cursor = items.at(-1).cursor, ...page }) => shop.payments.getAllPaymentsByCursor({ ...page, cursor }),
    { from },
  );

  assert.deepEqual([...items, ...rest].map((it) => it.payment.id), made.map((it) => it.id));
});

test("a range ends before its until", async () => {
  const [first, last] = [await shop.isPaid(quietly), await shop.isPaid(quietly)];
  const range = { from: (await first.read()).requestedAt, until: (await last.read()).requestedAt };
  const { items } = await shop.payments.getAllPaymentsByCursor(range);
  assert.deepEqual(items.map((it) => it.payment.id), [first.id]);
});

test("every movement of money is an event, signed, in order, once", async () => {
  const stepwise = await shop.isPaid(quietly);
  const atOnce = await shop.isPaid({ ...quietly, amount: { total: 5_000 } });
  const failed = await shop.failsToPay(quietly);
  const part = await stepwise.cancel({ amount: 3_000 });
  const rest = await stepwise.cancel();
  await atOnce.cancel();
  const from = (await stepwise.read()).paidAt;

  const read = (await readThrough(shop.payments.getAllPaymentEventsByCursor, { from })).map((it) => it.paymentEvent);

  for (const event of read) assert.ok(!isUnrecognizedPaymentEvent(event));
  assert.equal(new Set(read.map((it) => it.id)).size, read.length);
  const of = (payment) => read.filter((it) => it.paymentId === payment.id).map((it) => [it.type, it.eventAmount, it.cancellation?.id]);
  assert.deepEqual(of(stepwise), [
    ["PAID", 10_000, undefined],
    ["PARTIAL_CANCELLED", -3_000, part.id],
    ["CANCELLED", -7_000, rest.id],
  ]);
  assert.deepEqual(of(atOnce).map((it) => it.slice(0, 2)), [
    ["PAID", 5_000],
    ["CANCELLED", -5_000],
  ]);
  assert.deepEqual(of(failed), []);
  assert.equal(read.find((it) => it.paymentId === stepwise.id).totalAmount.total, 10_000);
});

test("a made-up cursor, an oversized page and a range turned around are invalid requests", async () => {
  const turned = { from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" };
  for (const ask of [{ cursor: "made-up" }, { size: 1_001 }, turned]) {
    await refused(shop.payments.getAllPaymentsByCursor(ask), GetAllPaymentsError, "INVALID_REQUEST");
    await refused(shop.payments.getAllPaymentEventsByCursor(ask), GetAllPaymentEventsError, "INVALID_REQUEST");
  }
});
