//! What a partner is paid: partner settlements added up, the partner's VAT, and withholding tax
//! (v2-platform, section 19).
//!
//! Withholding follows the Korean rule for business income of persons (Income Tax Act, article 129:
//! 3 %, and a tenth of it as local income tax), each cut to ten won, once for each payout. A balance
//! below zero is never paid: it waits and is set off against what is settled later.

use super::id::{PartnerId, PartnerSettlementId, TransferId};
use super::setting::{AmountType, Withholding};
use super::status::PartnerSettlementStatus;
use crate::money::{Amount, Currency, Fraction, MoneyError, Rounding, SignedAmount};
use std::collections::BTreeMap;

/// Who a partner is to the tax office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartnerType {
    Business(Taxation),
    /// A person whose income is taxed by withholding.
    WhtPayer,
    NonWhtPayer,
}

/// How a business is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Taxation {
    Normal,
    SimpleTaxInvoiceIssuer,
    Simple,
    TaxFree,
}

impl PartnerType {
    /// Whether what it is paid contains VAT.
    const fn charges_vat(self) -> bool {
        match self {
            Self::Business(Taxation::Normal | Taxation::SimpleTaxInvoiceIssuer | Taxation::Simple) => true,
            Self::Business(Taxation::TaxFree) | Self::WhtPayer | Self::NonWhtPayer => false,
        }
    }
}

/// How a payout is computed; copied onto it, so that later settings change nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayoutTerms {
    pub partner: PartnerType,
    pub currency: Currency,
    pub withholding: Withholding,
    pub amount_type: AmountType,
}

/// The amounts of a payout. Always: `amount = supply + tax_free + vat − income_tax −
/// local_income_tax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayoutAmounts {
    /// The sum of the partner settlements.
    pub settlement: Amount,
    pub tax_free: SignedAmount,
    pub supply: SignedAmount,
    pub vat: SignedAmount,
    pub income_tax: Amount,
    pub local_income_tax: Amount,
    /// What reaches the partner's account.
    pub amount: Amount,
}

/// Why settlements are no payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayoutRefusal {
    #[error("the settlements add up to {0}; nothing can be paid out below 0")]
    Negative(SignedAmount),
    #[error(transparent)]
    OutOfRange(#[from] MoneyError),
}

impl PayoutAmounts {
    /// # Errors
    /// A negative sum; sums that leave the range.
    pub fn new(
        settlement: SignedAmount,
        tax_free: SignedAmount,
        terms: PayoutTerms,
    ) -> Result<Self, PayoutRefusal> {
        let total = settlement.to_amount().ok_or(PayoutRefusal::Negative(settlement))?;
        let taxable = settlement.minus(tax_free)?;
        let units = i128::from(taxable.minor_units());
        let (vat, supply) = match (terms.partner.charges_vat(), terms.amount_type) {
            (false, _) => (SignedAmount::ZERO, taxable),
            (true, AmountType::Gross) => {
                let vat = Fraction::quotient(units, 11, Rounding::Down)?;
                (vat, taxable.minus(vat)?)
            }
            (true, AmountType::Net) => (Fraction::quotient(units, 10, Rounding::Down)?, taxable),
        };
        let (income_tax, local_income_tax) = withheld(total, terms);
        let amount = SignedAmount::sum([
            supply,
            tax_free,
            vat,
            SignedAmount::from(income_tax).negated(),
            SignedAmount::from(local_income_tax).negated(),
        ])?;
        Ok(Self {
            settlement: total,
            tax_free,
            supply,
            vat,
            income_tax,
            local_income_tax,
            // Negative only where a tax-free part above the settlement makes the VAT on top negative.
            amount: amount.to_amount().ok_or(PayoutRefusal::Negative(amount))?,
        })
    }
}

/// Income tax and local income tax. Other currencies than the won have no ten won to cut to, and
/// nothing is withheld in them.
fn withheld(settlement: Amount, terms: PayoutTerms) -> (Amount, Amount) {
    match (terms.partner, terms.withholding) {
        (PartnerType::WhtPayer, Withholding::Deducted) if terms.currency == Currency::KRW => {
            let income_tax = in_tens(settlement.minor_units().saturating_mul(3) / 100);
            (income_tax, in_tens(income_tax.minor_units() / 10))
        }
        (PartnerType::WhtPayer | PartnerType::NonWhtPayer | PartnerType::Business(_), _) => {
            (Amount::ZERO, Amount::ZERO)
        }
    }
}

fn in_tens(units: i64) -> Amount {
    Amount::new((units / 10).saturating_mul(10)).unwrap_or_default()
}

