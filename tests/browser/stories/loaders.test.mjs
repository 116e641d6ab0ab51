// The same SDK by its three ways in: a script, a module, and PortOne's own npm package.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

for (const by of ["script", "module", "official"]) {
  test(`by ${by}: a payment resolves, a start error is thrown as PortOne throws it`, async () => {
    const page = await shop.buyer({ by });
    const request = shop.order("CARD");
    await shop.presses(page, request);
    await shop.paysByCard(await shop.frame(page));
    assert.equal((await shop.outcome(page)).response.paymentId, request.paymentId);

    await shop.presses(page, request);
    const { error } = await shop.outcome(page);
    assert.equal(error.isError, true);
    assert.equal(error.__portOneErrorType, "PaymentError");
    assert.equal(error.code, "PaymentAlreadyPaid");
    assert.equal(error.transactionType, "PAYMENT");
    assert.equal(error.paymentId, request.paymentId);
    assert.equal(page.frames().length, 1, "nothing was opened");
    await page.leaves();
  });
}

test("by official: isPaymentError of PortOne's package knows our errors", async () => {
  const page = await shop.buyer({ by: "official" });
  const isKnown = await page.evaluate(async (request) => {
    try {
      await window.shopSdk.requestPayment(request);
    } catch (error) {
      return window.isPaymentError(error);
    }
  }, shop.order("CARD", { channelKey: "channel-key-unknown" }));
  assert.equal(isKnown, true);
  await page.leaves();
});

test("every refusal at the start has its code, and nothing is stored", async () => {
  const page = await shop.buyer();
  for (const [more, code] of [
    [{ storeId: "store-00000000-0000-4000-8000-000000000000" }, "StoreNotFound"],
    [{ channelKey: "channel-key-00000000-0000-4000-8000-000000000000" }, "ChannelNotFound"],
    [{ totalAmount: -1 }, /^(BadRequest|RequestParseFailed)$/],
    [{ windowType: { pc: "UI" } }, /^(BadRequest|RequestParseFailed)$/],
    [{ redirectUrl: "javascript:alert(1)" }, /^(BadRequest|RequestParseFailed)$/],
  ]) {
    const request = shop.order("CARD", { ...more, forceRedirect: true });
    await shop.presses(page, request);
    const { error } = await shop.outcome(page);
    assert.match(error.code, new RegExp(code), JSON.stringify(more));
    assert.equal((await shop.payment(request.paymentId)).httpStatus, 404);
  }
  assert.equal(page.url(), `${shop.shop}/?by=script`);
  await page.leaves();
});

test("a server that cannot be reached is a start error, too", async () => {
  const page = await shop.buyer();
  await page.route(`${shop.server}/checkout/windows`, (route) => route.abort());
  await shop.presses(page, shop.order("CARD"));
  assert.equal((await shop.outcome(page)).error.code, "Unavailable");
  await page.leaves();
});
