// The buyer's browser in a window of the checkout, and the merchant's page that opens it.

import assert from "node:assert/strict";

export class Visit {
  #wire;

  constructor(wire, window, ids) {
    this.#wire = wire;
    this.window = window;
    this.ids = ids;
  }

  /** Opens a window the way the browser SDK does: from any origin, without credentials. */
  static async opens(shop, kind, request) {
    const wire = shop.wire.as(undefined);
    const page = { url: "https://shop.example/cart", origin: "https://shop.example", platform: "PC", language: "ko-KR" };
    const body = { kind, request: { storeId: shop.v2.storeId, noticeUrls: [shop.receiver.url], ...request }, page };
    const answer = await wire.post("/checkout/windows", body, { headers: { "content-type": "text/plain" } });
    assert.equal(answer.status, 200, answer.text);
    return new Visit(wire, answer.json.window, answer.json.ids);
  }

  /** Fills in the form that the page shows now. */
  async submits(fields) {
    const page = await this.#wire.get(`/checkout/${this.window}`);
    assert.equal(page.status, 200, page.text);
    const [hidden] = page.text.match(/<input[^>]*name="?nonce"?[^>]*>/) ?? [];
    assert.ok(hidden, page.text);
    const [, nonce] = hidden.match(/value="?([^"\s>]+)/);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await this.#wire.post(`/checkout/${this.window}`, String(new URLSearchParams({ nonce, ...fields })), { headers });
    assert.equal(answer.status, 303, answer.text);
  }

  types(number) {
    return this.submits({ intent: "card", number, expiry: "12/39", birth: "900101", password: "12" });
  }

  /** What the merchant's page is told: the members of the browser SDK's response. */
  async result() {
    const answer = await this.#wire.get(`/checkout/windows/${this.window}/result`);
    assert.equal(answer.json.state, "ENDED", answer.text);
    return answer.json.result;
  }
}
