// A shop of another origin than the server's, in a browser: its pages, its back end, its buyer.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { buildSync } from "esbuild";
import { chromium, devices } from "playwright-core";

export const { url: server, v2 } = JSON.parse(readFileSync(process.env.PAYPIER_SANDBOX, "utf8"));

const root = path.resolve(import.meta.dirname, "..");

/** PortOne's own npm package, bundled as a shop would bundle it, pointed at our server. */
const officialLoader = buildSync({
  absWorkingDir: root,
  stdin: {
    contents: `import PortOne, { __INTERNAL__setPortOneSdkUrl, isPaymentError } from "@portone/browser-sdk/v2";
      __INTERNAL__setPortOneSdkUrl(${JSON.stringify(`${server}/v2/browser-sdk.js`)});
      window.shopSdk = PortOne; window.isPaymentError = isPaymentError;`,
    resolveDir: root,
  },
  bundle: true,
  write: false,
  format: "iife",
}).outputFiles[0].text;

const LOADERS = {
  script: `<script src="${server}/v2/browser-sdk.js"></script><script>window.shopSdk = PortOne</script>`,
  module: `<script type="module">import * as sdk from "${server}/v2/browser-sdk.esm.js"; window.shopSdk = sdk</script>`,
  official: `<script>${officialLoader.replaceAll("</script", "<\\/script")}</script>`,
};

// The press is the buyer's: browsers open popups for nothing else.
const SHOP = `<button id="buy">Buy</button><div class="portone-ui-container"></div><script>
  const told = (promise) => promise.then((response) => ({ response }),
    (error) => ({ error: { ...error, message: error.message, isError: error instanceof Error } }));
  document.getElementById("buy").onclick = () => {
    const [call, request] = window.order;
    window.calls = (window.calls ?? 0) + 1;
    window.outcome = told(window.shopSdk[call](request));
  };
</script>`;

/** A shop that frames the page of a payment link, and keeps what it is told. */
const EMBEDDING = `<!doctype html><meta name="viewport" content="width=device-width"><title>Shop</title><h1>Your cart</h1>
  <script src="${server}/portone.js"></script><div id="portone-container"></div>
  <script>window.heard = []; document.addEventListener("portone-result", ({ detail }) => heard.push(detail));</script>`;

export const PHONE = { ...devices["Pixel 7"], viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 };
export const DESKTOP = { viewport: { width: 1280, height: 800 } };

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Nothing to complain about for assistive technology, and nothing that makes the page scroll sideways. */
export async function isAccessible(page, what = "the page") {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], what);
  const isSideways = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(isSideways, false, `${what} never scrolls sideways`);
}

let browser, host;
const contexts = new Set();

/** Where the shop's pages are. */
export let shop;

