//! A page of every kind, as the tests and the previews show them.

use super::model::{
    AccountStep, Agreement, Back, Brand, BuyerFact, CardSecurity, CardStep, CheckoutPage, CodeSender,
    CodeStep, Colour, Colours, Ended, Errand, Figure, Form, IdentityStep, IssuedAccount, Item, Language,
    Order, Outcome, ProviderMethod, ProviderStep, Refusal, Setting, SheetMethod, SheetStep, Step,
    SubscriptionFact, SubscriptionStep, Talk,
};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Every step by a name, in the given language, in a frame of a shop's page.
pub fn all(language: Language) -> Vec<(&'static str, CheckoutPage)> {
    steps(language).into_iter().map(|(name, step)| (name, page(language, name, step))).collect()
}

fn pick(language: Language, korean: &str, english: &str) -> String {
    if language == Language::Korean { korean.to_owned() } else { english.to_owned() }
}

fn page(language: Language, name: &str, step: Step) -> CheckoutPage {
    let (digits, currency) = match language {
        Language::Korean => ("128,000", "KRW"),
        Language::English => ("96.00", "USD"),
    };
    let figure = |digits: &str| Figure { digits: digits.into(), currency: currency.into() };
    let is_charged = !matches!(
        name,
        "card-register" | "identity" | "identity-code" | "ended-registered" | "ended-verified"
    );
    CheckoutPage {
        language,
        brand: Brand {
            name: pick(language, "부두 커피", "Pier Coffee"),
            colours: (name == "sheet-branded").then(|| Colours {
                primary: Colour::parse("#5b3fd6").expect("a colour"),
                primary_hover: Colour::parse("#4a31b8").expect("a colour"),
                primary_light: Colour::parse("#eeeafe").expect("a colour"),
            }),
        },
        is_test: true,
        back: if name == "easy-pay" { Back::Sheet } else { Back::Shop },
        setting: if name.starts_with("sheet") { Setting::Whole } else { Setting::Framed },
        order: Some(Order {
            name: pick(language, "핸드드립 세트와 원두 2봉", "Pour-over set and two bags of beans"),
            total: is_charged.then(|| figure(digits)),
            image: None,
            items: vec![
                Item {
                    name: pick(language, "핸드드립 세트", "Pour-over set"),
                    quantity: 1,
                    amount: figure(&pick(language, "92,000", "68.00")),
                },
                Item {
                    name: pick(language, "에티오피아 예가체프 200g", "Ethiopia Yirgacheffe 200 g"),
                    quantity: 2,
                    amount: figure(&pick(language, "36,000", "28.00")),
                },
            ],
        }),
        talk: Some(Talk { window: TOKEN.into(), origin: "https://shop.example".into(), is_silent: false }),
        form: Form { action: format!("/checkout/{TOKEN}"), nonce: "BBBBBBBBBBBBBBBBBBBBBB".into() },
        leads_to: match &step {
            Step::Subscription(_) => vec!["https://shop.example/done".into(), "shop://failed".into()],
            _ => Vec::new(),
        },
        redirect_url: None,
        step,
    }
}

fn steps(language: Language) -> Vec<(&'static str, Step)> {
    let mut steps = instruments(language);
    steps.extend(endings(language));
    steps.extend(sheets(language));
    steps.extend(subscriptions(language));
    steps
}

