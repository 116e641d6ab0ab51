// A shop that uses PortOne's server SDK with another base URL and nothing else changed.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PortOneClient } from "@portone/server-sdk";
import { isUnrecognizedPayment } from "@portone/server-sdk/payment";
import * as cards from "./cards.mjs";
import { Receiver } from "./receiver.mjs";
import { Sandbox } from "./sandbox.mjs";
import { Wire } from "./wire.mjs";

export class Shop {
  #ids = 0;
  #prefix = `js-${randomUUID()}`;

  static async open() {
    const path = process.env.PAYPIER_SANDBOX;
    assert.ok(path, "PAYPIER_SANDBOX must name the sandbox.json of a running server");
    const { url, v2 } = JSON.parse(await readFile(path, "utf8"));
    const shop = new Shop();
    shop.url = url;
    shop.v2 = v2;
    shop.channels = v2.channels;
    shop.portone = PortOneClient({ secret: v2.apiSecret, baseUrl: url });
    shop.payments = shop.portone.payment;
    shop.billingKeys = shop.portone.payment.billingKey;
    shop.schedules = shop.portone.payment.paymentSchedule;
    shop.wire = new Wire(url, `PortOne ${v2.apiSecret}`);
    shop.sandbox = new Sandbox(shop.wire);
    shop.receiver = await Receiver.open(v2.webhookSecret);
    return shop;
  }

  async close() {
    await this.receiver.close();
  }

  newPaymentId() {
    this.#ids += 1;
    return `${this.#prefix}-${this.#ids}`;
  }

  /** The SDK's options for a key-in card payment; every member can be replaced. */
  order({ card = cards.approved.visa, ...changes } = {}) {
    return {
      paymentId: this.newPaymentId(),
      channelKey: this.channels.card,
      orderName: "Two tickets",
      amount: { total: 10_000 },
      currency: "KRW",
      method: cards.keyIn(card),
      noticeUrls: [this.receiver.url],
      ...changes,
    };
  }

  accountOrder(changes = {}) {
    return this.order({
      channelKey: this.channels.virtualAccount,
      method: { virtualAccount: { bank: "SHINHAN", expiry: { validHours: 24 }, option: { type: "NORMAL" } } },
      ...changes,
    });
  }

  /** Pays by key-in and hands back the payment to go on with. */
  async isPaid(changes) {
    const order = this.order(changes);
    await this.payments.payInstantly(order);
    return new Payment(this, order.paymentId);
  }

  async failsToPay(changes = {}) {
    const order = this.order({ card: cards.declined.byIssuer, ...changes });
    await assert.rejects(this.payments.payInstantly(order));
    return new Payment(this, order.paymentId);
  }

  async hasIssuedAccount(changes) {
    const order = this.accountOrder(changes);
    await this.payments.payInstantly(order);
    return new Payment(this, order.paymentId);
  }

  payment(paymentId) {
    return new Payment(this, paymentId);
  }

  billingKeyOrder({ card = cards.approved.visa, ...changes } = {}) {
    return {
      channelKey: this.channels.billing,
      method: { card: { credential: cards.credential(card) } },
      noticeUrls: [this.receiver.url],
      ...changes,
    };
  }

  async hasBillingKey(changes) {
    const { billingKeyInfo } = await this.billingKeys.issueBillingKey(this.billingKeyOrder(changes));
    return billingKeyInfo.billingKey;
  }

  chargeOrder(billingKey, changes = {}) {
    return {
      paymentId: this.newPaymentId(),
      billingKey,
      orderName: "Monthly box",
      amount: { total: 9_900 },
      currency: "KRW",
      noticeUrls: [this.receiver.url],
      ...changes,
    };
  }
}

class Payment {
  #shop;

  constructor(shop, id) {
    this.#shop = shop;
    this.id = id;
  }

  get path() {
    return `/payments/${encodeURIComponent(this.id)}`;
  }

  async read() {
    const payment = await this.#shop.payments.getPayment({ paymentId: this.id });
    assert.ok(!isUnrecognizedPayment(payment), `status ${payment.status} is unknown to the SDK`);
    return payment;
  }

  async cancel(ask = {}) {
    const { cancellation } = await this.#shop.payments.cancelPayment({ paymentId: this.id, reason: "changed my mind", ...ask });
    return cancellation;
  }

  hears(type, about = {}) {
    return this.#shop.receiver.hears(type, { paymentId: this.id, ...about });
  }

  heard(type) {
    return this.#shop.receiver.heard(type, { paymentId: this.id });
  }
}
