import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertRefusal } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

function instant(changes) {
  const { paymentId, ...body } = shop.order(changes);
  return { paymentId, path: `/payments/${paymentId}/instant`, body };
}

function assertNowhereNull(value, path = "$") {
  assert.notEqual(value, null, `${path} is null`);
  if (typeof value === "object") {
    for (const [name, member] of Object.entries(value)) assertNowhereNull(member, `${path}.${name}`);
  }
  if (typeof value === "number") assert.ok(Number.isSafeInteger(value), `${path} is ${value}`);
}

function assertTimesInUtc(value) {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === "object") assertTimesInUtc(member);
    else if (name.endsWith("At")) assert.match(member, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, name);
  }
}

test("no answer contains null, a fraction or a local time, whatever the state", async () => {
  const paid = await shop.isPaid();
  const partly = await shop.isPaid();
  await partly.cancel({ amount: 1 });
  const cancelled = await shop.isPaid();
  await cancelled.cancel();
  const billingKey = await shop.hasBillingKey();
  const payments = [paid, partly, cancelled, await shop.failsToPay(), await shop.hasIssuedAccount()];
  await paid.hears("Transaction.Paid");
  const paths = [
    ...payments.flatMap((it) => [it.path, `${it.path}/transactions`]),
    `/billing-keys/${billingKey}`,
    "/billing-keys",
    "/payments",
    "/payments-by-cursor",
    "/payment-events-by-cursor",
  ];

  for (const path of paths) {
    const { status, text, json, headers } = await shop.wire.get(path);
    assert.equal(status, 200, text);
    assert.match(headers["content-type"], /^application\/json/);
    assertNowhereNull(json, path);
    assertTimesInUtc(json);
    // `1000.0` parses as an integer here, but not in the Python SDK, hence the look at the text outside of its strings.
    assert.doesNotMatch(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'), /\d[.eE]/, `${path} has a number that is no integer`);
  }
});

test("every success is exactly 200 with a JSON body, for creation and deletion alike", async () => {
  const { path, body } = instant();
  const payment = await shop.isPaid();
  const billingKey = await shop.hasBillingKey();

  const answers = [
    await shop.wire.post(path, body),
    await shop.wire.post("/billing-keys", shop.billingKeyOrder()),
    await shop.wire.delete(`/billing-keys/${billingKey}`),
    await shop.wire.post(`${payment.path}/cancel`, { reason: "no" }),
    await shop.wire.post(`/payments/${shop.newPaymentId()}/pre-register`, {}),
  ];

  for (const { status, json, text } of answers) {
    assert.equal(status, 200, text);
    assert.equal(typeof json, "object", text);
  }
  assert.equal(answers.at(-1).text.trim(), "{}");
});

test("the content type of a request does not matter", async () => {
  for (const type of ["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "image/png", undefined]) {
    const { path, body } = instant();
    const answer = await shop.wire.post(path, body, { headers: type ? { "content-type": type } : {} });
    assert.equal(answer.status, 200, `${type}: ${answer.text}`);
  }
});

test("members that are unknown or null are passed over", async () => {
  const { path, body } = instant();
  const answer = await shop.wire.post(path, { ...body, invented: { by: "me" }, customer: null, products: null, customData: null });
  assert.equal(answer.status, 200, answer.text);
});

test("a body that is not JSON, or not an object, is an invalid request", async () => {
  for (const body of ["", "{", "[]", '"text"', "null", '{"orderName": "x",}']) {
    assertRefusal(await shop.wire.post(`/payments/${shop.newPaymentId()}/instant`, body), "INVALID_REQUEST");
  }
});

test("where nothing is required, an empty body is as good as an empty object", async () => {
  const payment = await shop.isPaid();
  await payment.hears("Transaction.Paid");
  for (const body of [undefined, "", "{}"]) {
    const answer = await shop.wire.post(`${payment.path}/resend-webhook`, body);
    assert.equal(answer.status, 200, answer.text);
  }
});

test("a payment id may hold anything that can be encoded", async () => {
  for (const hostile of ["a/b", "a?b=c", "a#b", "a b", "a+b", "a%2Fb", "주문-😀", "../escape", "a&b=c;d"]) {
    const paymentId = `${shop.newPaymentId()} ${hostile}`;
    const payment = await shop.isPaid({ paymentId });
    const read = await payment.read();
    assert.equal(read.id, paymentId);
    assert.equal((await payment.hears("Transaction.Paid")).event.data.paymentId, paymentId);
  }
});

test("criteria may come in the query, in the body, or not at all", async () => {
  const payment = await shop.isPaid({ orderName: "Query or body" });
  const criteria = JSON.stringify({ filter: { textSearch: [{ field: "PAYMENT_ID", value: payment.id }] } });
  const inQuery = `requestBody=${encodeURIComponent(criteria)}`;

  for (const answer of [
    await shop.wire.get(`/payments?${inQuery}`),
    await shop.wire.send("GET", "/payments", criteria),
    await shop.wire.send("GET", `/payments?${inQuery}`, '{"filter":{"status":["FAILED"]}}'),
  ]) {
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json.items.map((it) => it.id), [payment.id]);
  }
  for (const path of ["/payments", "/payments?", "/payments?requestBody=%7B%7D"]) {
    assert.equal((await shop.wire.get(path)).status, 200, path);
  }
  assertRefusal(await shop.wire.get("/payments?requestBody=%7B"), "INVALID_REQUEST");
  assertRefusal(await shop.wire.send("GET", "/payments", "{"), "INVALID_REQUEST");
});

test("a plus in the query is a blank, as the Python SDK writes it", async () => {
  const payment = await shop.isPaid({ orderName: `Blank ${shop.newPaymentId()}` });
  const { orderName } = await payment.read();
  const criteria = JSON.stringify({ filter: { textSearch: [{ field: "ORDER_NAME", value: orderName }] } });
  const { json, text } = await shop.wire.get(`/payments?${new URLSearchParams({ requestBody: criteria })}`);
  assert.deepEqual(json?.items?.map((it) => it.id), [payment.id], text);
});

test("a question mark with nothing behind it is harmless", async () => {
  const payment = await shop.isPaid();
  assert.equal((await shop.wire.get(`${payment.path}?`)).status, 200);
});

test("an unknown path and a wrong method are told in the same envelope", async () => {
  const lost = await shop.wire.get("/no-such-path");
  assert.deepEqual([lost.status, lost.json?.type], [404, "NOT_FOUND"], lost.text);
  const wrong = await shop.wire.delete("/payments/any/cancel");
  assert.deepEqual([wrong.status, wrong.json?.type], [405, "METHOD_NOT_ALLOWED"], wrong.text);
});
