//! A partner's account: what was owed, what moved it, what is owed now. It is read from the ledger, so that
//! it ties to everything that was posted, and its payouts are looked up to say what became of the money.

use super::Desk;
use super::failure::PlatformFailure;
use super::transfer::midnight;
use crate::app::App;
use crate::app::failure::Failure;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::money::Currency;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::{PartnerId, PayoutId};
use paypier_domain::settlement::setting::AmountType;
use paypier_domain::settlement::version::VersionKind;
use paypier_storage::PartnerBook;

/// Lines that one statement shows at most.
const MOST_LINES: u32 = 10_000;

/// A statement. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub partner: PartnerId,
    pub currency: Currency,
    pub from: Date,
    pub until: Date,
    /// Owed before the first day.
    pub opening: i128,
    pub lines: Vec<Line>,
    pub is_truncated: bool,
    pub paid: Paid,
}

/// A movement of what is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    /// `SETTLED`, `DELETED`, `PAID`.
    pub kind: &'static str,
    /// The transfer, or the payout.
    pub about: String,
    /// Above 0 is owed more.
    pub amount: i64,
}

/// The payouts among the lines, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paid {
    pub count: i64,
    pub settlement: i64,
    pub vat_on_top: i64,
    pub income_tax: i64,
    pub local_income_tax: i64,
    pub amount: i64,
}

impl App {
    /// # Errors
    /// There is no such partner.
    pub async fn partner_statement(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        partner: &PartnerId,
        currency: Currency,
        (from, until): (Date, Date),
    ) -> Result<Statement, Failure> {
        if self.storage.partner(platform, partner).await?.is_none() {
            return Err(PlatformFailure::Missing(VersionKind::Partner).into());
        }
        self.platform_day_begins(&desk.profile, platform).await?;
        let out_of_range = || Failure::Invalid("from and until must be days of the calendar".into());
        let begin = midnight(from).ok_or_else(out_of_range)?;
        let end = midnight(until).and_then(|day| day.checked_add(SignedDuration::from_hours(24)).ok());
        let end = end.ok_or_else(out_of_range)?;
        let book = PartnerBook {
            home: &desk.profile.store.id,
            environment: platform.environment,
            partner,
            currency,
        };
        let limit = MOST_LINES.saturating_add(1);
        let (opening, mut rows) = self.storage.owed_to_partner(&book, (begin, end), limit).await?;
        let most = usize::try_from(MOST_LINES).unwrap_or(usize::MAX);
        let is_truncated = rows.len() > most;
        rows.truncate(most);
        let (mut lines, mut paid) = (Vec::with_capacity(rows.len()), Paid::default());
        for (posting, amount, at) in rows {
            let (kind, about) = match posting.split_once(':') {
                Some(("settled", id)) => ("SETTLED", id),
                Some(("deleted", id)) => ("DELETED", id),
                Some(("paid", id)) => ("PAID", id),
                _ => return Err(Failure::internal(format!("an unknown posting {posting}"))),
            };
            if kind == "PAID"
                && let Some(payout) = self.storage.platform_payout(platform, &PayoutId::known(about)).await?
            {
                let amounts = &payout.amounts;
                let add = |sum: &mut i64, units: i64| *sum = sum.saturating_add(units);
                add(&mut paid.count, 1);
                add(&mut paid.settlement, amounts.settlement.minor_units());
                if payout.terms.amount_type == AmountType::Net {
                    add(&mut paid.vat_on_top, amounts.vat.minor_units());
                }
                add(&mut paid.income_tax, amounts.income_tax.minor_units());
                add(&mut paid.local_income_tax, amounts.local_income_tax.minor_units());
                add(&mut paid.amount, amounts.amount.minor_units());
            }
            lines.push(Line { at, kind, about: about.to_owned(), amount });
        }
        Ok(Statement { partner: partner.clone(), currency, from, until, opening, lines, is_truncated, paid })
    }
}
