//! Cash receipts: asking for one, and how one stands.

use super::{amount, channel, id, invalid, page};
use crate::app::cash_receipt::{IssueCashReceipt, MOST_DIGITS, WantedReceipt, identity_number};
use crate::app::failure::Failure;
use paypier_domain::cash_receipt::{self, CashReceipt, Issue, Kind, Origin, State};
use paypier_domain::customer::Customer;
use paypier_domain::id::{ChannelKey, PaymentId};
use paypier_domain::payment::Payment;
use paypier_storage::PageAsk;
use paypier_wire::v2;
use zeroize::Zeroizing;

/// # Errors
/// An id that cannot be one, an empty order name, amounts out of range, an identity number that is none.
pub fn asked(body: v2::IssueCashReceiptBody) -> Result<IssueCashReceipt, Failure> {
    let payment_id = id("paymentId", Some(&body.payment_id), PaymentId::parse)?
        .ok_or_else(|| invalid("paymentId", "is required"))?;
    let channel = id("channelKey", Some(&body.channel_key), ChannelKey::parse)?
        .ok_or_else(|| invalid("channelKey", "is required"))?;
    if body.order_name.trim().is_empty() {
        return Err(invalid("orderName", "must not be empty"));
    }
    let number = identity("customer.identityNumber", body.customer.identity_number)?;
    Ok(IssueCashReceipt {
        store: body.store_id,
        payment_id,
        channel,
        kind: kind(body.kind),
        order_name: body.order_name,
        currency: amount::currency(body.currency)?,
        amounts: amount::asked_in_parts(&body.amount)?,
        identity_number: number,
        identity_kind: body.customer.identity_number_type.map(|word| word.as_str().to_owned()),
        customer: Customer {
            name: body.customer.name,
            email: body.customer.email,
            phone_number: body.customer.phone_number,
            ..Customer::default()
        },
        business_registration_number: body.business_registration_number,
        paid_by: body.payment_method.map(|word| word.as_str().to_owned()),
        paid_at: body.paid_at.map(paypier_wire::time::Timestamp::get),
    })
}

/// The number without its hyphens. It is never repeated in a refusal.
fn identity(member: &str, number: String) -> Result<Zeroizing<String>, Failure> {
    identity_number(&Zeroizing::new(number)).ok_or_else(|| {
        invalid(member, &format!("must be 1 to {MOST_DIGITS} digits; hyphens between them are passed over"))
    })
}

const fn kind(kind: v2::CashReceiptType) -> Kind {
    match kind {
        v2::CashReceiptType::Personal => Kind::Personal,
        v2::CashReceiptType::Corporate => Kind::Corporate,
    }
}

const fn kind_shown(kind: Kind) -> v2::CashReceiptType {
    match kind {
        Kind::Personal => v2::CashReceiptType::Personal,
        Kind::Corporate => v2::CashReceiptType::Corporate,
    }
}

/// The receipt that is wanted together with a payment; none when none is wanted.
///
/// # Errors
/// One is wanted and the buyer's number is missing or none.
pub fn wanted(member: &str, asked: Option<v2::CashReceiptInput>) -> Result<Option<WantedReceipt>, Failure> {
    let Some(asked) = asked else { return Ok(None) };
    wanted_of(member, asked.kind, asked.customer_identity_number)
}

/// The same, as the input of a virtual account has it.
///
/// # Errors
/// As [`wanted`].
pub fn wanted_with_account(
    member: &str,
    asked: Option<v2::InstantPaymentMethodInputVirtualAccountCashReceiptInfo>,
) -> Result<Option<WantedReceipt>, Failure> {
    let Some(asked) = asked else { return Ok(None) };
    wanted_of(member, asked.kind, Some(asked.customer_identity_number))
}

fn wanted_of(
    member: &str,
    kind: v2::CashReceiptInputType,
    number: Option<String>,
) -> Result<Option<WantedReceipt>, Failure> {
    let kind = match kind {
        v2::CashReceiptInputType::Personal => Kind::Personal,
        v2::CashReceiptInputType::Corporate => Kind::Corporate,
        v2::CashReceiptInputType::NoReceipt => return Ok(None),
    };
    let member = format!("{member}.customerIdentityNumber");
    let number = number.ok_or_else(|| invalid(&member, "is required for a receipt"))?;
    Ok(Some(WantedReceipt { kind, identity_number: identity(&member, number)? }))
}

fn issue(receipt: &CashReceipt) -> Result<&Issue, Failure> {
    receipt
        .issue()
        .ok_or_else(|| Failure::internal(format!("the cash receipt {} was never issued", receipt.id)))
}

