//! `GET /payment-reconciliations/…/vat-report`: days in, figures out.

use super::invalid;
use crate::app::failure::Failure;
use crate::app::vat_report::{Contract, TaxedAmounts, TaxedMethod, VatAsk, VatReport};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use paypier_storage::VatBasis;
use paypier_wire::time::Date;
use paypier_wire::v2::{self, PgProvider, ReconciliationPgProvider as Company};

/// Tax is due in Korea, whose clocks have not been changed since 1988.
const SEOUL: Offset = jiff::tz::offset(9);
/// The longest range of one report.
const MOST_MONTHS: i32 = 6;

/// # Errors
/// A range that ends before it begins, or is longer than six months.
pub fn by_transaction(body: v2::GetPaymentReconciliationTransactionVatReportBody) -> Result<VatAsk, Failure> {
    let filter = body.filter.unwrap_or_default();
    let statuses = filter.reconciliation_statuses.unwrap_or_default();
    let mut ask = asked(VatBasis::Transaction, &body.date_range, filter.pg_specifiers, filter.store_ids)?;
    // As long as no PSP's file is read, nothing was compared with one.
    ask.is_wanted = statuses.is_empty() || statuses.contains(&v2::PaymentReconciliationStatus::NotCollected);
    Ok(ask)
}

/// # Errors
/// As [`by_transaction`].
pub fn by_settlement(body: v2::GetPaymentReconciliationSettlementVatReportBody) -> Result<VatAsk, Failure> {
    let filter = body.filter.unwrap_or_default();
    asked(VatBasis::Settlement, &body.date_range, filter.pg_specifiers, filter.store_ids)
}

fn asked(
    basis: VatBasis,
    range: &v2::DateRange,
    contracts: Option<Vec<v2::ReconciliationPgSpecifier>>,
    stores: Option<Vec<String>>,
) -> Result<VatAsk, Failure> {
    let (first, last) = (range.from.get(), range.until.get());
    if first > last {
        return Err(invalid("dateRange", "must begin (from) before it ends (until)"));
    }
    if first.checked_add(MOST_MONTHS.months()).is_ok_and(|too_late| last >= too_late) {
        return Err(invalid("dateRange", &format!("must not be longer than {MOST_MONTHS} months")));
    }
    let contracts = contracts.unwrap_or_default().into_iter().map(|contract| Contract {
        company: contract.pg_provider.as_str(),
        merchant_id: contract.pg_merchant_id,
    });
    Ok(VatAsk {
        basis,
        from: begins(range.from)?,
        until: begins(Date::from(last.tomorrow().unwrap_or(last)))?,
        stores: stores.unwrap_or_default(),
        contracts: contracts.collect(),
        is_wanted: true,
    })
}

/// When the day begins in Seoul.
fn begins(day: Date) -> Result<Timestamp, Failure> {
    day.get()
        .to_zoned(TimeZone::fixed(SEOUL))
        .map(|midnight| midnight.timestamp())
        .map_err(|_| invalid("dateRange", "leads past the calendar"))
}

/// The word of the PSP that runs a product; the list of a report lacks some.
pub fn company(provider: &str) -> Option<&'static str> {
    let company = match PgProvider::parse(provider)? {
        PgProvider::Html5Inicis
        | PgProvider::Inicis
        | PgProvider::InicisUnified
        | PgProvider::InicisV2
        | PgProvider::InicisJp => Company::Inicis,
        PgProvider::Paypal | PgProvider::PaypalV2 => Company::Paypal,
        PgProvider::Danal | PgProvider::DanalTpay => Company::Danal,
        PgProvider::Nice | PgProvider::NiceV2 => Company::Nicepay,
        PgProvider::Uplus => Company::Uplus,
        PgProvider::Tosspayments | PgProvider::TossBrandpay => Company::Tosspayments,
        PgProvider::Naverpay | PgProvider::Naverco => Company::Naverpay,
        PgProvider::Kakao | PgProvider::Kakaopay => Company::Kakaopay,
        PgProvider::Settle | PgProvider::SettleFirm | PgProvider::HectoGlobal => Company::Hecto,
        PgProvider::SettleAcc => Company::HectoEasy,
        PgProvider::Kcp
        | PgProvider::KcpBilling
        | PgProvider::KcpQuick
        | PgProvider::KcpDirect
        | PgProvider::KcpV2 => Company::Kcp,
        PgProvider::Mobilians | PgProvider::MobiliansV2 => Company::Mobilians,
        PgProvider::Eximbay | PgProvider::EximbayV2 => Company::Eximbay,
        PgProvider::Payco => Company::Payco,
        PgProvider::Paymentwall => Company::Paymentwall,
        PgProvider::Daou => Company::Kiwoompay,
        PgProvider::Galaxia => Company::Galaxia,
        PgProvider::Tosspay | PgProvider::TosspayV2 => Company::Tosspay,
        PgProvider::Ksnet => Company::Ksnet,
        PgProvider::Kpn => Company::Kpn,
        PgProvider::Hyphen => Company::Hyphen,
        PgProvider::PayletterGlobal => Company::PayletterGlobal,
        PgProvider::Innopay => Company::Innopay,
        PgProvider::Jtnet
        | PgProvider::Syrup
        | PgProvider::Kicc
        | PgProvider::KiccV2
        | PgProvider::Smilepay
        | PgProvider::Alipay
        | PgProvider::Payple
        | PgProvider::Chai
        | PgProvider::Bluewalnut
        | PgProvider::Smartro
        | PgProvider::SmartroV2
        | PgProvider::Welcome
        | PgProvider::TripleA
        | PgProvider::Pinpay
        | PgProvider::Stripe
        | PgProvider::OfGlobal => return None,
    };
    Some(company.as_str())
}