fn instruments(language: Language) -> Vec<(&'static str, Step)> {
    let security = match language {
        Language::Korean => CardSecurity::BirthAndPassword,
        Language::English => CardSecurity::Code,
    };
    let card = |errand, problem| {
        Step::Card(CardStep { errand, security, installments: vec![0, 2, 3, 4, 5, 6, 10, 12], problem })
    };
    let provider = |method| {
        Step::Provider(ProviderStep {
            errand: Errand::Pay,
            can_be_pending: method == ProviderMethod::Paypal,
            problem: None,
            method,
        })
    };
    let declined = pick(
        language,
        "카드사가 승인을 거절했습니다. 다른 카드로 시도해 주세요.",
        "The issuer has declined. Please try another card.",
    );
    let wrong =
        pick(language, "인증번호가 다릅니다. 다시 입력해 주세요.", "That is not the code. Please try again.");
    let bank = |code: &str, korean: &str, english: &str| (code.to_owned(), pick(language, korean, english));
    vec![
        ("card", card(Errand::Pay, None)),
        ("card-problem", card(Errand::Pay, Some(declined))),
        ("card-register", card(Errand::Register, None)),
        (
            "three-d-secure",
            Step::Code(CodeStep {
                sent_by: CodeSender::Issuer { card: "VISA •••• 3220".into() },
                problem: None,
            }),
        ),
        ("easy-pay", provider(ProviderMethod::EasyPay(Some("KAKAOPAY".into())))),
        ("transfer", provider(ProviderMethod::Transfer)),
        ("mobile", provider(ProviderMethod::Mobile)),
        ("gift-certificate", provider(ProviderMethod::GiftCertificate(Some("CULTURELAND".into())))),
        ("convenience-store", provider(ProviderMethod::ConvenienceStore(Some("SEVEN_ELEVEN".into())))),
        ("paypal", provider(ProviderMethod::Paypal)),
        ("alipay", provider(ProviderMethod::Alipay)),
        (
            "virtual-account",
            Step::Account(AccountStep {
                banks: vec![
                    bank("KOOKMIN", "국민은행", "Kookmin Bank"),
                    bank("SHINHAN", "신한은행", "Shinhan Bank"),
                    bank("WOORI", "우리은행", "Woori Bank"),
                    bank("HANA", "하나은행", "Hana Bank"),
                    bank("NONGHYUP", "농협은행", "NH Bank"),
                    bank("IBK", "기업은행", "IBK"),
                ],
                depositor: pick(language, "김하늘", "Sky Kim"),
                problem: None,
            }),
        ),
        ("virtual-account-issued", Step::AccountIssued(account(language))),
        (
            "identity",
            Step::Identity(IdentityStep {
                name: pick(language, "김하늘", "Sky Kim"),
                birth: String::new(),
                phone: String::new(),
                carriers: vec![
                    ("SKT".into(), "SKT".into()),
                    ("KT".into(), "KT".into()),
                    ("LGU".into(), "LG U+".into()),
                    ("MVNO".into(), pick(language, "알뜰폰", "Other")),
                ],
                problem: None,
            }),
        ),
        (
            "identity-code",
            Step::Code(CodeStep {
                sent_by: CodeSender::Carrier { phone: "010-••••-5678".into() },
                problem: Some(wrong),
            }),
        ),
    ]
}

