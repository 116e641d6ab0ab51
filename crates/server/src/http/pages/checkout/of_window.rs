//! A window's view as a page.

use super::model::{
    AccountStep, Back, Brand, CardSecurity, CardStep, CheckoutPage, CodeSender, CodeStep, Ended, Errand,
    Figure, Form, IdentityStep, IssuedAccount, Language, Order, Outcome, ProviderMethod, ProviderStep,
    Setting, Step, Talk,
};
use super::words::Words;
use super::{Rendered, render};
use super::{names, of_session};
use crate::app::checkout::view::{EndView, Notice, StepView, WindowView};
use crate::http::pages::figure::figure;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use paypier_domain::checkout::{PayMethod, Presentation};
use paypier_domain::money::Currency;
use paypier_domain::psp::VirtualAccount;

/// The page of a window at `address`. `told` is what the opening page is told at the end, as JSON; without
/// it the opening page is told nothing yet.
pub fn rendered(view: &WindowView, address: &str, told: Option<String>) -> Rendered {
    render(&page(view, address, told))
}

fn page(view: &WindowView, address: &str, told: Option<String>) -> CheckoutPage {
    let language = Language::of(view.language.as_deref().unwrap_or_default());
    let session = view.session.as_deref();
    CheckoutPage {
        language,
        brand: match session {
            Some(session) => of_session::brand(session, &view.store_name),
            None => Brand { name: view.store_name.clone(), colours: None },
        },
        is_test: view.is_test,
        setting: match view.presentation {
            Presentation::Iframe | Presentation::Ui => Setting::Framed,
            Presentation::Popup => Setting::Popup,
            Presentation::Redirection => Setting::Whole,
        },
        // Without an address of the shop the buyer comes back to the sheet.
        back: if session.is_some() && view.redirect_url.is_none() { Back::Sheet } else { Back::Shop },
        order: (!view.order_name.is_empty() || view.amount.is_some()).then(|| Order {
            name: view.order_name.clone(),
            total: view.amount.map(|(amount, currency)| Figure {
                digits: figure(amount, currency),
                currency: currency.code().to_owned(),
            }),
            image: session.and_then(|session| session.order_image_url.clone()),
            items: session.map(of_session::items).unwrap_or_default(),
        }),
        talk: Some(Talk {
            window: view.token.clone(),
            origin: view.opener.clone(),
            is_silent: view.is_of_embedded_link(),
        }),
        form: Form { action: address.to_owned(), nonce: view.nonce.clone() },
        redirect_url: view.redirect_url.clone(),
        leads_to: view.leads_to.clone(),
        step: step(view, Words::of(language), told),
    }
}

/// Mobile carriers, as the API names them, and their short names.
const CARRIERS: [(&str, &str); 6] = [
    ("SKT", "SKT"),
    ("KT", "KT"),
    ("LGU", "LG U+"),
    ("SKT_MVNO", "SKT 알뜰폰"),
    ("KT_MVNO", "KT 알뜰폰"),
    ("LGU_MVNO", "LG U+ 알뜰폰"),
];

fn step(view: &WindowView, words: &Words, told: Option<String>) -> Step {
    let said = |notice: &Option<Notice>| notice.map(|notice| words.notice(notice).to_owned());
    match &view.step {
        StepView::Card { installments, notice } => Step::Card(CardStep {
            errand: errand(view),
            security: match view.amount {
                Some((_, currency)) if currency != Currency::KRW => CardSecurity::Code,
                Some(_) | None => CardSecurity::BirthAndPassword,
            },
            installments: installments.clone(),
            problem: said(notice),
        }),
        StepView::Code { masked_number, notice } => Step::Code(CodeStep {
            sent_by: CodeSender::Issuer { card: masked_number.as_deref().map(spaced).unwrap_or_default() },
            problem: said(notice),
        }),
        StepView::Provider { notice } => Step::Provider(ProviderStep {
            errand: errand(view),
            method: provider(view.method.unwrap_or(PayMethod::EasyPay), view.kind.clone()),
            can_be_pending: view.method == Some(PayMethod::Paypal) && !view.gives_key,
            problem: said(notice),
        }),
        StepView::Account { banks, due_at: _, notice } => Step::Account(AccountStep {
            banks: banks.iter().map(|bank| ((*bank).to_owned(), names::bank(bank, words.language))).collect(),
            depositor: view.buyer_name.clone().unwrap_or_default(),
            problem: said(notice),
        }),
        StepView::Identity { name, phone, notice } => Step::Identity(IdentityStep {
            name: name.clone(),
            birth: String::new(),
            phone: phone.clone(),
            carriers: CARRIERS.map(|(code, name)| (code.to_owned(), name.to_owned())).to_vec(),
            problem: said(notice),
        }),
        StepView::PhoneCode { masked_phone, notice } => Step::Code(CodeStep {
            sent_by: CodeSender::Carrier { phone: masked_phone.clone() },
            problem: said(notice),
        }),
        StepView::Working => Step::Working,
        StepView::Silent => Step::Silent,
        StepView::Ended(ended) => self::ended(view, ended, words, told),
    }
}

