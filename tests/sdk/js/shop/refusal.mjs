import assert from "node:assert/strict";

// The status that belongs to each error type; the SDK shows only the type.
const statusOf = {
  INVALID_REQUEST: 400,
  INVALID_PAYMENT_TOKEN: 400,
  MAX_TRANSACTION_COUNT_REACHED: 400,
  MAX_WEBHOOK_RETRY_COUNT_REACHED: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  PAYMENT_NOT_FOUND: 404,
  PAYMENT_CANCELLATION_NOT_FOUND: 404,
  BILLING_KEY_NOT_FOUND: 404,
  CASH_RECEIPT_NOT_FOUND: 404,
  IDENTITY_VERIFICATION_NOT_FOUND: 404,
  IDENTITY_VERIFICATION_NOT_SENT: 404,
  CASH_RECEIPT_NOT_ISSUED: 404,
  CHANNEL_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
  PAYMENT_SCHEDULE_NOT_FOUND: 404,
  ALREADY_PAID: 409,
  ALREADY_PAID_OR_WAITING: 409,
  PAYMENT_SCHEDULE_ALREADY_EXISTS: 409,
  PAYMENT_SCHEDULE_ALREADY_PROCESSED: 409,
  PAYMENT_SCHEDULE_ALREADY_REVOKED: 409,
  PAYMENT_NOT_PAID: 409,
  PAYMENT_ALREADY_CANCELLED: 409,
  PAYMENT_CANCELLATION_NOT_PENDING: 409,
  BILLING_KEY_ALREADY_DELETED: 409,
  CASH_RECEIPT_ALREADY_ISSUED: 409,
  IDENTITY_VERIFICATION_ALREADY_SENT: 409,
  IDENTITY_VERIFICATION_ALREADY_VERIFIED: 409,
  SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT: 409,
  SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT: 409,
  CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN: 409,
  CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT: 409,
  CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT: 409,
  CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT: 409,
  MAX_CANCEL_COUNT_REACHED: 409,
  INFORMATION_MISMATCH: 409,
  IDEMPOTENCY_OUTSTANDING_REQUEST: 409,
  PG_PROVIDER: 502,
  CHANNEL_SPECIFIC: 502,
};

/** The SDK call is refused by its own error class with this type; returns the error's data. */
export async function refused(call, ErrorClass, type) {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    assert.ok(error instanceof ErrorClass, `${error?.stack ?? error} is not ${ErrorClass.name}`);
    assert.equal(error.data.type, type, JSON.stringify(error.data));
    if (error.data.message !== undefined) assert.equal(typeof error.data.message, "string");
    return error.data;
  }
  assert.fail(`expected ${type}, was answered ${JSON.stringify(answer)}`);
}

/** The bare answer is a refusal of this type with the status that belongs to it, in the documented envelope. */
export function assertRefusal(answer, type) {
  assert.equal(answer.json?.type, type, answer.text);
  assert.equal(answer.status, statusOf[type], answer.text);
}
