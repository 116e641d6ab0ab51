import uuid
from datetime import timedelta

from portone_server_sdk import PlatformClient
from portone_server_sdk.errors import (
    PlatformAccountVerificationAlreadyUsedError,
    PlatformArchivedAdditionalFeePolicyError,
    PlatformCannotArchiveScheduledContractError,
    PlatformContractAlreadyExistsError,
    PlatformContractNotFoundError,
    PlatformExternalApiTemporarilyFailedError,
    PlatformPartnerIdsAlreadyExistError,
    PlatformPartnerNotFoundError,
)
from portone_server_sdk.platform import (
    PlatformFeeInput,
    PlatformPartnerFilterInput,
    PlatformSettlementCycleInput,
    PlatformSettlementCycleMethodInput,
    PlatformSettlementCycleMethodWeeklyInput,
    UpdatePlatformContractBody,
    UpdatePlatformPartnerBodyContact,
)
from portone_server_sdk.platform.partner import (
    CreatePlatformPartnerBody,
    CreatePlatformPartnerBodyAccount,
    CreatePlatformPartnerBodyContact,
    CreatePlatformPartnerBodyType,
    CreatePlatformPartnerBodyTypeBusiness,
    CreatePlatformPartnerBodyTypeNonWhtPayer,
)
from shop import Story


def new_id() -> str:
    return f"py-{uuid.uuid4()}"


