// One visit of a buyer at the checkout: from the call to the response object, or to the page that
// follows.

import { Ending } from "./ending";
import { Overlay } from "./overlay";
import { Popup } from "./popup";
import { platform, startError, type Server } from "./server";
import type { AnyRequest, Ended, Kind, Members, Opened } from "./types";
import { wordsFor } from "./words";

interface Current {
  key: string;
  response: Promise<Members | undefined>;
}

let current: Current | undefined;

/**
 * The response object. The promise stays open when the buyer goes on with another page.
 * `open` is how the window comes to be; a button that was loaded into the page has it already.
 */
export function visit(
  server: Server,
  kind: Kind,
  request: AnyRequest,
  open: () => Promise<Opened> = () => server.open(kind, request),
): Promise<Members | undefined> {
  if (typeof request !== "object" || request === null) {
    return Promise.reject(startError(kind, "BadRequest", "a request object is expected", {}));
  }
  let key: string;
  try {
    key = JSON.stringify([kind, request]);
  } catch {
    return Promise.reject(startError(kind, "BadRequest", "the request cannot be written as JSON", {}));
  }
  // A double click is one visit: both callers get its response.
  if (current?.key === key) return current.response;
  if (current) {
    return Promise.reject(startError(kind, "FailedPrecondition", "another window is open on this page", request));
  }
  const response = begin(server, request, open).finally(over);
  current = { key, response };
  return response;
}

function over(): void {
  current = undefined;
}

async function begin(server: Server, request: AnyRequest, open: () => Promise<Opened>): Promise<Members | undefined> {
  const words = wordsFor(request.locale);
  const wanted = platform() === "PC" ? request.windowType?.pc : request.windowType?.mobile;
  // Before anything that takes time: later it would not be an answer to the buyer's press any more.
  const popup = wanted === "POPUP" ? Popup.open(words, request.popup?.center === true) : undefined;
  let isLeft = false;
  let leave = () => {
    isLeft = true;
  };
  const overlay = new Overlay(words, request.iframe?.dim !== false, () => leave());
  let opened: Opened;
  try {
    opened = await open();
  } catch (refusal) {
    popup?.close();
    overlay.remove();
    throw refusal;
  }
  const end = await shown({ server, opened, overlay, popup, request, isLeft, leaving: (by) => (leave = by) });
  return conclude(end, opened, overlay);
}

interface Scene {
  server: Server;
  opened: Opened;
  overlay: Overlay;
  popup: Popup | undefined;
  request: AnyRequest;
  isLeft: boolean;
  leaving: (by: () => void) => void;
}

function shown(scene: Scene): Promise<Ended> {
  const { server, opened, overlay, request } = scene;
  let { popup } = scene;
  let frame: HTMLIFrameElement | undefined;
  let isHeard = false;
  return new Promise((resolve) => {
    const ending = new Ending(server, opened, () => frame?.contentWindow ?? popup?.window, {
      ended: (end) => {
        popup?.close();
        resolve(end);
      },
      shown: (height) => {
        isHeard = true;
        overlay.uncovers(height);
      },
      closeAsked: () => leave(),
    });
    const leave = () => {
      if (!frame) overlay.waits(overlay.words.finishing);
      void ending.close();
    };
    scene.leaving(leave);
    if (scene.isLeft) return leave();

    const inPopup = (window: Popup) => {
      popup = window;
      window.goes(opened.url);
      overlay.asks({ text: overlay.words.inPopup, button: overlay.words.showPopup, press: () => window.shows() });
      window.whenClosed(leave);
    };
    switch (opened.windowType) {
      case "POPUP": {
        if (popup) return inPopup(popup);
        const press = () => {
          const window = Popup.open(overlay.words, request.popup?.center === true);
          if (window) inPopup(window);
        };
        const late = Popup.open(overlay.words, request.popup?.center === true);
        return late ? inPopup(late) : overlay.asks({ text: overlay.words.blocked, button: overlay.words.openPopup, press });
      }
      case "REDIRECTION":
        popup?.close();
        popup = undefined;
        // Whoever comes back by the browser's button finds this page as it was left: then the visit is over.
        window.addEventListener("pageshow", (event) => event.persisted && leave());
        location.assign(opened.url);
        return;
      case "IFRAME":
      case "UI":
        popup?.close();
        popup = undefined;
        frame = overlay.frames(opened.url, () => {
          // Whatever the frame shows now, it is there to be seen. If it does not speak, the end may have
          // gone unheard.
          setTimeout(() => {
            if (!isHeard) {
              overlay.uncovers(undefined);
              void ending.check();
            }
            isHeard = false;
          }, 1_500);
        });
        return;
    }
  });
}

function conclude(end: Ended, opened: Opened, overlay: Overlay): Promise<Members | undefined> | Members {
  const next = opened.forceRedirect ? followable(end.redirectUrl) : undefined;
  if (!next) {
    overlay.remove();
    return end.result;
  }
  overlay.covers(overlay.words.finishing);
  location.assign(next.href);
  // An app's address leaves this page where it is.
  if (!/^https?:$/.test(next.protocol)) overlay.remove();
  over();
  return new Promise<undefined>(() => {});
}

/** No address of a redirect runs as script in the shop's page. */
function followable(address: string | undefined): URL | undefined {
  if (!address) return undefined;
  try {
    const url = new URL(address, location.href);
    return /^(javascript|data|vbscript|blob):$/.test(url.protocol) ? undefined : url;
  } catch {
    return undefined;
  }
}
