//! What the settlement platform posts to the ledger, in the books of the merchant's representative
//! store: what is owed to each partner, what the merchant keeps, what is withheld, and what has left.
//!
//! A settled order of 11,000 with 1,100 of fees, 110 of VAT on them and 9,790 for the partner:
//!
//! ```text
//! merchant_receivable      11,000     the buyers' money for the partner's orders
//!   partner_payable:p             9,790
//!   platform_fees                 1,100
//!   platform_vat                    110
//! ```
//!
//! Its payout of 9,790 to a person, with 290 and 20 withheld:
//!
//! ```text
//! partner_payable:p         9,790
//!   withholding_payable             310
//!   remitted                      9,480
//! ```
//!
//! Money that the bank has moved for us leaves `payout_account` instead of `remitted`.

use super::amount::SettlementAmount;
use super::bulk::PayoutMethod;
use super::definition::PlatformKey;
use super::id::PartnerId;
use super::paying::Payout;
use super::setting::AmountType;
use super::transfer::{Transfer, TransferContent};
use crate::id::StoreId;
use crate::ledger::{Account, PartnerContext, Posting};
use crate::money::{Amount, Currency, MoneyError, SignedAmount};
use jiff::Timestamp;

type Movements = Vec<(Account, Account, SignedAmount)>;

fn context(transfer: &Transfer, at: Timestamp) -> PartnerContext {
    PartnerContext {
        store: transfer.home.clone(),
        environment: transfer.platform.environment,
        partner: Some(transfer.partner.clone()),
        currency: transfer.currency,
        at,
    }
}

/// Who gets which part of an order.
fn of_order(partner: &PartnerId, amount: &SettlementAmount) -> Result<Movements, MoneyError> {
    let receivable = || Account::MerchantReceivable;
    let fees = amount.platform_fee.plus(amount.additional_fee)?;
    let vat = SignedAmount::sum([
        amount.platform_fee_vat,
        amount.additional_fee_vat,
        amount.payment_vat_burden.into(),
    ])?;
    Ok(vec![
        (receivable(), Account::PartnerPayable(partner.clone()), amount.settlement),
        (receivable(), Account::PlatformFees, fees),
        (receivable(), Account::PlatformVat, vat),
        (receivable(), Account::DiscountShares, amount.discount_share),
    ])
}

fn movements(transfer: &Transfer) -> Result<Movements, MoneyError> {
    Ok(match &transfer.content {
        TransferContent::Order(order) => of_order(&transfer.partner, &order.calculation.amount)?,
        TransferContent::OrderCancel(cancel) => {
            reversed(of_order(&transfer.partner, &cancel.calculation.amount)?)
        }
        TransferContent::Manual(manual) => vec![(
            Account::MerchantReceivable,
            Account::PartnerPayable(transfer.partner.clone()),
            manual.settlement,
        )],
    })
}

fn reversed(movements: Movements) -> Movements {
    movements.into_iter().map(|(debit, credit, amount)| (credit, debit, amount)).collect()
}

/// A transfer is settled: from now on the partner is owed it. `None` for one that is worth nothing.
///
/// # Errors
/// A sum leaves its range.
pub fn settled(transfer: &Transfer, at: Timestamp) -> Result<Option<Posting>, MoneyError> {
    let id = format!("settled:{}", transfer.id);
    Ok(Posting::of_partner(id, context(transfer, at), &movements(transfer)?))
}

/// A settled transfer was deleted.
///
/// # Errors
/// A sum leaves its range.
pub fn unsettled(transfer: &Transfer, at: Timestamp) -> Result<Option<Posting>, MoneyError> {
    let id = format!("deleted:{}", transfer.id);
    Ok(Posting::of_partner(id, context(transfer, at), &reversed(movements(transfer)?)))
}

