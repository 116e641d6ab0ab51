//! Payouts, bulk payouts, movements of accounts, and accounts: what their columns do not hold.

use super::settlement::signed;
use super::{Read, Senseless, amount, maybe_instant};
use crate::row::micros;
use jiff::civil::Date;
use paypier_domain::money::{Amount, Currency, SignedAmount};
use paypier_domain::settlement::id::{BulkPayoutId, PartnerId, PayoutId};
use paypier_domain::settlement::paying as domain;
use paypier_domain::settlement::paying::{BulkAccountTransferId, Direction, PaidTo, Purpose, Withdrawal};
use paypier_domain::settlement::payout::{PartnerType, PayoutAmounts, PayoutTerms, Taxation};
use paypier_domain::settlement::setting::{AmountType, Withholding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(crate) const fn partner_type_words(of: PartnerType) -> (&'static str, Option<&'static str>) {
    match of {
        PartnerType::Business(taxation) => ("BUSINESS", Some(taxation_word(taxation))),
        PartnerType::WhtPayer => ("WHT_PAYER", None),
        PartnerType::NonWhtPayer => ("NON_WHT_PAYER", None),
    }
}

const fn taxation_word(taxation: Taxation) -> &'static str {
    match taxation {
        Taxation::Normal => "NORMAL",
        Taxation::SimpleTaxInvoiceIssuer => "SIMPLE_TAX_INVOICE_ISSUER",
        Taxation::Simple => "SIMPLE",
        Taxation::TaxFree => "TAX_FREE",
    }
}

fn partner_type(kind: &str, taxation: Option<&str>) -> Read<PartnerType> {
    match (kind, taxation) {
        ("BUSINESS", Some(word)) => {
            [Taxation::Normal, Taxation::SimpleTaxInvoiceIssuer, Taxation::Simple, Taxation::TaxFree]
                .into_iter()
                .find(|known| taxation_word(*known) == word)
                .map(PartnerType::Business)
                .ok_or(Senseless("taxation"))
        }
        ("WHT_PAYER", None) => Ok(PartnerType::WhtPayer),
        ("NON_WHT_PAYER", None) => Ok(PartnerType::NonWhtPayer),
        _ => Err(Senseless("partner_type")),
    }
}

