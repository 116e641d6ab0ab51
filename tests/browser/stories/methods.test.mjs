// Every method in every kind of window, on a desktop and on a phone: paid, told, and read back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

const approves = (place) => shop.decides(place, "approve");
const METHODS = {
  CARD: (place) => shop.paysByCard(place),
  EASY_PAY: approves,
  TRANSFER: approves,
  MOBILE: approves,
  GIFT_CERTIFICATE: approves,
  CONVENIENCE_STORE: approves,
  PAYPAL: approves,
  ALIPAY: approves,
  ALIPAY_PLUS: approves,
  VIRTUAL_ACCOUNT: async (place) => {
    await place.click("button.main");
    await place.click("button[value=done]");
  },
};
const STATUS = { VIRTUAL_ACCOUNT: "VIRTUAL_ACCOUNT_ISSUED", CONVENIENCE_STORE: /^(PAID|PAY_PENDING)$/ };

for (const [device, name] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
  for (const window of ["IFRAME", "POPUP", "REDIRECTION"]) {
    test(`every method in ${window} on a ${name}`, async (story) => {
      for (const [method, pays] of Object.entries(METHODS)) {
        await story.test(method, async () => {
          const page = await shop.buyer({ device });
          const request = shop.order(method, {
            windowType: { pc: window, mobile: window },
            redirectUrl: `${shop.shop}/thanks?kept=yes#end`,
          });
          const popup = window === "POPUP" ? page.waitForEvent("popup") : null;
          await shop.presses(page, request);
          const place = window === "IFRAME" ? await shop.frame(page) : window === "POPUP" ? await popup : page;
          await place.waitForURL(`${shop.server}/checkout/*`);
          await pays(place);
          if (window === "REDIRECTION") {
            await page.waitForURL(`${shop.shop}/thanks?**`);
            const { searchParams, hash } = new URL(page.url());
            assert.equal(searchParams.get("kept"), "yes");
            assert.equal(searchParams.get("paymentId"), request.paymentId);
            assert.equal(searchParams.get("transactionType"), "PAYMENT");
            assert.equal(searchParams.has("code"), false);
            assert.equal(hash, "#end");
          } else {
            const { response } = await shop.outcome(page);
            assert.equal(response.transactionType, "PAYMENT");
            assert.equal(response.paymentId, request.paymentId);
            assert.match(response.txId, /\S/);
            assert.equal("code" in response, false);
          }
          assert.match(await shop.status(request.paymentId), new RegExp(STATUS[method] ?? "^PAID$"));
          await page.leaves();
        });
      }
    });
  }
}
