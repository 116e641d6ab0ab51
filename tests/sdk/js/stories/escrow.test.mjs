import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ApplyEscrowLogisticsError,
  ConfirmEscrowError,
  ModifyEscrowLogisticsError,
  RegisterStoreReceiptError,
} from "@portone/server-sdk/payment";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const logistics = (invoiceNumber) => ({ company: "CJ", invoiceNumber, sentAt: "2026-04-25T01:00:00Z" });

async function paidInEscrow() {
  const order = { ...shop.order(), isEscrow: true };
  await shop.payments.payInstantly(order);
  return shop.payment(order.paymentId);
}

test("a parcel is reported, corrected and delivered, and the purchase completed", async () => {
  const payment = await paidInEscrow();
  assert.equal((await payment.read()).escrow.status, "BEFORE_REGISTERED");

  const reported = await shop.payments.applyEscrowLogistics({ paymentId: payment.id, logistics: logistics("6012-1") });
  assert.equal(reported.invoiceNumber, "6012-1");
  assert.equal((await payment.read()).escrow.appliedAt, reported.appliedAt);

  const corrected = await shop.payments.modifyEscrowLogistics({ paymentId: payment.id, logistics: logistics("6012-2") });
  assert.equal(typeof corrected.modifiedAt, "string");
  await shop.sandbox.parcelIs(payment.id, "DELIVERED");
  assert.equal((await payment.read()).escrow.status, "DELIVERED");

  const { completedAt } = await shop.payments.confirmEscrow({ paymentId: payment.id });
  assert.equal(typeof completedAt, "string");
  const { escrow } = await payment.read();
  assert.deepEqual([escrow.status, escrow.invoiceNumber, escrow.isAutomaticallyConfirmed], ["CONFIRMED", "6012-2", false]);
});

test("what is not in escrow, or not at that step, is refused", async () => {
  const payment = await paidInEscrow();
  const about = { paymentId: payment.id, logistics: logistics("6012") };
  await refused(shop.payments.modifyEscrowLogistics(about), ModifyEscrowLogisticsError, "INVALID_REQUEST");
  await refused(shop.payments.confirmEscrow({ paymentId: payment.id }), ConfirmEscrowError, "INVALID_REQUEST");
  await payment.cancel();
  await refused(shop.payments.applyEscrowLogistics(about), ApplyEscrowLogisticsError, "PAYMENT_NOT_PAID");
  const never = { ...about, paymentId: shop.newPaymentId() };
  await refused(shop.payments.applyEscrowLogistics(never), ApplyEscrowLogisticsError, "PAYMENT_NOT_FOUND");
});

test("stores are put on the slips of KG Inicis alone", async () => {
  const order = shop.order();
  await shop.payments.payInstantly(order);
  const item = {
    storeBusinessRegistrationNumber: "1208147521",
    storeName: "a stall",
    totalAmount: 1_000,
    taxFreeAmount: 0,
    vatAmount: 91,
    supplyAmount: 909,
    currency: "KRW",
  };
  const register = shop.payments.registerStoreReceipt({ paymentId: order.paymentId, items: [item] });
  await refused(register, RegisterStoreReceiptError, "INVALID_REQUEST");
});

test("a dispute is shown and told, and a chargeback is a cancellation of its own", async () => {
  const order = shop.order();
  await shop.payments.payInstantly(order);
  const payment = shop.payment(order.paymentId);

  const id = await shop.sandbox.disputes(payment.id, "not recognised");
  await payment.hears("Transaction.DisputeCreated");
  const { disputes } = await payment.read();
  assert.deepEqual([disputes.length, disputes[0].pgDisputeId, disputes[0].status], [1, id, "UNRESOLVED"]);

  await shop.sandbox.resolvesDispute(payment.id);
  await payment.hears("Transaction.DisputeResolved");
  assert.equal((await payment.read()).disputes[0].status, "RESOLVED");

  await shop.sandbox.chargesBack(payment.id, 400);
  const charged = await payment.read();
  assert.equal(charged.status, "PARTIAL_CANCELLED");
  assert.equal(charged.cancellations[0].trigger, "CHARGEBACK");
  await payment.hears("Transaction.PartialCancelled");
});
