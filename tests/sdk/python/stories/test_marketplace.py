import os
import uuid
from datetime import datetime, timedelta
from typing import Any

from portone_server_sdk import PlatformClient
from portone_server_sdk.errors import (
    PlatformCancelOrderTransfersExistsError,
    PlatformCancellableAmountExceededError,
    PlatformSettlementCancelAmountExceededPortOneCancelError,
    PlatformSettlementPaymentAmountExceededPortOnePaymentError,
    PlatformTransferAlreadyExistsError,
    PlatformTransferNonDeletableStatusError,
)
from portone_server_sdk.platform import (
    PlatformFeeInput,
    PlatformSettlementCycleInput,
    PlatformSettlementCycleMethodDailyInput,
    PlatformSettlementCycleMethodInput,
    UpdatePlatformPartnerBodyAccount,
)
from portone_server_sdk.platform.account_transfer import PlatformAccountTransferFilter
from portone_server_sdk.platform.partner import (
    CreatePlatformPartnerBodyAccount,
    CreatePlatformPartnerBodyContact,
    CreatePlatformPartnerBodyType,
    CreatePlatformPartnerBodyTypeBusiness,
    CreatePlatformPartnerBodyTypeWhtPayer,
)
from portone_server_sdk.platform.partner_settlement import PlatformPartnerSettlementFilterInput
from portone_server_sdk.platform.payout import PlatformPayoutFilterInput, PlatformPayoutFilterInputCriteria
from portone_server_sdk.platform.transfer import (
    CreatePlatformOrderCancelTransferBodyDiscount,
    CreatePlatformOrderCancelTransferBodyOrderDetail,
    CreatePlatformOrderCancelTransferBodyOrderDetailAll,
    CreatePlatformOrderTransferBodyDiscount,
    CreatePlatformOrderTransferBodyOrderDetail,
    PlatformTransferFilterInput,
    PlatformTransferFilterInputKeyword,
)
from shop import Story
from shop.shop import krw

PERSON = CreatePlatformPartnerBodyType(wht_payer=CreatePlatformPartnerBodyTypeWhtPayer(birthdate="1990-01-02"))
BUSINESS = CreatePlatformPartnerBodyType(
    business=CreatePlatformPartnerBodyTypeBusiness(
        company_name="Bread Inc.", business_registration_number="120-81-47521", representative_name="Hong"
    )
)
GOOD = "110123456781"
# The sandbox's bank accepts a remittance to it and sends it back.
CLOSED = "110123456713"


def new_id() -> str:
    return f"py-{uuid.uuid4()}"