/// A partner settlement, as far as paying it needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    pub id: PartnerSettlementId,
    pub partner: PartnerId,
    pub currency: Currency,
    pub status: PartnerSettlementStatus,
    /// What it adds to a payout: negative for cancels.
    pub settlement: SignedAmount,
    pub tax_free: SignedAmount,
    /// Set for a manual transfer that is paid by itself.
    pub alone: Option<TransferId>,
}

/// Settlements of one partner in one currency that are paid, carried or held together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub partner: PartnerId,
    pub currency: Currency,
    pub settlement: SignedAmount,
    pub tax_free: SignedAmount,
    pub settlements: Vec<PartnerSettlementId>,
}

/// Why a partner is not paid although something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hold {
    /// An operator holds the settlement back.
    Withheld,
    /// The partner is not approved (any more).
    PartnerNotApproved,
}

/// What becomes of partner settlements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PayoutPlan {
    /// One payout each.
    pub payouts: Vec<Share>,
    /// Balances below zero: they stay as they are, and are set off when more is settled.
    pub carried: Vec<Share>,
    pub held: Vec<(Hold, Share)>,
    /// Neither: excluded, or in a payout already.
    pub left_out: Vec<PartnerSettlementId>,
}

/// What settlements have in common that are paid (or wait) together; of manual transfers that are
/// paid by themselves, the transfer.
type ShareKey<'a> = (&'a PartnerId, Currency, Option<Hold>, Option<&'a TransferId>);

