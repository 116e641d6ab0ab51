// Links of subscriptions in a browser: the enrolment page on a phone and on a desktop, by keyboard, declined, and all
// the way to the shop.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { calls, clientKey, fillsCard, signature } from "../shop/global.mjs";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);


async function plan(more = {}) {
  const body = { portone_key: clientKey, merchant_order_ref: shop.newId("plan"), source: "api", environment: "sandbox",
    name: "Beans every month", description: "Two bags of beans", currency: "USD", amount: 24, frequency: 1, period: "M",
    plan_type: "REGULAR", ...more };
  const { amount, currency, frequency, merchant_order_ref } = body;
  const signed = body.plan_type === "REGULAR"
    ? { amount, client_key: clientKey, currency, frequency, merchant_order_ref }
    : { client_key: clientKey, currency, merchant_order_ref };
  return (await calls("POST", "/api/subscription/createPlan", { ...body, signature_hash: signature(signed) })).order_ref;
}

async function subscription(ofPlan, more = {}) {
  const body = { portone_key: clientKey, merchant_order_ref: shop.newId("subscription"), source: "api", environment: "sandbox",
    subscription_type: "REGULAR", plan_order_ref: ofPlan, currency: "USD", description: "Roasted the day before they leave",
    success_url: `${shop.shop}/thanks`, failure_url: `${shop.shop}/failed`, pending_url: `${shop.shop}/pending`,
    customer_name: "Kim Dana", customer_email_address: "dana@example.com", customer_phone_number: "+66812345678",
    quantity: 1, allow_accumulate: "Y", recurrance_count: 12, additional_costs: [{ key: "Grinder", value: 35 }], ...more };
  const { currency, failure_url, merchant_order_ref, quantity, success_url } = body;
  const signed = body.subscription_type === "REGULAR"
    ? { client_key: clientKey, currency, failure_url, merchant_order_ref, quantity, success_url }
    : { client_key: clientKey, currency, failure_url, merchant_order_ref, success_url };
  return calls("POST", "/api/subscription/createSubscription", { ...body, signature_hash: signature(signed) });
}

const onDemand = async (more) => {
  const of = await plan({ plan_type: "ONDEMAND", name: "Coffee at the counter", description: "" });
  return subscription(of, { subscription_type: "ONDEMAND", initial_amount: 0, additional_costs: [], ...more });
};

const stands = async (made) => (await calls("GET", `/api/subscription/${made.order_ref}`)).content;

/** Everybody has to agree before a card is kept. */
const agrees = (page) => page.check("input[name=consent]");

test("the enrolment is looked at on any screen, in any light and both languages, with nothing to complain about", async () => {
  const links = { regular: await subscription(await plan()), trial: await subscription(await plan(), { trial_frequency: 7, trial_period: "D" }), demand: await onDemand() };
  for (const [kind, made] of Object.entries(links)) {
    for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
      for (const colorScheme of ["light", "dark"]) {
        const locale = size === "phone" ? "ko-KR" : "en-US";
        const page = await shop.buyer({ bypassCSP: true, device, colorScheme, locale });
        await page.goto(made.subscription_link);
        assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
        await shop.picture(page, `subscription-${kind}-${size}-${colorScheme}`, { fullPage: true });
        assert.equal(await page.evaluate(() => window.scrollY), 0, "what is agreed to is seen first");
        await shop.isAccessible(page);
        await page.context().close();
      }
    }
  }
});

