import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CapturePaymentError,
  ConfirmPaymentError,
  GetPaymentError,
  PreRegisterPaymentError,
} from "@portone/server-sdk/payment";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

test("a paid payment can be captured, again and again, and stays as it is", async () => {
  const payment = await shop.isPaid({ channelKey: shop.channels.manualCapture });
  const before = await payment.read();

  assert.deepEqual(await shop.payments.capturePayment({ paymentId: payment.id }), {});
  assert.deepEqual(await shop.payments.capturePayment({ paymentId: payment.id }), {});

  const read = await payment.read();
  assert.equal(read.status, "PAID");
  assert.equal(read.statusChangedAt, before.statusChangedAt);
});

test("only a paid payment can be captured", async () => {
  const failed = await shop.failsToPay();
  await refused(shop.payments.capturePayment({ paymentId: failed.id }), CapturePaymentError, "PAYMENT_NOT_PAID");
  await refused(shop.payments.capturePayment({ paymentId: shop.newPaymentId() }), CapturePaymentError, "PAYMENT_NOT_FOUND");
});

test("registering an amount beforehand makes no payment yet", async () => {
  const paymentId = shop.newPaymentId();

  assert.deepEqual(await shop.payments.preRegisterPayment({ paymentId, totalAmount: 1_000, currency: "KRW" }), {});
  assert.deepEqual(await shop.payments.preRegisterPayment({ paymentId, totalAmount: 2_000, taxFreeAmount: 500 }), {});

  await refused(shop.payments.getPayment({ paymentId }), GetPaymentError, "PAYMENT_NOT_FOUND");
  await shop.payments.payInstantly({ ...shop.order(), paymentId });
  await refused(shop.payments.preRegisterPayment({ paymentId, totalAmount: 1_000 }), PreRegisterPaymentError, "ALREADY_PAID");
});

test("a negative or fractional amount cannot be registered", async () => {
  for (const totalAmount of [-1, 1.5]) {
    const ask = { paymentId: shop.newPaymentId(), totalAmount };
    await refused(shop.payments.preRegisterPayment(ask), PreRegisterPaymentError, "INVALID_REQUEST");
  }
});

test("manual approval without a payment that waits for it is refused", async () => {
  const confirm = (paymentId) => shop.payments.confirmPayment({ paymentId, paymentToken: "made-up" });
  await refused(confirm(shop.newPaymentId()), ConfirmPaymentError, "PAYMENT_NOT_FOUND");
  await refused(confirm((await shop.isPaid()).id), ConfirmPaymentError, "ALREADY_PAID");
  await refused(confirm((await shop.failsToPay()).id), ConfirmPaymentError, "INVALID_PAYMENT_TOKEN");
});
