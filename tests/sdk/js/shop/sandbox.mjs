// The control API of the simulated PSP: the test clock, deposits, faults and the PSP's own books.

import assert from "node:assert/strict";

export class Sandbox {
  #wire;

  constructor(wire) {
    this.#wire = wire;
  }

  /** Moves the store's clock by an ISO 8601 duration; every job that became due has run when this returns. */
  async after(duration) {
    return succeeded(await this.#wire.post("/sandbox/clock", { advance: duration }));
  }

  async now() {
    return succeeded(await this.#wire.get("/sandbox/clock")).now;
  }

  async approvesIdentity(identityVerificationId) {
    const path = `/sandbox/identity-verifications/${encodeURIComponent(identityVerificationId)}/approve`;
    return succeeded(await this.#wire.post(path, {}));
  }

  async deposits(paymentId, amount) {
    return succeeded(await this.#wire.post(`/sandbox/payments/${encodeURIComponent(paymentId)}/deposit`, { amount }));
  }

  /** Ends the time of the payment's virtual account. */
  async expires(paymentId) {
    return succeeded(await this.#wire.post(`/sandbox/payments/${encodeURIComponent(paymentId)}/expire`, {}));
  }

  /** The parcel of a payment in escrow moves on. */
  async parcelIs(paymentId, to) {
    return succeeded(await this.#wire.post(`/sandbox/payments/${encodeURIComponent(paymentId)}/escrow`, { to }));
  }

  async disputes(paymentId, reason) {
    return succeeded(await this.#wire.post(`/sandbox/payments/${encodeURIComponent(paymentId)}/dispute`, { reason })).disputeId;
  }

  async resolvesDispute(paymentId) {
    return succeeded(await this.#wire.post(`/sandbox/payments/${encodeURIComponent(paymentId)}/dispute/resolve`, {}));
  }

  async chargesBack(paymentId, amount) {
    return succeeded(await this.#wire.post(`/sandbox/payments/${encodeURIComponent(paymentId)}/chargeback`, { amount }));
  }

  /** Runs the story while every PSP call takes this long. */
  async whilePspTakes(latencyMs, story) {
    succeeded(await this.#wire.put("/sandbox/psp/faults", { latencyMs }));
    try {
      return await story();
    } finally {
      succeeded(await this.#wire.put("/sandbox/psp/faults", { latencyMs: 0 }));
    }
  }

  /** What the PSP believes it charged and refunded. */
  async pspBooks() {
    const entries = [];
    for (let next = ""; next !== undefined; ) {
      const page = succeeded(await this.#wire.get(`/sandbox/psp/ledger?size=1000${next && `&after=${encodeURIComponent(next)}`}`));
      entries.push(...page.lines);
      next = page.next;
    }
    return new PspBooks(entries);
  }
}

class PspBooks {
  #entries;

  constructor(entries) {
    for (const { kind, amount, currency } of entries) {
      assert.ok(["CHARGE", "REFUND", "CHARGEBACK"].includes(kind), `ledger entry of kind ${kind}`);
      assert.ok(Number.isSafeInteger(amount) && amount > 0, `ledger entry of ${amount}`);
      assert.match(currency, /^[A-Z]{3}$/);
    }
    this.#entries = entries;
  }

  /** The charge and refunds of one attempt: the PSP knows it by our transaction id. */
  of(transactionId) {
    const own = this.#entries.filter((it) => it.reference === transactionId);
    return {
      charged: own.filter((it) => it.kind === "CHARGE").map((it) => it.amount),
      refunded: own.filter((it) => it.kind === "REFUND").map((it) => it.amount),
    };
  }

  /** Charged less refunded, per currency. */
  held() {
    const held = {};
    for (const { kind, amount, currency } of this.#entries) {
      held[currency] = (held[currency] ?? 0) + (kind === "CHARGE" ? amount : -amount);
    }
    return held;
  }
}

function succeeded({ status, text, json }) {
  assert.equal(status, 200, text);
  return json;
}
