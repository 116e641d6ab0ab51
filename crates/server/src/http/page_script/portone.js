"use strict";
// Payments and payment links of the Global dialect from a shop's page. `new PortOne({ portOneKey, jwtToken })`.
(() => {
  const server = new URL(".", document.currentScript.src);
  const CONTAINER = "portone-container", FRAME = "portone-checkout-frame";

  class PortOneError extends Error {
    constructor(answer) {
      super(answer.message || "The request was refused");
      this.name = "PortOneError";
      Object.assign(this, { status_code: answer.status_code, status_reason: answer.status_reason });
    }
  }

  const container = () => {
    const known = document.getElementById(CONTAINER);
    if (known) return known;
    const made = document.createElement("div");
    made.id = CONTAINER;
    document.body.append(made);
    return made;
  };

  // One frame at a time: another link takes the place of the one before.
  const embed = (link) => new Promise((ended) => {
    document.getElementById(FRAME)?.remove();
    const frame = document.createElement("iframe");
    Object.assign(frame, { id: FRAME, title: "Checkout", src: link, allow: "payment" });
    frame.style.cssText = "display:block;width:100%;max-width:560px;height:min(860px,100vh);margin:0 auto;border:0";
    const hear = ({ origin, source, data }) => {
      if (origin !== server.origin || source !== frame.contentWindow || data?.source !== "portone") return;
      if (!frame.isConnected) return removeEventListener("message", hear);
      const { source: _, ...result } = data;
      // A payer may try again after a failure: every end is told here, the first one also by the promise.
      frame.parentElement.dispatchEvent(new CustomEvent("portone-result", { bubbles: true, detail: result }));
      ended(result);
    };
    addEventListener("message", hear);
    container().append(frame);
  });

  class PortOne {
    constructor({ portOneKey, chaiPayKey, jwtToken } = {}) {
      const key = portOneKey ?? chaiPayKey;
      const ask = async (path, body) => {
        const headers = { "content-type": "application/json", "x-portone-client-key": key };
        if (jwtToken) headers.authorization = `Bearer ${jwtToken}`;
        const response = await fetch(new URL(path, server), { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
        const answer = await response.json();
        if (!response.ok) throw new PortOneError(answer);
        return answer;
      };
      this.paymentService = {
        /** Starts a payment and leads the payer to it. */
        async payment(request) {
          const answer = await ask("api/initiatePayment", { key, ...request });
          if (answer.redirect_url) location.assign(answer.redirect_url);
          return answer;
        },
      };
      this.checkoutService = {
        /** Makes a link and leads the payer to its page, or shows the page in `#portone-container` and resolves to how it ended. */
        async checkout(request) {
          const answer = await ask("api/paymentLink", { portone_key: key, ...request });
          if (request.is_checkout_embed === true) return embed(answer.payment_link);
          location.assign(answer.payment_link);
          return answer;
        },
        /** Shows the page of a link that the shop's server has made. */
        embed,
        /** Takes the page away. */
        close() { document.getElementById(FRAME)?.remove(); },
      };
    }
  }
  Object.assign(window, { PortOne, ChaiPay: PortOne });
})();
