import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

async function everyPayment() {
  const payments = [];
  for (let cursor; ; ) {
    const { items } = await shop.payments.getAllPaymentsByCursor({ from: "2020-01-01T00:00:00Z", cursor, size: 1_000 });
    if (items.length === 0) return payments;
    payments.push(...items.map((it) => it.payment));
    cursor = items.at(-1).cursor;
  }
}

test("the PSP holds for us exactly what our payments say, currency by currency", async () => {
  await (await shop.isPaid()).cancel({ amount: 2_500 });
  await shop.isPaid({ currency: "USD", amount: { total: 600 } });
  // Whatever was unknown or pending in earlier stories is settled by then.
  await shop.sandbox.after("P1D");

  const ours = {};
  for (const { status, amount, currency } of await everyPayment()) {
    assert.notEqual(status, "PAY_PENDING");
    if (amount.paid > 0) ours[currency] = (ours[currency] ?? 0) + amount.paid - amount.cancelled;
  }

  assert.deepEqual((await shop.sandbox.pspBooks()).held(), ours);
});