/// Divides partner settlements into payouts, balances that are carried over, and what is held:
/// by partner and currency, in that order. Nobody's hold or balance touches another partner.
///
/// # Errors
/// A sum leaves its range.
pub fn plan(
    settlements: &[Payable],
    is_approved: impl Fn(&PartnerId) -> bool,
) -> Result<PayoutPlan, MoneyError> {
    let mut shares: BTreeMap<ShareKey<'_>, Share> = BTreeMap::new();
    let mut plan = PayoutPlan::default();
    for settlement in settlements {
        let hold = match settlement.status {
            PartnerSettlementStatus::Withheld => Some(Hold::Withheld),
            status if !status.is_payable() => {
                plan.left_out.push(settlement.id.clone());
                continue;
            }
            _ if !is_approved(&settlement.partner) => Some(Hold::PartnerNotApproved),
            _ => None,
        };
        let key = (&settlement.partner, settlement.currency, hold, settlement.alone.as_ref());
        let share = shares.entry(key).or_insert_with(|| Share {
            partner: settlement.partner.clone(),
            currency: settlement.currency,
            settlement: SignedAmount::ZERO,
            tax_free: SignedAmount::ZERO,
            settlements: Vec::new(),
        });
        share.settlement = share.settlement.plus(settlement.settlement)?;
        share.tax_free = share.tax_free.plus(settlement.tax_free)?;
        share.settlements.push(settlement.id.clone());
    }
    for ((_, _, hold, _), share) in shares {
        match hold {
            Some(hold) => plan.held.push((hold, share)),
            None if share.settlement.is_negative() => plan.carried.push(share),
            None => plan.payouts.push(share),
        }
    }
    Ok(plan)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn won(units: i64) -> SignedAmount {
        SignedAmount::new(units).unwrap()
    }

    const WHT: PayoutTerms = PayoutTerms {
        partner: PartnerType::WhtPayer,
        currency: Currency::KRW,
        withholding: Withholding::Deducted,
        amount_type: AmountType::Gross,
    };

    const fn business(taxation: Taxation, amount_type: AmountType) -> PayoutTerms {
        PayoutTerms { partner: PartnerType::Business(taxation), amount_type, ..WHT }
    }

    #[test]
    fn the_payout_vectors_of_the_specification() {
        // Section 19.2.
        use AmountType::{Gross, Net};
        use Taxation::{Normal, TaxFree};
        let not_deducted = PayoutTerms { withholding: Withholding::NotDeducted, ..WHT };
        // settlement, its tax-free part; income tax, local income tax, VAT, supply, tax-free, amount
        #[rustfmt::skip]
        let table = [
            ("P1", WHT, 14_669, 0, [440, 40, 0, 14_669, 0, 14_189]),
            ("P2", WHT, 6_889, 0, [200, 20, 0, 6_889, 0, 6_669]),
            ("P3", WHT, 3_440, 0, [100, 10, 0, 3_440, 0, 3_330]),
            ("P4", WHT, 1_000_000, 0, [30_000, 3_000, 0, 1_000_000, 0, 967_000]),
            ("P5", WHT, 333, 0, [0, 0, 0, 333, 0, 333]),
            ("P6", WHT, 999, 0, [20, 0, 0, 999, 0, 979]),
            ("P7", WHT, 1_234_567, 0, [37_030, 3_700, 0, 1_234_567, 0, 1_193_837]),
            ("P8", not_deducted, 1_000_000, 0, [0, 0, 0, 1_000_000, 0, 1_000_000]),
            ("P9", business(Normal, Net), 1_000_000, 0, [0, 0, 100_000, 1_000_000, 0, 1_100_000]),
            ("P10", business(Normal, Gross), 1_000_000, 0, [0, 0, 90_909, 909_091, 0, 1_000_000]),
            ("P11", business(Normal, Gross), 8_900, 3_560, [0, 0, 485, 4_855, 3_560, 8_900]),
            ("P12", business(Normal, Net), 8_900, 3_560, [0, 0, 534, 5_340, 3_560, 9_434]),
            ("P13", business(TaxFree, Gross), 8_900, 3_560, [0, 0, 0, 5_340, 3_560, 8_900]),
            ("P14", business(Normal, Gross), 12_460 - 3_560 - 400, 0, [0, 0, 772, 7_728, 0, 8_500]),
        ];
        for (id, terms, settlement, tax_free, expected) in table {
            let payout = PayoutAmounts::new(won(settlement), won(tax_free), terms).unwrap();
            let row = [
                payout.income_tax.minor_units(),
                payout.local_income_tax.minor_units(),
                payout.vat.minor_units(),
                payout.supply.minor_units(),
                payout.tax_free.minor_units(),
                payout.amount.minor_units(),
            ];
            assert_eq!(row, expected, "{id}");
        }
        let p15 = PayoutAmounts::new(won(-4_450), won(0), business(Normal, Gross));
        assert_eq!(p15, Err(PayoutRefusal::Negative(won(-4_450))));
    }

    #[test]
    fn nothing_is_withheld_of_nothing_of_others_and_in_other_currencies() {
        let taxes = |settlement, terms| {
            let payout = PayoutAmounts::new(won(settlement), won(0), terms).unwrap();
            (payout.income_tax.minor_units(), payout.local_income_tax.minor_units())
        };
        assert_eq!(taxes(0, WHT), (0, 0));
        assert_eq!(taxes(100_000, PayoutTerms { partner: PartnerType::NonWhtPayer, ..WHT }), (0, 0));
        assert_eq!(taxes(100_000, business(Taxation::Simple, AmountType::Net)), (0, 0));
        assert_eq!(taxes(100_000, PayoutTerms { currency: Currency::USD, ..WHT }), (0, 0));
        // The whole amount is the base, a tax-free part included.
        let payout = PayoutAmounts::new(won(100_000), won(100_000), WHT).unwrap();
        assert_eq!((payout.income_tax.minor_units(), payout.supply), (3_000, won(0)));
    }

    fn payable(id: &str, partner: &str, status: PartnerSettlementStatus, units: i64) -> Payable {
        Payable {
            id: PartnerSettlementId::known(id),
            partner: PartnerId::known(partner),
            currency: Currency::KRW,
            status,
            settlement: won(units),
            tax_free: won(units / 10),
            alone: None,
        }
    }

    fn ids(shares: &[Share]) -> Vec<(&str, Vec<&str>, i64)> {
        let of = |share: &Share| share.settlement.minor_units();
        shares
            .iter()
            .map(|share| {
                (
                    share.partner.as_str(),
                    share.settlements.iter().map(PartnerSettlementId::as_str).collect(),
                    of(share),
                )
            })
            .collect()
    }

    #[test]
    fn a_negative_balance_is_carried_and_set_off_later() {
        use PartnerSettlementStatus as S;
        let mut due = vec![
            payable("a1", "a", S::Prepared, 10_000),
            payable("a2", "a", S::Prepared, -4_000),
            payable("b1", "b", S::Prepared, 3_000),
            payable("b2", "b", S::Prepared, -5_000),
            payable("c1", "c", S::Withheld, 7_000),
            payable("c2", "c", S::Prepared, 1_000),
            payable("d1", "d", S::Prepared, 9_000),
            payable("e1", "e", S::PaidOut, 9_000),
            payable("e2", "e", S::Excluded, 9_000),
            payable("e3", "e", S::Failed, 500),
        ];
        let approved = |partner: &PartnerId| partner.as_str() != "d";
        let first = plan(&due, approved).unwrap();
        assert_eq!(
            ids(&first.payouts),
            [("a", vec!["a1", "a2"], 6_000), ("c", vec!["c2"], 1_000), ("e", vec!["e3"], 500)]
        );
        assert_eq!(ids(&first.carried), [("b", vec!["b1", "b2"], -2_000)]);
        let held: Vec<_> = first.held.iter().map(|(hold, share)| (*hold, share.partner.as_str())).collect();
        assert_eq!(held, [(Hold::Withheld, "c"), (Hold::PartnerNotApproved, "d")]);
        assert_eq!(first.left_out, [PartnerSettlementId::known("e1"), PartnerSettlementId::known("e2")]);

        // The next day 2,500 are settled for b: 500 are left to pay.
        due.push(payable("b3", "b", S::Prepared, 2_500));
        let second = plan(&due, approved).unwrap();
        assert_eq!(ids(&second.carried), []);
        assert!(ids(&second.payouts).contains(&("b", vec!["b1", "b2", "b3"], 500)));
    }

    #[test]
    fn currencies_and_lone_manual_transfers_are_paid_apart() {
        use PartnerSettlementStatus::Prepared;
        let dollars = Payable { currency: Currency::USD, ..payable("a2", "a", Prepared, 200) };
        let alone = |id| Payable { alone: Some(TransferId::known(id)), ..payable(id, "a", Prepared, 300) };
        let due = [payable("a1", "a", Prepared, 100), dollars, alone("m1"), alone("m2")];
        let payouts = plan(&due, |_| true).unwrap().payouts;
        let of: Vec<_> = ids(&payouts).into_iter().map(|(_, ids, total)| (ids, total)).collect();
        assert_eq!(of, [(vec!["a1"], 100), (vec!["m1"], 300), (vec!["m2"], 300), (vec!["a2"], 200)]);
    }

    fn any_terms() -> impl Strategy<Value = PayoutTerms> {
        use PartnerType as P;
        let partners = vec![
            P::WhtPayer,
            P::NonWhtPayer,
            P::Business(Taxation::Normal),
            P::Business(Taxation::Simple),
            P::Business(Taxation::TaxFree),
        ];
        (prop::sample::select(partners), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(partner, deducted, gross, won)| PayoutTerms {
                partner,
                currency: if won { Currency::KRW } else { Currency::USD },
                withholding: if deducted { Withholding::Deducted } else { Withholding::NotDeducted },
                amount_type: if gross { AmountType::Gross } else { AmountType::Net },
            },
        )
    }

    proptest! {
        #[test]
        fn a_payout_is_the_sum_of_its_parts(settlement in 0i64..1_000_000_000_000, percent in 0i64..=100, terms in any_terms()) {
            let tax_free = won(settlement / 100 * percent);
            let payout = PayoutAmounts::new(won(settlement), tax_free, terms).unwrap();
            let taxes = payout.income_tax.minor_units() + payout.local_income_tax.minor_units();
            prop_assert_eq!(
                payout.amount.minor_units(),
                payout.supply.minor_units() + payout.tax_free.minor_units() + payout.vat.minor_units() - taxes
            );
            prop_assert!(payout.income_tax.minor_units() % 10 == 0 && payout.local_income_tax.minor_units() % 10 == 0);
            // What is withheld is 3.3 % and never more.
            prop_assert!(i128::from(taxes) * 1_000 <= i128::from(settlement) * 33);
            if terms.amount_type == AmountType::Gross || !terms.partner.charges_vat() {
                prop_assert_eq!(payout.amount.minor_units(), settlement - taxes);
            }
        }

        #[test]
        fn no_won_is_lost_between_paid_carried_and_held(rows in prop::collection::vec((0u8..4, -10_000i64..10_000, 0usize..9), 0..40)) {
            let due: Vec<Payable> = rows
                .iter()
                .enumerate()
                .map(|(index, (partner, units, status))| {
                    payable(&format!("s{index}"), &format!("p{partner}"), PartnerSettlementStatus::ALL[*status], *units)
                })
                .collect();
            let plan = plan(&due, |partner| partner.as_str() != "p3").unwrap();
            let shares = || plan.payouts.iter().chain(&plan.carried).chain(plan.held.iter().map(|held| &held.1));
            let counted: usize = shares().map(|share| share.settlements.len()).sum();
            prop_assert_eq!(counted + plan.left_out.len(), due.len());
            let planned: i64 = shares().map(|share| share.settlement.minor_units()).sum();
            let expected: i64 = due
                .iter()
                .filter(|row| !plan.left_out.contains(&row.id))
                .map(|row| row.settlement.minor_units())
                .sum();
            prop_assert_eq!(planned, expected);
            prop_assert!(plan.payouts.iter().all(|share| !share.settlement.is_negative()));
            prop_assert!(plan.carried.iter().all(|share| share.settlement.is_negative()));
        }
    }
}
