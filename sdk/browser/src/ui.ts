// Buttons that are loaded into the shop's page (`loadPaymentUI`, `loadIssueBillingKeyUI`).
//
// Loading opens the window, so that a request that cannot work fails before a buyer sees a button.
// Pressing the button shows it with the request as it is then.

import { PortOneError, type ErrorType } from "./errors";
import { addStyle } from "./overlay";
import { startError, type Server } from "./server";
import type { AnyRequest, Kind, Members, Opened } from "./types";
import { visit } from "./visit";
import { wordsFor, type Words } from "./words";

const CONTAINER = ".portone-ui-container";

export interface Callbacks {
  success: (response: Members) => void;
  fail: (error: PortOneError) => void;
}

interface Loaded {
  request: AnyRequest;
  callbacks: Callbacks;
  /** Absent once it has ended: the next press opens another one. */
  opened: Opened | undefined;
}

export class LoadedUi {
  #loaded: Loaded | undefined;

  constructor(
    readonly server: Server,
    readonly kind: Kind,
    readonly errorType: ErrorType,
  ) {}

  async load(request: AnyRequest, callbacks: Callbacks): Promise<void> {
    const wanted = String(request?.["uiType"]).toLowerCase().replace(/_/g, "-");
    const container =
      document.querySelector(`${CONTAINER}[data-portone-ui-type="${CSS.escape(wanted)}"]`) ?? document.querySelector(CONTAINER);
    if (!container) throw this.#refusal("BadRequest", `the page has no element with the class ${CONTAINER.slice(1)}`);
    const opened = await this.#tried(this.server.open(this.kind, request));
    this.#loaded = { request, callbacks, opened };
    container.replaceChildren(button(wordsFor(request.locale), () => this.#press()));
  }

  async update(request: AnyRequest): Promise<void> {
    const loaded = this.#loaded;
    if (!loaded) throw this.#refusal("FailedPrecondition", "nothing was loaded that could be updated");
    if (loaded.opened) await this.#tried(this.server.update(loaded.opened.window, this.kind, request));
    loaded.request = request;
  }

  async #press(): Promise<boolean> {
    const loaded = this.#loaded;
    if (!loaded) return false;
    const { request, callbacks } = loaded;
    let response: Members | undefined;
    try {
      response = await visit(this.server, this.kind, request, () => this.#window(loaded));
    } catch (refusal) {
      callbacks.fail(refusal as PortOneError);
      return false;
    }
    if (!response) return false;
    const { code, message } = response;
    if (typeof code !== "string") {
      callbacks.success(response);
      return true;
    }
    const said = typeof message === "string" ? message : code;
    callbacks.fail(startError(this.kind, code, said, response));
    return false;
  }

  /** The window that was opened when the button was loaded, unless it has grown too old. */
  async #window(loaded: Loaded): Promise<Opened> {
    const { opened, request } = loaded;
    loaded.opened = undefined;
    if (opened) {
      try {
        await this.server.update(opened.window, this.kind, request);
        return opened;
      } catch {
        // It is over. What is wrong with the request itself shows when another one is opened.
      }
    }
    return this.server.open(this.kind, request);
  }

  #refusal(code: string, message: string): PortOneError {
    return new PortOneError(this.errorType, this.kind, code, message);
  }

  async #tried<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (refusal) {
      throw refusal instanceof PortOneError ? refusal.as(this.errorType) : refusal;
    }
  }
}

const STYLE = `
:host{display:block}
button{display:flex;align-items:center;justify-content:center;gap:.5em;width:100%;max-width:750px;min-height:48px;padding:8px 16px;border:0;
border-radius:8px;background:#ffc439;color:#111;font:600 17px/1.3 ui-sans-serif,system-ui,"Segoe UI",Roboto,"Noto Sans KR",sans-serif;cursor:pointer}
button:hover{background:#f2b92f}button:disabled{opacity:.6;cursor:default}
button:focus-visible{outline:3px solid #0070ba;outline-offset:2px}`;

function button(words: Words, press: () => Promise<boolean>): HTMLElement {
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  addStyle(root, STYLE);
  const made = document.createElement("button");
  made.type = "button";
  made.lang = words.language;
  made.textContent = words.payPal;
  made.addEventListener("click", async () => {
    made.disabled = true;
    const isDone = await press();
    if (isDone) made.textContent = words.paid;
    else made.disabled = false;
  });
  root.append(made);
  return host;
}