/// # Errors
/// The receipt was never issued.
pub fn issued(receipt: &CashReceipt) -> Result<v2::IssueCashReceiptResponse, Failure> {
    let issue = issue(receipt)?;
    Ok(v2::IssueCashReceiptResponse {
        cash_receipt: v2::CashReceiptSummary {
            issue_number: issue.number.clone(),
            url: issue.url.clone().unwrap_or_default(),
            pg_receipt_id: issue.pg_receipt_id.clone(),
        },
    })
}

/// # Errors
/// The receipt was not withdrawn.
pub fn withdrawn(receipt: &CashReceipt) -> Result<v2::CancelCashReceiptResponse, Failure> {
    let cancelled_at = receipt
        .cancelled_at()
        .ok_or_else(|| Failure::internal(format!("the cash receipt {} was not cancelled", receipt.id)))?;
    Ok(v2::CancelCashReceiptResponse {
        cancelled_amount: receipt.amounts.total.minor_units(),
        cancelled_at: cancelled_at.into(),
    })
}

/// # Errors
/// Nobody knows whether it exists, so that nobody may see it; or what is stored cannot be said in this
/// dialect.
pub fn shown(receipt: &CashReceipt) -> Result<v2::CashReceipt, Failure> {
    let channel = channel::selected(&receipt.channel)?;
    let is_manual = receipt.origin == Origin::Manual;
    let status_updated_at = Some(receipt.status_changed_at.into());
    macro_rules! body {
        ($body:ident, $issue:expr $(, $member:ident: $value:expr)?) => {
            v2::$body {
                merchant_id: receipt.merchant.as_str().to_owned(),
                store_id: receipt.payment.store.as_str().to_owned(),
                payment_id: receipt.payment.payment.as_str().to_owned(),
                channel,
                amount: receipt.amounts.total.minor_units(),
                tax_free_amount: Some(receipt.amounts.tax_free.minor_units()),
                vat_amount: Some(receipt.amounts.vat.minor_units()),
                currency: amount::currency_shown(receipt.currency)?,
                order_name: receipt.order_name.clone(),
                is_manual,
                kind: Some(kind_shown(receipt.kind)),
                pg_receipt_id: Some($issue.pg_receipt_id.clone()),
                issue_number: $issue.number.clone(),
                url: $issue.url.clone(),
                issued_at: $issue.at.into(),
                $($member: $value,)?
                status_updated_at,
            }
            .into()
        };
    }
    match &receipt.state {
        State::Issued(issue) | State::Withdrawing { issue, .. } => Ok(body!(IssuedCashReceipt, issue)),
        State::Cancelled { issue, at } => Ok(body!(CancelledCashReceipt, issue, cancelled_at: (*at).into())),
        State::Failed(_) => Ok(v2::IssueFailedCashReceipt {
            merchant_id: receipt.merchant.as_str().to_owned(),
            store_id: receipt.payment.store.as_str().to_owned(),
            payment_id: receipt.payment.payment.as_str().to_owned(),
            channel: Some(channel),
            order_name: receipt.order_name.clone(),
            is_manual,
            status_updated_at,
        }
        .into()),
        State::Issuing | State::Unknown { .. } => {
            Err(Failure::internal(format!("nobody knows yet whether the cash receipt {} exists", receipt.id)))
        }
    }
}

/// The receipt inside a payment that was paid, and whether there is one. Payments by card have neither.
///
/// # Errors
/// What is stored cannot be said in this dialect.
pub fn of_payment(
    payment: &Payment,
    receipt: Option<&CashReceipt>,
) -> Result<(Option<v2::PaymentCashReceipt>, Option<v2::CashReceiptIssuanceStatus>), Failure> {
    let method = payment.paid_attempt().and_then(|attempt| attempt.method.as_ref());
    if !method.is_some_and(cash_receipt::is_cash) {
        return Ok((None, None));
    }
    let Some(receipt) = receipt else { return Ok((None, Some(v2::CashReceiptIssuanceStatus::NotIssued))) };
    macro_rules! body {
        ($body:ident, $issue:expr $(, $member:ident: $value:expr)?) => {
            v2::$body {
                kind: Some(kind_shown(receipt.kind)),
                pg_receipt_id: Some($issue.pg_receipt_id.clone()),
                issue_number: $issue.number.clone(),
                total_amount: receipt.amounts.total.minor_units(),
                tax_free_amount: Some(receipt.amounts.tax_free.minor_units()),
                currency: amount::currency_shown(receipt.currency)?,
                url: $issue.url.clone(),
                issued_at: $issue.at.into(),
                $($member: $value,)?
            }
            .into()
        };
    }
    Ok(match &receipt.state {
        State::Issued(issue) | State::Withdrawing { issue, .. } => {
            let shown = body!(IssuedPaymentCashReceipt, issue);
            (Some(shown), Some(v2::CashReceiptIssuanceStatus::Issued))
        }
        State::Cancelled { issue, at } => {
            let shown = body!(CancelledPaymentCashReceipt, issue, cancelled_at: (*at).into());
            (Some(shown), Some(v2::CashReceiptIssuanceStatus::NotIssued))
        }
        State::Issuing | State::Unknown { .. } | State::Failed(_) => {
            (None, Some(v2::CashReceiptIssuanceStatus::NotIssued))
        }
    })
}

