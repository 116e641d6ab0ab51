// What buyers and strangers do that nobody asked them to.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

test("two calls at once are one visit, another order meanwhile is refused", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD");
  await page.evaluate((asked) => {
    window.both = Promise.all([window.shopSdk.requestPayment(asked), window.shopSdk.requestPayment(asked)]);
    window.other = window.shopSdk.requestPayment({ ...asked, paymentId: `${asked.paymentId}-other` }).catch((error) => error.code);
  }, request);
  assert.equal(await page.evaluate(() => window.other), "FailedPrecondition");
  await shop.paysByCard(await shop.frame(page));
  const [first, second] = await page.evaluate(() => window.both);
  assert.deepEqual(first, second);
  const { status, transactionId } = await shop.payment(request.paymentId);
  assert.deepEqual([status, transactionId], ["PAID", first.txId]);
  await page.leaves();
});

test("a double click pays once", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD");
  await shop.presses(page, request);
  const place = await shop.frame(page);
  await shop.fillsCard(place);
  await place.dblclick("button.main");
  assert.equal("code" in (await shop.outcome(page)).response, false);
  assert.equal((await shop.payment(request.paymentId)).amount.paid, 12_900);
  await page.leaves();
});

test("back after paying shows the end and charges nothing", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD", { windowType: { pc: "REDIRECTION" }, redirectUrl: `${shop.shop}/thanks` });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  const checkout = page.url();
  await shop.paysByCard(page);
  await page.waitForURL(`${shop.shop}/thanks?**`);
  const paid = await shop.payment(request.paymentId);
  await page.goBack();
  await page.waitForURL(`${shop.shop}/**`);
  await page.goto(checkout);
  await page.waitForURL(`${shop.shop}/thanks?**`);
  assert.equal(new URL(page.url()).searchParams.get("txId"), paid.transactionId);
  assert.deepEqual(await shop.payment(request.paymentId), paid);
  await page.leaves();
});

test("back from the checkout to the shop is a visit that was given up", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD", { windowType: { pc: "REDIRECTION" }, redirectUrl: `${shop.shop}/thanks` });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  await page.goBack();
  await page.waitForURL(`${shop.shop}/?**`);
  const wasKept = await page.evaluate(() => "outcome" in window);
  // A browser that kept the page goes on with its promise; one that loads it anew has none.
  if (wasKept) assert.equal((await shop.outcome(page)).response.pgCode, "SANDBOX_BUYER_CANCELLED");
  assert.match(await shop.status(request.paymentId), wasKept ? /FAILED/ : /READY/);
  await page.leaves();
});

test("two tabs of one window: one pays, the other sees it", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD", { windowType: { pc: "REDIRECTION" }, redirectUrl: `${shop.shop}/thanks` });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  const second = await page.context().newPage();
  await second.goto(page.url());
  await shop.fillsCard(second, "5555555555554444");
  await shop.paysByCard(page);
  await page.waitForURL(`${shop.shop}/thanks?**`);
  await second.click("button.main");
  await second.waitForURL(`${shop.shop}/thanks?**`);
  assert.equal(new URL(second.url()).searchParams.get("txId"), new URL(page.url()).searchParams.get("txId"));
  const { amount, method } = await shop.payment(request.paymentId);
  assert.deepEqual([amount.paid, method.card.number.slice(-4)], [12_900, "4242"]);
  await page.leaves();
});

test("an amount that differs from what the shop's server has registered is refused", async () => {
  const request = shop.order("CARD");
  const registered = await fetch(`${shop.server}/payments/${request.paymentId}/pre-register`, {
    method: "POST",
    headers: { authorization: `PortOne ${shop.v2.apiSecret}` },
    body: JSON.stringify({ storeId: shop.v2.storeId, totalAmount: 12_900, currency: "KRW" }),
  });
  assert.equal(registered.status, 200);
  const page = await shop.buyer();
  await shop.presses(page, { ...request, totalAmount: 100 });
  assert.equal((await shop.outcome(page)).error.code, "AmountNotEqualToPredefined");
  await shop.presses(page, request);
  await shop.paysByCard(await shop.frame(page));
  assert.equal("code" in (await shop.outcome(page)).response, false);
  await page.leaves();
});

test("a page of another origin can neither frame the checkout nor hear of it", async () => {
  const page = await shop.buyer();
  await shop.presses(page, shop.order("CARD"));
  const place = await shop.frame(page);
  const stranger = await page.context().newPage();
  const refusals = [];
  stranger.on("console", (message) => refusals.push(message.text()));
  const framing = shop.shop.replace("127.0.0.1", "localhost");
  await stranger.goto(`${framing}/framing?of=${encodeURIComponent(place.url())}`);
  await stranger.waitForTimeout(300);
  assert.match(refusals.join("\n"), /frame-ancestors/);
  page.complaints.length = 0; // The stranger's.
  // A message that somebody else forges is not taken for the checkout's.
  await page.evaluate((token) => {
    window.postMessage({ source: "paypier", window: token, state: "ENDED", result: { forged: true } }, "*");
  }, place.url().split("/").pop());
  assert.equal(await shop.isOpen(page), true);
  await shop.paysByCard(place);
  assert.equal("forged" in (await shop.outcome(page)).response, false);
  await page.leaves();
});

test("script in what the shop and the buyer write stays text", async () => {
  const evil = `"><script>window.top.postMessage("hacked","*")</script><img src=x onerror=alert(1)>`;
  const page = await shop.buyer();
  await page.evaluate(() => window.addEventListener("message", (event) => { if (event.data === "hacked") window.hacked = true; }));
  const request = shop.order("VIRTUAL_ACCOUNT", { orderName: evil, customer: { fullName: evil } });
  await shop.presses(page, request);
  const place = await shop.frame(page);
  assert.equal(await place.locator(".name").innerText(), evil);
  await place.fill("#depositor", evil.slice(0, 40));
  await place.click("button.main");
  await place.click("button[value=done]");
  assert.equal("code" in (await shop.outcome(page)).response, false);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  await page.leaves();
});

test("a token that is unknown, or that the sandbox has forgotten, shows why there is nothing", async () => {
  const page = await shop.buyer({ locale: "ko-KR" });
  const answer = await page.goto(`${shop.server}/checkout/${"A".repeat(43)}`);
  assert.equal(answer.status(), 404);
  assert.match(await page.locator("h1").innerText(), /찾을 수 없습니다/);
  await page.leaves();
});