fn endings(language: Language) -> Vec<(&'static str, Step)> {
    let ended = |outcome, account| {
        Step::Ended(Ended { outcome, account, result: r#"{"result":{"transactionType":"PAYMENT"}}"#.into() })
    };
    vec![
        ("working", Step::Working),
        ("silent", Step::Silent),
        ("ended-paid", ended(Outcome::Paid, None)),
        ("ended-registered", ended(Outcome::Registered, None)),
        ("ended-enrolled", ended(Outcome::Enrolled, None)),
        ("ended-verified", ended(Outcome::Verified, None)),
        ("ended-account", ended(Outcome::AccountIssued, Some(account(language)))),
        ("ended-pending", ended(Outcome::Pending, None)),
        ("ended-handed-over", ended(Outcome::HandedOver, None)),
        (
            "ended-failed",
            ended(
                Outcome::Failed {
                    reason: pick(language, "카드 한도가 부족합니다.", "The card has insufficient funds."),
                    code: Some("SANDBOX_INSUFFICIENT_FUNDS".into()),
                },
                None,
            ),
        ),
        ("ended-cancelled", ended(Outcome::Cancelled, None)),
        ("refused-missing", Step::Refused(Refusal::Missing)),
        ("refused-expired", Step::Refused(Refusal::Expired)),
        ("refused-closed", Step::Refused(Refusal::Closed)),
        ("refused-stale", Step::Refused(Refusal::Stale)),
        ("refused-unavailable", Step::Refused(Refusal::Unavailable)),
        ("refused-no-method", Step::Refused(Refusal::NoMethod)),
        ("refused-unpayable", Step::Refused(Refusal::Unpayable)),
    ]
}

fn sheets(language: Language) -> Vec<(&'static str, Step)> {
    let method = |code: &str, name: &str| SheetMethod { code: code.into(), name: name.into() };
    let sheet = |methods| {
        Step::Sheet(SheetStep {
            buyer: vec![
                (BuyerFact::Name, pick(language, "김하늘", "Sky Kim")),
                (BuyerFact::Email, "sky@example.com".into()),
            ],
            methods,
            agreements: vec![
                Agreement {
                    title: pick(language, "전자금융거래 이용약관", "Terms of electronic payment"),
                    url: Some("https://shop.example/terms".into()),
                },
                Agreement {
                    title: pick(language, "개인정보 제3자 제공", "Sharing of personal data"),
                    url: None,
                },
            ],
            goes_on: false,
            problem: None,
        })
    };
    let methods = || {
        vec![
            method("CARD", &pick(language, "신용·체크카드", "Card")),
            method("PAYPAL", "PayPal"),
            method("ALIPAY", "Alipay"),
            method("CONVENIENCE_STORE", &pick(language, "편의점 결제", "Convenience store")),
        ]
    };
    let at_once = Step::Sheet(SheetStep {
        buyer: Vec::new(),
        methods: methods().into_iter().take(1).collect(),
        agreements: Vec::new(),
        goes_on: true,
        problem: None,
    });
    vec![
        ("sheet", sheet(methods())),
        ("sheet-branded", sheet(methods())),
        ("sheet-empty", sheet(Vec::new())),
        ("sheet-at-once", at_once),
    ]
}

fn account(language: Language) -> IssuedAccount {
    IssuedAccount {
        bank: pick(language, "신한은행", "Shinhan Bank"),
        number: "56012-84-390217".into(),
        holder: pick(language, "부두 커피", "Pier Coffee"),
        due: Some("2026-12-24 23:59".into()),
    }
}

fn subscriptions(language: Language) -> Vec<(&'static str, Step)> {
    let methods = |count: usize| {
        let all = [
            ("ONEPAY/ONEPAY_SUBSCRIPTION_CARD", "Card for subscriptions"),
            ("OMISE/OMISE_CREDIT_CARD", "Card"),
        ];
        all.into_iter().take(count).map(|(code, name)| (code.to_owned(), name.to_owned())).collect()
    };
    let terms = vec![
        (SubscriptionFact::Description, pick(language, "매달 새로운 원두", "New beans every month")),
        (SubscriptionFact::EachTime, pick(language, "19,000 KRW / 1개월", "14.00 USD / month")),
        (SubscriptionFact::Count, "12".to_owned()),
        (SubscriptionFact::Additional, pick(language, "3,000 KRW", "2.00 USD")),
        (SubscriptionFact::Total, pick(language, "231,000 KRW", "170.00 USD")),
        (SubscriptionFact::Trial, "2026-12-24".to_owned()),
        (SubscriptionFact::FirstCharge, "2026-12-24".to_owned()),
        (SubscriptionFact::OnDemand, super::words::Words::of(language).on_demand().to_owned()),
        (SubscriptionFact::Customer, pick(language, "홍길동", "Alex Kim, alex@example.com")),
    ];
    let step = |count, is_charged, problem: Option<String>| {
        Step::Subscription(SubscriptionStep {
            terms: terms.clone(),
            methods: methods(count),
            security: CardSecurity::Code,
            is_charged,
            problem,
        })
    };
    let refused = pick(language, "카드가 거절되었습니다.", "The card was refused.");
    vec![
        ("subscription", step(2, true, None)),
        ("subscription-kept", step(1, false, Some(refused))),
        ("subscription-none", step(0, true, None)),
    ]
}
