//! Every fixed word of the pages of payment links, in both languages. What merchants say is shown as they say it.

use super::model::{LinkStep, Problem, ResultPage, Sum};
use crate::http::pages::checkout::model::Language;

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
    pay_title: "결제하기", "Pay";
    order: "주문 내용", "Your order";
    quantity: "수량", "Qty";
    total: "결제 금액", "Total";
    until: "결제 기한", "Pay by";
    code: "다른 기기에서 결제", "Pay on another device";
    code_text: "휴대전화 카메라로 QR 코드를 비추면 이 화면이 열립니다.", "Point a phone's camera at the code to open this page there.";
    code_label: "이 결제 링크의 QR 코드", "QR code of this payment link";
    methods: "결제 수단", "How would you like to pay?";
    no_methods: "이 주문에 쓸 수 있는 결제 수단이 없습니다. 상점에 문의해 주세요.", "No payment method can be used for this order. Please ask the shop.";
    payer: "결제하는 분", "Your details";
    delivery: "받는 분", "Delivery address";
    name: "이름", "Name";
    email: "이메일", "Email";
    phone: "전화번호", "Phone";
    line_1: "주소", "Address";
    line_2: "상세 주소", "Address, second line";
    city: "도시", "City";
    state: "시/도", "State or province";
    postal_code: "우편번호", "Postal code";
    country_code: "국가 코드 (예: KR)", "Country code (such as TH)";
    go_on: "결제하기", "Pay";
    back: "상점으로 돌아가기", "Back to the shop";
    look_again: "현재 상태 보기", "Show the current state";
    safe: "암호화된 연결로 안전하게 처리됩니다.", "This connection is encrypted.";
    sandbox: "테스트 결제입니다. 실제로 청구되지 않습니다.", "Test mode. No money moves.";
}

impl Words {
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::Korean => &KOREAN,
            Language::English => &ENGLISH,
        }
    }

    const fn pick(&self, korean: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::Korean => korean,
            Language::English => english,
        }
    }

    pub fn sum(&self, sum: &Sum) -> String {
        match sum {
            Sum::Subtotal => self.pick("상품 합계", "Subtotal").to_owned(),
            Sum::Shipping => self.pick("배송비", "Shipping").to_owned(),
            Sum::Tax => self.pick("세금", "Tax").to_owned(),
            Sum::Discount(code) if code.is_empty() => self.pick("할인", "Discount").to_owned(),
            Sum::Discount(code) => format!("{} ({code})", self.pick("할인", "Discount")),
        }
    }

    /// A group of methods, by the catalogue's word.
    pub fn category(&self, category: &str) -> &'static str {
        match category {
            "ALL" => self.pick("결제사의 모든 수단", "All methods of a provider"),
            "BANK_TRANSFER" | "DIRECT_BANK_TRANSFER" => self.pick("계좌 이체", "Bank transfer"),
            "BNPL" => self.pick("나중에 결제", "Pay later"),
            "CARD" | "SUBSCRIPTION_CARD" => self.pick("카드", "Card"),
            "COD" => self.pick("착불", "Cash on delivery"),
            "CRYPTO" => self.pick("암호화폐", "Crypto"),
            "DIRECT_DEBIT" => self.pick("자동 이체", "Direct debit"),
            "INSTALLMENT" => self.pick("할부", "Instalments"),
            "NET_BANKING" => self.pick("인터넷 뱅킹", "Online banking"),
            "OTC" => self.pick("편의점·창구 납부", "Pay at a counter"),
            "QR_CODE" => self.pick("QR 코드", "QR code"),
            "VA_BANK_TRANSFER" => self.pick("가상계좌", "Virtual account"),
            "WALLET" => self.pick("전자 지갑", "Wallet"),
            _ => self.pick("기타", "Other"),
        }
    }

    pub fn problem(&self, problem: &Problem) -> String {
        match problem {
            Problem::Failed(reason) if reason.is_empty() => self
                .pick("결제하지 못했습니다. 다시 시도해 주세요.", "The payment failed. You may try again.")
                .to_owned(),
            Problem::Failed(reason) => format!(
                "{} ({reason})",
                self.pick(
                    "결제하지 못했습니다. 다시 시도해 주세요.",
                    "The payment failed. You may try again."
                )
            ),
            Problem::GivenUp => self.pick("결제를 취소했습니다.", "You cancelled the payment.").to_owned(),
            Problem::Malformed => {
                self.pick("입력한 내용을 다시 확인해 주세요.", "Please check what you have typed.").to_owned()
            }
            Problem::NotOffered => self
                .pick(
                    "선택할 수 없는 결제 수단입니다. 다른 것을 골라 주세요.",
                    "This method is not on offer. Please take another one.",
                )
                .to_owned(),
            Problem::TryAgain => self
                .pick(
                    "지금은 결제를 시작할 수 없습니다. 잠시 후 다시 시도해 주세요.",
                    "The payment could not be started. Please try again in a moment.",
                )
                .to_owned(),
        }
    }

    /// Head and line of a page without a form.
    pub const fn verdict(&self, step: &LinkStep) -> (&'static str, &'static str) {
        match step {
            LinkStep::Pay(_) => (self.pay_title, ""),
            LinkStep::Waiting => (
                self.pick("결제를 확인하고 있습니다", "Your payment is being confirmed"),
                self.pick(
                    "결과가 나오면 이 화면이 바뀝니다. 다시 결제하지 마세요.",
                    "This page changes when it is. Please do not pay again.",
                ),
            ),
            LinkStep::Paid => (
                self.pick("결제가 완료되었습니다", "This has been paid"),
                self.pick("이 링크로는 더 결제할 것이 없습니다.", "There is nothing left to pay."),
            ),
            LinkStep::Expired => (
                self.pick("기한이 지난 결제 링크입니다", "This payment link has expired"),
                self.pick("상점에 새 링크를 요청해 주세요.", "Please ask the shop for a new one."),
            ),
            LinkStep::Cancelled => (
                self.pick("취소된 결제 링크입니다", "This payment link was cancelled"),
                self.pick(
                    "결제되지 않았습니다. 상점에 문의해 주세요.",
                    "Nothing can be paid here. Please ask the shop.",
                ),
            ),
            LinkStep::Missing => (
                self.pick("결제 링크를 찾을 수 없습니다", "There is no such payment link"),
                self.pick("주소를 다시 확인해 주세요.", "Please check the address."),
            ),
            LinkStep::Unavailable => (
                self.pick("지금은 보여 드릴 수 없습니다", "This cannot be shown right now"),
                self.pick("잠시 후 다시 시도해 주세요.", "Please try again in a moment."),
            ),
            LinkStep::Result(ResultPage::Success) => (
                self.pick("결제가 완료되었습니다", "Thank you, your payment went through"),
                self.pick("이 창은 닫아도 됩니다.", "You can close this window."),
            ),
            LinkStep::Result(ResultPage::Failure) => (
                self.pick("결제하지 못했습니다", "The payment did not go through"),
                self.pick(
                    "청구되지 않았습니다. 결제 링크를 다시 열어 시도할 수 있습니다.",
                    "Nothing was charged. Open the payment link again to try once more.",
                ),
            ),
            LinkStep::Result(ResultPage::Pending) => (
                self.pick("결제를 확인하고 있습니다", "Your payment is being confirmed"),
                self.pick("결과는 상점에서 알려 드립니다.", "The shop will tell you how it ended."),
            ),
        }
    }
}
