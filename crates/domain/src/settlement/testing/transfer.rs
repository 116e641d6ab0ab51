//! Transfers, settlements and payouts for the tests of this module.

use super::{amount, contract, order as order_of, rate};
use crate::channel::Environment;
use crate::id::{CancellationId, MerchantId, PaymentId, StoreId};
use crate::money::{Currency, SignedAmount};
use crate::settlement::bulk::PayoutMethod;
use crate::settlement::calculator::Calculator;
use crate::settlement::cancel::{self, Cancel, CancelDetail};
use crate::settlement::definition::PlatformKey;
use crate::settlement::group::{GroupKind, GroupTotal};
use crate::settlement::id::*;
use crate::settlement::manual::ManualAmount;
use crate::settlement::order::calculate;
use crate::settlement::partner_settlement::PartnerSettlement;
use crate::settlement::paying::{BulkPayout, PaidTo, Payout};
use crate::settlement::payout::{PartnerType, PayoutAmounts, PayoutTerms, Taxation};
use crate::settlement::setting::{AmountType, Withholding};
use crate::settlement::status::{BulkPayoutStatus, PartnerSettlementStatus, PayoutStatus};
use crate::settlement::transfer::*;
use jiff::Timestamp;
use jiff::civil::date;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::settlement) fn platform() -> PlatformKey {
    PlatformKey { merchant: MerchantId::known("m"), environment: Environment::Live }
}

fn with(id: &str, content: TransferContent) -> Transfer {
    Transfer {
        platform: platform(),
        id: TransferId::known(id),
        home: StoreId::known("s"),
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
        partner: PartnerId::known("p"),
        settles_on: date(2024, 10, 20),
        currency: Currency::KRW,
        memo: None,
        properties: vec![],
        content,
        settlement: None,
    }
}

fn payment() -> TransferPayment {
    TransferPayment {
        id: PaymentId::known("order-1"),
        store: StoreId::known("s"),
        channel: None,
        order_name: None,
        method: None,
        currency: Currency::KRW,
        paid_at: None,
    }
}

/// Of 10 %, whose VAT the partner bears.
pub(in crate::settlement) fn order(id: &str, units: i64) -> Transfer {
    let calculation = calculate(&order_of(units), &contract(rate(10_000)), &Calculator::default()).unwrap();
    with(
        id,
        TransferContent::Order(Box::new(OrderContent {
            contract: Edition { id: ContractId::known("c"), applied_at: Timestamp::UNIX_EPOCH },
            payment: payment(),
            starts_on: date(2024, 10, 18),
            asked_date: None,
            asked_tax_free: None,
            asked_parameters: BTreeMap::new(),
            parameters: BTreeMap::new(),
            discount_policies: BTreeMap::new(),
            additional_fee_policies: BTreeMap::new(),
            calculation,
            frozen: true,
        })),
    )
}

/// Of all of an order.
pub(in crate::settlement) fn cancel(id: &str, order: &Transfer) -> Transfer {
    let asked = Cancel { detail: CancelDetail::All, tax_free: None, discounts: vec![] };
    let calculation = cancel::calculate(order.calculation().unwrap(), &[], &asked).unwrap();
    with(
        id,
        TransferContent::OrderCancel(Box::new(CancelContent {
            original: order.id.clone(),
            contract: order.contract().unwrap().clone(),
            payment: payment(),
            cancellation: OrderCancellation {
                id: CancellationId::known("x"),
                cancelled_at: Timestamp::UNIX_EPOCH,
            },
            starts_on: date(2024, 10, 19),
            asked_date: None,
            asked,
            parameters: BTreeMap::new(),
            discount_policies: BTreeMap::new(),
            additional_fee_policies: BTreeMap::new(),
            calculation,
            frozen: true,
        })),
    )
}

pub(in crate::settlement) fn manual(id: &str, units: i64) -> Transfer {
    with(
        id,
        TransferContent::Manual(ManualAmount {
            settlement: SignedAmount::new(units).unwrap(),
            tax_free: SignedAmount::ZERO,
            currency: Currency::KRW,
        }),
    )
}

pub(in crate::settlement) fn settlement(id: &str, status: PartnerSettlementStatus) -> PartnerSettlement {
    PartnerSettlement {
        platform: platform(),
        id: PartnerSettlementId::known(id),
        home: StoreId::known("s"),
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
        partner: PartnerId::known("p"),
        kind: GroupKind::Manual,
        currency: Currency::KRW,
        settles_on: date(2024, 10, 20),
        status,
        status_at: Timestamp::UNIX_EPOCH,
        memo: None,
        total: GroupTotal::Manual {
            settlement: SignedAmount::new(5_000).unwrap(),
            tax_free: SignedAmount::ZERO,
        },
        transfers: 1,
        payout: None,
        bulk: None,
    }
}

/// To a person whose income is taxed, or with `net` to a business whose VAT comes on top.
pub(in crate::settlement) fn payout(id: &str, units: i64, method: PayoutMethod, net: bool) -> Payout {
    let terms = PayoutTerms {
        partner: if net { PartnerType::Business(Taxation::Normal) } else { PartnerType::WhtPayer },
        currency: Currency::KRW,
        withholding: Withholding::Deducted,
        amount_type: if net { AmountType::Net } else { AmountType::Gross },
    };
    let settlement = SignedAmount::from(amount(units));
    Payout {
        platform: platform(),
        id: PayoutId::known(id),
        home: StoreId::known("s"),
        bulk: BulkPayoutId::known("b"),
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
        method,
        status: PayoutStatus::Confirmed,
        status_at: Timestamp::UNIX_EPOCH,
        partner: PartnerId::known("p"),
        terms,
        account: PaidTo { bank: "KOOKMIN".into(), number: "1".into(), holder: "h".into() },
        amounts: PayoutAmounts::new(settlement, SignedAmount::ZERO, terms).unwrap(),
        memo: None,
        withdrawal_memo: None,
        deposit_memo: None,
        scheduled_at: None,
        fail_reason: None,
    }
}

/// Made by anna.
pub(in crate::settlement) fn bulk_payout(id: &str) -> BulkPayout {
    BulkPayout {
        platform: platform(),
        id: BulkPayoutId::known(id),
        home: StoreId::known("s"),
        name: id.into(),
        created_by: "anna".into(),
        approved_by: None,
        method: PayoutMethod::Agency,
        currency: Currency::KRW,
        settlement_dates: BTreeSet::new(),
        status: BulkPayoutStatus::Preparing,
        status_at: Timestamp::UNIX_EPOCH,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        version: 1,
        reserved_for: None,
        total_settlement: SignedAmount::ZERO,
        total_payout: crate::money::Amount::ZERO,
    }
}