export async function opens() {
  host = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://shop.test");
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (pathname === "/thanks") return response.end("<h1>Thank you</h1>");
    if (pathname === "/embedding") return response.end(EMBEDDING);
    if (pathname === "/framing") return response.end(`<iframe src="${searchParams.get("of")}"></iframe>`);
    response.end(`<!doctype html><meta name="viewport" content="width=device-width"><title>Shop</title>
      <p style="height:200vh">A long page</p>${LOADERS[searchParams.get("by")] ?? LOADERS.script}${SHOP}`);
  });
  await new Promise((listening) => host.listen(0, "127.0.0.1", listening));
  shop = `http://127.0.0.1:${host.address().port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}

export async function closes() {
  await browser?.close();
  host?.close();
}

/** A page of the shop for one buyer. What the page or its frames complain about fails the story. */
export async function buyer({ device = DESKTOP, by = "script", ...more } = {}) {
  const context = await browser.newContext({ ...device, ...more });
  contexts.add(context);
  const page = await context.newPage();
  page.complaints = [];
  context.on("weberror", (error) => page.complaints.push(String(error.error())));
  context.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) page.complaints.push(message.text());
  });
  await page.goto(`${shop}/?by=${by}`);
  await page.waitForFunction(() => window.shopSdk);
  page.leaves = async () => {
    assert.deepEqual(page.complaints, []);
    await context.close();
  };
  return page;
}

let number = 0;
export const newId = (subject) => `browser-${subject}-${process.pid}-${(number += 1)}`;

/** A payment request with `method`; `more` goes over it. */
export function order(method, more = {}) {
  const channels = { EASY_PAY: "easyPay", VIRTUAL_ACCOUNT: "virtualAccount", TRANSFER: "transfer", MOBILE: "mobile" };
  const options = {
    EASY_PAY: { easyPay: { easyPayProvider: "KAKAOPAY" } },
    VIRTUAL_ACCOUNT: { virtualAccount: { accountExpiry: { validHours: 24 } } },
    GIFT_CERTIFICATE: { giftCertificate: { giftCertificateType: "CULTURELAND" } },
    MOBILE: { productType: "REAL" },
  };
  return {
    storeId: v2.storeId,
    channelKey: v2.channels[channels[method] ?? "card"],
    paymentId: newId(method.toLowerCase()),
    orderName: "Pour-over set",
    totalAmount: 12_900,
    currency: "CURRENCY_KRW",
    payMethod: method,
    locale: "EN_US",
    customer: { fullName: "Kim Dana", email: "dana@example.com", phoneNumber: "01012345678" },
    ...options[method],
    ...more,
  };
}

/** The buyer presses the shop's button. */
export async function presses(page, request, call = "requestPayment") {
  await page.evaluate((asked) => { window.order = asked; }, [call, request]);
  await page.click("#buy");
}

/** What the shop's promise came to: `{ response }` or `{ error }`. */
export const outcome = (page) => page.evaluate(() => window.outcome);

/** Whether the promise is still open, after whatever the page had to do was done. */
export const isOpen = (page) =>
  page.evaluate(() => Promise.race([window.outcome.then(() => false), new Promise((later) => setTimeout(() => later(true), 50))]));

/** The checkout's page inside the frame that the SDK has opened. */
export async function frame(page) {
  const found = await page.waitForEvent("frameattached", { timeout: 1 }).catch(() => null);
  const is = (one) => one !== page.mainFrame() && one.url().startsWith(`${server}/checkout/`);
  for (let tries = 0; tries < 200; tries += 1) {
    const inside = (found && is(found) ? found : null) ?? page.frames().find(is);
    if (inside) {
      await comesToRest(page, inside);
      return inside;
    }
    await page.waitForTimeout(25);
  }
  throw new Error("no checkout was framed");
}

/**
 * Until the frame is uncovered and stands still in the page: it takes the height of what it shows, and moves with it. A
 * press in between is aimed at where something was.
 */
async function comesToRest(page, inside) {
  let last = "", still = 0;
  for (let tries = 0; tries < 200 && still < 3; tries += 1) {
    const place = await inside.frameElement().then((element) => element.evaluate((frame) => {
      const { x, y, width, height } = frame.getBoundingClientRect();
      return getComputedStyle(frame).opacity === "1" ? [x, y, width, height].join() : "";
    })).catch(() => "");
    still = place && place === last ? still + 1 : 0;
    last = place;
    await page.waitForTimeout(25);
  }
}

/** Until the last checkout has left the page: the next one is not to be taken for it. */
export async function unframed(page) {
  const is = (one) => one !== page.mainFrame() && one.url().startsWith(`${server}/checkout/`);
  for (let tries = 0; tries < 200 && page.frames().some(is); tries += 1) await page.waitForTimeout(25);
}

export async function fillsCard(place, card = "4242424242424242") {
  await place.fill("#number", "");
  await place.locator("#number").pressSequentially(card);
  await place.fill("#expiry", "12 / 39");
  await place.fill("#password", "12");
  await place.fill("#birth", "900101");
}

export async function paysByCard(place, card) {
  await fillsCard(place, card);
  await place.click("button.main");
}

export const decides = (place, intent) => place.click(`button[value=${intent}]`);

/** The payment as the shop's server reads it. */
export async function payment(paymentId) {
  const answer = await fetch(`${server}/payments/${encodeURIComponent(paymentId)}`, {
    headers: { authorization: `PortOne ${v2.apiSecret}` },
  });
  return { httpStatus: answer.status, ...(await answer.json()) };
}

export async function status(paymentId) {
  return (await payment(paymentId)).status;
}

/** A picture for people, and for CI to keep. */
export async function picture(page, name, more) {
  if (process.env.PICTURES) await page.screenshot({ path: path.join(process.env.PICTURES, `${name}.png`), ...more });
}
