// A window with a discount: the right company's card pays less, another company's pays nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

// The demo store's: 10 % off from 5,000 won on, for cards that begin with 4242.
const promotionId = "promotion-id-de300000-0000-4000-8000-000000000006";
const promoted = () => shop.order("CARD", { promotionId, card: { cardCompany: "KOOKMIN_CARD" } });

for (const [device, name] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
  test(`a promoted window takes the company's card at a discount, on a ${name}`, async () => {
    const page = await shop.buyer({ device });
    const request = promoted();
    await shop.presses(page, request);
    const place = await shop.frame(page);
    await place.waitForSelector("button.main");
    assert.match(await place.textContent(".total"), /11,610/);
    await shop.paysByCard(place);
    assert.equal("code" in (await shop.outcome(page)).response, false);
    const { status, amount } = await shop.payment(request.paymentId);
    assert.deepEqual([status, amount.total, amount.discount, amount.paid], ["PAID", 12_900, 1_290, 11_610]);
    await page.leaves();
  });

  test(`another company's card is refused in a promoted window, on a ${name}`, async () => {
    const page = await shop.buyer({ device });
    const request = promoted();
    await shop.presses(page, request);
    const place = await shop.frame(page);
    await shop.paysByCard(place, "5555555555554444");
    const { response } = await shop.outcome(page);
    assert.equal(response.code, "PGProviderError");
    await shop.picture(page, `promotion-other-card-${name}`);
    const { status, amount } = await shop.payment(request.paymentId);
    assert.deepEqual([status, amount.paid], ["FAILED", 0]);
    // The same order, without the promotion, is paid in full with the same card.
    await shop.unframed(page);
    await shop.presses(page, { ...request, promotionId: undefined, card: undefined });
    await shop.paysByCard(await shop.frame(page), "5555555555554444");
    assert.equal((await shop.outcome(page)).response.code, undefined);
    assert.equal((await shop.payment(request.paymentId)).amount.paid, 12_900);
    await page.leaves();
  });
}