/// A partner was paid.
///
/// # Errors
/// A sum leaves its range.
pub fn paid(payout: &Payout, at: Timestamp) -> Result<Option<Posting>, MoneyError> {
    let amounts = &payout.amounts;
    let owed = || Account::PartnerPayable(payout.partner.clone());
    let left = || match payout.method {
        PayoutMethod::Agency => Account::PayoutAccount,
        PayoutMethod::Direct => Account::Remitted,
    };
    let taxes = amounts.income_tax.plus(amounts.local_income_tax)?;
    let settlement: SignedAmount = amounts.settlement.into();
    let vat_on_top = match payout.terms.amount_type {
        AmountType::Net => amounts.vat,
        AmountType::Gross => SignedAmount::ZERO,
    };
    let movements = vec![
        (owed(), Account::WithholdingPayable, taxes.into()),
        (owed(), left(), settlement.minus(taxes.into())?),
        (Account::PlatformVat, left(), vat_on_top),
    ];
    let context = PartnerContext {
        store: payout.home.clone(),
        environment: payout.platform.environment,
        partner: Some(payout.partner.clone()),
        currency: payout.terms.currency,
        at,
    };
    Ok(Posting::of_partner(format!("paid:{}", payout.id), context, &movements))
}

/// Money was put into the account from which partners are paid.
pub fn deposited(
    platform: &PlatformKey,
    home: &StoreId,
    id: &str,
    (amount, currency): (Amount, Currency),
    at: Timestamp,
) -> Option<Posting> {
    let context = PartnerContext {
        store: home.clone(),
        environment: platform.environment,
        partner: None,
        currency,
        at,
    };
    let movements = [(Account::PayoutAccount, Account::PayoutFunding, amount.into())];
    Posting::of_partner(format!("deposit:{id}"), context, &movements)
}

/// Money was taken out of it, and to the merchant.
pub fn withdrawn(
    platform: &PlatformKey,
    home: &StoreId,
    id: &str,
    (amount, currency): (Amount, Currency),
    at: Timestamp,
) -> Option<Posting> {
    let context = PartnerContext {
        store: home.clone(),
        environment: platform.environment,
        partner: None,
        currency,
        at,
    };
    let movements = [(Account::PayoutFunding, Account::PayoutAccount, amount.into())];
    Posting::of_partner(format!("withdrawal:{id}"), context, &movements)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::super::testing::transfer::{cancel, manual, order, payout};
    use super::*;
    use std::collections::BTreeMap;

    fn lines(posting: &Posting) -> BTreeMap<String, i64> {
        posting.entries().iter().map(|entry| (entry.account.name(), entry.signed)).collect()
    }

    #[test]
    fn every_part_of_an_order_goes_somewhere_and_a_cancel_takes_it_back() {
        let at = Timestamp::UNIX_EPOCH;
        let order = order("t", 11_000);
        let posting = settled(&order, at).unwrap().unwrap();
        let expected = [
            ("merchant_receivable", 11_000),
            ("partner_payable:p", -9_790),
            ("platform_fees", -1_100),
            ("platform_vat", -110),
        ];
        let expected: BTreeMap<String, i64> = expected.map(|(name, units)| (name.to_owned(), units)).into();
        assert_eq!(lines(&posting), expected);
        let negated: BTreeMap<String, i64> =
            expected.iter().map(|(name, units)| (name.clone(), -units)).collect();
        assert_eq!(lines(&settled(&cancel("c", &order), at).unwrap().unwrap()), negated);
        assert_eq!(lines(&unsettled(&order, at).unwrap().unwrap()), negated);
        let penalty = settled(&manual("m", -700), at).unwrap().unwrap();
        assert_eq!(lines(&penalty)["partner_payable:p"], 700);
        assert_eq!(settled(&manual("m", 0), at).unwrap(), None);
    }

    #[test]
    fn what_is_paid_is_owed_no_more_and_taxes_are_kept_back() {
        let at = Timestamp::UNIX_EPOCH;
        for (method, net, account, expected) in [
            (PayoutMethod::Direct, false, "remitted", [1_000_000, -33_000, -967_000, 0]),
            (PayoutMethod::Agency, false, "payout_account", [1_000_000, -33_000, -967_000, 0]),
            (PayoutMethod::Direct, true, "remitted", [1_000_000, 0, -1_100_000, 100_000]),
        ] {
            let posting = paid(&payout("po", 1_000_000, method, net), at).unwrap().unwrap();
            let lines = lines(&posting);
            let of = |name: &str| lines.get(name).copied().unwrap_or(0);
            let row = [of("partner_payable:p"), of("withholding_payable"), of(account), of("platform_vat")];
            assert_eq!(row, expected, "{method:?} {net}");
            assert_eq!(lines.values().sum::<i64>(), 0);
        }
    }
}
