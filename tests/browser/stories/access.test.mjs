// The checkout by keyboard, for screen readers, and without its script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);


/** Opens `method`'s page in place of the shop's, and comes to what is shown after `act`. */
async function at(method, act, options = {}) {
  const page = await shop.buyer({ bypassCSP: true, ...options });
  const request = shop.order(method, {
    windowType: { pc: "REDIRECTION", mobile: "REDIRECTION" },
    redirectUrl: `${shop.shop}/thanks`,
    locale: options.korean ? "KO_KR" : "EN_US",
  });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  await act?.(page);
  return page;
}

const PAGES = {
  card: ["CARD"],
  "card-test-cards": ["CARD", (page) => page.click("details.tries summary")],
  "three-d-secure": ["CARD", async (page) => {
    await shop.paysByCard(page, "4000000000003220");
    await page.waitForSelector("#code");
  }],
  "easy-pay": ["EASY_PAY"],
  transfer: ["TRANSFER"],
  mobile: ["MOBILE"],
  "gift-certificate": ["GIFT_CERTIFICATE"],
  "convenience-store": ["CONVENIENCE_STORE"],
  paypal: ["PAYPAL"],
  alipay: ["ALIPAY"],
  silent: ["TRANSFER", (page) => shop.decides(page, "silence")],
  "virtual-account": ["VIRTUAL_ACCOUNT"],
  "virtual-account-issued": ["VIRTUAL_ACCOUNT", async (page) => {
    await page.click("button.main");
    await page.waitForSelector("dl.account");
  }],
  missing: ["CARD", (page) => page.goto(`${shop.server}/checkout/${"A".repeat(43)}`)],
};

for (const [name, [method, act]] of Object.entries(PAGES)) {
  test(`${name}: nothing to complain about for assistive technology, in any light and size`, async () => {
    for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await at(method, act, { device, colorScheme, korean: size === "phone" });
        await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
        await shop.picture(page, `${name}-${size}-${colorScheme}`);
        await shop.isAccessible(page);
        await page.context().close();
      }
    }
  });
}

test("by keyboard alone: the focus is in the dialog, stays there, and comes back", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD");
  await page.evaluate((asked) => { window.order = asked; }, ["requestPayment", request]);
  await page.focus("#buy");
  await page.keyboard.press("Enter");
  const place = await shop.frame(page);
  await place.waitForSelector("#number:focus");
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).overflow), "hidden");
  await page.keyboard.type("4242424242424242");
  assert.equal(await place.evaluate(() => document.activeElement.id), "expiry");
  await page.keyboard.type("1239");
  assert.equal(await place.inputValue("#expiry"), "12 / 39");
  await page.keyboard.press("Tab");
  await page.keyboard.type("12");
  await page.keyboard.press("Tab");
  await page.keyboard.type("900101");
  for (let tabs = 0; tabs < 20; tabs += 1) {
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), "buy", "the shop is behind the dialog");
  }
  await place.focus("button.main");
  await page.keyboard.press("Enter");
  assert.equal("code" in (await shop.outcome(page)).response, false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "buy");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.documentElement).overflow), "hidden");
  await page.leaves();
});

test("Esc before the checkout is there ends it as well", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD");
  let release;
  const held = new Promise((free) => { release = free; });
  await page.route(`${shop.server}/checkout/windows`, async (route) => {
    await held;
    await route.continue();
  });
  await shop.presses(page, request);
  await page.keyboard.press("Escape");
  release();
  assert.equal((await shop.outcome(page)).response.pgCode, "SANDBOX_BUYER_CANCELLED");
  await page.leaves();
});

test("without its script a whole page is paid on all the same", async () => {
  const page = await shop.buyer();
  const request = shop.order("CARD", { windowType: { pc: "REDIRECTION" }, redirectUrl: `${shop.shop}/thanks` });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  const bare = await shop.buyer();
  const context = await bare.context().browser().newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(page.url());
  await plain.fill("#number", "4242 4242 4242 4242");
  await plain.fill("#expiry", "12/39");
  await plain.fill("#password", "12");
  await plain.fill("#birth", "900101");
  await plain.click("button.main");
  await plain.waitForURL(`${shop.shop}/thanks?**`);
  assert.equal(await shop.status(request.paymentId), "PAID");
  await context.close();
  await bare.leaves();
  await page.leaves();
});

test("the first page is one small request to one server", async () => {
  const page = await shop.buyer();
  const asked = [];
  let bytes = 0;
  const request = shop.order("CARD", { windowType: { pc: "REDIRECTION" }, redirectUrl: `${shop.shop}/thanks` });
  page.on("response", async (response) => {
    if (response.request().resourceType() === "preflight" || response.url().startsWith("data:")) return;
    if (!response.url().startsWith(`${shop.server}/checkout/windows`)) {
      asked.push(response.url());
      bytes += (await response.body().catch(() => Buffer.alloc(0))).length;
    }
  });
  await shop.presses(page, request);
  await page.waitForURL(`${shop.server}/checkout/*`);
  await page.waitForLoadState("networkidle");
  assert.deepEqual(asked, [page.url()]);
  assert.ok(bytes > 0 && bytes <= 50_000, `${bytes} bytes`);
  await page.leaves();
});
