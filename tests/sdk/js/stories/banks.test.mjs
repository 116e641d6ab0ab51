import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

test("the banks are listed to anyone, each with its Korean name", async () => {
  const { status, json, text } = await shop.wire.as(undefined).get("/banks");

  assert.equal(status, 200, text);
  const codes = json.items.map((it) => it.bank);
  for (const bank of ["KOOKMIN", "SHINHAN", "WOORI", "HANA", "KAKAO", "TOSS"]) assert.ok(codes.includes(bank), bank);
  assert.equal(new Set(codes).size, codes.length);
  for (const { bank, name } of json.items) assert.match(name.ko, /\S/, bank);
});
