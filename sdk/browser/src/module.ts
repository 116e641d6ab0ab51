// The module, `/v2/browser-sdk.esm.js`: the same functions to import.

import { portOne } from "./api";

const api = portOne(import.meta.url);
export const {
  requestPayment,
  requestIssueBillingKey,
  requestIssueBillingKeyAndPay,
  requestIdentityVerification,
  loadPaymentUI,
  loadIssueBillingKeyUI,
  updateLoadPaymentUIRequest,
  updateLoadIssueBillingKeyUIRequest,
} = api;
export default api;