type Shown = (
    Option<Vec<v2::PaymentReconciliationVatReportItem>>,
    v2::PaymentReconciliationVatReportSummary,
    Option<Vec<v2::ReconciliationPgSpecifier>>,
);

fn shown(report: &VatReport) -> Shown {
    let items = report.methods.iter().map(|(method, amounts)| v2::PaymentReconciliationVatReportItem {
        payment_method: word(*method),
        supply_amount: amounts.supply(),
        vat_amount: amounts.vat,
        tax_free_amount: amounts.tax_free,
        total_amount: amounts.total,
    });
    let TaxedAmounts { total, tax_free, vat } = report.all;
    let summary = v2::PaymentReconciliationVatReportSummary {
        total_supply_amount: report.all.supply(),
        total_vat_amount: vat,
        total_tax_free_amount: tax_free,
        total_amount: total,
    };
    let contracts = report.contracts.iter().filter_map(|contract| {
        Some(v2::ReconciliationPgSpecifier {
            pg_merchant_id: contract.merchant_id.clone(),
            pg_provider: Company::parse(contract.company)?,
        })
    });
    (Some(items.collect()), summary, Some(contracts.collect()))
}

pub fn transactions(report: &VatReport) -> v2::GetPaymentReconciliationTransactionVatReportResponse {
    let (items, summary, pg_specifiers) = shown(report);
    v2::GetPaymentReconciliationTransactionVatReportResponse { items, summary, pg_specifiers }
}

pub fn settlements(report: &VatReport) -> v2::GetPaymentReconciliationSettlementVatReportResponse {
    let (items, summary, pg_specifiers) = shown(report);
    v2::GetPaymentReconciliationSettlementVatReportResponse { items, summary, pg_specifiers }
}

const fn word(method: TaxedMethod) -> v2::SimplifiedPaymentMethodType {
    match method {
        TaxedMethod::Card => v2::SimplifiedPaymentMethodType::Card,
        TaxedMethod::VirtualAccount => v2::SimplifiedPaymentMethodType::VirtualAccount,
        TaxedMethod::Transfer => v2::SimplifiedPaymentMethodType::Transfer,
        TaxedMethod::Mobile => v2::SimplifiedPaymentMethodType::Mobile,
        TaxedMethod::Other => v2::SimplifiedPaymentMethodType::Etc,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::body;
    use serde_json::{Value, json};

    fn read(body: Value) -> Result<VatAsk, Failure> {
        body::read(body.to_string().as_bytes()).and_then(by_transaction)
    }

    #[test]
    fn days_are_those_of_seoul_and_both_included() {
        let ask = read(json!({ "dateRange": { "from": "2026-02-28", "until": "2026-02-28" } })).unwrap();
        assert_eq!(ask.from.to_string(), "2026-02-27T15:00:00Z");
        assert_eq!(ask.until.to_string(), "2026-02-28T15:00:00Z");
        for (from, until, refusal) in [
            ("2026-01-01", "2026-06-30", None),
            ("2026-01-01", "2026-07-01", Some("dateRange must not be longer than 6 months")),
            ("2026-01-02", "2026-01-01", Some("dateRange must begin (from) before it ends (until)")),
            ("2026-02-30", "2026-03-01", Some("dateRange.from must be a day as YYYY-MM-DD")),
            ("20260201", "2026-03-01", Some("dateRange.from must be a day as YYYY-MM-DD")),
            ("9999-12-31", "9999-12-31", None),
        ] {
            let found = read(json!({ "dateRange": { "from": from, "until": until } }));
            assert_eq!(found.err().map(|failure| failure.to_string()).as_deref(), refusal, "{from} {until}");
        }
        assert_eq!(read(json!({})).unwrap_err().to_string(), "dateRange is required");
    }

    #[test]
    fn only_what_was_not_compared_can_be_reported() {
        let wanted = |statuses: Value| {
            let range = json!({ "from": "2026-01-01", "until": "2026-01-31" });
            read(json!({ "dateRange": range, "filter": { "reconciliationStatuses": statuses } }))
                .unwrap()
                .is_wanted
        };
        assert!(wanted(json!([])) && wanted(json!(["MATCHED", "NOT_COLLECTED"])));
        assert!(!wanted(json!(["MATCHED"])));
    }

    #[test]
    fn every_company_of_a_report_has_a_product() {
        for company_word in Company::ALL {
            assert!(
                PgProvider::ALL
                    .iter()
                    .any(|provider| company(provider.as_str()) == Some(company_word.as_str())),
                "{company_word}"
            );
        }
        assert_eq!(company("of nobody"), None);
    }
}
