import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { ScheduleContractError, SchedulePartnerError } from "@portone/server-sdk/platform";
import { GetPlatformAccountHolderError } from "@portone/server-sdk/platform/account";
import { CreatePlatformPartnerError, CreatePlatformPartnersError, UpdatePlatformPartnerError } from "@portone/server-sdk/platform/partner";
import {
  ArchivePlatformDiscountSharePolicyError,
  CreatePlatformContractError,
  UpdatePlatformAdditionalFeePolicyError,
} from "@portone/server-sdk/platform/policy";
import { refused } from "../shop/refusal.mjs";
import { Shop } from "../shop/shop.mjs";

const shop = await Shop.open();
after(() => shop.close());

const { platform } = shop.portone;
const inTest = { test: true };
const newId = () => `js-${randomUUID()}`;

const contract = (changes = {}) => ({
  ...inTest,
  id: newId(),
  name: "bakers",
  platformFee: { fixedRate: 10_000 },
  settlementCycle: { lagDays: 2, datePolicy: "HOLIDAY_BEFORE", method: { monthly: { daysOfMonth: [15, 31] } } },
  platformFeeVatPayer: "PARTNER",
  subtractPaymentVatAmount: false,
  ...changes,
});

const partner = (defaultContractId, changes = {}) => ({
  id: newId(),
  name: "a bakery",
  contact: { name: "Hong", email: "hong@example.com" },
  account: { bank: "KOOKMIN", currency: "KRW", number: "110123456781", holder: "Hong" },
  defaultContractId,
  tags: ["bread"],
  type: { business: { companyName: "Bread Inc.", businessRegistrationNumber: "120-81-47521", representativeName: "Hong" } },
  ...changes,
});

const hasContract = async () => (await platform.policy.createPlatformContract(contract())).contract;
const tomorrow = async () => new Date(Date.parse(await shop.sandbox.now()) + 86_400_000).toISOString();

test("a contract is made, changed and found", async () => {
  const made = await hasContract();
  assert.deepEqual(made.platformFee, { type: "FIXED_RATE", rate: 10_000 });
  assert.deepEqual(made.settlementCycle.method, { type: "MONTHLY", daysOfMonth: [15, 31] });

  const { contract: changed } = await platform.policy.updatePlatformContract({ ...inTest, id: made.id, platformFee: { fixedAmount: 500 } });

  assert.deepEqual(changed.platformFee, { type: "FIXED_AMOUNT", amount: 500 });
  assert.deepEqual(await platform.policy.getPlatformContract({ ...inTest, id: made.id }), changed);
  const { items } = await platform.policy.getPlatformContracts({ ...inTest, filter: { keyword: { id: made.id } } });
  assert.deepEqual(items, [changed]);
  await refused(
    platform.policy.createPlatformContract(contract({ id: made.id })),
    CreatePlatformContractError,
    "PLATFORM_CONTRACT_ALREADY_EXISTS",
  );
});

test("policies are archived and what is archived does not change", async () => {
  const { discountSharePolicy: share } = await platform.policy.createPlatformDiscountSharePolicy({
    ...inTest, id: newId(), name: "spring", partnerShareRate: 50_000,
  });
  const { additionalFeePolicy: fee } = await platform.policy.createPlatformAdditionalFeePolicy({
    ...inTest, id: newId(), name: "card", fee: { fixedAmount: 300 }, vatPayer: "MERCHANT",
  });
  await platform.policy.archivePlatformAdditionalFeePolicy({ ...inTest, id: fee.id });
  await refused(
    platform.policy.updatePlatformAdditionalFeePolicy({ ...inTest, id: fee.id, name: "x" }),
    UpdatePlatformAdditionalFeePolicyError,
    "PLATFORM_ARCHIVED_ADDITIONAL_FEE_POLICY",
  );
  const { additionalFeePolicy } = await platform.policy.recoverPlatformAdditionalFeePolicy({ ...inTest, id: fee.id });
  assert.equal(additionalFeePolicy.isArchived, false);
  await platform.scheduleDiscountSharePolicy({ ...inTest, id: share.id, update: { memo: "x" }, appliedAt: await tomorrow() });
  await refused(
    platform.policy.archivePlatformDiscountSharePolicy({ ...inTest, id: share.id }),
    ArchivePlatformDiscountSharePolicyError,
    "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_DISCOUNT_SHARE_POLICY",
  );
  const options = await platform.getPlatformDiscountSharePolicyFilterOptions(inTest);
  assert.ok(options.partnerShareRates.includes(50_000));
});

