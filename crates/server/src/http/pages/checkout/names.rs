//! Banks and carriers as buyers know them.

use super::model::Language;
use super::words::readable;

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

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_wire::v2::Bank;

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
