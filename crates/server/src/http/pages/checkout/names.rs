//! Banks and methods as buyers know them.

use super::model::Language;
use super::words::readable;
use paypier_domain::checkout_profile::CheckoutMethod;

const BANKS: [(&str, &str, &str); 25] = [
    ("BANK_OF_KOREA", "한국은행", "Bank of Korea"),
    ("KDB", "산업은행", "KDB Bank"),
    ("IBK", "기업은행", "IBK"),
    ("KOOKMIN", "국민은행", "KB Kookmin"),
    ("SUHYUP", "수협은행", "Suhyup Bank"),
    ("NONGHYUP", "농협은행", "NH Bank"),
    ("LOCAL_NONGHYUP", "지역농축협", "Local NH"),
    ("WOORI", "우리은행", "Woori Bank"),
    ("STANDARD_CHARTERED", "SC제일은행", "SC First Bank"),
    ("CITI", "한국씨티은행", "Citibank Korea"),
    ("DAEGU", "대구은행", "iM Bank"),
    ("BUSAN", "부산은행", "Busan Bank"),
    ("KWANGJU", "광주은행", "Kwangju Bank"),
    ("JEJU", "제주은행", "Jeju Bank"),
    ("JEONBUK", "전북은행", "Jeonbuk Bank"),
    ("KYONGNAM", "경남은행", "Kyongnam Bank"),
    ("KFCC", "새마을금고", "MG Community"),
    ("SHINHYUP", "신협", "Shinhyup"),
    ("SAVINGS_BANK", "저축은행", "Savings banks"),
    ("POST", "우체국", "Korea Post"),
    ("HANA", "하나은행", "Hana Bank"),
    ("SHINHAN", "신한은행", "Shinhan Bank"),
    ("K_BANK", "케이뱅크", "K bank"),
    ("KAKAO", "카카오뱅크", "KakaoBank"),
    ("TOSS", "토스뱅크", "Toss Bank"),
];

/// A bank by the code that the API has for it.
pub fn bank(code: &str, language: Language) -> String {
    match BANKS.iter().find(|(known, _, _)| *known == code) {
        Some((_, korean, english)) => match language {
            Language::Korean => (*korean).to_owned(),
            Language::English => (*english).to_owned(),
        },
        None => readable(code),
    }
}

/// A method of a checkout profile as buyers know it.
pub const fn method(method: CheckoutMethod, language: Language) -> &'static str {
    let (korean, english) = match method {
        CheckoutMethod::CardKr => ("신용·체크카드", "Card issued in Korea"),
        CheckoutMethod::NPay => ("네이버페이", "Naver Pay"),
        CheckoutMethod::KakaoPay => ("카카오페이", "KakaoPay"),
        CheckoutMethod::TossPay => ("토스페이", "Toss Pay"),
        CheckoutMethod::CardInternational => ("해외 카드", "Card"),
        CheckoutMethod::PayPal => ("페이팔", "PayPal"),
        CheckoutMethod::UnionPay => ("유니온페이", "UnionPay"),
        CheckoutMethod::AlipayCn => ("알리페이", "Alipay"),
        CheckoutMethod::AlipayHk => ("알리페이 홍콩", "AlipayHK"),
        CheckoutMethod::TrueMoney => ("트루머니", "TrueMoney"),
        CheckoutMethod::Dana => ("다나", "DANA"),
        CheckoutMethod::TouchNGo => ("터치앤고", "Touch 'n Go"),
        CheckoutMethod::GCash => ("지캐시", "GCash"),
        CheckoutMethod::WeChatPay => ("위챗페이", "WeChat Pay"),
        CheckoutMethod::Klarna => ("클라르나", "Klarna"),
        CheckoutMethod::EContext => ("이콘텍스트", "ECONTEXT"),
        CheckoutMethod::GrabPayMy | CheckoutMethod::GrabPaySg => ("그랩페이", "GrabPay"),
        CheckoutMethod::ShopeePayTh => ("쇼피페이", "ShopeePay"),
        CheckoutMethod::PayPay => ("페이페이", "PayPay"),
        CheckoutMethod::Bpi => ("BPI", "BPI"),
        CheckoutMethod::RabbitLinePay => ("래빗 라인페이", "Rabbit LINE Pay"),
        CheckoutMethod::ConvenienceStoreJp => ("일본 편의점", "Convenience store in Japan"),
        CheckoutMethod::AmazonPay => ("아마존페이", "Amazon Pay"),
        CheckoutMethod::RakutenPay => ("라쿠텐페이", "Rakuten Pay"),
        CheckoutMethod::DBarai => ("d바라이", "d Barai"),
        CheckoutMethod::AuPay => ("au 페이", "au PAY"),
        CheckoutMethod::Merpay => ("메르페이", "Merpay"),
    };
    match language {
        Language::Korean => korean,
        Language::English => english,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_wire::v2::{Bank, EasyPayProvider};

    #[test]
    fn every_wallet_of_a_method_has_a_word_in_the_api() {
        for method in CheckoutMethod::ALL {
            if let (_, Some(wallet)) = method.in_window() {
                assert!(EasyPayProvider::parse(wallet).is_some(), "{method}: {wallet}");
            }
        }
    }

    #[test]
    fn every_named_bank_is_one_of_the_apis() {
        for (code, korean, english) in BANKS {
            assert!(Bank::parse(code).is_some(), "{code}");
            assert_eq!(
                (bank(code, Language::Korean), bank(code, Language::English)),
                (korean.into(), english.into())
            );
        }
        assert_eq!(bank("DEUTSCHE", Language::English), "Deutsche");
    }
}