class Platform(Story):
    def setUp(self) -> None:
        self.platform = PlatformClient(secret=self.shop.api_secret, base_url=self.shop.url)
        self.policy = self.platform.policy
        self.partner = self.platform.partner

    def contract(self, **changes):
        return {
            "test": True,
            "id": new_id(),
            "name": "bakers",
            "platform_fee": PlatformFeeInput(fixed_rate=10_000),
            "settlement_cycle": PlatformSettlementCycleInput(
                lag_days=2,
                date_policy="HOLIDAY_AFTER",
                method=PlatformSettlementCycleMethodInput(
                    weekly=PlatformSettlementCycleMethodWeeklyInput(days_of_week=["FRI"])
                ),
            ),
            "platform_fee_vat_payer": "MERCHANT",
            "subtract_payment_vat_amount": True,
            **changes,
        }

    def has_contract(self):
        return self.policy.create_platform_contract(**self.contract()).contract

    def business(self) -> CreatePlatformPartnerBodyType:
        return CreatePlatformPartnerBodyType(
            business=CreatePlatformPartnerBodyTypeBusiness(
                company_name="Bread Inc.",
                business_registration_number="120-81-47521",
                representative_name="Hong",
                taxation_type="TAX_FREE",
            )
        )

    def account(self, **changes) -> CreatePlatformPartnerBodyAccount:
        members = {"bank": "SHINHAN", "currency": "KRW", "number": "110123456781", "holder": "Hong", **changes}
        return CreatePlatformPartnerBodyAccount(**members)

    def tomorrow(self) -> str:
        return (self.shop.sandbox.now() + timedelta(days=1)).isoformat().replace("+00:00", "Z")

    def test_a_contract_is_made_changed_and_reserved_an_update_for(self):
        made = self.has_contract()
        self.assertEqual((made.platform_fee.rate, made.settlement_cycle.method.days_of_week), (10_000, ["FRI"]))
        self.assertTrue(made.is_for_test)
        self.refused(
            PlatformContractAlreadyExistsError, self.policy.create_platform_contract, **self.contract(id=made.id)
        )
        changed = self.policy.update_platform_contract(
            id=made.id, test=True, platform_fee=PlatformFeeInput(fixed_amount=500)
        ).contract
        self.assertEqual(changed.platform_fee.amount, 500)

        at = self.tomorrow()
        update = UpdatePlatformContractBody(name="renamed")
        coming = self.platform.schedule_contract(id=made.id, test=True, update=update, applied_at=at)
        self.assertEqual(coming.scheduled_contract.name, "renamed")
        self.refused(
            PlatformCannotArchiveScheduledContractError, self.policy.archive_platform_contract, id=made.id, test=True
        )
        self.platform.cancel_platform_contract_schedule(id=made.id, test=True)
        self.refused(
            PlatformContractNotFoundError, self.platform.get_platform_contract_schedule, id=made.id, test=True
        )
        # Without an environment, what is named is found in either.
        self.assertEqual(self.policy.get_platform_contract(id=made.id).name, "bakers")

    def test_policies_are_made_and_archived(self):
        share = self.policy.create_platform_discount_share_policy(
            test=True, id=new_id(), name="spring", partner_share_rate=1_250
        ).discount_share_policy
        self.assertEqual((share.partner_share_rate, share.is_archived), (1_250, False))
        fee = self.policy.create_platform_additional_fee_policy(
            test=True, id=new_id(), name="card", fee=PlatformFeeInput(fixed_rate=500), vat_payer="PARTNER"
        ).additional_fee_policy
        archived = self.policy.archive_platform_additional_fee_policy(id=fee.id, test=True).additional_fee_policy
        self.assertTrue(archived.is_archived)
        self.refused(
            PlatformArchivedAdditionalFeePolicyError,
            self.policy.update_platform_additional_fee_policy,
            id=fee.id,
            test=True,
            name="x",
        )
        options = self.platform.get_platform_discount_share_policy_filter_options(test=True)
        self.assertIn(1_250, options.partner_share_rates)

    def test_a_partner_is_made_with_a_look_up_and_connected(self):
        contract = self.has_contract()
        found = self.platform.account.get_platform_account_holder(
            bank="SHINHAN", account_number="110123456781", test=True
        )
        account = self.account(holder=found.holder_name, account_verification_id=found.account_verification_id)
        asked = {
            "test": True,
            "name": "a bakery",
            "contact": CreatePlatformPartnerBodyContact(name="Hong", email="hong@example.com"),
            "account": account,
            "default_contract_id": contract.id,
            "tags": ["bread"],
            "type": self.business(),
        }
        made = self.partner.create_platform_partner(id=new_id(), **asked).partner
        self.assertEqual((made.status, made.account.status, made.type.business_status), ("APPROVED", "VERIFIED", "IN_BUSINESS"))
        self.refused(
            PlatformAccountVerificationAlreadyUsedError, self.partner.create_platform_partner, id=new_id(), **asked
        )
        self.refused(
            PlatformExternalApiTemporarilyFailedError,
            self.platform.account.get_platform_account_holder,
            bank="SHINHAN",
            account_number="110123456799",
            test=True,
        )
        changed = self.partner.update_platform_partner(
            id=made.id, test=True, contact=UpdatePlatformPartnerBodyContact(phone_number="010-1234-5678")
        ).partner
        self.assertEqual((changed.contact.name, changed.contact.phone_number), ("Hong", "010-1234-5678"))

        state = self.platform.company.get_platform_company_state(
            business_registration_number="1208147521", test=True
        )
        self.assertEqual(state.company_state.business_status, "IN_BUSINESS")
        pending = self.partner.connect_partner_counterparty(id=made.id, test=True).partner
        self.assertEqual(pending.type.member_company_connection_status, "CONNECT_PENDING")
        self.shop.sandbox.after("PT1M")
        connected = self.partner.get_platform_partner(id=made.id, test=True)
        self.assertEqual(connected.type.member_company_connection_status, "CONNECTED")

    def test_many_partners_are_made_together_and_listed(self):
        contract = self.has_contract()
        rows = [
            CreatePlatformPartnerBody(
                id=new_id(),
                name="a bakery",
                contact=CreatePlatformPartnerBodyContact(name="Hong", email="hong@example.com"),
                account=self.account(),
                default_contract_id=contract.id,
                tags=[],
                type=kind,
            )
            for kind in (
                self.business(),
                CreatePlatformPartnerBodyType(
                    non_wht_payer=CreatePlatformPartnerBodyTypeNonWhtPayer(birthdate="1990-01-02")
                ),
            )
        ]
        made = self.partner.create_platform_partners(test=True, partners=rows).partners
        self.assertEqual([one.id for one in made], [row.id for row in rows])
        self.refused(
            PlatformPartnerIdsAlreadyExistError, self.partner.create_platform_partners, test=True, partners=rows
        )
        self.refused(PlatformPartnerNotFoundError, self.partner.get_platform_partner, id="none", test=True)
        listed = self.partner.get_platform_partners(
            test=True, filter=PlatformPartnerFilterInput(contract_ids=[contract.id], types=["NON_WHT_PAYER"])
        )
        self.assertEqual(([one.id for one in listed.items], listed.page.total_count), ([rows[1].id], 1))
        self.assertEqual(listed.items[0].type.birthdate, "1990-01-02")
