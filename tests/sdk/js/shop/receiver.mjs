// A merchant's webhook endpoint: verifies what arrives with the SDK's own verifier, as the documentation tells merchants to.

import assert from "node:assert/strict";
import http from "node:http";
import { Webhook } from "@portone/server-sdk";

const PATIENCE_MS = 20_000;

const paymentMembers = ["storeId", "paymentId", "transactionId"];
const cancelMembers = [...paymentMembers, "cancellationId"];
const billingKeyMembers = ["storeId", "billingKey"];

// The members that the SDK's type of each event declares as present. The SDK itself checks nothing but the signature.
const membersOf = {
  "Transaction.Ready": paymentMembers,
  "Transaction.Paid": paymentMembers,
  "Transaction.VirtualAccountIssued": paymentMembers,
  "Transaction.PartialCancelled": cancelMembers,
  "Transaction.Cancelled": cancelMembers,
  "Transaction.CancelPending": cancelMembers,
  "Transaction.Failed": paymentMembers,
  "Transaction.PayPending": paymentMembers,
  "BillingKey.Issued": billingKeyMembers,
  "BillingKey.Failed": billingKeyMembers,
  "BillingKey.Deleted": billingKeyMembers,
};

export class Receiver {
  #server;
  #secret;
  #arrived = [];
  #rejected = [];
  #waiting = new Set();
  #answers = new Map();

  static async open(secret) {
    const receiver = new Receiver();
    receiver.#secret = secret;
    receiver.#server = http.createServer((request, response) => receiver.#receive(request, response));
    await new Promise((listening) => receiver.#server.listen(0, "127.0.0.1", listening));
    receiver.url = `http://127.0.0.1:${receiver.#server.address().port}/webhooks`;
    return receiver;
  }

  /** A URL of this receiver whose deliveries are answered by the given statuses in turn, the last one from then on. */
  answering(...statuses) {
    const path = `/webhooks/answering-${this.#answers.size}`;
    this.#answers.set(path, statuses);
    return new URL(path, this.url).href;
  }

  /** Resolves with the first delivery that fits, one that has already arrived included. */
  async hears(type, { times = 1, ...about }) {
    const fitting = () => this.heard(type, about);
    const waitsOn = () => fitting().length < times && this.#rejected.length === 0;
    if (waitsOn()) {
      await new Promise((resolve, reject) => {
        const check = () => {
          if (waitsOn()) return;
          clearTimeout(timer);
          this.#waiting.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          this.#waiting.delete(check);
          const types = this.#arrived.filter((it) => concerns(it, about)).map((it) => it.event.type);
          reject(new Error(`waited in vain for ${type} (${times}) about ${JSON.stringify(about)}; heard [${types}]`));
        }, PATIENCE_MS);
        this.#waiting.add(check);
      });
    }
    this.#assertNothingRejected();
    return fitting()[times - 1];
  }

  heard(type, about) {
    return this.#arrived.filter((it) => (type === undefined || it.event.type === type) && concerns(it, about));
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
    this.#assertNothingRejected();
  }

  #assertNothingRejected() {
    assert.deepEqual(this.#rejected, [], "every webhook must pass the SDK's verifier and be of a known type");
  }

  async #receive(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const path = request.url;
    try {
      const event = await Webhook.verify(this.#secret, body, request.headers);
      assertTyped(event);
      this.#arrived.push({ event, body, path, headers: request.headers });
    } catch (error) {
      this.#rejected.push({ error: String(error), body, headers: request.headers });
    }
    const answers = this.#answers.get(path) ?? [200];
    response.statusCode = answers.length > 1 ? answers.shift() : answers[0];
    response.end("received");
    for (const check of [...this.#waiting]) check();
  }
}

function concerns({ event, path }, about) {
  return Object.entries(about).every(([name, value]) =>
    name === "at" ? new URL(value).pathname === path : event.data[name] === value,
  );
}

function assertTyped(event) {
  assert.ok(!Webhook.isUnrecognizedWebhook(event), `${event.type} is not a type of the SDK`);
  assert.match(event.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  for (const member of membersOf[event.type] ?? []) {
    assert.equal(typeof event.data[member], "string", `${event.type} lacks ${member}`);
  }
}
