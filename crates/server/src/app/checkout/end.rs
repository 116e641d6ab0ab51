//! How a visit ended: what the merchant's page is told, and where the buyer goes.
//!
//! Read from the window and its attempt, never stored: whoever asks, and however often, is told the same.

use super::keys::refusal;
use super::{Visit, issue_token, payment_token};
use jiff::Timestamp;
use paypier_domain::billing_key::State as KeyState;
use paypier_domain::checkout::{EndCode, Ending, Purpose, Step, Window};
use paypier_domain::identity_verification::State as IdentityState;
use paypier_domain::payment::pay::ApproveRefusal;
use paypier_domain::payment::{AttemptState, Failure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A visit as it stands for the merchant's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The buyer has yet to do something, or the PSP is being asked.
    Open,
    Ended(Result),
}

/// What the merchant's page is told.
#[derive(Clone, PartialEq, Eq)]
pub struct Result {
    /// The members of the browser SDK's response object, in its order. Without `code` it is a success.
    pub members: Vec<(&'static str, String)>,
    /// Where the buyer goes, with the members in its query.
    pub redirect_url: Option<String>,
}

// A payment token approves a payment; it is never printed.
impl std::fmt::Debug for Result {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.members.iter().map(|(name, _)| *name).collect();
        write!(f, "Result({names:?}, ..)")
    }
}

impl Result {
    pub fn member(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|(member, _)| *member == name).map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        self.member("code").is_none()
    }
}

/// The literal that stands for what the merchant's server has yet to approve.
const NEEDS_CONFIRMATION: &str = "NEEDS_CONFIRMATION";

/// How far what the window is about has come.
enum Standing {
    Open,
    Done,
    Failed(Ending),
}

/// The visit's outcome at `now`. `token` is the window's.
pub fn outcome(visit: &Visit, token: &str, now: Timestamp) -> Outcome {
    let window = &visit.window;
    let standing = match &window.step {
        Step::Ended(ending) => Standing::Failed(ending.clone()),
        Step::HandedOver { .. } => Standing::Done,
        Step::Open | Step::Challenged { .. } | Step::Confirming { .. } => standing(visit, now),
    };
    let is_handed_over = matches!(window.step, Step::HandedOver { .. });
    let ending = match standing {
        Standing::Open => return Outcome::Open,
        Standing::Done => None,
        Standing::Failed(ending) => Some(ending),
    };
    let mut members = members(visit, is_handed_over.then_some(token));
    if let Some(ending) = ending {
        members.push(("code", ending.code.as_str().to_owned()));
        members.push(("message", ending.message));
        members.extend(ending.pg_code.map(|code| ("pgCode", code)));
        members.extend(ending.pg_message.map(|message| ("pgMessage", message)));
    }
    let redirect_url = redirect(window, &members);
    Outcome::Ended(Result { members, redirect_url })
}

/// The members of every result, and the token that was handed over, made of the window's.
fn members(visit: &Visit, handed_over: Option<&str>) -> Vec<(&'static str, String)> {
    let named = |id: &str| {
        if handed_over.is_some() { NEEDS_CONFIRMATION.to_owned() } else { id.to_owned() }
    };
    match &visit.window.purpose {
        Purpose::Payment(about) => {
            let mut members = vec![
                ("transactionType", "PAYMENT".to_owned()),
                ("paymentId", about.payment.to_string()),
                ("txId", about.transaction.to_string()),
            ];
            members.extend(handed_over.map(|token| ("paymentToken", payment_token(token))));
            members
        }
        Purpose::BillingKey(about) => {
            let kind =
                if about.payment.is_some() { "ISSUE_BILLING_KEY_AND_PAY" } else { "ISSUE_BILLING_KEY" };
            let mut members =
                vec![("transactionType", kind.to_owned()), ("billingKey", named(about.billing_key.as_str()))];
            members.extend(handed_over.map(|token| ("billingIssueToken", issue_token(token))));
            if let Some(pays) = &about.payment {
                members.push(("paymentId", pays.payment.to_string()));
                members.push(("txId", named(pays.transaction.as_str())));
            }
            members
        }
        Purpose::Identity(_) => {
            visit.window.ids().into_iter().map(|(name, id)| (name, id.to_owned())).collect()
        }
    }
}

fn standing(visit: &Visit, now: Timestamp) -> Standing {
    let is_late = visit.window.is_expired(now) && !matches!(visit.window.step, Step::Confirming { .. });
    let waiting = || if is_late { Standing::Failed(too_late()) } else { Standing::Open };
    if let Some(identity) = &visit.identity {
        return match &identity.state {
            IdentityState::Open | IdentityState::Ready => waiting(),
            IdentityState::Sending | IdentityState::SendUnknown { .. } | IdentityState::Confirming { .. } => {
                Standing::Open
            }
            IdentityState::Verified(_) => Standing::Done,
            IdentityState::Failed(failure) => Standing::Failed(Ending {
                code: EndCode::PgProviderError,
                message: failure.reason.clone(),
                pg_code: failure.pg_code.clone(),
                pg_message: failure.pg_message.clone(),
            }),
        };
    }
    if let Some(key) = &visit.key {
        match key.state {
            KeyState::Ready => return waiting(),
            KeyState::Sending => return Standing::Open,
            KeyState::Failed { .. } => {
                let (code, message, reason) = refusal(key);
                return Standing::Failed(Ending {
                    code: EndCode::PgProviderError,
                    message: if reason.is_empty() { "no billing key was issued".into() } else { reason },
                    pg_code: Some(code).filter(|code| !code.is_empty()),
                    pg_message: Some(message).filter(|message| !message.is_empty()),
                });
            }
            KeyState::Issued { .. } | KeyState::Deleted { .. } => {}
        }
        if visit.window.purpose.payment().is_none() {
            return Standing::Done;
        }
    }
    match visit.attempt().map(|attempt| &attempt.state) {
        None => Standing::Open,
        // Another attempt of the payment was faster: nothing that is done here counts any more.
        Some(AttemptState::Ready) if is_paid_otherwise(visit) => Standing::Failed(overtaken()),
        Some(AttemptState::Ready) => waiting(),
        Some(AttemptState::Sending) => Standing::Open,
        Some(AttemptState::Failed(failure)) => Standing::Failed(told(failure)),
        // Not known yet is no failure: the merchant reads the payment, or waits for its webhook.
        Some(
            AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. }
            | AttemptState::Paid(_),
        ) => Standing::Done,
    }
}

