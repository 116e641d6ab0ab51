//! Figures for the value-added tax, derived from our own books.
//!
//! The parts are those that each payment and cancellation was made with, added up; they are never computed
//! from sums. Nothing is converted: what was not paid in won is left out.

use super::App;
use super::caller::Caller;
use super::failure::Failure;
use jiff::Timestamp;
use paypier_storage::{VatBasis, VatFigures, VatFilter};
use std::collections::{BTreeMap, BTreeSet};

/// What a report covers, in no dialect's words.
#[derive(Debug)]
pub struct VatAsk {
    pub basis: VatBasis,
    /// Inclusive and exclusive.
    pub from: Timestamp,
    pub until: Timestamp,
    /// Ids of stores; those out of reach have no figures. Empty does not narrow.
    pub stores: Vec<String>,
    /// Empty does not narrow.
    pub contracts: Vec<Contract>,
    /// The figures that are wanted can be there at all.
    pub is_wanted: bool,
}

/// One contract with one PSP: the company, and the merchant as the PSP names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contract {
    pub company: &'static str,
    pub merchant_id: String,
}

/// Ways of paying, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaxedMethod {
    Card,
    VirtualAccount,
    Transfer,
    Mobile,
    Other,
}

/// Minor units; negative when more was given back than taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaxedAmounts {
    pub total: i64,
    pub tax_free: i64,
    pub vat: i64,
}

impl TaxedAmounts {
    /// What is left of the total without its other parts.
    pub const fn supply(self) -> i64 {
        self.total.saturating_sub(self.tax_free).saturating_sub(self.vat)
    }

    fn add(&mut self, figures: &VatFigures) {
        self.total = self.total.saturating_add(figures.total);
        self.tax_free = self.tax_free.saturating_add(figures.tax_free);
        self.vat = self.vat.saturating_add(figures.vat);
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VatReport {
    pub methods: BTreeMap<TaxedMethod, TaxedAmounts>,
    pub all: TaxedAmounts,
    /// The contracts that contributed and that the report has a word for.
    pub contracts: BTreeSet<Contract>,
}

impl App {
    /// # Errors
    /// The database cannot be read, or has too much to add up in time.
    pub async fn vat_report(
        &self,
        caller: &Caller,
        ask: VatAsk,
        company: fn(&str) -> Option<&'static str>,
    ) -> Result<VatReport, Failure> {
        if !ask.is_wanted {
            return Ok(VatReport::default());
        }
        let filter = VatFilter {
            basis: ask.basis,
            merchant: caller.merchant.clone(),
            store: caller.reach(self, None).await?,
            stores: ask.stores,
            from: ask.from,
            until: ask.until,
        };
        let figures = self.storage.vat_figures(&filter).await?;
        Ok(added_up(&figures, &ask.contracts, company))
    }
}

fn added_up(
    figures: &[VatFigures],
    wanted: &[Contract],
    company: fn(&str) -> Option<&'static str>,
) -> VatReport {
    let mut report = VatReport::default();
    for one in figures {
        let contract = one
            .pg_provider
            .as_deref()
            .and_then(company)
            .map(|company| Contract { company, merchant_id: one.pg_merchant_id.clone().unwrap_or_default() });
        if !wanted.is_empty() && contract.as_ref().is_none_or(|contract| !wanted.contains(contract)) {
            continue;
        }
        report.methods.entry(method(one)).or_default().add(one);
        report.all.add(one);
        report.contracts.extend(contract);
    }
    report
}

fn method(figures: &VatFigures) -> TaxedMethod {
    match figures.method.as_deref() {
        Some("CARD") => TaxedMethod::Card,
        Some("VIRTUAL_ACCOUNT") => TaxedMethod::VirtualAccount,
        Some("TRANSFER") => TaxedMethod::Transfer,
        Some("MOBILE") => TaxedMethod::Mobile,
        // By what is behind it.
        Some("EASY_PAY") if figures.is_by_card => TaxedMethod::Card,
        Some(_) | None => TaxedMethod::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(
        method: &str,
        is_by_card: bool,
        provider: &str,
        total: i64,
        tax_free: i64,
        vat: i64,
    ) -> VatFigures {
        VatFigures {
            method: Some(method.into()),
            is_by_card,
            pg_provider: Some(provider.into()),
            pg_merchant_id: Some(format!("mid-of-{provider}")),
            total,
            tax_free,
            vat,
        }
    }

    fn company(provider: &str) -> Option<&'static str> {
        match provider {
            "NICE" | "NICE_V2" => Some("NICEPAY"),
            "KCP_V2" => Some("KCP"),
            _ => None,
        }
    }

    #[test]
    fn methods_are_merged_and_parts_added_up() {
        let all = [
            figures("CARD", true, "NICE", 9_900, 0, 900),
            figures("EASY_PAY", true, "NICE_V2", 10_000, 10_000, 0),
            figures("EASY_PAY", false, "KCP_V2", 1_100, 0, 100),
            figures("TRANSFER", false, "KCP_V2", -5_500, 0, -500),
            figures("CRYPTO", false, "TRIPLE_A", 70, 0, 6),
        ];
        let report = added_up(&all, &[], company);
        let shown: Vec<_> = report
            .methods
            .iter()
            .map(|(method, of)| (*method, of.supply(), of.vat, of.tax_free, of.total))
            .collect();
        assert_eq!(
            shown,
            [
                (TaxedMethod::Card, 9_000, 900, 10_000, 19_900),
                (TaxedMethod::Transfer, -5_000, -500, 0, -5_500),
                (TaxedMethod::Other, 1_064, 106, 0, 1_170),
            ]
        );
        assert_eq!((report.all.supply(), report.all.total), (5_064, 15_570));
        let contracts: Vec<_> = report.contracts.iter().map(|contract| contract.company).collect();
        assert_eq!(contracts, ["KCP", "NICEPAY", "NICEPAY"], "one without a word counts and is not named");
        let wanted = Contract { company: "KCP", merchant_id: "mid-of-KCP_V2".into() };
        assert_eq!(added_up(&all, std::slice::from_ref(&wanted), company).all.total, -4_400);
        let other = Contract { merchant_id: "another".into(), ..wanted };
        assert_eq!(added_up(&all, &[other], company), VatReport::default());
    }
}
