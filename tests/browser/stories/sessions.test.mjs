// Payment sessions: a link, an order sheet, windows behind it, and what buyers do with them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as shop from "../shop/shop.mjs";

before(shop.opens);
after(shop.closes);

const profileKey = "profile-key-de300000-0000-4000-8000-000000000007";
const authorization = { authorization: `PortOne ${shop.v2.apiSecret}` };
const DEVICES = [[shop.DESKTOP, "desktop"], [shop.PHONE, "phone"]];

/** A session of the shop's; `more` goes over its request. */
async function session(more = {}) {
  const request = {
    storeId: shop.v2.storeId,
    paymentId: shop.newId("session"),
    profileKey,
    country: "KR",
    currency: "KRW",
    totalAmount: 45_000,
    orderName: "Pour-over set and two bags of beans",
    storeName: "Pier Coffee",
    customerName: "Kim Dana",
    customerEmail: "dana@example.com",
    products: [
      { name: "Pour-over set", unitPrice: 29_000, quantity: 1 },
      { name: "Ethiopia Yirgacheffe 200 g", unitPrice: 8_000, quantity: 2 },
    ],
    agreements: [
      { name: "Terms of electronic payment", url: "https://shop.example/terms" },
      { name: "Sharing of personal data", url: "https://shop.example/privacy" },
    ],
    colors: { primary: "#5b3fd6", primaryHover: "#4a31b8", primaryLight: "#eeeafe" },
    ...more,
  };
  const answer = await fetch(`${shop.server}/payment-sessions`, { method: "POST", headers: authorization, body: JSON.stringify(request) });
  assert.equal(answer.status, 200);
  return { ...(await answer.json()), paymentId: request.paymentId };
}

/** A buyer who follows the link. */
async function follows({ url }, device = shop.DESKTOP, options = {}) {
  const page = await shop.buyer({ device, ...options });
  await page.goto(url);
  return page;
}

async function agrees(page) {
  await page.check("[data-all]");
}

async function chooses(page, method) {
  await page.locator(`input[value=${method}]`).check({ force: true });
  await page.click("button.main");
  await page.waitForURL(`${shop.server}/checkout/sessions/*/*`);
}

for (const [device, name] of DEVICES) {
  test(`an order is paid by link on a ${name}, and the link says so whenever it is opened`, async () => {
    const made = await session();
    const page = await follows(made, device);
    await shop.picture(page, `session-sheet-${name}`);
    for (const text of ["Pier Coffee", "45,000", "dana@example.com", "Ethiopia"]) {
      assert.ok((await page.textContent("body")).includes(text), text);
    }
    const main = page.locator("button.main");
    assert.equal(await main.evaluate((button) => getComputedStyle(button).backgroundColor) === "rgb(91, 63, 214)", false, "not ready");
    // Without the agreements the browser does not send the form.
    await main.click();
    assert.equal(page.url(), made.url);
    await agrees(page);
    await page.waitForTimeout(200);
    assert.equal(await main.evaluate((button) => getComputedStyle(button).backgroundColor), "rgb(91, 63, 214)");
    await shop.picture(page, `session-agreed-${name}`);
    await chooses(page, "CARD_KR");
    assert.equal(await page.textContent(".seller strong"), "Pier Coffee");
    await shop.picture(page, `session-card-${name}`);
    await shop.paysByCard(page);
    await page.waitForSelector(".sign.good");
    assert.ok(page.url().startsWith(made.url));
    await shop.picture(page, `session-paid-${name}`);
    const { status, amount } = await shop.payment(made.paymentId);
    assert.deepEqual([status, amount.paid], ["PAID", 45_000]);
    const again = await follows(made, device);
    await again.waitForSelector(".sign.good");
    await again.leaves();
    await page.leaves();
  });

  test(`a buyer who was refused sees why and pays otherwise, on a ${name}`, async () => {
    const made = await session({ agreements: undefined });
    const page = await follows(made, device);
    await chooses(page, "CARD_KR");
    await shop.paysByCard(page, "4000000000000002");
    await page.waitForSelector(".problem");
    assert.match(await page.textContent(".problem"), /declined/);
    await shop.picture(page, `session-refused-${name}`);
    await chooses(page, "KAKAO_PAY");
    await shop.picture(page, `session-kakao-${name}`);
    await shop.decides(page, "cancel");
    await page.waitForSelector(".problem");
    await chooses(page, "KAKAO_PAY");
    await shop.decides(page, "approve");
    await page.waitForSelector(".sign.good");
    assert.equal(await shop.status(made.paymentId), "PAID");
    await page.leaves();
  });

  test(`an ended session and a method that does not fit are explained, on a ${name}`, async () => {
    const closed = await session();
    await fetch(`${shop.server}/payment-sessions/${closed.sessionId}/close`, { method: "POST", headers: authorization });
    const abroad = await session({ paymentMethod: "PAY_PAL" });
    for (const [made, what] of [[closed, "closed"], [abroad, "no-method"]]) {
      const page = await follows(made, device);
      await page.waitForSelector(".verdict[role=alert]");
      assert.equal(await page.locator("form").count(), 0);
      await shop.picture(page, `session-${what}-${name}`);
      await page.leaves();
    }
  });

  test(`the pages of a session are fit for assistive technology, on a ${name}`, async () => {
    for (const colorScheme of ["light", "dark"]) {
      const made = await session();
      const page = await follows(made, device, { colorScheme, bypassCSP: true, locale: name === "phone" ? "ko-KR" : "en-GB" });
      const complains = async (what) => {
        await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
        await shop.picture(page, `session-${what}-${name}-${colorScheme}`);
        await shop.isAccessible(page, what);
      };
      await complains("sheet");
      await agrees(page);
      await complains("ready");
      await chooses(page, "CARD_KR");
      await complains("window");
      await shop.paysByCard(page);
      await page.waitForSelector(".sign.good");
      await complains("end");
      await page.context().close();
    }
  });
}

