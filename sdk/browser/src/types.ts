// What is said between this script, the checkout's pages and the server (docs/checkout.md).

export type Kind = "PAYMENT" | "ISSUE_BILLING_KEY" | "ISSUE_BILLING_KEY_AND_PAY" | "IDENTITY_VERIFICATION";

export type WindowType = "IFRAME" | "POPUP" | "REDIRECTION" | "UI";

/** The request object as the page gave it. Only what this script itself looks at is named. */
export interface AnyRequest {
  windowType?: { pc?: string; mobile?: string };
  locale?: string;
  popup?: { center?: boolean };
  iframe?: { dim?: boolean };
  [member: string]: unknown;
}

/** Members of a response object: ids, and `code` with its companions on failure. */
export type Members = Record<string, unknown>;

/** A window that the server has opened. */
export interface Opened {
  window: string;
  url: string;
  windowType: WindowType;
  forceRedirect: boolean;
  ids: Members;
}

/** How a window stands. */
export type Standing = { state: "OPEN" } | Ended;

export interface Ended {
  state: "ENDED";
  result: Members;
  redirectUrl?: string;
}

/** What a page of the checkout posts to the page that shows it. */
export type PageMessage = { source: "paypier"; window: string } & (
  | { state: "SHOWN"; height?: number }
  | { state: "CLOSE_ASKED" }
  | Ended
);
