import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PayInstantlyError, PayWithBillingKeyError } from "@portone/server-sdk/payment";
import { DeleteBillingKeyError } from "@portone/server-sdk/payment/billingKey";
import {
  CreatePaymentScheduleError,
  GetPaymentScheduleError,
  RevokePaymentSchedulesError,
  isUnrecognizedPaymentSchedule,
} from "@portone/server-sdk/payment/paymentSchedule";
import { laterChargesDeclined } from "../shop/cards.mjs";
import { assertRefusal, refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const hour = 3_600_000;

async function inHours(hours) {
  return new Date(Date.parse(await shop.sandbox.now()) + hours * hour).toISOString();
}

/** Plans a payment and hands back what was asked for, with the id of its schedule. */
async function plans(billingKey, { timeToPay, ...changes } = {}) {
  const { paymentId, ...payment } = shop.chargeOrder(billingKey, changes);
  const at = timeToPay ?? (await inHours(1));
  const { schedule } = await shop.schedules.createPaymentSchedule({ paymentId, payment, timeToPay: at });
  return { id: schedule.id, paymentId, payment, timeToPay: at };
}

async function read(paymentScheduleId) {
  const schedule = await shop.schedules.getPaymentSchedule({ paymentScheduleId });
  assert.ok(!isUnrecognizedPaymentSchedule(schedule), `status ${schedule.status} is unknown to the SDK`);
  return schedule;
}

test("a planned payment is made once, at its time, with the billing key", async () => {
  const billingKey = await shop.hasBillingKey();
  const planned = await plans(billingKey, { customData: "month 1" });

  const waiting = await read(planned.id);
  assert.equal(waiting.status, "SCHEDULED");
  assert.equal(waiting.storeId, shop.v2.storeId);
  assert.equal(waiting.paymentId, planned.paymentId);
  assert.equal(waiting.billingKey, billingKey);
  assert.equal(waiting.totalAmount, planned.payment.amount.total);
  assert.equal(waiting.customData, "month 1");
  assert.equal(Date.parse(waiting.timeToPay), Date.parse(planned.timeToPay));
  assertRefusal(await shop.wire.get(shop.payment(planned.paymentId).path), "PAYMENT_NOT_FOUND");

  await shop.sandbox.after("PT2H");

  await shop.payment(planned.paymentId).hears("Transaction.Paid");
  const payment = await shop.payment(planned.paymentId).read();
  assert.equal(payment.status, "PAID");
  assert.equal(payment.scheduleId, planned.id);
  assert.equal(payment.billingKey, billingKey);
  assert.equal(payment.amount.paid, planned.payment.amount.total);
  const done = await read(planned.id);
  assert.equal(done.status, "SUCCEEDED");
  assert.ok(Date.parse(done.startedAt) >= Date.parse(planned.timeToPay));
  assert.ok(Date.parse(done.completedAt) >= Date.parse(done.startedAt));
  assert.deepEqual((await shop.sandbox.pspBooks()).of(payment.transactionId), {
    charged: [planned.payment.amount.total],
    refunded: [],
  });
});

test("a charge that is declined at its time leaves a failed payment and a failed schedule", async () => {
  const billingKey = await shop.hasBillingKey({ card: laterChargesDeclined });
  const planned = await plans(billingKey);

  await shop.sandbox.after("PT2H");

  await shop.payment(planned.paymentId).hears("Transaction.Failed");
  assert.equal((await shop.payment(planned.paymentId).read()).status, "FAILED");
  assert.equal((await read(planned.id)).status, "FAILED");
});

test("what is planned is paid by nobody else, and the key it needs stays", async () => {
  const billingKey = await shop.hasBillingKey();
  const { id, paymentId, payment, timeToPay } = await plans(billingKey);
  const twice = shop.schedules.createPaymentSchedule({ paymentId, payment, timeToPay });
  await refused(twice, CreatePaymentScheduleError, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
  await refused(shop.payments.payWithBillingKey({ paymentId, ...payment }), PayWithBillingKeyError, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
  await refused(shop.payments.payInstantly(shop.order({ paymentId })), PayInstantlyError, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
  await refused(shop.billingKeys.deleteBillingKey({ billingKey }), DeleteBillingKeyError, "PAYMENT_SCHEDULE_ALREADY_EXISTS");

  const { revokedScheduleIds } = await shop.schedules.revokePaymentSchedules({ billingKey });
  assert.deepEqual(revokedScheduleIds, [id]);
  assert.equal((await read(id)).status, "REVOKED");
  await shop.payments.payInstantly(shop.order({ paymentId }));
  await shop.billingKeys.deleteBillingKey({ billingKey });
});

test("schedules are revoked by their ids, all of them or none", async () => {
  const billingKey = await shop.hasBillingKey();
  const [first, second] = [await plans(billingKey), await plans(billingKey)];
  const revoke = (scheduleIds, rest = {}) => shop.schedules.revokePaymentSchedules({ scheduleIds, ...rest });
  await refused(revoke([first.id, "unknown"]), RevokePaymentSchedulesError, "PAYMENT_SCHEDULE_NOT_FOUND");
  await refused(
    revoke([first.id], { billingKey: await shop.hasBillingKey() }),
    RevokePaymentSchedulesError,
    "PAYMENT_SCHEDULE_NOT_FOUND",
  );
  assert.deepEqual((await revoke([first.id])).revokedScheduleIds, [first.id]);
  await refused(revoke([second.id, first.id]), RevokePaymentSchedulesError, "PAYMENT_SCHEDULE_ALREADY_REVOKED");
  assert.equal((await read(second.id)).status, "SCHEDULED");

  await shop.sandbox.after("PT2H");

  await refused(revoke([second.id]), RevokePaymentSchedulesError, "PAYMENT_SCHEDULE_ALREADY_PROCESSED");
  assertRefusal(await shop.wire.get(shop.payment(first.paymentId).path), "PAYMENT_NOT_FOUND");
  await refused(shop.schedules.revokePaymentSchedules({}), RevokePaymentSchedulesError, "INVALID_REQUEST");
});

test("what cannot be planned is refused", async () => {
  const billingKey = await shop.hasBillingKey();
  const paid = await shop.isPaid();
  const plan = (changes) => plans(changes.billingKey ?? billingKey, changes);
  await refused(plan({ timeToPay: await inHours(-1) }), CreatePaymentScheduleError, "INVALID_REQUEST");
  await refused(plan({ paymentId: paid.id }), CreatePaymentScheduleError, "ALREADY_PAID_OR_WAITING");
  await refused(plan({ billingKey: "unknown" }), CreatePaymentScheduleError, "BILLING_KEY_NOT_FOUND");
  await refused(
    plan({ amount: { total: 1_000, taxFree: 2_000 } }),
    CreatePaymentScheduleError,
    "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT",
  );
  await shop.billingKeys.deleteBillingKey({ billingKey });
  await refused(plan({}), CreatePaymentScheduleError, "BILLING_KEY_ALREADY_DELETED");
  await refused(
    shop.schedules.getPaymentSchedule({ paymentScheduleId: "unknown" }),
    GetPaymentScheduleError,
    "PAYMENT_SCHEDULE_NOT_FOUND",
  );
});

test("schedules are listed by key, time and status", async () => {
  const billingKey = await shop.hasBillingKey();
  const planned = [];
  for (const hours of [3, 1, 2]) planned.push(await plans(billingKey, { timeToPay: await inHours(hours) }));
  await shop.schedules.revokePaymentSchedules({ scheduleIds: [planned[0].id] });
  const [from, until] = [await inHours(0), await inHours(4)];
  const find = async ({ sort, page, ...filter } = {}) => {
    const found = await shop.schedules.getPaymentSchedules({ filter: { billingKey, from, until, ...filter }, sort, page });
    return { ids: found.items.map((it) => it.id), page: found.page };
  };

  const [third, first, second] = planned.map((it) => it.id);
  assert.deepEqual((await find()).ids, [third, second, first]);
  assert.deepEqual((await find({ sort: { by: "TIME_TO_PAY", order: "ASC" } })).ids, [first, second, third]);
  assert.deepEqual((await find({ status: ["SCHEDULED"] })).ids, [second, first]);
  assert.deepEqual((await find({ until: planned[2].timeToPay, from: planned[1].timeToPay, status: ["REVOKED"] })).ids, []);
  const later = await find({ page: { number: 1, size: 2 } });
  assert.deepEqual(later.ids, [first]);
  assert.deepEqual(later.page, { number: 1, size: 2, totalCount: 3 });
  // What is named no times are the 90 days up to now.
  assert.deepEqual((await shop.schedules.getPaymentSchedules({ filter: { billingKey } })).items, []);
});