test("two tabs on one session pay once, and both say so", async () => {
  const made = await session({ agreements: undefined });
  const first = await follows(made);
  const second = await first.context().newPage();
  await second.goto(made.url);
  await chooses(first, "CARD_KR");
  await chooses(second, "KAKAO_PAY");
  await shop.fillsCard(first);
  await Promise.all([first.click("button.main"), shop.decides(second, "approve")]);
  for (const page of [first, second]) await page.waitForSelector(".sign.good");
  const { status, amount } = await shop.payment(made.paymentId);
  assert.deepEqual([status, amount.paid], ["PAID", 45_000]);
  await first.leaves();
});

test("a double click opens one window, and back after paying charges nothing", async () => {
  const made = await session({ agreements: undefined });
  const page = await follows(made);
  await page.locator("input[value=CARD_KR]").check({ force: true });
  await page.dblclick("button.main");
  await page.waitForURL(`${shop.server}/checkout/sessions/*/*`);
  const window = page.url();
  await shop.fillsCard(page);
  await page.dblclick("button.main");
  await page.waitForSelector(".sign.good");
  const paid = await shop.payment(made.paymentId);
  for (let back = 0; back < 3; back += 1) {
    await page.goBack();
    if (!page.url().startsWith(made.url)) break;
    // Whatever the browser shows again, sending it changes nothing.
    const main = page.locator("button.main:visible");
    if (await main.count()) await main.click().catch(() => {});
    await page.waitForSelector(".sign.good");
  }
  await page.goto(window);
  await page.waitForSelector(".sign.good");
  assert.deepEqual(await shop.payment(made.paymentId), paid);
  await page.leaves();
});

test("one method and nothing to agree to: the link leads straight to it, and back to a choice", async () => {
  const made = await session({ agreements: undefined, paymentMethod: "KAKAO_PAY" });
  const page = await shop.buyer();
  await page.goto(made.url, { waitUntil: "commit" });
  await page.waitForURL(`${shop.server}/checkout/sessions/*/*`);
  await shop.decides(page, "decline");
  await page.waitForSelector(".problem");
  // It does not run away a second time.
  await page.waitForTimeout(300);
  assert.ok(page.url().startsWith(`${made.url}?`));
  await page.click("button.main");
  await page.waitForURL(`${shop.server}/checkout/sessions/*/*`);
  await shop.decides(page, "approve");
  await page.waitForSelector(".sign.good");
  assert.equal(await shop.status(made.paymentId), "PAID");
  await page.leaves();
});

test("the buyer goes back to the shop, with the ids or with the reason", async () => {
  for (const [card, code] of [["4000000000000002", "PGProviderError"], ["4242424242424242", null]]) {
    const made = await session({ agreements: undefined, redirectUrl: `${shop.shop}/thanks?kept=yes` });
    const page = await follows(made);
    await chooses(page, "CARD_KR");
    await shop.paysByCard(page, card);
    await page.waitForURL(`${shop.shop}/thanks?**`);
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get("kept"), "yes");
    assert.equal(searchParams.get("paymentId"), made.paymentId);
    assert.equal(searchParams.get("code"), code);
    await page.leaves();
  }
});

test("a session works without scripts", async () => {
  const made = await session();
  const page = await follows(made, shop.DESKTOP);
  const context = await page.context().browser().newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(made.url);
  await plain.check("input[name=agreement-0]");
  await plain.check("input[name=agreement-1]");
  await plain.click("button.main");
  await plain.waitForURL(`${shop.server}/checkout/sessions/*/*`);
  await plain.fill("#number", "4242 4242 4242 4242");
  await plain.fill("#expiry", "12/39");
  await plain.fill("#password", "12");
  await plain.fill("#birth", "900101");
  await plain.click("button.main");
  await plain.waitForSelector(".sign.good");
  assert.equal(await shop.status(made.paymentId), "PAID");
  await context.close();
  await page.leaves();
});