for (const [device, size] of [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]]) {
  test(`a customer enrols by card on a ${size} and comes back to the shop, signed`, async () => {
    const made = await subscription(await plan());
    const page = await shop.buyer({ device, locale: "en-US" });
    await page.goto(made.subscription_link);
    await fillsCard(page);
    await agrees(page);
    await shop.picture(page, `subscription-filled-${size}`);
    await page.click("button.main");
    await page.waitForURL(`${shop.shop}/thanks?**`);
    const back = new URL(page.url()).searchParams;
    assert.equal(back.get("status"), "Success");
    assert.equal(back.get("amount"), "59", "the first charge brings the grinder");
    const told = ["channel_order_ref", "merchant_order_ref", "order_ref", "status"];
    assert.equal(back.get("signature_hash"), signature(Object.fromEntries(told.map((name) => [name, back.get(name)]))));
    const { status, collected_amount } = await stands(made);
    assert.deepEqual([status, collected_amount], ["Active", 59]);

    await page.goto(made.subscription_link);
    await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished)));
    await shop.picture(page, `subscription-enrolled-${size}`);
    assert.equal(await page.locator("form input#number").count(), 0, "nobody enrols twice");
    assert.equal(await page.locator("h1").innerText(), "You are subscribed");
    await page.leaves();
  });
}

test("nothing is kept without consent, and the page works by keyboard alone", async () => {
  const made = await onDemand();
  const page = await shop.buyer({ locale: "en-US" });
  await page.goto(made.subscription_link);
  await fillsCard(page);
  await page.click("button.main");
  assert.ok(page.url().startsWith(`${shop.server}/subscribe/`), "the browser asks for the consent first");
  assert.equal((await stands(made)).status, "Created");
  await page.locator("input[name=consent]").focus();
  await page.keyboard.press("Space");
  await page.locator("button.main").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${shop.shop}/thanks?**`);
  assert.equal((await stands(made)).status, "Active");
  await page.leaves();
});

test("a card that is not kept is answered on the page, and another one is taken", async () => {
  const made = await onDemand();
  const page = await shop.buyer({ locale: "en-US", device: shop.PHONE });
  await page.goto(made.subscription_link);
  await fillsCard(page, "4000000000000002");
  await agrees(page);
  await page.click("button.main");
  await page.waitForSelector("[role=alert]");
  await shop.picture(page, "subscription-declined-phone");
  assert.equal(await page.locator("#number").inputValue(), "", "card numbers are not written back");
  await fillsCard(page);
  await agrees(page);
  await page.click("button.main");
  await page.waitForURL(`${shop.shop}/thanks?**`);
  await page.leaves();
});

test("a first charge that fails leads to the shop, and the link can be used again", async () => {
  const made = await subscription(await plan());
  const page = await shop.buyer({ locale: "en-US" });
  await page.goto(made.subscription_link);
  await fillsCard(page, "4000000000009995");
  await agrees(page);
  await page.click("button.main");
  await page.waitForURL(`${shop.shop}/failed?**`);
  assert.equal(new URL(page.url()).searchParams.get("status"), "Failed");
  await page.goto(made.subscription_link);
  await fillsCard(page);
  await agrees(page);
  await page.click("button.main");
  await page.waitForURL(`${shop.shop}/thanks?**`);
  await page.leaves();
});

test("links that are over say so", async () => {
  const expired = await onDemand({ expiry_date: "2023-07-27T11:32:57Z" });
  const cancelled = await onDemand();
  await calls("PUT", `/api/subscription/${cancelled.order_ref}/status/cancelled`, {});
  const page = await shop.buyer({ locale: "en-US", device: shop.PHONE });
  for (const [made, name] of [[expired, "expired"], [cancelled, "cancelled"]]) {
    await page.goto(made.subscription_link);
    assert.equal(await page.locator("form input#number").count(), 0, name);
    await shop.picture(page, `subscription-${name}-phone`);
  }
  await page.leaves();
});

test("what merchants typed is text on the page", async () => {
  const hostile = "<img src=x onerror=\"document.title='owned'\">";
  const made = await subscription(await plan({ name: hostile.slice(0, 90) }), { description: hostile, customer_name: "<b>Dana</b>", additional_costs: [{ key: "<i>x</i>", value: 1 }] });
  const page = await shop.buyer({ locale: "en-US" });
  await page.goto(made.subscription_link);
  assert.notEqual(await page.title(), "owned");
  assert.equal(await page.locator("main img[src=x], main b, main i").count(), 0);
  await page.leaves();
});
