// Errors as the official package recognises them: by `__portOneErrorType`, not by their class.

import type { Kind, Members } from "./types";

export type ErrorType =
  | "PaymentError"
  | "IssueBillingKeyError"
  | "IssueBillingKeyAndPayError"
  | "IdentityVerificationError"
  | "LoadPaymentUIError"
  | "LoadIssueBillingKeyUIError";

export const ERROR_OF: Record<Kind, ErrorType> = {
  PAYMENT: "PaymentError",
  ISSUE_BILLING_KEY: "IssueBillingKeyError",
  ISSUE_BILLING_KEY_AND_PAY: "IssueBillingKeyAndPayError",
  IDENTITY_VERIFICATION: "IdentityVerificationError",
};

/** The members that PortOne's error classes have besides type, transaction type, code and message. */
const CARRIED = [
  "txId",
  "paymentId",
  "billingKey",
  "identityVerificationId",
  "identityVerificationTxId",
  "pgCode",
  "pgMessage",
];

export class PortOneError extends Error {
  readonly __portOneErrorType: ErrorType;
  readonly transactionType: Kind;
  readonly code: string;

  constructor(type: ErrorType, kind: Kind, code: string, message: string, members: Members = {}) {
    super(message);
    this.name = type;
    this.__portOneErrorType = type;
    this.transactionType = kind;
    this.code = code;
    for (const name of CARRIED) {
      if (typeof members[name] === "string") Object.defineProperty(this, name, { value: members[name], enumerable: true });
    }
  }

  /** The same refusal under another type: a window that is loaded into a page fails as `Load…Error`. */
  as(type: ErrorType): PortOneError {
    return new PortOneError(type, this.transactionType, this.code, this.message, this as unknown as Members);
  }
}
