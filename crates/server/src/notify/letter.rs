//! What buyers are written about a payment link or the link of a subscription: in Korean to those in Korea, in English
//! to everybody else.
//! Everything that a merchant or a buyer typed is shown as text and nothing else.

use crate::http::pages::figure::figure;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use maud::{DOCTYPE, Markup, html};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::notice::NoticeKind;
use paypier_domain::payment_link::PaymentLink;

/// Mails and text messages have a language of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Korean,
    English,
}

/// What the reader is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// To pay once.
    Pay(NoticeKind),
    /// To give a way to pay again and again.
    Enrol,
}

/// What is said about a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub(super) language: Language,
    pub(super) request: Request,
    pub(super) merchant: String,
    pub(super) logo: Option<String>,
    pub(super) buyer: String,
    pub(super) description: String,
    /// How much, and how often where it is more than once.
    pub(super) amount: String,
    pub(super) url: String,
    pub(super) until: Option<String>,
}

impl Letter {
    /// About `link`, which is paid at `url`.
    pub fn about(link: &PaymentLink, kind: NoticeKind, url: &str) -> Self {
        let terms = &link.terms;
        let language = language(link);
        Self {
            language,
            request: Request::Pay(kind),
            merchant: terms.face.name.clone(),
            logo: shown(&terms.face.logo),
            buyer: terms.addressee().name,
            description: terms.description.clone(),
            amount: amount(terms.amount, terms.currency, language),
            url: url.to_owned(),
            until: terms.expires_at.map(|at| moment(at, language)),
        }
    }

    fn pick(&self, korean: String, english: String) -> String {
        match self.language {
            Language::Korean => korean,
            Language::English => english,
        }
    }

    pub fn subject(&self) -> String {
        let (merchant, amount) = (&self.merchant, &self.amount);
        match self.request {
            Request::Pay(NoticeKind::Invitation) => self.pick(
                format!("{merchant} 결제 요청: {amount}"),
                format!("{merchant} asks you to pay {amount}"),
            ),
            Request::Pay(NoticeKind::Reminder) => self.pick(
                format!("{merchant} 결제 기한이 다가옵니다: {amount}"),
                format!("Your payment of {amount} to {merchant} is due soon"),
            ),
            Request::Enrol => self.pick(
                format!("{merchant} 정기결제 등록 안내"),
                format!("{merchant} asks you to set up a recurring payment"),
            ),
        }
    }

    fn greeting(&self) -> String {
        if self.buyer.is_empty() {
            self.pick("안녕하세요.".into(), "Hello,".into())
        } else {
            self.pick(format!("{}님, 안녕하세요.", self.buyer), format!("Hello {},", self.buyer))
        }
    }

    fn request(&self) -> String {
        let merchant = &self.merchant;
        match self.request {
            Request::Pay(NoticeKind::Invitation) => self.pick(
                format!("{merchant}에서 아래 금액의 결제를 요청했습니다."),
                format!("{merchant} asks you to pay the amount below."),
            ),
            Request::Pay(NoticeKind::Reminder) => self.pick(
                format!("{merchant}에 아직 결제하지 않은 금액이 있습니다."),
                format!("A payment to {merchant} is still open."),
            ),
            Request::Enrol => self.pick(
                format!("{merchant}에서 아래 정기결제의 등록을 요청했습니다."),
                format!("{merchant} asks you to set up the recurring payment below."),
            ),
        }
    }

    fn button(&self) -> String {
        match self.request {
            Request::Pay(_) => self.pick("결제하기".into(), "Pay now".into()),
            Request::Enrol => self.pick("확인하고 등록하기".into(), "Review and set up".into()),
        }
    }

    fn deadline(&self) -> Option<String> {
        let until = self.until.as_ref()?;
        Some(match self.request {
            Request::Pay(_) => self.pick(format!("결제 기한: {until}"), format!("Pay by {until}.")),
            Request::Enrol => self.pick(format!("등록 기한: {until}"), format!("Set it up by {until}.")),
        })
    }

    fn caution(&self) -> String {
        match self.request {
            Request::Pay(_) => self.pick(
                "이 요청을 알지 못한다면 결제하지 말고 이 메일을 지워 주세요.".into(),
                "If you do not know what this is about, do not pay and delete this mail.".into(),
            ),
            Request::Enrol => self.pick(
                "이 요청을 알지 못한다면 등록하지 말고 이 메일을 지워 주세요.".into(),
                "If you do not know what this is about, set nothing up and delete this mail.".into(),
            ),
        }
    }

    /// The mail as text.
    pub fn text(&self) -> String {
        let line =
            |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let mut lines = vec![line(&self.greeting()), String::new(), line(&self.request()), String::new()];
        lines.extend((!self.description.is_empty()).then(|| line(&self.description)));
        lines.push(self.amount.clone());
        lines.push(String::new());
        lines.push(self.url.clone());
        lines.extend(self.deadline().into_iter().flat_map(|deadline| [String::new(), deadline]));
        lines.extend([String::new(), self.caution(), String::new()]);
        lines.join("\n")
    }

