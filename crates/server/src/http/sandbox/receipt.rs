//! `GET /sandbox/receipts/{store}/{reference}/{tag}`: the simulated PSP's receipt, as a page for the
//! buyer.
//!
//! Needs no credential: whoever has the link may see it, and the tag keeps it from being guessed.
//! The page shows the PSP's view, not ours; it has one style, named by its digest in the policy that
//! goes with it, and no script. It is neither cached nor indexed, and a link away from it would not
//! tell where it came from.

use super::simulator;
use crate::app::App;
use crate::http::address;
use crate::http::pages::figure::figure;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, Uri, header};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use paypier_connectors::simulator::psp::Receipt;
use paypier_connectors::simulator::psp::cash_receipt::ShownCashReceipt;
use paypier_connectors::simulator::psp::receipt::{PaidWith, ReceiptRefund, RefundProgress, Standing};
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("receipt.css");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Base64 and the words above are what a header may hold; without a policy nothing is worse than plain.
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

/// Why there is nothing to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// No such receipt, or not with this tag: the two are not told apart.
    Unknown,
    /// The books cannot be read at the moment.
    Unreadable,
}

pub async fn shown(State(app): State<App>, request: Request) -> Response {
    match found(&app, request.uri()).await {
        Ok(Paper::Payment(receipt)) => answer(StatusCode::OK, &page(&receipt)),
        Ok(Paper::Cash(receipt)) => answer(StatusCode::OK, &cash_page(&receipt)),
        Err(missing @ Missing::Unknown) => answer(StatusCode::NOT_FOUND, &missing_page(missing)),
        Err(missing @ Missing::Unreadable) => answer(StatusCode::SERVICE_UNAVAILABLE, &missing_page(missing)),
    }
}

/// What a link leads to.
enum Paper {
    Payment(Box<Receipt>),
    Cash(ShownCashReceipt),
}

async fn found(app: &App, uri: &Uri) -> Result<Paper, Missing> {
    let segment = |index| address::segment(uri.path(), index).map_err(|_| Missing::Unknown);
    let store = StoreId::parse(&segment(2)?).map_err(|_| Missing::Unknown)?;
    let (reference, tag) = (segment(3)?, segment(4)?);
    let psp = simulator(app).map_err(|_| Missing::Unknown)?;
    // Strangers who guess cost no look into the database.
    if !psp.is_receipt_tag(&store, &reference, &tag) {
        return Err(Missing::Unknown);
    }
    let unreadable = |reason: &dyn std::fmt::Display| {
        tracing::error!(%reason, "a receipt of the simulated PSP cannot be read");
        Missing::Unreadable
    };
    let profile = app.directory.store(app, &store).await.map_err(|failure| unreadable(&failure))?;
    let now = app.now(&*profile.ok_or(Missing::Unknown)?, Environment::Test);
    let receipt = psp.receipt(&store, &reference, &tag, now).await.map_err(|error| unreadable(&error))?;
    if let Some(receipt) = receipt {
        return Ok(Paper::Payment(Box::new(receipt)));
    }
    let cash = psp.shown_cash_receipt(&store, &reference, &tag).await.map_err(|error| unreadable(&error))?;
    cash.map(Paper::Cash).ok_or(Missing::Unknown)
}

fn answer(status: StatusCode, page: &Markup) -> Response {
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::HeaderName::from_static("x-robots-tag"), fixed("noindex, nofollow")),
    ];
    (status, headers, page.0.clone()).into_response()
}

fn whole(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header { (mark()) span { "Sandbox PSP" } small { "Receipt" } }
                    (content)
                }
            }
        }
    }
}

fn mark() -> Markup {
    html! {
        svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" {
            rect.mark-ground width="32" height="32" rx="7" {}
            path.mark-pier d="M5 12h22M9 12v9M16 12v9M23 12v9" {}
            path.mark-water d="M5 25q3-3 5.5 0t5.5 0 5.5 0 5.5 0" {}
        }
    }
}

