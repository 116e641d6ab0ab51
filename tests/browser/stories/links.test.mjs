// Payment links in a browser: the page on a phone and on a desktop, by keyboard, and all the way to the shop.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { calls, clientKey, fillsCard, signature } from "../shop/global.mjs";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);


/** A signed request for a link, as a shop's server makes it. */
function request(more = {}) {
  const body = {
    portone_key: clientKey,
    merchant_details: { name: "Pier Coffee", back_url: `${shop.shop}/cart`, promo_code: "SPRING", promo_discount: 200, shipping_charges: 100 },
    source: "api", description: "Two bags of beans and a grinder", amount: 300, currency: "THB", country_code: "TH",
    merchant_order_id: shop.newId("link"), success_url: `${shop.shop}/thanks`, failure_url: `${shop.shop}/failed`,
    environment: "sandbox", show_shipping_details: true,
    order_details: [{ id: "1", name: "Beans", price: 50, quantity: 4 }, { id: "2", name: "Grinder", price: 200, quantity: 1 }],
    billing_details: { billing_name: "Kim Dana", billing_email: "dana@example.com", billing_phone: "+66812345678" },
    chosen_payment_methods: [
      { payment_channel: "OMISE", payment_method: "OMISE_CREDIT_CARD" },
      { payment_channel: "OMISE", payment_method: "OMISE_TRUEMONEY" },
      { payment_channel: "OMISE", payment_method: "OMISE_PROMPTPAY" },
    ],
    ...more,
  };
  const signed = { amount: body.amount, client_key: clientKey, currency: body.currency, failure_url: body.failure_url,
    merchant_order_id: body.merchant_order_id, success_url: body.success_url };
  return { ...body, signature_hash: signature(signed) };
}

const link = (more) => calls("POST", "/api/paymentLink", request(more));

const stands = async (made) => (await calls("GET", `/api/paymentLink/${made.payment_link_ref}/fetch-status`)).content;

test("a link is looked at on any screen, in any light and both languages, with nothing to complain about", async () => {
  const made = await link();
  for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
    for (const colorScheme of ["light", "dark"]) {
      const locale = size === "phone" ? "ko-KR" : "en-US";
      const page = await shop.buyer({ bypassCSP: true, device, colorScheme, locale });
      await page.goto(made.payment_link);
      await page.click("details.device summary");
      assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
      await shop.picture(page, `link-${size}-${colorScheme}`);
      await shop.isAccessible(page);
      await page.context().close();
    }
  }
});

for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
  test(`a link is paid by card on a ${size}, and the buyer comes back to the shop, signed`, async () => {
    const made = await link();
    const page = await shop.buyer({ device, locale: "en-US" });
    await page.goto(made.payment_link);
    await page.click("button.main");
    await page.waitForURL(`${shop.server}/checkout/*`);
    await fillsCard(page);
    await page.click("button.main");
    await page.waitForURL(`${shop.shop}/thanks?**`);
    const back = new URL(page.url()).searchParams;
    assert.equal(back.get("status"), "Success");
    assert.equal(back.get("link_order_ref"), made.merchant_order_id);
    const told = ["channel_order_ref", "merchant_order_ref", "order_ref", "status"];
    assert.equal(back.get("signature_hash"), signature(Object.fromEntries(told.map((name) => [name, back.get(name)]))));
    assert.equal((await stands(made)).status, "Success");
    await page.goto(made.payment_link);
    await page.waitForSelector(".verdict .good, .verdict.good, .sign.good");
    assert.equal(await page.locator("form").count(), 0);
    await page.leaves();
  });
}

test("a card that is declined leads back to the shop, and the link can be paid with a wallet, by keyboard alone", async () => {
  const made = await link();
  const page = await shop.buyer({ locale: "en-US" });
  await page.goto(made.payment_link);
  await page.click("button.main");
  await page.waitForURL(`${shop.server}/checkout/*`);
  await fillsCard(page, "4000000000000002");
  await page.click("button.main");
  await page.waitForURL(`${shop.shop}/failed?**`);
  assert.equal(new URL(page.url()).searchParams.get("status"), "Failed");

  await page.goto(made.payment_link);
  await page.waitForSelector("[role=alert]");
  await page.locator("input[name=method]").first().focus();
  await page.keyboard.press("ArrowDown");
  assert.match(await page.evaluate(() => document.activeElement.value), /TRUEMONEY|PROMPTPAY/);
  await page.locator("button.main").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${shop.server}/checkout/*`);
  await shop.decides(page, "approve");
  await page.waitForURL(`${shop.shop}/thanks?**`);
  const { status, transactionsList } = await stands(made);
  assert.equal(status, "Success");
  assert.deepEqual(transactionsList.map((one) => one.status), ["Failed", "Success"]);
  await page.leaves();
});

test("what merchants typed is text on the page", async () => {
  const made = await link({ description: "<img src=x onerror=\"document.title='owned'\">", merchant_details: { name: "<b>Shop</b>" }, order_details: undefined });
  const page = await shop.buyer({ locale: "en-US" });
  await page.goto(made.payment_link);
  assert.notEqual(await page.title(), "owned");
  assert.equal(await page.locator(".order img[src=x], .order b").count(), 0);
  await page.leaves();
});

test("of dozens of methods one kind is open at a time, cards first, and each name is its own", async () => {
  const made = await link({ chosen_payment_methods: undefined, currency: "KRW", country_code: "KR" });
  for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
    const page = await shop.buyer({ bypassCSP: true, device, locale: "en-US" });
    await page.goto(made.payment_link);
    assert.deepEqual(await page.locator("details.kind[open] h3").allTextContents(), ["Card"]);
    for (const kind of await page.locator("details.kind").all()) {
      const names = (await kind.locator("label span").allTextContents()).map((name) => name.trim());
      assert.deepEqual(names, [...new Set(names)]);
      assert.equal(await kind.locator("summary small").textContent(), String(names.length));
    }
    await page.locator("details.kind summary", { hasText: "Wallet" }).focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await page.locator("details.kind[open] h3").allTextContents(), ["Wallet"]);
    await shop.picture(page, `link-many-methods-${size}`);
    await shop.isAccessible(page);
    if (size === "phone") {
      await page.locator("details.kind[open] label").first().click();
      await page.click("button.main");
      await page.waitForURL(`${shop.server}/checkout/*`);
      await shop.decides(page, "approve");
      await page.waitForURL(`${shop.shop}/thanks?**`);
      await page.leaves();
    } else {
      await page.context().close();
    }
  }
});