    /// The mail as HTML.
    pub fn html(&self) -> String {
        let language = match self.language {
            Language::Korean => "ko",
            Language::English => "en",
        };
        let page: Markup = html! {
            (DOCTYPE)
            html lang=(language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.subject()) }
                }
                body style="margin:0;padding:24px;font:16px/1.5 sans-serif" {
                    div style="max-width:480px;margin:0 auto" {
                        p {
                            @if let Some(logo) = &self.logo { img src=(logo) alt="" height="40"; br; }
                            strong { bdi { (self.merchant) } }
                        }
                        p { bdi { (self.greeting()) } }
                        p { bdi { (self.request()) } }
                        @if !self.description.is_empty() { p { bdi { (self.description) } } }
                        p style="font-size:28px;font-weight:bold;margin:16px 0" { (self.amount) }
                        p {
                            a href=(self.url)
                                style="display:inline-block;padding:14px 28px;border-radius:12px;background:#0b6e6e;color:#ffffff;font-weight:bold;text-decoration:none"
                            { (self.button()) }
                        }
                        p style="word-break:break-all" { a href=(self.url) { (self.url) } }
                        @if let Some(deadline) = self.deadline() { p { (deadline) } }
                        p style="font-size:13px;opacity:.75" { (self.caution()) }
                    }
                }
            }
        };
        page.into_string()
    }

    /// The text message: one line with the amount and the link.
    pub fn line(&self) -> String {
        let merchant: String =
            self.merchant.chars().map(|c| if c.is_control() { ' ' } else { c }).take(40).collect();
        let (amount, url) = (&self.amount, &self.url);
        match self.request {
            Request::Pay(NoticeKind::Invitation) => self.pick(
                format!("[{merchant}] {amount} 결제 요청 {url}"),
                format!("{merchant} asks you to pay {amount}: {url}"),
            ),
            Request::Pay(NoticeKind::Reminder) => self.pick(
                format!("[{merchant}] {amount} 결제 기한이 다가옵니다 {url}"),
                format!("{merchant}: {amount} is due soon: {url}"),
            ),
            Request::Enrol => self.pick(
                format!("[{merchant}] 정기결제 등록 ({amount}) {url}"),
                format!("{merchant} asks you to set up a recurring payment ({amount}): {url}"),
            ),
        }
    }
}

/// By what the merchant said about who pays.
pub fn language(link: &PaymentLink) -> Language {
    let terms = &link.terms;
    let locale = terms.billing.as_ref().map_or("", |billing| billing.place.locale.as_str());
    let is_korean = match locale.get(..2) {
        Some(start) => start.eq_ignore_ascii_case("ko") || start.eq_ignore_ascii_case("kr"),
        None => terms.country == "KR",
    };
    if is_korean { Language::Korean } else { Language::English }
}

/// A logo that mail programs may load.
pub(super) fn shown(logo: &str) -> Option<String> {
    logo.starts_with("https://").then(|| logo.to_owned())
}

pub(super) fn amount(amount: Amount, currency: Currency, language: Language) -> String {
    let digits = figure(amount, currency);
    match (currency.code(), language) {
        ("KRW", Language::Korean) => format!("{digits}원"),
        (code, _) => format!("{code} {digits}"),
    }
}

/// Korean readers get Korean time.
pub(super) fn moment(at: Timestamp, language: Language) -> String {
    match language {
        Language::Korean => {
            at.to_zoned(TimeZone::fixed(Offset::constant(9))).strftime("%Y-%m-%d %H:%M").to_string()
        }
        Language::English => at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(language: Language, kind: NoticeKind) -> Letter {
        Letter {
            language,
            request: Request::Pay(kind),
            merchant: "<script>alert(1)</script> & Co".into(),
            logo: Some("https://shop.example/\"onerror=x".into()),
            buyer: "Kim \"the\" <b>".into(),
            description: "two\nlines".into(),
            amount: amount(Amount::new(250_050).unwrap(), Currency::USD, language),
            url: "https://pay.example.com?ref=2BEemUknaImTq5ljmoNQQV2tSll".into(),
            until: Some(moment("2026-01-10T00:00:00Z".parse().unwrap(), language)),
        }
    }

    #[test]
    fn a_letter_says_who_asks_for_what_until_when() {
        let letter = letter(Language::English, NoticeKind::Invitation);
        assert_eq!(
            letter.text(),
            "Hello Kim \"the\" <b>,\n\n<script>alert(1)</script> & Co asks you to pay the amount below.\n\ntwo lines\nUSD 2,500.50\n\nhttps://pay.example.com?ref=2BEemUknaImTq5ljmoNQQV2tSll\n\nPay by 2026-01-10 00:00 UTC.\n\nIf you do not know what this is about, do not pay and delete this mail.\n"
        );
        let korean = self::letter(Language::Korean, NoticeKind::Reminder);
        assert!(korean.text().contains("결제 기한: 2026-01-10 09:00"), "{}", korean.text());
        assert!(korean.subject().contains("결제 기한이 다가옵니다: USD 2,500.50"));
        assert_eq!(amount(Amount::new(12_900).unwrap(), Currency::KRW, Language::Korean), "12,900원");
    }

    #[test]
    fn what_was_typed_is_never_markup() {
        for language in [Language::Korean, Language::English] {
            for kind in NoticeKind::ALL {
                let html = letter(language, kind).html();
                assert!(
                    !html.contains("<script") && !html.contains("<b>") && !html.contains("\"onerror"),
                    "{html}"
                );
                assert!(html.contains("&lt;script&gt;"), "{html}");
            }
        }
    }

    #[test]
    fn a_text_message_is_one_line() {
        for language in [Language::Korean, Language::English] {
            for kind in NoticeKind::ALL {
                let letter = Letter { merchant: "a\nb".into(), ..letter(language, kind) };
                let line = letter.line();
                assert!(!line.contains('\n') && line.contains(&letter.url) && line.contains("USD 2,500.50"));
            }
        }
    }
}