fn page(receipt: &Receipt) -> Markup {
    let (standing, is_open) = match receipt.standing {
        Standing::Approved => ("Approved, not captured yet", true),
        Standing::Paid => ("Paid", false),
        Standing::PartlyRefunded => ("Partly refunded", true),
        Standing::Refunded => ("Refunded", true),
    };
    let name = if receipt.order_name.trim().is_empty() { "Payment" } else { receipt.order_name.as_str() };
    let content = html! {
        section.note role="note" { strong { "Sandbox: no money moved." } " This payment was played by the simulated PSP." }
        section.sum {
            h1 { bdi { (name) } }
            p.figure { (figure(receipt.amount, receipt.currency)) " " small { (receipt.currency.code()) } }
            p.standing data-open[is_open] { (standing) }
        }
        section { (facts(receipt)) }
        @if !receipt.refunds.is_empty() { section { (refunds(receipt)) } }
        footer { p { "Our reference " code { bdi { (receipt.reference) } } } }
    };
    whole(&format!("Sandbox receipt: {name}"), &content)
}

fn cash_page(receipt: &ShownCashReceipt) -> Markup {
    let name =
        if receipt.order_name.trim().is_empty() { "Cash payment" } else { receipt.order_name.as_str() };
    let kind = if receipt.kind == "CORPORATE" { "A company's expense" } else { "A person's deduction" };
    let standing = if receipt.cancelled_at.is_some() { "Cancelled" } else { "Issued" };
    let content = html! {
        section.note role="note" {
            strong { "Sandbox: the tax office was told nothing." } " This cash receipt was played by the simulated PSP."
        }
        section.sum {
            h1 { bdi { (name) } }
            p.figure { (figure(receipt.amount, receipt.currency)) " " small { (receipt.currency.code()) } }
            p.standing data-open[receipt.cancelled_at.is_some()] { (standing) }
        }
        section {
            dl {
                dt { "Cash receipt no." }
                dd { (receipt.issue_number) }
                dt { "Good for" }
                dd { (kind) }
                dt { "Issued" }
                dd { (moment(receipt.issued_at)) }
                @if let Some(at) = receipt.cancelled_at { dt { "Cancelled" } dd { (moment(at)) } }
                dt { "Merchant" }
                dd { bdi { (receipt.merchant_id) } }
            }
        }
    };
    whole(&format!("Sandbox cash receipt: {name}"), &content)
}

fn facts(receipt: &Receipt) -> Markup {
    html! {
        dl {
            dt { "Paid with" }
            @match &receipt.paid_with {
                PaidWith::Card { name, number } => dd { (name) small { (in_fours(number)) } },
                PaidWith::Transfer { bank, account_number } => {
                    dd { "Bank transfer" small { bdi { (bank) } " " bdi { (account_number) } } }
                }
                PaidWith::Other { method, provider } => {
                    dd { bdi { (method) } @if let Some(provider) = provider { small { bdi { (provider) } } } }
                }
            }
            @if let Some(number) = &receipt.approval_number { dt { "Approval no." } dd { (number) } }
            dt { "Time" }
            dd { (receipt.approved_at.strftime("%Y-%m-%d")) small { (receipt.approved_at.strftime("%H:%M:%S")) " UTC" } }
            dt { "Merchant" }
            dd { bdi { (receipt.merchant_id) } }
            dt { "Order no." }
            dd { bdi { (receipt.id) } }
        }
    }
}

fn refunds(receipt: &Receipt) -> Markup {
    let money = |amount| html! { (figure(amount, receipt.currency)) " " (receipt.currency.code()) };
    html! {
        h2 { "Refunds" }
        ul { @for refund in &receipt.refunds { (refund_line(refund, &money(refund.amount))) } }
        dl.totals {
            dt { "Refunded" }
            dd { (money(receipt.refunded)) }
            dt.held { "Kept" }
            dd.held { (money(receipt.amount.minus_or_zero(receipt.refunded))) }
        }
    }
}

fn refund_line(refund: &ReceiptRefund, money: &Markup) -> Markup {
    let (word, at, is_undone) = match refund.progress {
        RefundProgress::Requested(at) => ("Requested, not done yet", at, false),
        RefundProgress::Done(at) => ("Refunded", at, false),
        RefundProgress::Failed(at) => ("Failed", at, true),
        RefundProgress::Stopped(at) => ("Stopped", at, true),
    };
    html! {
        li.undone[is_undone] #{ "refund-" (refund.number) } {
            span { (word) }
            span.money { (money) }
            small { (moment(at)) }
        }
    }
}

