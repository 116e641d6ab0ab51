// The page of a payment link in a frame of the shop's page, with `/portone.js`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { calls, clientKey, fillsCard, signature, token } from "../shop/global.mjs";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

/** A request as the shop's server signs it for its page. */
function request(more = {}) {
  const body = { merchant_details: { name: "Pier Coffee" }, source: "checkout", description: "Two bags of beans", amount: 300,
    currency: "THB", country_code: "TH", merchant_order_id: shop.newId("embedded"), success_url: `${shop.shop}/thanks`,
    failure_url: `${shop.shop}/failed`, environment: "sandbox", is_checkout_embed: true,
    chosen_payment_methods: [{ payment_channel: "OMISE", payment_method: "OMISE_CREDIT_CARD" }, { payment_channel: "OMISE", payment_method: "OMISE_TRUEMONEY" }],
    ...more };
  const { amount, currency, failure_url, merchant_order_id, success_url } = body;
  return { ...body, signature_hash: signature({ amount, client_key: clientKey, currency, failure_url, merchant_order_id, success_url }) };
}

/** A buyer on a page of the shop that has the script. */
async function buyer(more) {
  const page = await shop.buyer({ locale: "en-US", ...more });
  await page.goto(`${shop.shop}/embedding`);
  return page;
}

const begins = (page, asked) => page.evaluate(([portOneKey, jwtToken, body]) => {
  window.portone = new PortOne({ portOneKey, jwtToken });
  window.result = portone.checkoutService.checkout(body).catch((error) => ({ refused: error.status_code, message: error.message }));
}, [clientKey, token(), asked]);

/** The page in the frame, once it is at such an address. */
async function framed(page, at) {
  await page.waitForSelector("#portone-checkout-frame", { state: "attached" });
  const frame = await (await page.$("#portone-checkout-frame")).contentFrame();
  await frame.waitForURL(at);
  return frame;
}

const stands = async (reference) => (await calls("GET", `/api/paymentLink/${reference}/fetch-status`)).content.status;

for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
  test(`a buyer pays in the shop's page on a ${size}, which hears of it, signed`, async () => {
    const page = await buyer({ device });
    await begins(page, request());
    const link = await framed(page, `${shop.server}/?ref=*`);
    const reference = new URL(link.url()).searchParams.get("ref");
    await shop.picture(page, `embedded-link-${size}`);
    await link.click("button.main");
    const window = await framed(page, `${shop.server}/checkout/*`);
    await fillsCard(window);
    await shop.picture(page, `embedded-card-${size}`);
    await window.click("button.main");
    const result = await page.evaluate(() => window.result);
    assert.equal(result.status, "Success");
    const told = ["channel_order_ref", "merchant_order_ref", "order_ref", "status"];
    assert.equal(result.signature_hash, signature(Object.fromEntries(told.map((name) => [name, result[name]]))));
    assert.equal(page.url(), `${shop.shop}/embedding`, "the shop's page is where it was");
    assert.equal(await stands(reference), "Success");
    await shop.picture(page, `embedded-paid-${size}`);
    await page.evaluate(() => portone.checkoutService.close());
    assert.equal(await page.locator("#portone-checkout-frame").count(), 0);
    await page.leaves();
  });
}

test("a buyer whose card is declined tries again in the frame, and the shop hears of both", async () => {
  const page = await buyer();
  await begins(page, request());
  await (await framed(page, `${shop.server}/?ref=*`)).click("button.main");
  const first = await framed(page, `${shop.server}/checkout/*`);
  await fillsCard(first, "4000000000000002");
  await first.click("button.main");
  assert.equal((await page.evaluate(() => window.result)).status, "Failed");
  const over = await framed(page, `${shop.server}/checkout/return/**`);
  await over.waitForSelector("[role=alert]");
  await shop.picture(page, "embedded-failed-desktop");
  await over.click("button.main");
  const second = await framed(page, (url) => url.pathname.startsWith("/checkout/") && !url.pathname.includes("return"));
  await fillsCard(second);
  await second.click("button.main");
  await page.waitForFunction(() => window.heard.length === 2);
  assert.deepEqual(await page.evaluate(() => heard.map(({ status }) => status)), ["Failed", "Success"]);
  await page.leaves();
});

test("a buyer who gives up in the frame is heard of, and what others say is not", async () => {
  const page = await buyer();
  await begins(page, request());
  await page.evaluate(() => postMessage({ source: "portone", status: "Success" }, "*"));
  await (await framed(page, `${shop.server}/?ref=*`)).click("button.main");
  const window = await framed(page, `${shop.server}/checkout/*`);
  await window.locator("form[data-leave] button, form[data-leave] input[type=submit]").first().click();
  const result = await page.evaluate(() => window.result);
  assert.equal(result.status, "Cancelled");
  assert.equal(await page.evaluate(() => heard.length), 1);
  await page.leaves();
});

test("a page of another origin frames neither the link nor the card", async () => {
  const made = await calls("POST", "/api/paymentLink", { portone_key: clientKey, ...request({ success_url: "https://elsewhere.example/ok", failure_url: "https://elsewhere.example/ko" }) });
  const page = await buyer();
  page.complaints = [];
  await page.evaluate((link) => { new PortOne({ portOneKey: "x" }).checkoutService.embed(link); }, made.payment_link);
  await page.waitForTimeout(300);
  const frame = await (await page.$("#portone-checkout-frame")).contentFrame();
  assert.equal(await frame.locator("button.main").count(), 0);
  await page.context().close();
});

test("the script leads to the page of a link and to that of a payment, and says why something is refused", async () => {
  const page = await buyer();
  await begins(page, request({ is_checkout_embed: false }));
  await page.waitForURL(`${shop.server}/?ref=*`);
  await page.goto(`${shop.shop}/embedding`);
  await begins(page, { ...request(), amount: 3000 });
  const { refused, message } = await page.evaluate(() => window.result);
  assert.deepEqual([refused, message.length > 0], ["4011", true]);
  const body = request();
  await page.evaluate(([chaiPayKey, asked]) => {
    new ChaiPay({ chaiPayKey }).paymentService.payment(asked);
  }, [clientKey, { ...body, pmt_channel: "OMISE", pmt_method: "OMISE_CREDIT_CARD" }]);
  await page.waitForURL(`${shop.server}/checkout/*`);
  await page.leaves();
});
