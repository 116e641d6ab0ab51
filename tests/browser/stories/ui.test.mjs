// Buttons that are loaded into the shop's page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

const loads = (page, request) =>
  page.evaluate(async (asked) => {
    window.told = [];
    await window.shopSdk.loadPaymentUI(asked, {
      onPaymentSuccess: (response) => window.told.push(["success", response]),
      onPaymentFail: (error) => window.told.push(["fail", { ...error, message: error.message }]),
    });
  }, request);

function order(more = {}) {
  const { payMethod, ...request } = shop.order("PAYPAL", { currency: "USD", totalAmount: 9_600, ...more });
  return { uiType: "PAYPAL_SPB", ...request };
}

for (const by of ["script", "official"]) {
  test(`by ${by}: the button pays with the request as it is when it is pressed`, async () => {
    const page = await shop.buyer({ by });
    const request = order();
    await loads(page, request);
    await page.evaluate((asked) => window.shopSdk.updateLoadPaymentUIRequest(asked), { ...request, totalAmount: 4_800 });
    await page.click(".portone-ui-container button");
    await shop.decides(await shop.frame(page), "approve");
    await page.waitForFunction(() => window.told.length > 0);
    const [[kind, response]] = await page.evaluate(() => window.told);
    assert.deepEqual([kind, response.paymentId], ["success", request.paymentId]);
    const paid = await shop.payment(request.paymentId);
    assert.deepEqual([paid.status, paid.amount.total], ["PAID", 4_800]);
    await page.leaves();
  });
}

test("a buyer who gives up may press again", async () => {
  const page = await shop.buyer();
  const request = order();
  await loads(page, request);
  await page.click(".portone-ui-container button");
  await (await shop.frame(page)).click(".x button");
  await page.waitForFunction(() => window.told.length === 1);
  const [[kind, error]] = await page.evaluate(() => window.told);
  assert.deepEqual([kind, error.__portOneErrorType, error.code], ["fail", "PaymentError", "PGProviderError"]);
  await page.click(".portone-ui-container button");
  await shop.decides(await shop.frame(page), "approve");
  await page.waitForFunction(() => window.told.length === 2);
  assert.equal(await shop.status(request.paymentId), "PAID");
  await page.leaves();
});

test("a request that cannot work fails when it is loaded, before a buyer sees a button", async () => {
  const page = await shop.buyer();
  const thrown = await page.evaluate(async (asked) => {
    try {
      await window.shopSdk.loadPaymentUI(asked, {});
    } catch (error) {
      return { ...error };
    }
  }, order({ channelKey: "channel-key-00000000-0000-4000-8000-000000000000" }));
  assert.deepEqual([thrown.__portOneErrorType, thrown.code], ["LoadPaymentUIError", "ChannelNotFound"]);
  assert.equal(await page.locator(".portone-ui-container button").count(), 0);
  await page.leaves();
});
