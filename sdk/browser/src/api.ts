// `window.PortOne`: the surface of PortOne's own script, checked against its published types.

import type {} from "@portone/browser-sdk/v2";
import { Server } from "./server";
import type { AnyRequest, Kind, Members } from "./types";
import { LoadedUi } from "./ui";
import { visit } from "./visit";

export type PortOne = NonNullable<Window["PortOne"]>;

/** What this script answers comes from the server as JSON, whose members the response types name. */
type Answer<Name extends keyof PortOne> = ReturnType<PortOne[Name]>;

export function portOne(scriptUrl: string): PortOne {
  const server = new Server(scriptUrl);
  const payment = new LoadedUi(server, "PAYMENT", "LoadPaymentUIError");
  const billingKey = new LoadedUi(server, "ISSUE_BILLING_KEY", "LoadIssueBillingKeyUIError");
  const asked = (kind: Kind, request: unknown): Promise<unknown> => visit(server, kind, request as AnyRequest);
  return {
    requestPayment: (request) => asked("PAYMENT", request) as Answer<"requestPayment">,
    requestIssueBillingKey: (request) => asked("ISSUE_BILLING_KEY", request) as Answer<"requestIssueBillingKey">,
    requestIssueBillingKeyAndPay: (request) =>
      asked("ISSUE_BILLING_KEY_AND_PAY", request) as Answer<"requestIssueBillingKeyAndPay">,
    requestIdentityVerification: (request) =>
      asked("IDENTITY_VERIFICATION", request) as Answer<"requestIdentityVerification">,
    loadPaymentUI: (request, callbacks) =>
      payment.load(request as AnyRequest, called(callbacks?.onPaymentSuccess, callbacks?.onPaymentFail)),
    loadIssueBillingKeyUI: (request, callbacks) =>
      billingKey.load(
        request as AnyRequest,
        called(callbacks?.onIssueBillingKeySuccess, callbacks?.onIssueBillingKeyFail),
      ),
    updateLoadPaymentUIRequest: (request) => payment.update(request as AnyRequest),
    updateLoadIssueBillingKeyUIRequest: (request) => billingKey.update(request as AnyRequest),
  };
}

function called<Response, Failure>(
  success: ((response: Response) => void) | undefined,
  fail: ((error: Failure) => void) | undefined,
) {
  return {
    success: (response: Members) => success?.(response as Response),
    fail: (error: unknown) => fail?.(error as Failure),
  };
}