/// # Errors
/// As [`shown`].
pub fn page(
    receipts: &[CashReceipt],
    asked: PageAsk,
    total: u64,
) -> Result<v2::GetCashReceiptsResponse, Failure> {
    let items = receipts.iter().map(shown).collect::<Result<_, _>>()?;
    Ok(v2::GetCashReceiptsResponse { items, page: page::shown(asked, total) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::{Value, json};

    fn read(change: Value) -> Result<IssueCashReceipt, Failure> {
        let mut ask = json!({
            "paymentId": "deal-1", "channelKey": "channel-key-1", "type": "PERSONAL", "orderName": "책",
            "currency": "KRW", "amount": {"total": 11_000}, "customer": {"identityNumber": "010-1234-5678"},
        });
        for (name, member) in change.as_object().unwrap() {
            ask[name] = member.clone();
        }
        asked(body::read(ask.to_string().as_bytes())?)
    }

    #[test]
    fn a_receipt_is_asked_for_by_name_and_refused_by_name() {
        let ask = read(json!({})).unwrap();
        assert_eq!(ask.identity_number.as_str(), "01012345678");
        assert!(!format!("{ask:?}").contains("1234"), "{ask:?}");
        for (change, refusal) in [
            (json!({"paymentId": ""}), "paymentId: the id is empty"),
            (json!({"channelKey": ""}), "channelKey: the id is empty"),
            (json!({"orderName": " "}), "orderName must not be empty"),
            (json!({"amount": {"total": 0}}), "amount.total must be above 0"),
            (json!({"type": "NO_RECEIPT"}), "type must be one of the words of CashReceiptType"),
            (json!({"customer": {}}), "customer.identityNumber is required"),
            (
                json!({"customer": {"identityNumber": "four-2-7"}}),
                "customer.identityNumber must be 1 to 30 digits; hyphens between them are passed over",
            ),
            (
                json!({"customer": {"identityNumber": "1".repeat(31)}}),
                "customer.identityNumber must be 1 to 30 digits; hyphens between them are passed over",
            ),
            (
                json!({"customer": {"identityNumber": "--"}}),
                "customer.identityNumber must be 1 to 30 digits; hyphens between them are passed over",
            ),
        ] {
            assert_eq!(read(change.clone()).unwrap_err().to_string(), refusal, "{change}");
        }
    }

    #[test]
    fn what_is_wanted_with_a_payment_may_be_nothing() {
        let input = |kind, number: Option<&str>| {
            Some(v2::CashReceiptInput { kind, customer_identity_number: number.map(Into::into) })
        };
        let read = |asked| wanted("cashReceipt", asked).map(|wanted| wanted.map(|wanted| wanted.kind));
        use v2::CashReceiptInputType::{Corporate, NoReceipt, Personal};
        assert_eq!(read(None), Ok(None));
        assert_eq!(read(input(NoReceipt, Some(""))), Ok(None));
        assert_eq!(read(input(Personal, Some("01012345678"))), Ok(Some(Kind::Personal)));
        assert_eq!(read(input(Corporate, Some("123-45-67890"))), Ok(Some(Kind::Corporate)));
        for asked in [input(Personal, None), input(Personal, Some("")), input(Personal, Some("x"))] {
            let refusal = read(asked).unwrap_err().to_string();
            assert!(refusal.starts_with("cashReceipt.customerIdentityNumber "), "{refusal}");
        }
    }

    #[test]
    fn every_state_that_may_be_seen_has_its_variant() {
        for (name, receipt) in samples::cash_receipts() {
            let shown = shown(&receipt).unwrap();
            assert_eq!(shown.tag(), name);
            assert!(!serde_json::to_string(&shown).unwrap().contains("null"));
            insta::with_settings!({snapshot_suffix => name}, {
                insta::assert_json_snapshot!(shown);
            });
        }
        assert!(shown(&samples::open_cash_receipt()).is_err());
    }
}
