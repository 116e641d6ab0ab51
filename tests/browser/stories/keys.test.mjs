// Billing keys from windows: saved, saved and charged, given up.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

const issue = (more = {}) => ({
  storeId: shop.v2.storeId,
  channelKey: shop.v2.channels.billing,
  billingKeyMethod: "CARD",
  issueId: shop.newId("issue"),
  issueName: "Pour-over subscription",
  locale: "EN_US",
  customer: { customerId: "dana", fullName: "Kim Dana" },
  ...more,
});

async function key(billingKey) {
  const answer = await fetch(`${shop.server}/billing-keys/${encodeURIComponent(billingKey)}`, {
    headers: { authorization: `PortOne ${shop.v2.apiSecret}` },
  });
  return { httpStatus: answer.status, ...(await answer.json()) };
}

for (const by of ["script", "official"]) {
  for (const window of ["IFRAME", "POPUP", "REDIRECTION"]) {
    test(`by ${by} in ${window}: a card is saved`, async () => {
      const page = await shop.buyer({ by });
      const popup = window === "POPUP" ? page.waitForEvent("popup") : null;
      const request = issue({ windowType: { pc: window }, redirectUrl: `${shop.shop}/thanks` });
      await shop.presses(page, request, "requestIssueBillingKey");
      const place = window === "IFRAME" ? await shop.frame(page) : window === "POPUP" ? await popup : page;
      await place.waitForURL(`${shop.server}/checkout/*`);
      assert.match(await place.locator("h1").innerText(), /Save a card/);
      await shop.paysByCard(place);
      let told;
      if (window === "REDIRECTION") {
        await page.waitForURL(`${shop.shop}/thanks?**`);
        told = Object.fromEntries(new URL(page.url()).searchParams);
      } else {
        told = (await shop.outcome(page)).response;
      }
      assert.equal(told.transactionType, "ISSUE_BILLING_KEY");
      assert.equal("code" in told, false);
      assert.equal((await key(told.billingKey)).status, "ISSUED");
      await page.leaves();
    });
  }
}

test("a buyer who leaves has saved nothing", async () => {
  const page = await shop.buyer();
  await shop.presses(page, issue(), "requestIssueBillingKey");
  await (await shop.frame(page)).click(".x button");
  const { response } = await shop.outcome(page);
  assert.deepEqual([response.transactionType, response.code], ["ISSUE_BILLING_KEY", "PGProviderError"]);
  await page.leaves();
});

test("a start error has the call's own type", async () => {
  const page = await shop.buyer();
  await shop.presses(page, issue({ channelKey: "channel-key-00000000-0000-4000-8000-000000000000" }), "requestIssueBillingKey");
  const { error } = await shop.outcome(page);
  assert.deepEqual([error.__portOneErrorType, error.code], ["IssueBillingKeyError", "ChannelNotFound"]);
  await page.leaves();
});

test("saved and charged in one go", async () => {
  const page = await shop.buyer();
  const { payMethod, ...order } = shop.order("MOBILE");
  const request = { ...order, billingKeyAndPayMethod: "MOBILE" };
  await shop.presses(page, request, "requestIssueBillingKeyAndPay");
  await shop.decides(await shop.frame(page), "approve");
  const { response } = await shop.outcome(page);
  assert.equal("code" in response, false);
  assert.equal(response.transactionType, "ISSUE_BILLING_KEY_AND_PAY");
  assert.equal((await key(response.billingKey)).status, "ISSUED");
  assert.equal(await shop.status(request.paymentId), "PAID");
  await page.leaves();
});
