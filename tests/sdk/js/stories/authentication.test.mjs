import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PortOneClient } from "@portone/server-sdk";
import { LoginViaApiSecretError, RefreshTokenError } from "@portone/server-sdk/auth";
import { GetPaymentError, PayInstantlyError } from "@portone/server-sdk/payment";
import { assertRefusal, refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const login = () => shop.portone.auth.loginViaApiSecret({ apiSecret: shop.v2.apiSecret });

test("an API secret is exchanged for tokens, and the access token opens the API as Bearer", async () => {
  const payment = await shop.isPaid();
  const { accessToken, refreshToken } = await login();

  const answer = await shop.wire.as(`Bearer ${accessToken}`).get(payment.path);

  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.id, payment.id);
  assert.equal(typeof refreshToken, "string");
});

test("login and refresh need no authorization of their own", async () => {
  const anonymous = shop.wire.as(undefined);
  const loggedIn = await anonymous.post("/login/api-secret", { apiSecret: shop.v2.apiSecret });
  assert.equal(loggedIn.status, 200, loggedIn.text);

  const refreshed = await anonymous.post("/token/refresh", { refreshToken: loggedIn.json.refreshToken });

  assert.equal(refreshed.status, 200, refreshed.text);
  assert.deepEqual(Object.keys(refreshed.json).sort(), ["accessToken", "refreshToken"]);
});

test("a refreshed token dies at once, and its successor works", async () => {
  const first = await login();
  const second = await shop.portone.auth.refreshToken({ refreshToken: first.refreshToken });

  await refused(shop.portone.auth.refreshToken({ refreshToken: first.refreshToken }), RefreshTokenError, "UNAUTHORIZED");
  const third = await shop.portone.auth.refreshToken({ refreshToken: second.refreshToken });

  const payment = await shop.isPaid();
  assert.equal((await shop.wire.as(`Bearer ${third.accessToken}`).get(payment.path)).status, 200);
  // Access tokens already handed out live until they expire.
  assert.equal((await shop.wire.as(`Bearer ${first.accessToken}`).get(payment.path)).status, 200);
});

test("a new login kills earlier refresh tokens", async () => {
  const first = await login();
  await login();
  await refused(shop.portone.auth.refreshToken({ refreshToken: first.refreshToken }), RefreshTokenError, "UNAUTHORIZED");
});

test("of two refreshes of one token at the same time exactly one wins", async () => {
  const { refreshToken } = await login();
  const anonymous = shop.wire.as(undefined);

  const answers = await Promise.all([1, 2].map(() => anonymous.post("/token/refresh", { refreshToken })));

  assert.deepEqual(answers.map((it) => it.status).sort(), [200, 401]);
});

test("unknown secrets and tokens are unauthorized", async () => {
  await refused(shop.portone.auth.loginViaApiSecret({ apiSecret: "wrong" }), LoginViaApiSecretError, "UNAUTHORIZED");
  await refused(shop.portone.auth.refreshToken({ refreshToken: "wrong" }), RefreshTokenError, "UNAUTHORIZED");
});

test("login and refresh without their member are invalid requests", async () => {
  await refused(shop.portone.auth.loginViaApiSecret({}), LoginViaApiSecretError, "INVALID_REQUEST");
  await refused(shop.portone.auth.refreshToken({}), RefreshTokenError, "INVALID_REQUEST");
});

test("a wrong API secret neither reads nor pays", async () => {
  const stranger = PortOneClient({ secret: "wrong", baseUrl: shop.url }).payment;
  const payment = await shop.isPaid();
  await refused(stranger.getPayment({ paymentId: payment.id }), GetPaymentError, "UNAUTHORIZED");
  await refused(stranger.payInstantly(shop.order()), PayInstantlyError, "UNAUTHORIZED");
});

test("every malformed authorization is unauthorized", async () => {
  const payment = await shop.isPaid();
  const headers = [undefined, "", "PortOne", "PortOne ", "Basic Zm9vOmJhcg==", "Bearer wrong", shop.v2.apiSecret];
  for (const authorization of headers) {
    assertRefusal(await shop.wire.as(authorization).get(payment.path), "UNAUTHORIZED");
  }
});

test("the scheme's case does not matter", async () => {
  const payment = await shop.isPaid();
  const answer = await shop.wire.as(`portone ${shop.v2.apiSecret}`).get(payment.path);
  assert.equal(answer.status, 200, answer.text);
});
