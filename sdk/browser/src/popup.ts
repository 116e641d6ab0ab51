// A window of its own for the checkout.
//
// A browser opens one only in answer to a press, so it is opened empty before the server is asked,
// and sent to its page when the answer has come.

import type { Words } from "./words";

const WIDTH = 480;
const HEIGHT = 760;
const LOOK_EVERY_MS = 400;

export class Popup {
  #timer = 0;

  private constructor(readonly window: Window) {}

  /** `undefined` when the browser has blocked it. */
  static open(words: Words, isCentred: boolean): Popup | undefined {
    let features = `popup=yes,width=${WIDTH},height=${HEIGHT}`;
    if (isCentred) {
      const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - WIDTH) / 2));
      const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - HEIGHT) / 2));
      features += `,left=${left},top=${top}`;
    }
    const opened = window.open("", "_blank", features);
    if (!opened) return undefined;
    try {
      opened.document.title = words.window;
      opened.document.body.textContent = words.opening;
      opened.document.body.style.cssText = "margin:40vh 1rem;text-align:center;font:16px/1.5 system-ui,sans-serif;color:#52626e";
    } catch {
      // Somebody else's empty page: it stays empty until ours is there.
    }
    return new Popup(opened);
  }

  goes(url: string): void {
    this.window.location.replace(url);
  }

  shows(): void {
    this.window.focus();
  }

  /** Nothing tells a page that its popup was closed, so it looks. */
  whenClosed(told: () => void): void {
    this.#timer = window.setInterval(() => {
      if (!this.window.closed) return;
      clearInterval(this.#timer);
      told();
    }, LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.window.close();
  }
}