test("a reserved update of a contract applies when its time has come", async () => {
  const { id } = await hasContract();
  const appliedAt = await tomorrow();
  const { scheduledContract } = await platform.scheduleContract({ ...inTest, id, update: { name: "renamed" }, appliedAt });
  assert.deepEqual([scheduledContract.name, Date.parse(scheduledContract.appliedAt)], ["renamed", Date.parse(appliedAt)]);
  await refused(
    platform.scheduleContract({ ...inTest, id, update: {}, appliedAt }),
    ScheduleContractError,
    "PLATFORM_CONTRACT_SCHEDULE_ALREADY_EXISTS",
  );
  assert.equal((await platform.policy.getPlatformContract({ ...inTest, id })).name, "bakers");
  await shop.sandbox.after("P1D");
  assert.equal((await platform.policy.getPlatformContract({ ...inTest, id })).name, "renamed");
});

test("a partner is made with a look-up of its account, and the look-up is good once", async () => {
  const { id: contractId } = await hasContract();
  const found = await platform.account.getPlatformAccountHolder({ ...inTest, bank: "KOOKMIN", accountNumber: "110123456781" });
  const account = {
    bank: "KOOKMIN", currency: "KRW", number: "110123456781",
    holder: found.holderName, accountVerificationId: found.accountVerificationId,
  };
  const { partner: made } = await platform.partner.createPlatformPartner({ ...inTest, ...partner(contractId, { account }) });
  assert.deepEqual([made.status, made.account.status, made.type.type], ["APPROVED", "VERIFIED", "BUSINESS"]);
  assert.equal(made.type.businessStatus, "IN_BUSINESS");
  await refused(
    platform.partner.createPlatformPartner({ ...inTest, ...partner(contractId, { account }) }),
    CreatePlatformPartnerError,
    "PLATFORM_ACCOUNT_VERIFICATION_ALREADY_USED",
  );
  await refused(
    platform.account.getPlatformAccountHolder({ ...inTest, bank: "KOOKMIN", accountNumber: "110123456799" }),
    GetPlatformAccountHolderError,
    "PLATFORM_EXTERNAL_API_TEMPORARILY_FAILED",
  );

  await refused(
    platform.partner.updatePlatformPartner({ ...inTest, id: made.id, defaultContractId: "none" }),
    UpdatePlatformPartnerError,
    "PLATFORM_CONTRACT_NOT_FOUND",
  );
  const { partner: changed } = await platform.partner.updatePlatformPartner({ ...inTest, id: made.id, type: { whtPayer: { birthdate: "1990-01-02" } } });
  assert.deepEqual(changed.type, { type: "WHT_PAYER", birthdate: "1990-01-02" });
  const { items } = await platform.partner.getPlatformPartners({ ...inTest, filter: { ids: [made.id], types: ["WHT_PAYER"] } });
  assert.deepEqual(items, [changed]);
});

test("many partners are made together or not at all", async () => {
  const { id: contractId } = await hasContract();
  const rows = [partner(contractId), partner(contractId)];
  const { partners } = await platform.partner.createPlatformPartners({ ...inTest, partners: rows });
  assert.deepEqual(partners.map(({ id }) => id), rows.map(({ id }) => id));
  const taken = await refused(
    platform.partner.createPlatformPartners({ ...inTest, partners: [partner(contractId), rows[1]] }),
    CreatePlatformPartnersError,
    "PLATFORM_PARTNER_IDS_ALREADY_EXISTS",
  );
  assert.deepEqual(taken.ids, [rows[1].id]);

  const appliedAt = await tomorrow();
  await platform.schedulePlatformPartners({ ...inTest, filter: { ids: partners.map(({ id }) => id) }, update: { memo: "soon" }, appliedAt });
  await refused(
    platform.schedulePartner({ ...inTest, id: rows[0].id, update: { memo: "x" }, appliedAt }),
    SchedulePartnerError,
    "PLATFORM_PARTNER_SCHEDULE_ALREADY_EXISTS",
  );
  assert.equal((await platform.getPlatformPartnerSchedule({ ...inTest, id: rows[1].id })).memo, "soon");
});

test("the rules of settlements are read and changed", async () => {
  const before = await platform.getPlatformSetting(inTest);
  const { setting } = await platform.updatePlatformSetting({ ...inTest, defaultDepositMemo: "정산" });
  assert.deepEqual(setting, { ...before, defaultDepositMemo: "정산" });
  await platform.updatePlatformSetting({ ...inTest, defaultDepositMemo: before.defaultDepositMemo ?? "" });
  assert.equal((await platform.getPlatformSetting(inTest)).defaultDepositMemo, before.defaultDepositMemo);
});
