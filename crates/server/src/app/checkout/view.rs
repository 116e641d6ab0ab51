//! What a page of the window shows, in no HTML.

use super::end::{self, Outcome};
use super::{Visit, step_nonce};
use crate::app::App;
use crate::app::failure::Failure;
use jiff::Timestamp;

use paypier_domain::channel::Environment;
use paypier_domain::checkout::{Choices, PayMethod, Presentation, Step};
use paypier_domain::global::GlobalOrder;
use paypier_domain::identity_verification::{IdentityVerification, State as IdentityState};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{AttemptState, Method};
use paypier_domain::payment_session::PaymentSession;
use paypier_domain::psp::VirtualAccount;

/// Everything that a page shows.
#[derive(Clone, PartialEq, Eq)]
pub struct WindowView {
    /// The window's token, for the address that forms are sent to.
    pub token: String,
    /// For the hidden field `nonce` of each form.
    pub nonce: String,
    pub presentation: Presentation,
    /// The only origin that may frame the page and is told its result.
    pub opener: String,
    /// What the merchant asked for (`KO_KR`), else what the browser speaks (`ko-KR`).
    pub language: Option<String>,
    pub is_test: bool,
    pub store_name: String,
    /// The PSP as the API names it.
    pub pg_provider: String,
    pub order_name: String,
    /// What is charged now; absent for a billing key without a first payment.
    pub amount: Option<(Amount, Currency)>,
    /// A right to charge later is given here.
    pub gives_key: bool,
    pub buyer_name: Option<String>,
    /// How the buyer pays; absent where a person shows who they are.
    pub method: Option<PayMethod>,
    /// The wallet, the kind of gift certificate, the chain of stores.
    pub kind: Option<String>,
    /// Where the buyer may go at the end.
    pub redirect_url: Option<String>,
    /// The payment session that the buyer comes from: how it wants its pages to look.
    pub session: Option<Box<PaymentSession>>,
    /// Where the buyer may be sent from there: a merchant's pages behind our own.
    pub leads_to: Vec<String>,
    pub expires_at: Timestamp,
    pub step: StepView,
}

impl WindowView {
    /// Whether it stands in a frame of a payment link's page: the merchant's page around it hears of the end from our
    /// own return page, and not from the window.
    pub fn is_of_embedded_link(&self) -> bool {
        self.presentation == Presentation::Iframe && !self.leads_to.is_empty()
    }
}

// The token and the nonce are the buyer's.
impl std::fmt::Debug for WindowView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WindowView({:?}, {:?}, ..)", self.method, self.step)
    }
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepView {
    /// `number`, `expiry`, `birth`, `password`, `installment`.
    Card {
        installments: Vec<u8>,
        notice: Option<Notice>,
    },
    /// `code`.
    Code {
        masked_number: Option<String>,
        notice: Option<Notice>,
    },
    /// `decision`: `approve`, `approve-later`, `decline`, `cancel`, `silence`.
    Provider {
        notice: Option<Notice>,
    },
    /// `bank`, `depositor`.
    Account {
        banks: Vec<&'static str>,
        due_at: Option<Timestamp>,
        notice: Option<Notice>,
    },
    /// `name`, `birth` (the first seven digits of the resident number), `phone`, `carrier`.
    Identity {
        name: String,
        phone: String,
        notice: Option<Notice>,
    },
    /// `code`, sent to a phone.
    PhoneCode {
        masked_phone: String,
        notice: Option<Notice>,
    },
    /// The PSP or the merchant's server is being asked; the page looks again by itself.
    Working,
    /// The provider reports nothing; the window stays as it is.
    Silent,
    Ended(EndView),
}

/// Why the buyer sees the form again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The number, the expiry or another field is not of the right form.
    Malformed,
    TryAgain,
    /// The PSP does not keep the card.
    CardRefused,
    NotOffered,
}

/// How the visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndView {
    pub result: end::Result,
    /// The account to transfer to.
    pub account: Option<VirtualAccount>,
    /// It went well so far, and the money is still to come.
    pub is_waiting: bool,
}

/// The banks that the sandbox opens accounts at.
const BANKS: [&str; 12] = [
    "SHINHAN", "KOOKMIN", "WOORI", "HANA", "NONGHYUP", "IBK", "KAKAO", "TOSS", "K_BANK", "POST", "KFCC",
    "BUSAN",
];

impl App {
    /// What the window's page shows now; `notice` is about the form that was just sent. `None` for what is
    /// no token of a window.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn window_view(
        &self,
        token: &str,
        notice: Option<Notice>,
    ) -> Result<Option<WindowView>, Failure> {
        let Some(visit) = self.visit(token).await? else { return Ok(None) };
        let outcome = self.visit_standing(&visit, token).await?;
        let Some(seen) = view(&visit, token, notice, outcome) else { return Ok(None) };
        let Some(order) = self.order_of(&visit).await? else { return Ok(Some(seen)) };
        // The link's page has named who sells; the store's own name would be another one's to the payer.
        let named = match &order.link {
            Some(of) => self.storage.payment_link(&of.reference).await?.map(|link| link.terms.face.name),
            None => visit.profile.global.as_ref().map(|global| global.merchant.brand.name.clone()),
        };
        let store_name = named.filter(|name| !name.is_empty()).unwrap_or(seen.store_name);
        let to = order.destinations;
        // The merchant's pages that the end of the visit leads to by way of one of ours.
        let leads_to = [to.success, to.failure, to.pending, to.mobile]
            .into_iter()
            .filter(|page| !page.is_empty())
            .collect();
        Ok(Some(WindowView { leads_to, store_name, ..seen }))
    }

    /// The order of the Global dialect that is paid in the window.
    async fn order_of(&self, visit: &Visit) -> Result<Option<GlobalOrder>, Failure> {
        let (Some(payment), true) = (visit.window.payment(), visit.profile.global.is_some()) else {
            return Ok(None);
        };
        Ok(self.storage.global_order_of(&payment.store, &payment.payment).await?)
    }
}

