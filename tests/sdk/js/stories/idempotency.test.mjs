import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { declined } from "../shop/cards.mjs";
import { assertRefusal } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const newKey = () => `"${randomUUID()}"`;
const keyed = (key) => ({ headers: { "idempotency-key": key } });

function instant(changes) {
  const { paymentId, ...body } = shop.order(changes);
  return { paymentId, path: `/payments/${paymentId}/instant`, body };
}

test("the same request with the same key is answered by the same bytes and done once", async () => {
  const { path, body } = instant();
  const key = newKey();

  const first = await shop.wire.post(path, body, keyed(key));
  const second = await shop.wire.post(path, body, keyed(key));

  assert.equal(first.status, 200, first.text);
  assert.equal(second.status, 200);
  assert.equal(second.text, first.text);
});

test("a key means the same with and without its quotes", async () => {
  const { path, body } = instant();
  const key = newKey();
  const first = await shop.wire.post(path, body, keyed(key));
  const second = await shop.wire.post(path, body, keyed(key.slice(1, -1)));
  assert.deepEqual([second.status, second.text], [200, first.text]);
});

test("a partial cancellation that is repeated with its key refunds once", async () => {
  const payment = await shop.isPaid();
  const cancel = (key) => shop.wire.post(`${payment.path}/cancel`, { amount: 1_000, reason: "one ticket" }, keyed(key));
  const key = newKey();

  const answers = [await cancel(key), await cancel(key)];

  assert.equal(answers[0].text, answers[1].text);
  assert.equal((await payment.read()).amount.cancelled, 1_000);
  assert.equal((await cancel(newKey())).status, 200);
  assert.equal((await payment.read()).amount.cancelled, 2_000);
});

test("a key for another body, path or method is refused and nothing is done", async () => {
  const { path, body } = instant();
  const key = newKey();
  await shop.wire.post(path, body, keyed(key));
  const other = instant();

  assertRefusal(await shop.wire.post(path, { ...body, orderName: "Something else" }, keyed(key)), "INVALID_REQUEST");
  assertRefusal(await shop.wire.post(other.path, other.body, keyed(key)), "INVALID_REQUEST");

  assertRefusal(await shop.wire.get(`/payments/${other.paymentId}`), "PAYMENT_NOT_FOUND");
});

test("a refusal by the PSP is an outcome, and is replayed instead of tried again", async () => {
  const { paymentId, path, body } = instant({ card: declined.byIssuer });
  const key = newKey();

  const answers = [await shop.wire.post(path, body, keyed(key)), await shop.wire.post(path, body, keyed(key))];

  assertRefusal(answers[0], "PG_PROVIDER");
  assert.deepEqual([answers[1].status, answers[1].text], [502, answers[0].text]);
  const { items } = await shop.payments.getPaymentTransactions({ paymentId });
  assert.equal(items.length, 1);
});

test("thirty requests at once with one key are done once; the others wait or are told to", async () => {
  const payment = await shop.isPaid();
  const key = newKey();

  const answers = await shop.sandbox.whilePspTakes(500, () =>
    Promise.all(
      Array.from({ length: 30 }, () =>
        shop.wire.post(`${payment.path}/cancel`, { amount: 100, reason: "impatient" }, keyed(key)),
      ),
    ),
  );

  const done = answers.filter((it) => it.status === 200);
  assert.ok(done.length >= 1, answers[0].text);
  assert.equal(new Set(done.map((it) => it.text)).size, 1);
  for (const answer of answers) if (answer.status !== 200) assertRefusal(answer, "IDEMPOTENCY_OUTSTANDING_REQUEST");
  assert.equal((await payment.read()).amount.cancelled, 100);
});

test("a malformed key is an invalid request, and nothing is done", async () => {
  for (const key of ["short", `"${"x".repeat(257)}"`, '"unfinished-quotation-mark']) {
    const { paymentId, path, body } = instant();
    assertRefusal(await shop.wire.post(path, body, keyed(key)), "INVALID_REQUEST");
    assertRefusal(await shop.wire.get(`/payments/${paymentId}`), "PAYMENT_NOT_FOUND");
  }
});

test("a key on a read is ignored", async () => {
  const payment = await shop.isPaid();
  const key = newKey();
  assert.equal((await shop.wire.get(payment.path, keyed(key))).json.status, "PAID");
  await payment.cancel();
  assert.equal((await shop.wire.get(payment.path, keyed(key))).json.status, "CANCELLED");
});
