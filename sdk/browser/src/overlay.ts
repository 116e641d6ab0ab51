// What is laid over the shop's page while a window is open: a modal dialog that waits, holds the
// checkout in a frame, or points to the popup.
//
// A native modal dialog keeps the focus inside, makes everything behind it inert for keyboard and
// screen reader, and gives the focus back. The page behind does not scroll meanwhile.

import { STYLE } from "./overlay.css";
import type { Words } from "./words";

/** What the dialog asks for when the popup was blocked or lies behind another window. */
export interface Choice {
  text: string;
  button: string;
  press: () => void;
}

export class Overlay {
  readonly #host = document.createElement("div");
  readonly #dialog = document.createElement("dialog");
  readonly #card = element("div", "card");
  readonly #text = element("p");
  readonly #spinner = element("div", "spin");
  readonly #button = element("button", "main") as HTMLButtonElement;
  readonly #cancel = element("button", "plain") as HTMLButtonElement;
  #frame: HTMLIFrameElement | undefined;
  #isRemoved = false;
  readonly #unlock: () => void;

  /** `onClose`: the buyer wants to leave. Whether the dialog goes is for the caller to say. */
  constructor(
    readonly words: Words,
    isDimmed: boolean,
    onClose: () => void,
  ) {
    this.#host.setAttribute("data-portone-checkout", "");
    const root = this.#host.attachShadow({ mode: "closed" });
    addStyle(root, STYLE);
    const wait = element("div", "wait");
    this.#text.setAttribute("role", "status");
    this.#button.type = this.#cancel.type = "button";
    this.#button.hidden = this.#cancel.hidden = true;
    this.#cancel.textContent = words.cancel;
    this.#cancel.addEventListener("click", onClose);
    const x = element("button", "x") as HTMLButtonElement;
    x.type = "button";
    x.textContent = "×";
    x.setAttribute("aria-label", words.close);
    x.addEventListener("click", onClose);
    wait.append(this.#spinner, this.#text, this.#button, this.#cancel);
    this.#card.append(wait, x);
    this.#dialog.append(this.#card);
    this.#dialog.lang = words.language;
    this.#dialog.tabIndex = -1;
    this.#dialog.setAttribute("aria-label", words.window);
    this.#dialog.classList.toggle("clear", !isDimmed);
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      onClose();
    });
    // A browser closes a dialog at the second Esc in a row whatever the page says.
    this.#dialog.addEventListener("close", () => {
      if (this.#isRemoved) return;
      this.#dialog.showModal();
      onClose();
    });
    // Keys pressed here are not the shop's business.
    this.#dialog.addEventListener("keydown", (event) => event.stopPropagation());
    root.append(this.#dialog);
    (document.body ?? document.documentElement).append(this.#host);
    this.#unlock = lockScrolling();
    this.#dialog.showModal();
    this.waits(words.opening);
  }

  waits(text: string): void {
    this.#text.textContent = text;
    this.#spinner.hidden = false;
    this.#button.hidden = true;
    this.#cancel.hidden = true;
  }

  asks(choice: Choice): void {
    this.#text.textContent = choice.text;
    this.#spinner.hidden = true;
    this.#button.hidden = false;
    this.#button.textContent = choice.button;
    this.#button.onclick = choice.press;
    this.#cancel.hidden = false;
    this.#button.focus();
  }

  /** Puts the checkout into the dialog. It stays covered until its page says that it is shown. */
  frames(url: string, onLoad: () => void): HTMLIFrameElement {
    const frame = document.createElement("iframe");
    frame.title = this.words.window;
    frame.referrerPolicy = "no-referrer";
    frame.allow = "payment; clipboard-write; publickey-credentials-get";
    frame.addEventListener("load", onLoad);
    frame.src = url;
    this.#card.classList.add("framed");
    this.#card.append(frame);
    this.#frame = frame;
    return frame;
  }

  /** The page in the frame stands there, `height` pixels high. */
  uncovers(height: unknown): void {
    if (typeof height === "number" && height >= 240 && height <= 4_000) {
      this.#card.style.setProperty("--height", `${Math.ceil(height)}px`);
    }
    if (!this.#frame || this.#card.classList.contains("shown")) return;
    this.#card.classList.add("shown");
    this.#frame.focus();
  }

  /** Covers the frame again, for instance while the shop's next page is on its way. */
  covers(text: string): void {
    this.#card.classList.remove("shown");
    this.#frame?.remove();
    this.waits(text);
  }

  remove(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    this.#dialog.close();
    this.#host.remove();
    this.#unlock();
  }
}

function element(name: string, className = ""): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}

/** A constructed sheet needs no permission of the shop's Content-Security-Policy. */
export function addStyle(root: ShadowRoot, style: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const inline = document.createElement("style");
    inline.textContent = style;
    root.append(inline);
  }
}

function lockScrolling(): () => void {
  const root = document.documentElement;
  const { overflow, paddingRight } = root.style;
  const bar = window.innerWidth - root.clientWidth;
  root.style.overflow = "hidden";
  // The page must not jump sideways when its scroll bar goes.
  if (bar > 0) root.style.paddingRight = `${bar}px`;
  return () => {
    root.style.overflow = overflow;
    root.style.paddingRight = paddingRight;
  };
}
