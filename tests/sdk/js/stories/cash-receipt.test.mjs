import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CancelCashReceiptError,
  GetCashReceiptError,
  IssueCashReceiptError,
} from "@portone/server-sdk/payment/cashReceipt";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const receipts = shop.payments.cashReceipt;

function receiptOrder({ identityNumber = "010-1234-5678", ...changes } = {}) {
  return {
    paymentId: shop.newPaymentId(),
    channelKey: shop.channels.transfer,
    type: "PERSONAL",
    orderName: "현장 결제",
    currency: "KRW",
    amount: { total: 11_000 },
    customer: { identityNumber },
    ...changes,
  };
}

test("a receipt is issued by hand, read, listed, cancelled and issued again", async () => {
  const order = receiptOrder();
  const { paymentId } = order;

  const { cashReceipt: summary } = await receipts.issueCashReceipt(order);

  assert.match(summary.issueNumber, /^\d{9}$/);
  const issued = await receipts.getCashReceiptByPaymentId({ paymentId });
  assert.equal(issued.status, "ISSUED");
  assert.equal(issued.isManual, true);
  assert.equal(issued.amount, 11_000);
  assert.equal(issued.vatAmount, 1_000);
  assert.equal(issued.pgReceiptId, summary.pgReceiptId);
  assert.equal(issued.url, summary.url);
  const page = await receipts.getCashReceipts({ filter: { paymentId } });
  assert.deepEqual(page.items.map((it) => it.issueNumber), [summary.issueNumber]);
  assert.equal(page.page.totalCount, 1);
  await refused(receipts.issueCashReceipt(order), IssueCashReceiptError, "CASH_RECEIPT_ALREADY_ISSUED");

  const { cancelledAmount, cancelledAt } = await receipts.cancelCashReceiptByPaymentId({ paymentId });

  assert.equal(cancelledAmount, 11_000);
  const cancelled = await receipts.getCashReceiptByPaymentId({ paymentId });
  assert.equal(cancelled.status, "CANCELLED");
  assert.equal(cancelled.cancelledAt, cancelledAt);
  await refused(receipts.cancelCashReceiptByPaymentId({ paymentId }), CancelCashReceiptError, "CASH_RECEIPT_NOT_ISSUED");
  await receipts.issueCashReceipt({ ...order, type: "CORPORATE" });
  assert.equal((await receipts.getCashReceiptByPaymentId({ paymentId })).type, "CORPORATE");
});

test("a receipt that the tax office refuses is kept as failed", async () => {
  const order = receiptOrder({ identityNumber: "01012340000" });
  const { paymentId } = order;

  const refusal = await refused(receipts.issueCashReceipt(order), IssueCashReceiptError, "PG_PROVIDER");

  assert.equal(refusal.pgCode, "SANDBOX_RECEIPT_REFUSED");
  assert.equal((await receipts.getCashReceiptByPaymentId({ paymentId })).status, "ISSUE_FAILED");
});

test("nothing is found or issued where there is nothing", async () => {
  const paymentId = shop.newPaymentId();
  await refused(receipts.getCashReceiptByPaymentId({ paymentId }), GetCashReceiptError, "CASH_RECEIPT_NOT_FOUND");
  await refused(receipts.cancelCashReceiptByPaymentId({ paymentId }), CancelCashReceiptError, "CASH_RECEIPT_NOT_FOUND");
  const unknown = receiptOrder({ channelKey: "channel-key-unknown" });
  await refused(receipts.issueCashReceipt(unknown), IssueCashReceiptError, "CHANNEL_NOT_FOUND");
  const nobody = receiptOrder({ identityNumber: "nobody" });
  await refused(receipts.issueCashReceipt(nobody), IssueCashReceiptError, "INVALID_REQUEST");
});

test("a deposit issues the receipt that was asked for with the account", async () => {
  const payment = await shop.hasIssuedAccount({
    method: {
      virtualAccount: {
        bank: "SHINHAN",
        expiry: { validHours: 24 },
        option: { type: "NORMAL" },
        cashReceipt: { type: "PERSONAL", customerIdentityNumber: "01012345678" },
      },
    },
  });
  await shop.sandbox.deposits(payment.id, 10_000);
  const paid = await payment.read();
  assert.equal(paid.cashReceiptIssuanceStatus, "ISSUED");
  assert.equal(paid.cashReceipt.status, "ISSUED");
  assert.equal(paid.cashReceipt.totalAmount, 10_000);
  const receipt = await receipts.getCashReceiptByPaymentId({ paymentId: payment.id });
  assert.equal(receipt.isManual, false);
});
