import assert from "node:assert/strict";
import { after, test } from "node:test";
import { approved, keyIn, notifiedTwiceAndEarly } from "../shop/cards.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

test("a key-in payment is approved and reads back as it was ordered", async () => {
  const order = shop.order({
    orderName: "두 장의 표",
    amount: { total: 11_000, taxFree: 1_000 },
    customer: {
      id: "customer-7",
      name: { full: "홍길동" },
      email: "gildong@example.com",
      phoneNumber: "01012341234",
      birthYear: "1990",
      birthMonth: "01",
      birthDay: "31",
      gender: "MALE",
      address: { province: "서울", city: "성동구", addressLine1: "왕십리로 83", addressLine2: "3층", country: "KR" },
      zipcode: "04769",
    },
    customData: JSON.stringify({ seat: ["A1", "A2"], note: "창가 😀" }),
    products: [
      { id: "ticket", name: "표", amount: 5_000, quantity: 2 },
      { id: "fee", name: "수수료", tag: "fee", code: "F1", amount: 1_000, quantity: 1, link: "https://example.com/fee" },
    ],
    productCount: 3,
    isCulturalExpense: true,
    country: "KR",
    method: keyIn(approved.visa, { installmentMonth: 3 }),
  });

  const { payment: summary } = await shop.payments.payInstantly(order);
  const payment = await shop.payment(order.paymentId).read();

  assert.equal(payment.status, "PAID");
  assert.equal(payment.id, order.paymentId);
  assert.equal(payment.storeId, shop.v2.storeId);
  assert.equal(payment.merchantId, shop.v2.merchantId);
  assert.equal(payment.version, "V2");
  assert.equal(payment.pgTxId, summary.pgTxId);
  assert.equal(Date.parse(payment.paidAt), Date.parse(summary.paidAt));
  assert.equal(payment.orderName, "두 장의 표");
  assert.equal(payment.currency, "KRW");
  assert.deepEqual(payment.amount, {
    total: 11_000,
    taxFree: 1_000,
    vat: 909,
    supply: 9_091,
    discount: 0,
    paid: 11_000,
    cancelled: 0,
    cancelledTaxFree: 0,
  });
  assert.equal(payment.channel.type, "TEST");
  assert.equal(payment.channel.key, shop.channels.card);
  assert.equal(typeof payment.channel.pgProvider, "string");
  assert.equal(typeof payment.channel.pgMerchantId, "string");
  assert.equal(payment.customer.id, "customer-7");
  assert.equal(payment.customer.name, "홍길동");
  assert.equal(payment.customer.email, "gildong@example.com");
  assert.equal(payment.customer.phoneNumber, "01012341234");
  assert.deepEqual(
    [payment.customer.birthYear, payment.customer.birthMonth, payment.customer.birthDay, payment.customer.gender],
    ["1990", "01", "31", "MALE"],
  );
  assert.equal(payment.customer.zipcode, "04769");
  assert.deepEqual(payment.customer.address, {
    type: "SEPARATED",
    oneLine: "서울 성동구 왕십리로 83 3층",
    province: "서울",
    city: "성동구",
    addressLine1: "왕십리로 83",
    addressLine2: "3층",
    country: "KR",
  });
  assert.equal(payment.customData, order.customData);
  assert.deepEqual(payment.products, order.products);
  assert.equal(payment.productCount, 3);
  assert.equal(payment.isCulturalExpense, true);
  assert.equal(payment.country, "KR");
  assert.deepEqual(payment.disputes, []);
  assert.equal(payment.origin.platformType, "API");
  assert.equal(typeof payment.origin.ipAddress, "string");
  assert.equal(payment.method.type, "PaymentMethodCard");
  assert.equal(payment.method.installment.month, 3);
  assert.equal(typeof payment.method.approvalNumber, "string");

  const { event } = await shop.payment(order.paymentId).hears("Transaction.Paid");
  assert.equal(event.data.storeId, payment.storeId);
  assert.equal(event.data.transactionId, payment.transactionId);
});

for (const [name, number, brand, type] of [
  ["a Visa credit card", approved.visa, "VISA", "CREDIT"],
  ["a Mastercard credit card", approved.mastercard, "MASTER", "CREDIT"],
  ["a Visa debit card", approved.visaDebit, "VISA", "DEBIT"],
  ["a domestic card", approved.domestic, "LOCAL", undefined],
]) {
  test(`${name} is approved, and only its first and last digits are kept`, async () => {
    const payment = await shop.isPaid({ card: number });

    const { method } = await payment.read();

    assert.equal(method.card.brand, brand);
    if (type) assert.equal(method.card.type, type);
    assert.ok([6, 8].includes(method.card.bin.length) && number.startsWith(method.card.bin), method.card.bin);
    assert.match(method.card.number, /^\d{6}[\d*-]*\*[\d*-]*$/);
    assert.ok(!(await shop.wire.get(payment.path)).text.includes(number), "the full card number must not be shown");
  });
}

test("value-added tax is an eleventh, rounded half up, unless it is given", async () => {
  const rows = [
    [{ total: 1_000 }, { taxFree: 0, vat: 91, supply: 909 }],
    [{ total: 10_000, taxFree: 10_000 }, { taxFree: 10_000, vat: 0, supply: 0 }],
    [{ total: 1_000, vat: 0 }, { taxFree: 0, vat: 0, supply: 1_000 }],
    [{ total: 1_000, taxFree: 300, vat: 70 }, { taxFree: 300, vat: 70, supply: 630 }],
  ];
  for (const [given, { taxFree, vat, supply }] of rows) {
    const { amount } = await (await shop.isPaid({ amount: given })).read();
    assert.deepEqual([amount.taxFree, amount.vat, amount.supply], [taxFree, vat, supply], JSON.stringify(given));
  }
});

test("dollars are counted in cents", async () => {
  const payment = await (await shop.isPaid({ currency: "USD", amount: { total: 600 } })).read();
  assert.equal(payment.currency, "USD");
  assert.equal(payment.amount.total, 600);
  assert.equal(payment.amount.paid, 600);
  assert.equal(payment.amount.vat, 55);
});

test("a separated name is kept as one, family name first", async () => {
  const payment = await shop.isPaid({ customer: { name: { separated: { first: "길동", last: "홍" } } } });
  assert.equal((await payment.read()).customer.name, "홍 길동");
});

test("a payment without customer and products has an empty customer", async () => {
  const payment = await (await shop.isPaid()).read();
  assert.deepEqual(payment.customer, {});
  assert.deepEqual(payment.products ?? [], []);
});

test("a payment through a channel group shows the channel that was drawn and the group", async () => {
  const payment = await (await shop.isPaid({ channelKey: undefined, channelGroupId: shop.v2.channelGroupId })).read();
  assert.equal(payment.channelGroup.id, shop.v2.channelGroupId);
  assert.equal(payment.channelGroup.isForTest, true);
  assert.ok(Object.values(shop.channels).includes(payment.channel.key), payment.channel.key);
});

test("a PSP that notifies twice and before its answer makes one payment and one webhook", async () => {
  const payment = await shop.isPaid({ card: notifiedTwiceAndEarly });
  await payment.hears("Transaction.Paid");
  // Webhooks of one payment come in order, so a second Paid would have come before this.
  await payment.cancel();
  await payment.hears("Transaction.Cancelled");

  assert.equal(payment.heard("Transaction.Paid").length, 1);
  const { items } = await shop.payments.getPaymentTransactions({ paymentId: payment.id });
  assert.equal(items.length, 1);
});
