//! What operators say and are told at addresses of our own.

use super::partner::required;
use crate::app::failure::Failure;
use crate::app::platform::statement::Statement;
use crate::http::v2::translate::amount::currency_shown;
use crate::http::v2::translate::invalid;
use paypier_domain::money::Currency;
use paypier_domain::settlement::partner::Account;
use paypier_domain::settlement::paying::{PaidTo, PayoutAccount};
use paypier_wire::v2;
use paypier_wire::v2::operator as body;

/// # Errors
/// `Internal`: the currency has no word in this dialect.
pub fn account(account: &PayoutAccount) -> Result<body::PayoutAccountAnswer, Failure> {
    Ok(body::PayoutAccountAnswer {
        id: account.id.as_str().to_owned(),
        provider: account.provider.to_string(),
        bank: account.bank.to_string(),
        account_number: account.number.to_string(),
        currency: currency_shown(account.currency)?,
        balance: account.balance.minor_units(),
        held: account.held.minor_units(),
        is_for_test: super::is_for_test(&account.platform),
    })
}

/// Where money is withdrawn to: what a partner's account in won may be.
///
/// # Errors
/// `Invalid`: no account is named so.
pub fn payee(bank: v2::Bank, number: &str, holder: &str) -> Result<PaidTo, Failure> {
    let holder = required("holder", holder)?;
    let account = Account::new(bank.as_str(), Currency::KRW, number, &holder)
        .map_err(|error| invalid("accountNumber", &format!("is not accepted: {error}")))?;
    Ok(PaidTo { number: account.number().into(), bank: account.bank, holder: account.holder })
}

fn units(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

/// # Errors
/// As [`account`].
pub fn statement(of: &Statement) -> Result<body::PartnerStatementAnswer, Failure> {
    let mut balance = of.opening;
    let lines = of
        .lines
        .iter()
        .map(|line| {
            balance = balance.saturating_add(i128::from(line.amount));
            let about = Some(line.about.clone());
            let is_paid = line.kind == "PAID";
            body::PartnerStatementLine {
                at: line.at.into(),
                kind: line.kind,
                transfer_id: about.clone().filter(|_| !is_paid),
                payout_id: about.filter(|_| is_paid),
                amount: line.amount,
                balance: units(balance),
            }
        })
        .collect();
    Ok(body::PartnerStatementAnswer {
        partner_id: of.partner.as_str().to_owned(),
        currency: currency_shown(of.currency)?,
        from: of.from.into(),
        until: of.until.into(),
        opening_balance: units(of.opening),
        lines,
        closing_balance: units(balance),
        is_truncated: of.is_truncated,
        paid: body::PartnerStatementPaid {
            count: of.paid.count,
            settlement_amount: of.paid.settlement,
            vat_on_top: of.paid.vat_on_top,
            income_tax_amount: of.paid.income_tax,
            local_income_tax_amount: of.paid.local_income_tax,
            amount: of.paid.amount,
        },
    })
}
