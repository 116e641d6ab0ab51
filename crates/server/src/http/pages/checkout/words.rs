//! Every fixed word of the pages, in both languages. What providers and shops say is shown as they say it.

use super::model::{Back, BuyerFact, Errand, Language, Outcome, ProviderMethod, Refusal};
use crate::app::checkout::view::Notice;

macro_rules! words {
    ($($name:ident: $korean:literal, $english:literal;)*) => {
        #[derive(Debug)]
        pub struct Words {
            pub language: Language,
            $(pub $name: &'static str,)*
        }

        const KOREAN: Words = Words { language: Language::Korean, $($name: $korean,)* };
        const ENGLISH: Words = Words { language: Language::English, $($name: $english,)* };
    };
}

words! {
    order: "주문 내용", "Your order";
    total: "결제 금액", "Total";
    quantity: "수량", "Qty";
    close: "닫기", "Close";
    cancel: "취소", "Cancel";
    sandbox: "테스트 결제입니다. 실제로 청구되지 않습니다.", "Test mode. No money moves.";
    safe_card: "카드 정보는 암호화되어 결제사로 전달되며 저장되지 않습니다.", "Your card details go to the payment provider, encrypted, and are not kept here.";
    safe: "암호화된 연결로 안전하게 처리됩니다.", "This connection is encrypted.";

    card_title: "카드 결제", "Pay by card";
    card_register_title: "카드 등록", "Save a card";
    card_number: "카드 번호", "Card number";
    card_expiry: "유효기간", "Expires";
    card_expiry_hint: "MM / YY", "MM / YY";
    card_birth: "생년월일 6자리 또는 사업자번호 10자리", "Date of birth (YYMMDD) or business number";
    card_password: "비밀번호 앞 2자리", "First 2 digits of the PIN";
    card_security: "보안코드 (CVC)", "Security code (CVC)";
    card_installment: "할부", "Installments";
    card_lump_sum: "일시불", "Pay in full";
    card_months: "개월", " months";
    card_try: "테스트 카드", "Test cards";
    card_try_hint: "누르면 입력됩니다", "Press one to fill it in";
    card_try_approved: "승인", "approved";
    card_try_code: "3-D Secure 인증", "asks for a 3-D Secure code";
    card_try_declined: "거절", "declined";
    card_try_funds: "한도 초과", "insufficient funds";

    code_issuer_title: "카드사 본인 확인", "Your bank asks for a code";
    code_issuer_text: "이 결제를 확인하기 위해 카드사가 인증번호를 보냈습니다.", "It has sent one to confirm that this payment is yours.";
    code_carrier_title: "인증번호 입력", "Enter the code";
    code_carrier_text: "휴대전화로 받은 인증번호를 입력해 주세요.", "It was sent to your phone.";
    code_label: "인증번호 6자리", "6-digit code";
    code_confirm: "확인", "Confirm";
    code_try_issuer: "테스트 인증번호는 123456입니다. 다른 번호는 거절됩니다.", "In test mode the code is 123456; any other is refused.";
    code_try_carrier: "테스트 인증번호는 000000입니다.", "In test mode the code is 000000.";

    played: "모의 결제사", "Simulated provider";
    played_text: "실제로는 결제사의 화면이 열립니다. 여기서는 구매자가 어떻게 할지 고르세요.", "In production the provider's own page opens here. Choose what the buyer does.";
    played_approve_hint: "승인되고 결제가 완료됩니다", "The provider approves";
    played_later: "나중에 승인", "Approve later";
    played_later_hint: "대기 상태가 되었다가 승인됩니다", "Pending first, approved afterwards";
    played_decline: "거절", "Decline";
    played_decline_hint: "결제사가 거절합니다", "The provider says no";
    played_cancel_hint: "구매자가 결제를 그만둡니다", "The buyer gives up";
    played_silence: "응답 없이 닫기", "Close without an answer";
    played_silence_hint: "아무것도 보고되지 않아 READY로 남습니다", "Nothing is reported; the payment stays READY";

    account_title: "가상계좌 입금", "Pay by bank deposit";
    account_text: "은행을 고르면 이 주문만을 위한 계좌번호를 드립니다.", "Choose a bank to get an account number for this order alone.";
    account_bank: "입금할 은행", "Bank";
    account_depositor: "입금자명", "Depositor's name";
    account_issue: "계좌번호 받기", "Get the account number";
    account_number: "계좌번호", "Account number";
    account_holder: "예금주", "Account holder";
    account_due: "입금 기한", "Pay by";
    copy: "복사", "Copy";
    copied: "복사됨", "Copied";

    identity_title: "본인인증", "Verify your identity";
    identity_text: "본인 명의의 휴대전화로 확인합니다.", "With the mobile phone that is registered to you.";
    identity_name: "이름", "Name";
    identity_birth: "주민등록번호 앞 7자리", "First 7 digits of the resident number";
    identity_phone: "휴대전화 번호", "Mobile number";
    identity_carrier: "통신사", "Carrier";
    identity_send: "인증번호 받기", "Send me a code";

    working_title: "결제를 처리하고 있습니다", "Working on it";
    working_text: "창을 닫거나 새로고침하지 마세요. 잠시만 기다려 주세요.", "Please keep this page open. This takes a moment.";
    silent_title: "결제사가 아무것도 알려 주지 않습니다", "The provider says nothing";
    silent_text: "탭을 닫으면 결제는 READY로 남습니다. 여기서 취소하면 상점에 실패로 알려집니다.", "Close the tab and the payment stays READY. Cancelling here is reported to the shop.";
    done: "확인", "Done";
    back_to_shop: "이 창은 닫아도 됩니다.", "You can close this window.";

    sheet_title: "주문서", "Checkout";
    sheet_buyer: "구매자", "Buyer";
    sheet_methods: "결제 수단", "How would you like to pay?";
    sheet_agreements: "약관 동의", "Agreements";
    sheet_all: "모두 동의합니다", "I agree to all of them";
    sheet_read: "보기", "Read";
    sheet_disagreed: "모든 약관에 동의해야 결제할 수 있습니다.", "Please agree to everything that is listed.";
    sheet_none: "이 주문에 쓸 수 있는 결제 수단이 없습니다.", "No payment method can be used for this order.";
    pay: "결제하기", "Pay";

    subscription_title: "구독 신청", "Start your subscription";
    subscription_methods: "결제 수단", "How would you like to pay?";
    subscription_description: "내용", "What it is";
    subscription_each: "결제 금액", "Each charge";
    subscription_count: "결제 횟수", "Charges";
    subscription_additional: "추가 비용 (1회)", "Additional costs, once";
    subscription_total: "총 금액", "In total";
    subscription_trial: "무료 체험", "Free trial until";
    subscription_first: "첫 결제일", "First charge";
    subscription_on_demand: "수시 결제", "On demand";
    subscription_customer: "구독자", "Subscriber";
    subscription_consent: "위 조건에 따라 이 카드로 앞으로 자동 결제되는 데 동의합니다.", "I agree that this card is charged on these terms from now on, without being asked each time.";
    subscription_act: "구독하기", "Subscribe";
    subscription_act_paying: "구독하고 결제하기", "Subscribe and pay";
}

impl Words {
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::Korean => &KOREAN,
            Language::English => &ENGLISH,
        }
    }

    /// What a subscription on demand means.
    pub const fn on_demand(&self) -> &'static str {
        match self.language {
            Language::Korean => "사용한 만큼 상점이 정하는 금액이 수시로 결제됩니다.",
            Language::English => "The shop charges what you use, whenever you use it.",
        }
    }

    /// What the button of an instrument's page does.
    pub const fn act(&self, errand: Errand) -> &'static str {
        match (self.language, errand) {
            (Language::Korean, Errand::Pay) => "결제하기",
            (Language::Korean, Errand::Register) => "등록하기",
            (Language::Korean, Errand::RegisterAndPay) => "등록하고 결제하기",
            (Language::English, Errand::Pay) => "Pay",
            (Language::English, Errand::Register) => "Save",
            (Language::English, Errand::RegisterAndPay) => "Save and pay",
        }
    }

    pub const fn approve(&self, errand: Errand) -> &'static str {
        match (self.language, errand) {
            (Language::Korean, Errand::Pay | Errand::RegisterAndPay) => "승인",
            (Language::Korean, Errand::Register) => "등록 승인",
            (Language::English, Errand::Pay | Errand::RegisterAndPay) => "Approve",
            (Language::English, Errand::Register) => "Approve saving",
        }
    }

    /// The provider as its page would call itself.
    pub fn provider(&self, method: &ProviderMethod) -> String {
        let korean = self.language == Language::Korean;
        let pick =
            |in_korean: &str, in_english: &str| if korean { in_korean.into() } else { in_english.into() };
        match method {
            ProviderMethod::EasyPay(Some(wallet)) => match wallet.as_str() {
                "KAKAOPAY" => pick("카카오페이", "KakaoPay"),
                "NAVERPAY" => pick("네이버페이", "Naver Pay"),
                "TOSSPAY" | "TOSS_BRANDPAY" => pick("토스페이", "Toss Pay"),
                "SAMSUNGPAY" => pick("삼성페이", "Samsung Pay"),
                "PAYCO" => "PAYCO".into(),
                "LPAY" => "L.PAY".into(),
                "SSGPAY" => "SSG PAY".into(),
                "APPLEPAY" => "Apple Pay".into(),
                "KPAY" => "Kpay".into(),
                other => readable(other),
            },
            ProviderMethod::EasyPay(None) => pick("간편결제", "Wallet"),
            ProviderMethod::Transfer => pick("계좌이체", "Bank transfer"),
            ProviderMethod::Mobile => pick("휴대폰 결제", "Mobile bill"),
            ProviderMethod::GiftCertificate(Some(kind)) => match kind.as_str() {
                "BOOKNLIFE" => pick("도서문화상품권", "Book & Life"),
                "SMART_MUNSANG" => pick("스마트문상", "Smart gift certificate"),
                "CULTURELAND" => pick("컬쳐랜드", "Cultureland"),
                "HAPPYMONEY" => pick("해피머니", "Happy Money"),
                "CULTURE_GIFT" | "CULTUREGIFT" => pick("문화상품권", "Culture gift certificate"),
                other => readable(other),
            },
            ProviderMethod::GiftCertificate(None) => pick("상품권", "Gift certificate"),
            ProviderMethod::ConvenienceStore(Some(brand)) => readable(brand),
            ProviderMethod::ConvenienceStore(None) => pick("편의점 결제", "Convenience store"),
            ProviderMethod::Paypal => "PayPal".into(),
            ProviderMethod::Alipay => "Alipay".into(),
            ProviderMethod::AlipayPlus => "Alipay+".into(),
        }
    }

    /// Head and line of the last page.
    pub const fn ended(&self, outcome: &Outcome) -> (&'static str, &'static str) {
        match self.language {
            Language::Korean => match outcome {
                Outcome::Paid => ("결제가 완료되었습니다", "주문해 주셔서 감사합니다."),
                Outcome::Registered => ("등록되었습니다", "다음 결제부터 사용할 수 있습니다."),
                Outcome::Enrolled => ("구독이 시작되었습니다", "동의한 조건에 따라 이 카드로 결제됩니다."),
                Outcome::Verified => ("본인인증이 완료되었습니다", "상점으로 돌아갑니다."),
                Outcome::AccountIssued => {
                    ("계좌가 발급되었습니다", "아래 계좌로 입금하면 결제가 완료됩니다.")
                }
                Outcome::Pending => {
                    ("결제 승인을 기다리고 있습니다", "결과가 나오면 상점에 바로 알려 드립니다.")
                }
                Outcome::HandedOver => ("인증이 완료되었습니다", "상점이 결제를 마무리합니다."),
                Outcome::Failed { .. } => ("결제하지 못했습니다", "청구된 금액은 없습니다."),
                Outcome::Cancelled => ("결제를 취소했습니다", "청구된 금액은 없습니다."),
            },
            Language::English => match outcome {
                Outcome::Paid => ("Payment complete", "Thank you for your order."),
                Outcome::Registered => ("Saved", "It can be used from the next payment on."),
                Outcome::Enrolled => {
                    ("You are subscribed", "The card is charged on the terms that were agreed.")
                }
                Outcome::Verified => ("Identity verified", "The shop takes it from here."),
                Outcome::AccountIssued => {
                    ("Your account number is ready", "The order is paid when your deposit arrives.")
                }
                Outcome::Pending => {
                    ("Waiting for approval", "The shop hears of it as soon as it is decided.")
                }
                Outcome::HandedOver => ("All set", "The shop completes your payment now."),
                Outcome::Failed { .. } => ("The payment did not go through", "Nothing was charged."),
                Outcome::Cancelled => ("Payment cancelled", "Nothing was charged."),
            },
        }
    }

    pub const fn refused(&self, refusal: Refusal) -> (&'static str, &'static str) {
        match self.language {
            Language::Korean => match refusal {
                Refusal::Missing => (
                    "결제창을 찾을 수 없습니다",
                    "주소가 잘못되었거나 이미 끝난 결제입니다. 상점에서 다시 시작해 주세요.",
                ),
                Refusal::Expired => {
                    ("결제 시간이 지났습니다", "청구된 금액은 없습니다. 상점에서 다시 시작해 주세요.")
                }
                Refusal::Closed => ("닫힌 주문서입니다", "상점이 이 주문서를 더 이상 받지 않습니다."),
                Refusal::Stale => (
                    "다시 한 번 확인해 주세요",
                    "다른 화면에서 이미 진행되었습니다. 지금 상태를 다시 열어 확인해 주세요.",
                ),
                Refusal::Unavailable => (
                    "지금은 열 수 없습니다",
                    "잠시 후 다시 시도해 주세요. 결제 여부는 상점에서 확인할 수 있습니다.",
                ),
                Refusal::NoMethod => (
                    "이 결제 수단을 쓸 수 없습니다",
                    "이 주문의 국가, 통화 또는 금액에서는 지원되지 않습니다. 상점에 문의해 주세요.",
                ),
                Refusal::Unpayable => {
                    ("이 주문은 결제할 수 없습니다", "청구된 금액은 없습니다. 상점에 문의해 주세요.")
                }
            },
            Language::English => match refusal {
                Refusal::Missing => (
                    "There is nothing to pay here",
                    "The link is incomplete or was used up. Please start again in the shop.",
                ),
                Refusal::Expired => {
                    ("This checkout has expired", "Nothing was charged. Please start again in the shop.")
                }
                Refusal::Closed => {
                    ("This order is closed", "The shop does not take payments for it any more.")
                }
                Refusal::Stale => (
                    "Please look again",
                    "This was already decided in another window. Open the current state to see how.",
                ),
                Refusal::Unavailable => (
                    "This cannot be shown right now",
                    "Please try again in a moment. The shop can tell whether you have paid.",
                ),
                Refusal::NoMethod => (
                    "This method cannot be used",
                    "It is not available for this order's country, currency or amount. Please ask the shop.",
                ),
                Refusal::Unpayable => {
                    ("This order cannot be paid", "Nothing was charged. Please ask the shop.")
                }
            },
        }
    }

    pub const fn notice(&self, notice: Notice) -> &'static str {
        match (self.language, notice) {
            (Language::Korean, Notice::Malformed) => "입력한 내용을 다시 확인해 주세요.",
            (Language::Korean, Notice::TryAgain) => {
                "결제사가 응답하지 않았습니다. 청구되지 않았으니 다시 시도해 주세요."
            }
            (Language::Korean, Notice::CardRefused) => {
                "이 카드는 등록되지 않았습니다. 청구된 금액은 없습니다. 다른 카드를 입력해 주세요."
            }
            (Language::Korean, Notice::NotOffered) => "선택할 수 없는 항목입니다. 다른 것을 골라 주세요.",
            (Language::English, Notice::Malformed) => "Please check what you have typed.",
            (Language::English, Notice::TryAgain) => {
                "The provider did not answer. Nothing was charged; please try again."
            }
            (Language::English, Notice::CardRefused) => {
                "This card was not accepted. Nothing was charged; please try another one."
            }
            (Language::English, Notice::NotOffered) => {
                "This choice is not on offer. Please take another one."
            }
        }
    }

    /// What a buyer who gives up does.
    pub const fn give_up(&self, back: Back) -> &'static str {
        match (self.language, back) {
            (Language::Korean, Back::Shop) => "취소하고 상점으로 돌아가기",
            (Language::Korean, Back::Sheet) => "취소하고 결제 수단 다시 고르기",
            (Language::English, Back::Shop) => "Cancel and return to the shop",
            (Language::English, Back::Sheet) => "Cancel and choose another way to pay",
        }
    }

    pub const fn look_again(&self) -> &'static str {
        match self.language {
            Language::Korean => "현재 상태 보기",
            Language::English => "Show the current state",
        }
    }

    pub const fn fact(&self, fact: BuyerFact) -> &'static str {
        match (self.language, fact) {
            (Language::Korean, BuyerFact::Name) => "이름",
            (Language::Korean, BuyerFact::Email) => "이메일",
            (Language::Korean, BuyerFact::Phone) => "휴대전화",
            (Language::English, BuyerFact::Name) => "Name",
            (Language::English, BuyerFact::Email) => "Email",
            (Language::English, BuyerFact::Phone) => "Phone",
        }
    }
}

/// `SEVEN_ELEVEN` as people write it: `Seven Eleven`.
pub fn readable(code: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect::<String>()
    };
    code.split('_').map(word).collect::<Vec<_>>().join(" ")
}