class Marketplace(Story):
    """A month: 10 % of each order and the VAT on it are kept, everything is settled on the next day."""

    def setUp(self) -> None:
        self.platform = PlatformClient(secret=self.shop.api_secret, base_url=self.shop.url)
        self.transfer = self.platform.transfer
        contract = self.platform.policy.create_platform_contract(
            test=True,
            id=new_id(),
            name="bakers",
            platform_fee=PlatformFeeInput(fixed_rate=10_000),
            settlement_cycle=PlatformSettlementCycleInput(
                lag_days=1,
                date_policy="CALENDAR_DAY",
                method=PlatformSettlementCycleMethodInput(daily=PlatformSettlementCycleMethodDailyInput()),
            ),
            platform_fee_vat_payer="PARTNER",
            subtract_payment_vat_amount=False,
        ).contract
        self.contract_id = contract.id
        self.share_id = self.platform.policy.create_platform_discount_share_policy(
            test=True, id=new_id(), name="coupon", partner_share_rate=50_000
        ).discount_share_policy.id

    def joins(self, kind: CreatePlatformPartnerBodyType, number: str = GOOD) -> str:
        """A partner; the month's account of it is opened by its first order."""
        return self.platform.partner.create_platform_partner(
            test=True,
            id=new_id(),
            name="a bakery",
            contact=CreatePlatformPartnerBodyContact(name="Kim", email="kim@example.com"),
            account=CreatePlatformPartnerBodyAccount(bank="KOOKMIN", currency="KRW", number=number, holder="Kim"),
            default_contract_id=self.contract_id,
            tags=["bread"],
            type=kind,
        ).partner.id

    def order(self, partner_id: str, total: int, coupon: int = 0, **changes: Any) -> dict[str, Any]:
        discount = CreatePlatformOrderTransferBodyDiscount(share_policy_id=self.share_id, amount=coupon)
        return {
            "test": True,
            "partner_id": partner_id,
            "order_detail": CreatePlatformOrderTransferBodyOrderDetail(order_amount=total),
            "discounts": [discount] if coupon else [],
            "additional_fees": [],
        } | changes

    def sells(self, partner_id: str, total: int, coupon: int = 0):
        """A buyer pays for an order of a partner; hands back the payment and the transfer."""
        payment = self.shop.is_paid(amount=krw(total - coupon))
        order = self.order(partner_id, total, coupon, payment_id=payment.id)
        return payment, self.transfer.create_platform_order_transfer(**order).transfer

    def at_noon_in_korea(self, days: int) -> None:
        """Banks are open then."""
        now: datetime = self.shop.sandbox.now()
        noon = now.replace(hour=3, minute=0, second=0, microsecond=0) + timedelta(days=days)
        self.shop.sandbox.after(f"PT{int((noon - now).total_seconds()) + 1}S")

    def operates(self, path: str, body: dict[str, Any], wire=None) -> Any:
        answer = (wire or self.shop.wire).post(f"/operator/platform/{path}?test=true", body)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def second_person(self):
        """Whoever makes a bulk payout does not approve it."""
        secret = os.environ.get("PAYPIER_SECOND_SECRET")
        assert secret, "PAYPIER_SECOND_SECRET must be another API secret of the same store (see README.md)"
        return self.shop.wire.authorized(f"PortOne {secret}")

    def settlements(self, *partner_ids: str):
        return self.platform.partner_settlement.get_platform_partner_settlements(
            test=True, filter=PlatformPartnerSettlementFilterInput(partner_ids=list(partner_ids))
        )

    def payouts(self, bulk_payout_id: str) -> dict[str, Any]:
        """The payouts of a bulk payout by partner."""
        criteria = PlatformPayoutFilterInputCriteria(bulk_payout_id=bulk_payout_id)
        found = self.platform.payout.get_platform_payouts(test=True, filter=PlatformPayoutFilterInput(criteria=criteria))
        return {payout.partner.id: payout for payout in found.items}

    def statement(self, partner_id: str) -> Any:
        path = f"/operator/platform/partners/{partner_id}/statement?test=true&from=2020-01-01&until=2099-12-31"
        answer = self.shop.wire.get(path)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def account(self) -> tuple[int, int]:
        account = self.shop.wire.get("/operator/platform/accounts?test=true").json["items"][0]
        return account["balance"], account["held"]

    def test_a_month_from_the_first_order_to_books_that_tie(self):
        # Partners join, and sell.
        kim, inc, closed = self.joins(PERSON), self.joins(BUSINESS), self.joins(PERSON, CLOSED)
        with_coupon, first = self.sells(kim, 10_000, coupon=1_000)
        given_back, whole = self.sells(inc, 20_000)
        self.sells(closed, 5_000)
        # The order less a tenth, the VAT on that, and half of the coupon.
        self.assertEqual((first.amount.settlement, first.amount.discount_share), (8_400, 500))
        self.assertEqual(whole.amount.settlement, 17_800)
        again = self.order(kim, 1, payment_id=with_coupon.id)
        self.refused(PlatformTransferAlreadyExistsError, self.transfer.create_platform_order_transfer, **again)
        more = self.order(inc, 1, payment_id=with_coupon.id)
        self.refused(
            PlatformSettlementPaymentAmountExceededPortOnePaymentError,
            self.transfer.create_platform_order_transfer,
            **more,
        )

        # In the middle of the month the partner bears all of a coupon. What has been sold stays as it is.
        self.at_noon_in_korea(15)
        changed = self.platform.policy.update_platform_discount_share_policy(
            id=self.share_id, test=True, partner_share_rate=100_000
        ).discount_share_policy
        self.assertEqual(changed.partner_share_rate, 100_000)
        _, second = self.sells(kim, 10_000, coupon=1_000)
        self.assertEqual((second.amount.settlement, second.amount.discount_share), (7_900, 1_000))
        self.assertEqual(self.transfer.get_platform_transfer(id=first.id, test=True).amount.settlement, 8_400)
        self.sells(inc, 30_000)

        # Buyers give back: a half, which takes back half of the old share, and a whole order.
        half = with_coupon.cancel(amount=4_500)

        def cancels(amount: int) -> dict[str, Any]:
            return {
                "test": True,
                "transfer_id": first.id,
                "cancellation_id": half.id,
                "order_detail": CreatePlatformOrderCancelTransferBodyOrderDetail(order_amount=amount),
                "discounts": [CreatePlatformOrderCancelTransferBodyDiscount(share_policy_id=self.share_id, amount=500)],
            }

        cancel = self.transfer.create_platform_order_cancel_transfer
        self.refused(PlatformSettlementCancelAmountExceededPortOneCancelError, cancel, **cancels(5_001))
        self.refused(PlatformCancellableAmountExceededError, cancel, **cancels(10_001))
        self.assertEqual(cancel(**cancels(5_000)).transfer.amount.settlement, 4_200)
        everything = CreatePlatformOrderCancelTransferBodyOrderDetail(
            all=CreatePlatformOrderCancelTransferBodyOrderDetailAll()
        )
        taken = cancel(
            test=True,
            transfer_id=whole.id,
            cancellation_id=given_back.cancel().id,
            order_detail=everything,
            discounts=[],
        ).transfer
        self.assertEqual(taken.amount.settlement, 17_800)
        self.refused(
            PlatformCancelOrderTransfersExistsError, self.transfer.delete_platform_transfer, id=first.id, test=True
        )
        penalty = self.transfer.create_platform_manual_transfer(
            test=True,
            partner_id=kim,
            settlement_amount=-300,
            settlement_date=(self.shop.sandbox.now() + timedelta(days=1)).date().isoformat(),
        ).transfer
        self.assertEqual(penalty.settlement_amount, -300)

        # The month is over: two people let the bank pay what is left.
        self.at_noon_in_korea(16)
        due = self.settlements(kim, inc, closed)
        self.assertEqual({one.status for one in due.items}, {"PAYOUT_PREPARED"})
        self.assertEqual(due.counts.payout_prepared, len(due.items))
        before = self.account()
        bulk_id = new_id()
        dates = sorted({one.settlement_date for one in due.items})
        ask = {"id": bulk_id, "method": "AGENCY", "currency": "KRW", "settlementDates": dates}
        self.operates("bulk-payouts", ask)
        made = self.operates(f"bulk-payouts/{bulk_id}/payouts", {"depositMemo": "bread"})["bulkPayout"]
        self.assertEqual(made["status"], "PREPARED")
        by_itself = self.shop.wire.post(f"/operator/platform/bulk-payouts/{bulk_id}/approve?test=true", {})
        self.assertEqual((by_itself.status, by_itself.json["type"]), (403, "FORBIDDEN"))
        self.operates(f"bulk-payouts/{bulk_id}/approve", {}, self.second_person())
        self.shop.sandbox.after("PT6M")

        # 3 % of what persons are paid and a tenth of that are withheld, each cut to ten won.
        paid = self.payouts(bulk_id)

        def told(of: str) -> tuple[Any, ...]:
            one = paid[of]
            return (one.settlement_amount, one.income_tax_amount, one.local_income_tax_amount, one.amount, one.status)

        self.assertEqual(told(kim), (11_800, 350, 30, 11_420, "SUCCEEDED"))
        self.assertEqual(told(inc), (26_700, 0, 0, 26_700, "SUCCEEDED"))
        self.assertEqual(told(closed), (4_450, 130, 10, 4_310, "FAILED"))
        self.assertEqual({one.status for one in self.settlements(closed).items}, {"PAYOUT_FAILED"})
        self.assertEqual(self.transfer.get_platform_transfer(id=second.id, test=True).status, "PAID_OUT")
        self.refused(
            PlatformTransferNonDeletableStatusError, self.transfer.delete_platform_transfer, id=second.id, test=True
        )

        # What came back is sent again, to an account that is open.
        self.platform.partner.update_platform_partner(
            id=closed,
            test=True,
            account=UpdatePlatformPartnerBodyAccount(bank="SHINHAN", currency="KRW", number=GOOD, holder="Kim"),
        )
        retried = self.operates(f"payouts/{paid[closed].id}/retry", {})["bulkPayout"]["id"]
        self.operates(f"bulk-payouts/{retried}/approve", {}, self.second_person())
        self.shop.sandbox.after("PT6M")
        again = self.payouts(retried)[closed]
        self.assertEqual((again.amount, again.account.bank, again.status), (4_310, "SHINHAN", "SUCCEEDED"))

        # The books tie: nobody is owed anything, and what left the account is what arrived.
        arrived = [paid[kim].amount, paid[inc].amount, again.amount]
        for partner_id, amount in zip((kim, inc, closed), arrived):
            statement = self.statement(partner_id)
            self.assertEqual((statement["closingBalance"], statement["paid"]["amount"]), (0, amount), statement)
        self.assertEqual(self.account(), (before[0] - sum(arrived), 0))
        moved = self.platform.account_transfer.get_platform_account_transfers(
            test=True, filter=PlatformAccountTransferFilter(payout_id=again.id)
        )
        self.assertEqual([(one.currency, one.amount, one.status) for one in moved.items], [("KRW", 4_310, "SUCCEEDED")])

        # Everything that happened to one partner is listed, and written into a sheet.
        mine = PlatformTransferFilterInput(keyword=PlatformTransferFilterInputKeyword(partner_id=kim))
        summaries = self.transfer.get_platform_transfer_summaries(test=True, filter=mine)
        self.assertEqual((len(summaries.transfer_summaries), summaries.page.total_count), (4, 4))
        sheet = self.transfer.download_platform_transfer_sheet(test=True, filter=mine, fields=["TRANSFER_ID", "TYPE"])
        self.assertEqual(len(sheet.strip().split("\r\n")), 5)