fn is_paid_otherwise(visit: &Visit) -> bool {
    visit.payment.as_ref().is_some_and(|payment| payment.paid_attempt().is_some())
}

fn overtaken() -> Ending {
    Ending {
        code: EndCode::PaymentAlreadyPaid,
        message: ApproveRefusal::AlreadyPaid.to_string(),
        pg_code: None,
        pg_message: None,
    }
}

fn too_late() -> Ending {
    Ending {
        code: EndCode::DeadlineExceeded,
        message: "the payment window was open for too long; open a new one".into(),
        pg_code: None,
        pg_message: None,
    }
}

/// A failed attempt in the words of the browser SDK.
fn told(failure: &Failure) -> Ending {
    Ending {
        code: EndCode::PgProviderError,
        message: failure
            .reason
            .clone()
            .filter(|reason| !reason.is_empty())
            .unwrap_or_else(|| "the payment failed".into()),
        pg_code: failure.pg_code.clone(),
        pg_message: failure.pg_message.clone(),
    }
}

/// RFC 3986's unreserved characters stay as they are.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URL that the page named, with the members behind what its query has; its fragment stays last.
fn redirect(window: &Window, members: &[(&'static str, String)]) -> Option<String> {
    let target = window.redirect_url.as_deref().filter(|_| window.ends_by_redirect())?;
    let (before, fragment) = match target.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (target, None),
    };
    let mut url = before.to_owned();
    let mut mark = match before.split_once('?') {
        None => '?',
        Some((_, query)) if query.is_empty() || query.ends_with('&') => '\0',
        Some(_) => '&',
    };
    for (name, value) in members {
        if mark != '\0' {
            url.push(mark);
        }
        mark = '&';
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, QUERY));
    }
    if let Some(fragment) = fragment {
        url.push('#');
        url.push_str(fragment);
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::channel::Environment;
    use paypier_domain::checkout::{Choices, OpeningPage, PayMethod, PaymentPurpose, Presentation};
    use paypier_domain::id::{MerchantId, PaymentId, StoreId, TransactionId};

    fn window(url: &str, presentation: Presentation, force_redirect: bool) -> Window {
        Window {
            digest: [0; 32],
            store: StoreId::known("store-1"),
            merchant: MerchantId::known("merchant-1"),
            environment: Environment::Test,
            version: 1,
            opened_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            page: OpeningPage { origin: "https://shop.example".into(), language: None, session: None },
            presentation,
            redirect_url: Some(url.into()),
            force_redirect,
            purpose: Purpose::Payment(PaymentPurpose {
                payment: PaymentId::known("p"),
                transaction: TransactionId::known("t"),
                method: PayMethod::Card,
                choices: Choices::default(),
                confirm_url: None,
                bypass: None,
            }),
            step: Step::Open,
        }
    }

    #[test]
    fn members_go_behind_the_query_and_before_the_fragment() {
        let members = [("paymentId", "주문 1&2".to_owned()), ("code", "X".to_owned())];
        let tail = "paymentId=%EC%A3%BC%EB%AC%B8%201%262&code=X";
        for (url, expected) in [
            ("https://shop.example/done", format!("https://shop.example/done?{tail}")),
            ("https://shop.example/done?", format!("https://shop.example/done?{tail}")),
            ("https://shop.example/done?a=1", format!("https://shop.example/done?a=1&{tail}")),
            ("https://shop.example/done?a=1&", format!("https://shop.example/done?a=1&{tail}")),
            ("https://shop.example/#/done?b", format!("https://shop.example/?{tail}#/done?b")),
            ("myshop://done", format!("myshop://done?{tail}")),
        ] {
            let window = window(url, Presentation::Redirection, false);
            assert_eq!(redirect(&window, &members).as_deref(), Some(expected.as_str()), "{url}");
        }
    }

    #[test]
    fn only_a_redirect_redirects() {
        let members = [("paymentId", "p".to_owned())];
        for (presentation, force, redirects) in [
            (Presentation::Redirection, false, true),
            (Presentation::Iframe, false, false),
            (Presentation::Popup, false, false),
            (Presentation::Iframe, true, true),
        ] {
            let window = window("https://shop.example/", presentation, force);
            assert_eq!(redirect(&window, &members).is_some(), redirects, "{presentation:?} {force}");
        }
    }
}
