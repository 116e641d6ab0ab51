// The demo shop, as a newcomer meets it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

async function demo(options) {
  const page = await shop.buyer(options);
  await page.goto(`${shop.server}/demo`);
  await page.waitForSelector("#live.on");
  return page;
}

/** Until the page lists a webhook of `type` about the payment it shows. The store's other buyers, who may have left a
 * window of an earlier story, are listed as well and may come in between. */
async function webhook(page, type) {
  const { paymentId } = JSON.parse(await page.locator("#response").innerText());
  await page.locator("#log summary", { hasText: paymentId }).filter({ hasText: type }).waitFor();
}

test("a card payment: response, payment and webhooks appear, and it can be refunded", async () => {
  const page = await demo();
  await page.check("[name=method][value=CARD]");
  await page.click(".pay");
  const place = await shop.frame(page);
  await place.waitForSelector("#number:focus");
  await page.waitForTimeout(300); // The frame grows to its page.
  await shop.picture(page, "frame-desktop-light");
  await shop.paysByCard(place);
  await page.waitForFunction(() => document.getElementById("status").textContent === "PAID");
  assert.match(await page.locator("#response").innerText(), /"transactionType": "PAYMENT"/);
  await webhook(page, "Transaction.Paid");
  await shop.picture(page, "demo-desktop-light");
  await page.click("#cancel");
  await page.waitForFunction(() => document.getElementById("status").textContent === "CANCELLED");
  await webhook(page, "Transaction.Cancelled");
  await page.leaves();
});

test("a bank deposit is played from the page", async () => {
  const page = await demo({ device: shop.PHONE });
  await page.check("[name=method][value=VIRTUAL_ACCOUNT]");
  await page.click(".pay");
  const place = await shop.frame(page);
  await place.click("button.main");
  await place.click("button[value=done]");
  await page.click("#deposit");
  await page.waitForFunction(() => document.getElementById("status").textContent === "PAID");
  await shop.picture(page, "demo-phone-light");
  await page.leaves();
});

test("a card is saved, and charged without its buyer", async () => {
  const page = await demo();
  await page.check("[name=errand][value=SAVE]");
  await page.click(".pay");
  await shop.paysByCard(await shop.frame(page));
  await page.waitForFunction(() => document.getElementById("status").textContent === "ISSUED");
  await page.click("#charge");
  await page.waitForFunction(() => document.getElementById("status").textContent === "PAID");
  await page.leaves();
});

test("a redirect comes back to the shop with its response", async () => {
  const page = await demo();
  await page.check("[name=window][value=REDIRECTION]");
  await page.check("[name=method][value=EASY_PAY]");
  await page.click(".pay");
  await page.waitForURL(`${shop.server}/checkout/*`);
  await shop.decides(page, "approve");
  await page.waitForURL(`${shop.server}/demo**`);
  await page.waitForFunction(() => document.getElementById("status").textContent === "PAID");
  await page.leaves();
});

test("every method of the demo opens its page", async () => {
  const page = await demo();
  const methods = await page.locator("[name=method]").evaluateAll((inputs) => inputs.map((input) => input.value));
  for (const method of methods) {
    await page.check(`[name=method][value=${method}]`);
    await page.click(".pay");
    await (await shop.frame(page)).click(".x button");
    await page.waitForFunction(() => !document.querySelector(".pay").disabled);
    assert.match(await page.locator("#response").innerText(), /PGProviderError/, method);
    await shop.unframed(page);
  }
  await page.leaves();
});