fn view(visit: &Visit, token: &str, notice: Option<Notice>, outcome: Outcome) -> Option<WindowView> {
    let Visit { profile, window, payment: _, key, identity, session } = visit;
    let attempt = visit.attempt();
    let method = window.purpose.method();
    let step = match outcome {
        Outcome::Ended(result) => StepView::Ended(EndView {
            result,
            account: attempt.and_then(|attempt| match (&attempt.state, &attempt.method) {
                (AttemptState::AccountIssued { .. }, Some(Method::VirtualAccount { account })) => {
                    Some(account.clone())
                }
                _ => None,
            }),
            is_waiting: attempt.is_some_and(|attempt| match attempt.state {
                AttemptState::AccountIssued { .. }
                | AttemptState::Pending { .. }
                | AttemptState::Unknown { .. } => true,
                AttemptState::Ready
                | AttemptState::Sending
                | AttemptState::Paid(_)
                | AttemptState::Failed(_) => false,
            }),
        }),
        Outcome::Open if !visit.is_waiting() => StepView::Working,
        Outcome::Open => match (identity, method) {
            (Some(identity), _) => showing(identity, notice),
            (None, Some((method, choices))) => waiting(&window.step, method, choices, notice),
            (None, None) => return None,
        },
    };
    let (order_name, language, buyer_name, channel) = match (attempt, key) {
        (Some(attempt), _) => (
            attempt.order.name.clone(),
            attempt.order.locale.clone(),
            attempt.order.customer.name.clone(),
            attempt.channel.as_ref(),
        ),
        (None, Some(key)) => (
            key.issue_name.clone().unwrap_or_default(),
            None,
            key.customer.name.clone(),
            key.holdings.first().map(|holding| &holding.channel),
        ),
        (None, None) => {
            let identity = identity.as_ref()?;
            (String::new(), None, identity.customer.name.clone(), Some(&identity.channel))
        }
    };
    Some(WindowView {
        token: token.to_owned(),
        nonce: step_nonce(token, visit),
        presentation: window.presentation,
        opener: window.page.origin.clone(),
        language: language.or_else(|| window.page.language.clone()),
        is_test: window.environment == Environment::Test,
        store_name: profile.store.name.clone(),
        pg_provider: channel.map(|channel| channel.pg_provider.clone()).unwrap_or_default(),
        order_name,
        amount: attempt.map(|attempt| (attempt.amounts.to_pay(), attempt.currency)),
        gives_key: key.is_some(),
        buyer_name,
        method: method.map(|(method, _)| method),
        kind: method.and_then(|(_, choices)| choices.kind.clone()),
        redirect_url: window.redirect_url.clone(),
        session: session.clone().map(Box::new),
        leads_to: Vec::new(),
        expires_at: window.expires_at,
        step,
    })
}

/// What there is to do for somebody who shows who they are.
fn showing(identity: &IdentityVerification, notice: Option<Notice>) -> StepView {
    let phone = identity.customer.phone_number.clone().unwrap_or_default();
    match identity.state {
        IdentityState::Ready => {
            let shown = phone.len().saturating_sub(4);
            let masked_phone = phone.char_indices().map(|(at, c)| if at < shown { '•' } else { c }).collect();
            StepView::PhoneCode { masked_phone, notice }
        }
        IdentityState::Open
        | IdentityState::Sending
        | IdentityState::SendUnknown { .. }
        | IdentityState::Confirming { .. }
        | IdentityState::Verified(_)
        | IdentityState::Failed(_) => {
            StepView::Identity { name: identity.customer.name.clone().unwrap_or_default(), phone, notice }
        }
    }
}

/// What there is to do while the window waits for its buyer.
fn waiting(step: &Step, method: PayMethod, choices: &Choices, notice: Option<Notice>) -> StepView {
    match step {
        Step::Confirming { .. } | Step::HandedOver { .. } | Step::Ended(_) => StepView::Working,
        Step::Challenged { authenticated } => StepView::Code {
            masked_number: match &authenticated.method {
                Method::Card { card, .. } => card.masked_number.clone(),
                _ => None,
            },
            notice,
        },
        Step::Open => match method {
            PayMethod::Card => StepView::Card { installments: choices.installments.months(), notice },
            PayMethod::VirtualAccount => StepView::Account {
                banks: match &choices.bank {
                    Some(fixed) => {
                        paypier_wire::v2::Bank::parse(fixed).map(|bank| bank.as_str()).into_iter().collect()
                    }
                    None => BANKS.to_vec(),
                },
                due_at: choices.due_at,
                notice,
            },
            PayMethod::Transfer
            | PayMethod::Mobile
            | PayMethod::GiftCertificate
            | PayMethod::EasyPay
            | PayMethod::Paypal
            | PayMethod::Alipay
            | PayMethod::ConvenienceStore
            | PayMethod::AlipayPlus => StepView::Provider { notice },
        },
    }
}
