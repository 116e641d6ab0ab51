// How the end of a window becomes known: its page posts it. Messages get lost (a closed popup, a
// page that was left, a browser that separates windows), so the server is asked as well, whenever
// there is a reason to.

import { GONE, type Server } from "./server";
import type { Ended, Opened, PageMessage, Standing } from "./types";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;
/** A closing that cannot be told to the server is given up after so many tries. */
const MOST_CLOSINGS = 5;

export interface Listener {
  ended: (end: Ended) => void;
  /** The page is there, `height` pixels high. */
  shown: (height: unknown) => void;
  /** The buyer has pressed X or Esc in the page. */
  closeAsked: () => void;
}

export class Ending {
  readonly #origin: string;
  #isKnown = false;
  #isPolling = false;

  constructor(
    readonly server: Server,
    readonly opened: Opened,
    readonly from: () => Window | null | undefined,
    readonly listener: Listener,
  ) {
    this.#origin = new URL(opened.url).origin;
    window.addEventListener("message", this.#hear);
  }

  /**
   * Asks the server once, because the frame shows a page that does not speak. A page that does speak
   * says itself when it is over: until then it may have something to show that the buyer has to see.
   */
  async check(): Promise<void> {
    try {
      this.#take(await this.server.result(this.opened.window));
    } catch {
      // Nothing is known yet; the next reason to ask comes.
    }
  }

  /** The buyer leaves. Ends the window, or waits for what is being decided right now. */
  async close(): Promise<void> {
    for (let tries = 1; !this.#isKnown; tries += 1) {
      try {
        this.#take(await this.server.close(this.opened.window));
        return this.poll();
      } catch {
        if (tries === MOST_CLOSINGS) return this.#give("Unavailable", "the server cannot be reached; the outcome is not known here");
        await pause(FIRST_PAUSE_MS * tries);
      }
    }
  }

  async poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    for (let wait = FIRST_PAUSE_MS; !this.#isKnown; wait = Math.min(wait * 1.4, LONGEST_PAUSE_MS)) {
      await pause(wait);
      if (!this.#isKnown) await this.check();
    }
  }

  #hear = (event: MessageEvent): void => {
    const said = event.data as PageMessage | null;
    // The origin is what counts. Other frames of the same server cannot know the token.
    if (event.origin !== this.#origin || typeof said !== "object" || said?.source !== "paypier") return;
    if (said.window !== this.opened.window || event.source !== this.from()) return;
    switch (said.state) {
      case "SHOWN":
        return this.listener.shown(said.height);
      case "CLOSE_ASKED":
        return this.listener.closeAsked();
      case "ENDED":
        return this.#take(said);
    }
  };

  #take(standing: Standing | typeof GONE): void {
    if (standing === GONE) this.#give("NotFound", "the server does not know this window any more");
    else if (standing.state === "ENDED") this.#end(standing);
  }

  #give(code: string, message: string): void {
    this.#end({ state: "ENDED", result: { ...this.opened.ids, code, message } });
  }

  #end(end: Ended): void {
    if (this.#isKnown) return;
    this.#isKnown = true;
    window.removeEventListener("message", this.#hear);
    this.listener.ended(end);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