const fn errand(view: &WindowView) -> Errand {
    match (view.gives_key, view.amount.is_some()) {
        (false, _) => Errand::Pay,
        (true, false) => Errand::Register,
        (true, true) => Errand::RegisterAndPay,
    }
}

fn ended(view: &WindowView, ended: &EndView, words: &Words, told: Option<String>) -> Step {
    let account = ended.account.as_ref().map(|account| issued(account, words.language));
    match (account, told) {
        // The shop's page is told when the buyer has seen the account.
        (Some(account), None) => Step::AccountIssued(account),
        (account, told) => {
            Step::Ended(Ended { outcome: outcome(view, ended), account, result: told.unwrap_or_default() })
        }
    }
}

/// The simulated PSP's word for a buyer who gave up; other PSPs have other words, and then it is a failure.
pub(super) const BUYER_CANCELLED: &str = "SANDBOX_BUYER_CANCELLED";

fn outcome(view: &WindowView, ended: &EndView) -> Outcome {
    let member = |name| ended.result.member(name);
    match (member("code"), member("pgCode")) {
        (Some(_), Some(BUYER_CANCELLED)) => Outcome::Cancelled,
        (Some(code), pg_code) => Outcome::Failed {
            reason: member("pgMessage").or(member("message")).unwrap_or_default().to_owned(),
            code: Some(pg_code.unwrap_or(code).to_owned()),
        },
        (None, _) if member("paymentToken").or(member("billingIssueToken")).is_some() => Outcome::HandedOver,
        (None, _) if view.method.is_none() => Outcome::Verified,
        (None, _) if view.amount.is_none() => Outcome::Registered,
        (None, _) if ended.is_waiting && view.method == Some(PayMethod::VirtualAccount) => {
            Outcome::AccountIssued
        }
        (None, _) if ended.is_waiting => Outcome::Pending,
        (None, _) => Outcome::Paid,
    }
}

fn provider(method: PayMethod, kind: Option<String>) -> ProviderMethod {
    match method {
        PayMethod::EasyPay => ProviderMethod::EasyPay(kind),
        PayMethod::Transfer => ProviderMethod::Transfer,
        PayMethod::Mobile => ProviderMethod::Mobile,
        PayMethod::GiftCertificate => ProviderMethod::GiftCertificate(kind),
        PayMethod::ConvenienceStore => ProviderMethod::ConvenienceStore(kind),
        PayMethod::Paypal => ProviderMethod::Paypal,
        PayMethod::Alipay => ProviderMethod::Alipay,
        PayMethod::AlipayPlus => ProviderMethod::AlipayPlus,
        // Both have pages of their own; a view that asks for a provider's has them as a wallet.
        PayMethod::Card | PayMethod::VirtualAccount => ProviderMethod::EasyPay(kind),
    }
}

pub(super) fn issued(account: &VirtualAccount, language: Language) -> IssuedAccount {
    IssuedAccount {
        bank: account.bank.as_deref().map(|bank| names::bank(bank, language)).unwrap_or_default(),
        number: account.account_number.clone(),
        holder: account.remittee_name.clone().unwrap_or_default(),
        due: account.expires_at.map(in_korea),
    }
}

/// Buyers of Korean accounts read Korean time, wherever the server stands.
fn in_korea(at: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(9));
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A masked number as cards show it: `4000 00•• •••• 3220`.
fn spaced(number: &str) -> String {
    let shown: Vec<char> = number.chars().map(|digit| if digit == '*' { '•' } else { digit }).collect();
    shown.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}
