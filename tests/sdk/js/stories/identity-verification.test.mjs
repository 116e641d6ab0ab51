import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ConfirmIdentityVerificationError,
  GetIdentityVerificationError,
  ResendIdentityVerificationError,
  SendIdentityVerificationError,
} from "@portone/server-sdk/identityVerification";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const identities = shop.portone.identityVerification;

function request({ method = "SMS", ...changes } = {}) {
  return {
    identityVerificationId: shop.newPaymentId(),
    channelKey: shop.channels.identity,
    customer: {
      id: "member-1",
      name: "홍길동",
      phoneNumber: "01012345678",
      identityNumber: "9001012",
      ipAddress: "203.0.113.7",
    },
    operator: "SKT",
    method,
    ...changes,
  };
}

test("a member shows to be who they say, by the code that was sent", async () => {
  const ask = request({ customData: "{\"from\":\"join\"}" });
  const { identityVerificationId } = ask;

  await identities.sendIdentityVerification(ask);

  const ready = await identities.getIdentityVerification({ identityVerificationId });
  assert.equal(ready.status, "READY");
  assert.equal(ready.requestedCustomer.name, "홍길동");
  await refused(identities.sendIdentityVerification(ask), SendIdentityVerificationError, "IDENTITY_VERIFICATION_ALREADY_SENT");
  await identities.resendIdentityVerification({ identityVerificationId });
  const wrong = await refused(
    identities.confirmIdentityVerification({ identityVerificationId, otp: "123456" }),
    ConfirmIdentityVerificationError,
    "PG_PROVIDER",
  );
  assert.equal(wrong.pgCode, "SANDBOX_IDENTITY_WRONG_CODE");

  const { identityVerification: verified } = await identities.confirmIdentityVerification({
    identityVerificationId,
    otp: "000000",
  });

  assert.equal(verified.status, "VERIFIED");
  const person = verified.verifiedCustomer;
  assert.equal(person.name, "홍길동");
  assert.equal(person.birthDate, "1990-01-01");
  assert.equal(person.gender, "FEMALE");
  assert.equal(person.ci.length, 88);
  assert.equal(person.di.length, 64);
  assert.deepEqual(await identities.getIdentityVerification({ identityVerificationId }), verified);
  const page = await identities.getIdentityVerifications({ filter: { identityVerificationId } });
  assert.equal(page.items.length, 1);
  assert.equal(page.items[0].status, "VERIFIED");
  const again = identities.confirmIdentityVerification({ identityVerificationId, otp: "000000" });
  await refused(again, ConfirmIdentityVerificationError, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
});

test("an app is answered before it counts", async () => {
  const ask = request({ method: "APP" });
  const { identityVerificationId } = ask;
  await identities.sendIdentityVerification(ask);
  const early = await refused(
    identities.confirmIdentityVerification({ identityVerificationId }),
    ConfirmIdentityVerificationError,
    "PG_PROVIDER",
  );
  assert.equal(early.pgCode, "SANDBOX_IDENTITY_NOT_APPROVED");
  await shop.sandbox.approvesIdentity(identityVerificationId);
  const { identityVerification } = await identities.confirmIdentityVerification({ identityVerificationId });
  assert.equal(identityVerification.status, "VERIFIED");
});

test("what was never sent is not there", async () => {
  const identityVerificationId = shop.newPaymentId();
  const missing = "IDENTITY_VERIFICATION_NOT_FOUND";
  await refused(identities.getIdentityVerification({ identityVerificationId }), GetIdentityVerificationError, missing);
  await refused(identities.resendIdentityVerification({ identityVerificationId }), ResendIdentityVerificationError, missing);
  const confirm = identities.confirmIdentityVerification({ identityVerificationId, otp: "000000" });
  await refused(confirm, ConfirmIdentityVerificationError, missing);
  const elsewhere = identities.sendIdentityVerification(request({ channelKey: shop.channels.card }));
  await refused(elsewhere, SendIdentityVerificationError, "CHANNEL_NOT_FOUND");
});
