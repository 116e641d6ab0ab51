// A merchant's server in the Global dialect: its key, its tokens, its signatures.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { server } from "./shop.mjs";

export const { clientKey, secret } = JSON.parse(readFileSync(process.env.PAYPIER_SANDBOX, "utf8")).global;

const base64 = (text) => Buffer.from(text).toString("base64url");

export function token() {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "PORTONE", sub: clientKey, iat: now, exp: now + 600 };
  const message = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(JSON.stringify(claims))}`;
  return `${message}.${createHmac("sha256", secret).update(message).digest("base64url")}`;
}

/** The signature of a message, whose members are given in the order of their names. */
export function signature(members) {
  const text = Object.entries(members).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return createHmac("sha256", secret).update(text).digest("base64");
}

export async function calls(method, path, body) {
  const answer = await fetch(`${server}${path}`, {
    method,
    headers: { "content-type": "application/json", "x-portone-client-key": clientKey, authorization: `Bearer ${token()}` },
    body: body && JSON.stringify(body),
  });
  const got = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(got));
  return got;
}

export async function fillsCard(page, card = "4242424242424242") {
  await page.locator("#number").fill("");
  await page.locator("#number").pressSequentially(card);
  await page.fill("#expiry", "12 / 39");
  for (const field of ["#cvc", "#password", "#birth"]) {
    if (await page.locator(field).count()) await page.fill(field, field === "#birth" ? "900101" : field === "#cvc" ? "123" : "12");
  }
}
