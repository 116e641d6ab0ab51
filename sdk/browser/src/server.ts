// The server that this script came from. It finds it by its own address, so nothing is configured.

import { ERROR_OF, PortOneError } from "./errors";
import type { AnyRequest, Kind, Members, Opened, Standing } from "./types";

/** Longer than the server takes to answer anything. */
const PATIENCE_MS = 30_000;

/** A window that the server no longer knows: it has expired, or the sandbox was emptied. */
export const GONE = Symbol("gone");

export class Server {
  /** Public address without a slash at its end; it may have a path. */
  readonly base: string;

  constructor(scriptUrl: string) {
    const url = new URL(scriptUrl, location.href);
    this.base = url.origin + url.pathname.replace(/\/v2\/[^/]*$/, "");
  }

  /** Opens a window. A refusal here is a start error: nothing was stored. */
  async open(kind: Kind, request: AnyRequest): Promise<Opened> {
    const body = await this.#tell("POST", "/checkout/windows", kind, request);
    if (typeof body["window"] !== "string" || !/^https?:/.test(String(body["url"]))) {
      throw startError(kind, "Internal", "the server's answer is not a window", request);
    }
    return body as unknown as Opened;
  }

  /** Replaces the request of a window that is loaded into the page and was not pressed yet. */
  async update(window: string, kind: Kind, request: AnyRequest): Promise<void> {
    await this.#tell("PUT", `/checkout/windows/${window}`, kind, request);
  }

  result(window: string): Promise<Standing | typeof GONE> {
    return this.#ask("GET", `/checkout/windows/${window}/result`);
  }

  /** The buyer has left. What was not submitted yet ends here; what was is told as it stands. */
  close(window: string): Promise<Standing | typeof GONE> {
    return this.#ask("POST", `/checkout/windows/${window}/close`);
  }

  async #tell(method: string, path: string, kind: Kind, request: AnyRequest): Promise<Members> {
    let sent: string;
    try {
      sent = JSON.stringify({ kind, request, page: page() });
    } catch {
      throw startError(kind, "BadRequest", "the request cannot be written as JSON", {});
    }
    let response: Response;
    let body: unknown;
    try {
      response = await this.#fetch(method, path, sent);
      body = await response.json();
    } catch {
      throw startError(kind, "Unavailable", `${this.base} cannot be reached`, request);
    }
    const members = (typeof body === "object" && body !== null ? body : {}) as Members;
    if (response.ok) return members;
    const code = typeof members["code"] === "string" ? members["code"] : "Internal";
    const message = typeof members["message"] === "string" ? members["message"] : `the server answered ${response.status}`;
    throw startError(kind, code, message, { ...request, ...members });
  }

  async #ask(method: string, path: string): Promise<Standing | typeof GONE> {
    const response = await this.#fetch(method, path);
    if (response.status === 404 || response.status === 410) return GONE;
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return (await response.json()) as Standing;
  }

  async #fetch(method: string, path: string, body?: string): Promise<Response> {
    const impatience = new AbortController();
    const timer = setTimeout(() => impatience.abort(), PATIENCE_MS);
    try {
      return await fetch(this.base + path, {
        method,
        // Text and not JSON: a request that needs no preflight is one round trip less.
        ...(body === undefined ? {} : { body, headers: { "content-type": "text/plain;charset=utf-8" } }),
        mode: "cors",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: impatience.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

export function startError(kind: Kind, code: string, message: string, members: Members): PortOneError {
  return new PortOneError(ERROR_OF[kind], kind, code, message, members);
}

function page(): Members {
  return { url: location.href, origin: location.origin, platform: platform(), language: navigator.language };
}

export function platform(): "PC" | "MOBILE" {
  const { userAgentData } = navigator as { userAgentData?: { mobile?: boolean } };
  if (userAgentData?.mobile) return "MOBILE";
  // An iPad says that it is a Macintosh; no Macintosh has a touch screen.
  const isTablet = /Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
  return isTablet || /Android|iPhone|iPad|iPod|Mobi/i.test(navigator.userAgent) ? "MOBILE" : "PC";
}