fn own(text: &Option<Box<str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payee {
    bank: String,
    number: String,
    holder: String,
}

impl Payee {
    fn of(paid_to: &PaidTo) -> Self {
        Self {
            bank: paid_to.bank.to_string(),
            number: paid_to.number.to_string(),
            holder: paid_to.holder.to_string(),
        }
    }

    fn read(self) -> PaidTo {
        PaidTo { bank: self.bank.into(), number: self.number.into(), holder: self.holder.into() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payout {
    partner_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taxation: Option<String>,
    deducts: bool,
    is_net: bool,
    account: Payee,
    /// Tax-free part, supply, VAT, income tax, local income tax.
    parts: (i64, i64, i64, i64, i64),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawal_memo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit_memo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fail_reason: Option<String>,
}

/// What the body holds of a payout.
pub(crate) struct PayoutBody {
    pub(crate) terms: PayoutTerms,
    pub(crate) account: PaidTo,
    pub(crate) amounts: PayoutAmounts,
    pub(crate) memo: Option<Box<str>>,
    pub(crate) withdrawal_memo: Option<Box<str>>,
    pub(crate) deposit_memo: Option<Box<str>>,
    pub(crate) fail_reason: Option<Box<str>>,
}

impl Payout {
    pub(crate) fn of(payout: &domain::Payout) -> Self {
        let (partner_type, taxation) = partner_type_words(payout.terms.partner);
        let amounts = &payout.amounts;
        Self {
            partner_type: partner_type.to_owned(),
            taxation: taxation.map(str::to_owned),
            deducts: payout.terms.withholding == Withholding::Deducted,
            is_net: payout.terms.amount_type == AmountType::Net,
            account: Payee::of(&payout.account),
            parts: (
                amounts.tax_free.minor_units(),
                amounts.supply.minor_units(),
                amounts.vat.minor_units(),
                amounts.income_tax.minor_units(),
                amounts.local_income_tax.minor_units(),
            ),
            memo: own(&payout.memo),
            withdrawal_memo: own(&payout.withdrawal_memo),
            deposit_memo: own(&payout.deposit_memo),
            fail_reason: own(&payout.fail_reason),
        }
    }

    pub(crate) fn read(self, currency: Currency, settlement: Amount, paid: Amount) -> Read<PayoutBody> {
        let (tax_free, supply, vat, income_tax, local_income_tax) = self.parts;
        Ok(PayoutBody {
            terms: PayoutTerms {
                partner: partner_type(&self.partner_type, self.taxation.as_deref())?,
                currency,
                withholding: if self.deducts { Withholding::Deducted } else { Withholding::NotDeducted },
                amount_type: if self.is_net { AmountType::Net } else { AmountType::Gross },
            },
            account: self.account.read(),
            amounts: PayoutAmounts {
                settlement,
                tax_free: signed(tax_free, "parts")?,
                supply: signed(supply, "parts")?,
                vat: signed(vat, "parts")?,
                income_tax: amount(income_tax, "parts")?,
                local_income_tax: amount(local_income_tax, "parts")?,
                amount: paid,
            },
            memo: self.memo.map(Into::into),
            withdrawal_memo: self.withdrawal_memo.map(Into::into),
            deposit_memo: self.deposit_memo.map(Into::into),
            fail_reason: self.fail_reason.map(Into::into),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bulk {
    pub(crate) name: String,
    pub(crate) dates: BTreeSet<Date>,
    pub(crate) updated_at: i64,
    pub(crate) total_settlement: i64,
    pub(crate) total_payout: i64,
}

impl Bulk {
    pub(crate) fn of(bulk: &domain::BulkPayout) -> Self {
        Self {
            name: bulk.name.to_string(),
            dates: bulk.settlement_dates.clone(),
            updated_at: micros(bulk.updated_at),
            total_settlement: bulk.total_settlement.minor_units(),
            total_payout: bulk.total_payout.minor_units(),
        }
    }

    pub(crate) fn totals(&self) -> Read<(SignedAmount, Amount)> {
        Ok((signed(self.total_settlement, "totals")?, amount(self.total_payout, "totals")?))
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Movement {
    currency: String,
    pub(crate) updated_at: i64,
    direction: Way,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit_memo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawal_memo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    balance: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Deposit(String),
    Withdrawal(Box<Out>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Out {
    to: Payee,
    purpose: Why,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequence: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fail_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scheduled_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bulk: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// Partner, bulk payout, payout.
    Partner(String, String, String),
    Remit(Option<String>),
}

/// What the body holds of a movement.
pub(crate) struct MovementBody {
    pub(crate) currency: Currency,
    pub(crate) updated_at: jiff::Timestamp,
    pub(crate) direction: Direction,
    pub(crate) deposit_memo: Option<Box<str>>,
    pub(crate) withdrawal_memo: Option<Box<str>>,
    pub(crate) balance: Option<Amount>,
}

impl Movement {
    pub(crate) fn of(transfer: &domain::AccountTransfer) -> Self {
        let out = |withdrawal: &Withdrawal| Out {
            to: Payee::of(&withdrawal.to),
            purpose: match &withdrawal.purpose {
                Purpose::PartnerPayout { partner, bulk, payout } => Why::Partner(
                    partner.as_str().to_owned(),
                    bulk.as_str().to_owned(),
                    payout.as_str().to_owned(),
                ),
                Purpose::Remit { document, .. } => Why::Remit(own(document)),
            },
            sequence: withdrawal.sequence,
            fail_reason: own(&withdrawal.fail_reason),
            scheduled_at: withdrawal.scheduled_at.map(micros),
            bulk: withdrawal.bulk.as_ref().map(|bulk| bulk.as_str().to_owned()),
        };
        Self {
            currency: transfer.currency.code().to_owned(),
            updated_at: micros(transfer.updated_at),
            direction: match &transfer.direction {
                Direction::Deposit { depositor } => Way::Deposit(depositor.to_string()),
                Direction::Withdrawal(withdrawal) => Way::Withdrawal(Box::new(out(withdrawal))),
            },
            deposit_memo: own(&transfer.deposit_memo),
            withdrawal_memo: own(&transfer.withdrawal_memo),
            balance: transfer.balance.map(Amount::minor_units),
        }
    }

    /// Who asked for a withdrawal and who approved it stands beside the body, where the database looks at it.
    pub(crate) fn read(
        self,
        asked_by: Option<Box<str>>,
        approved_by: Option<Box<str>>,
    ) -> Read<MovementBody> {
        let withdrawal = |out: Out| {
            Ok(Withdrawal {
                to: out.to.read(),
                purpose: match out.purpose {
                    Why::Partner(partner, bulk, payout) => Purpose::PartnerPayout {
                        partner: PartnerId::known(partner),
                        bulk: BulkPayoutId::known(bulk),
                        payout: PayoutId::known(payout),
                    },
                    Why::Remit(document) => Purpose::Remit {
                        document: document.map(Into::into),
                        asked_by: asked_by.ok_or(Senseless("asked_by"))?,
                        approved_by,
                    },
                },
                sequence: out.sequence,
                fail_reason: out.fail_reason.map(Into::into),
                scheduled_at: maybe_instant(out.scheduled_at, "scheduled_at")?,
                bulk: out.bulk.map(BulkAccountTransferId::known),
            })
        };
        Ok(MovementBody {
            currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
            updated_at: super::instant(self.updated_at, "updated_at")?,
            direction: match self.direction {
                Way::Deposit(depositor) => Direction::Deposit { depositor: depositor.into() },
                Way::Withdrawal(out) => Direction::Withdrawal(Box::new(withdrawal(*out)?)),
            },
            deposit_memo: self.deposit_memo.map(Into::into),
            withdrawal_memo: self.withdrawal_memo.map(Into::into),
            balance: self.balance.map(|units| amount(units, "balance")).transpose()?,
        })
    }
}

/// Movements that were asked for together.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Movements {
    pub(crate) created_by: String,
    pub(crate) updated_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled_at: Option<i64>,
}

/// An account that partners are paid from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) provider: String,
    pub(crate) bank: String,
    pub(crate) number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<String>,
}
