// How a visit ends when it does not end with money: declined, cancelled, left, silent, later.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

async function framed(request, options) {
  const page = await shop.buyer(options);
  await shop.presses(page, request);
  return { page, place: await shop.frame(page) };
}

test("a declined card fails in the PSP's words", async () => {
  const request = shop.order("CARD");
  const { page, place } = await framed(request);
  await shop.paysByCard(place, "4000000000009995");
  const { response } = await shop.outcome(page);
  assert.equal(response.code, "PGProviderError");
  assert.equal(response.pgCode, "SANDBOX_INSUFFICIENT_FUNDS");
  assert.match(response.message, /\S/);
  assert.equal(await shop.status(request.paymentId), "FAILED");
  await page.leaves();
});

test("3-D Secure: the code passes, anything else fails", async () => {
  for (const [code, status] of [["123456", "PAID"], ["000001", "FAILED"]]) {
    const request = shop.order("CARD");
    const { page, place } = await framed(request);
    await shop.paysByCard(place, "4000000000003220");
    await place.fill("#code", code);
    await place.click("button[value=code]");
    assert.equal("code" in (await shop.outcome(page)).response, status === "FAILED");
    assert.equal(await shop.status(request.paymentId), status);
    await page.leaves();
  }
});

for (const [way, leaves] of [
  ["the cross", ({ place }) => place.click(".x button")],
  ["Esc in the frame", ({ place }) => place.press("#number", "Escape")],
]) {
  test(`${way} ends the visit, and the shop is told`, async () => {
    const request = shop.order("CARD");
    const visit = await framed(request);
    await leaves(visit);
    const { response } = await shop.outcome(visit.page);
    assert.equal(response.code, "PGProviderError");
    assert.equal(response.pgCode, "SANDBOX_BUYER_CANCELLED");
    assert.equal(await shop.status(request.paymentId), "FAILED");
    assert.equal(visit.page.frames().length, 1, "the frame is gone");
    await visit.page.leaves();
  });
}

test("the provider declines, the buyer cancels, the provider says later", async () => {
  for (const [method, intent, code, status] of [
    ["EASY_PAY", "decline", "PGProviderError", "FAILED"],
    ["EASY_PAY", "cancel", "PGProviderError", "FAILED"],
    ["PAYPAL", "approve_later", undefined, "PAY_PENDING"],
  ]) {
    const request = shop.order(method);
    const { page, place } = await framed(request);
    await shop.decides(place, intent);
    assert.equal((await shop.outcome(page)).response.code, code, intent);
    assert.equal(await shop.status(request.paymentId), status, intent);
    await page.leaves();
  }
});

test("a provider that says nothing leaves the payment waiting", async () => {
  const request = shop.order("TRANSFER");
  const { page, place } = await framed(request);
  await shop.decides(place, "silence");
  await place.waitForSelector(".verdict");
  assert.equal(await shop.isOpen(page), true);
  assert.equal(await shop.status(request.paymentId), "READY");
  await page.leaves();
  assert.equal(await shop.status(request.paymentId), "READY", "a closed tab reports nothing");
});

test("a closed popup is a buyer who gave up", async () => {
  const page = await shop.buyer();
  const request = shop.order("EASY_PAY", { windowType: { pc: "POPUP" } });
  const popup = page.waitForEvent("popup");
  await shop.presses(page, request);
  const place = await popup;
  await place.waitForURL(`${shop.server}/checkout/*`);
  await place.close();
  assert.equal((await shop.outcome(page)).response.pgCode, "SANDBOX_BUYER_CANCELLED");
  assert.equal(await shop.status(request.paymentId), "FAILED");
  await page.leaves();
});

test("a popup that is closed after paying, its message lost, is still a payment", async () => {
  const page = await shop.buyer();
  const request = shop.order("EASY_PAY", { windowType: { pc: "POPUP" } });
  const popup = page.waitForEvent("popup");
  await shop.presses(page, request);
  const place = await popup;
  await place.waitForURL(`${shop.server}/checkout/*`);
  await place.evaluate(() => { window.opener = null; });
  await place.route("**/checkout/*", async (route) => {
    const answer = await route.fetch();
    // The page that would tell arrives without its script.
    await route.fulfill({ response: answer, headers: { ...answer.headers(), "content-security-policy": "script-src 'none'" } });
  });
  await shop.decides(place, "approve");
  await place.waitForSelector(".verdict");
  assert.equal(await shop.isOpen(page), true);
  await place.close();
  assert.equal("code" in (await shop.outcome(page)).response, false);
  assert.equal(await shop.status(request.paymentId), "PAID");
  page.complaints.length = 0; // The script that was taken away.
  await page.leaves();
});

test("forceRedirect leads the shop's page on, out of the frame", async () => {
  const request = shop.order("CARD", { redirectUrl: `${shop.shop}/thanks`, forceRedirect: true });
  const { page, place } = await framed(request);
  await shop.paysByCard(place);
  await page.waitForURL(`${shop.shop}/thanks?**`);
  assert.equal(new URL(page.url()).searchParams.get("paymentId"), request.paymentId);
  await page.leaves();
});

test("the way back of a whole page tells the shop by its redirect", async () => {
  const page = await shop.buyer({ device: shop.PHONE });
  const request = shop.order("CARD", { redirectUrl: `${shop.shop}/thanks` });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  await page.click(".back button");
  await page.waitForURL(`${shop.shop}/thanks?**`);
  const told = new URL(page.url()).searchParams;
  assert.deepEqual([told.get("code"), told.get("pgCode")], ["PGProviderError", "SANDBOX_BUYER_CANCELLED"]);
  await page.leaves();
});