fn missing_page(missing: Missing) -> Markup {
    let (title, text) = match missing {
        Missing::Unknown => (
            "There is no such receipt",
            "The link is incomplete, or what it was about is gone: a sandbox is emptied now and then.",
        ),
        Missing::Unreadable => {
            ("The receipt cannot be shown at the moment", "Please open the link again a little later.")
        }
    };
    whole(title, &html! { section.missing { h1 { (title) } p { (text) } } })
}

fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%Y-%m-%d %H:%M:%S")) " UTC" } }
}

/// A masked number as cards show it.
fn in_fours(number: &str) -> String {
    let digits: Vec<char> = number.chars().map(|digit| if digit == '*' { '•' } else { digit }).collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::money::{Amount, Currency};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn receipt() -> Receipt {
        Receipt {
            id: "sbx_1".into(),
            reference: "0198c0de-0000-7000-8000-000000000001".into(),
            merchant_id: "demo-card".into(),
            order_name: "Tea".into(),
            amount: Amount::new(4_500_050).unwrap(),
            refunded: Amount::ZERO,
            currency: Currency::USD,
            standing: Standing::Paid,
            approved_at: at("2026-03-01T09:30:05Z"),
            approval_number: Some("00412345".into()),
            paid_with: PaidWith::Card {
                name: "Sandbox Visa credit".into(),
                number: "42424242****4242".into(),
            },
            refunds: Vec::new(),
        }
    }

    fn refunded() -> Receipt {
        let refund =
            |number, progress| ReceiptRefund { number, amount: Amount::new(50_000).unwrap(), progress };
        let time = at("2026-03-02T09:30:05Z");
        Receipt {
            refunded: Amount::new(50_000).unwrap(),
            standing: Standing::PartlyRefunded,
            refunds: vec![
                refund(1, RefundProgress::Done(time)),
                refund(3, RefundProgress::Requested(time)),
                refund(4, RefundProgress::Failed(time)),
                refund(5, RefundProgress::Stopped(time)),
            ],
            ..receipt()
        }
    }

    #[test]
    fn a_receipt_says_what_was_paid_with_what_and_what_went_back() {
        let text = page(&refunded()).0;
        for expected in [
            "Sandbox: no money moved.",
            "45,000.50 <small>USD</small>",
            "Partly refunded",
            "4242 4242 •••• 4242",
            "00412345",
            "2026-03-01<small>09:30:05 UTC</small>",
            "2026-03-02 09:30:05 UTC",
            "id=\"refund-1\"",
            "id=\"refund-5\"",
            "500.00 USD",
            "44,500.50 USD",
        ] {
            assert!(text.contains(expected), "{expected} is missing in {text}");
        }
        assert!(!page(&receipt()).0.contains("Refunds"));
        let transfer = PaidWith::Transfer { bank: "SHINHAN".into(), account_number: "90001".into() };
        assert!(page(&Receipt { paid_with: transfer, ..receipt() }).0.contains("Bank transfer"));
    }

    #[test]
    fn what_others_wrote_stays_text() {
        let hostile = "<script>alert(1)</script>\"'&\u{202e}";
        let sample = Receipt {
            order_name: hostile.into(),
            merchant_id: hostile.into(),
            reference: hostile.into(),
            id: hostile.into(),
            approval_number: Some(hostile.into()),
            paid_with: PaidWith::Transfer { bank: hostile.into(), account_number: hostile.into() },
            ..receipt()
        };
        let text = page(&sample).0;
        assert!(!text.contains("<script") && text.contains("&lt;script&gt;"), "{text}");
        let unnamed = page(&Receipt { order_name: "  ".into(), ..receipt() }).0;
        assert!(unnamed.contains("<h1><bdi>Payment</bdi></h1>"), "{unnamed}");
    }

    #[test]
    fn the_policy_allows_exactly_the_pages_own_style() {
        let policy = POLICY.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let text = page(&receipt()).0;
        assert_eq!(text.matches("<style>").count(), 1);
        assert!(text.contains(&format!("<style>{STYLE}</style>")) && !text.contains("style=\""));
    }
}
