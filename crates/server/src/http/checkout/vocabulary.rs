//! The browser SDK's words and those of the API. Bare and prefixed (`KRW`, `CURRENCY_KRW`) are the same
//! word; a word that is in neither vocabulary is refused, because a guess would be stored with a payment.

use paypier_wire::v2;

/// The word without the SDK's prefix.
pub fn bare<'a>(prefix: &str, word: &'a str) -> &'a str {
    word.strip_prefix(prefix).unwrap_or(word)
}

/// Banks whose names differ: the SDK's first, then the API's.
const BANKS: [(&str, &str); 47] = [
    ("KOREA_DEVELOPMENT_BANK", "KDB"),
    ("INDUSTRIAL_BANK_OF_KOREA", "IBK"),
    ("KOOKMIN_BANK", "KOOKMIN"),
    ("SUHYUP_BANK", "SUHYUP"),
    ("EXPORT_IMPORT_BANK_OF_KOREA", "KEXIM"),
    ("NH_NONGHYUP_BANK", "NONGHYUP"),
    ("WOORI_BANK", "WOORI"),
    ("SC_BANK_KOREA", "STANDARD_CHARTERED"),
    ("CITI_BANK_KOREA", "CITI"),
    ("DAEGU_BANK", "DAEGU"),
    ("BUSAN_BANK", "BUSAN"),
    ("GWANGJU_BANK", "KWANGJU"),
    ("JEJU_BANK", "JEJU"),
    ("JEONBUK_BANK", "JEONBUK"),
    ("KYONGNAM_BANK", "KYONGNAM"),
    ("SAVINGS_BANK_KOREA", "SAVINGS_BANK"),
    ("DAISHIN_SAVINGS_BANK", "SAVINGS_BANK"),
    ("HK_SAVINGS_BANK", "SAVINGS_BANK"),
    ("SBI_SAVINGS_BANK", "SAVINGS_BANK"),
    ("SHINHAN_SAVINGS_BANK", "SAVINGS_BANK"),
    ("WELCOME_SAVINGS_BANK", "SAVINGS_BANK"),
    ("MORGAN_STANLEY_BANK", "MORGAN_STANLEY"),
    ("HSBC_BANK", "HSBC"),
    ("DEUTSCHE_BANK", "DEUTSCHE"),
    ("JP_MORGAN_CHASE_BANK", "JPMC"),
    ("MIZUHO_BANK", "MIZUHO"),
    ("MUFG_BANK", "MUFG"),
    ("BANK_OF_AMERICA_BANK", "BANK_OF_AMERICA"),
    ("BNP_PARIBAS_BANK", "BNP_PARIBAS"),
    ("NATIONAL_FORESTRY_COOPERATIVE_FEDERATION", "NFCF"),
    ("UNITED_OVERSEAS_BANK", "UOB"),
    ("BANK_OF_COMMUNICATIONS", "BOCOM"),
    ("CHINA_CONSTRUCTION_BANK", "CCB"),
    ("EPOST", "POST"),
    ("HANA_BANK", "HANA"),
    ("SHINHAN_BANK", "SHINHAN"),
    ("KAKAO_BANK", "KAKAO"),
    ("TOSS_BANK", "TOSS"),
    ("SCI", "SGI"),
    ("KTB_INVESTMENT_SECURITIES", "DAOL_SECURITIES"),
    ("KOREA_INVESTMENT_SECURITIES", "KOREA_SECURITIES"),
    ("NH_INVESTMENT_SECURITIES", "NH_SECURITIES"),
    ("HI_INVESTMENT_SECURITIES", "HI_SECURITIES"),
    ("EBEST_INVESTMENT_SECURITIES", "EBEST_SECURITIES"),
    ("HANWHA_INVESTMENT_SECURITIES", "HANHWA_SECURITIES"),
    ("HANA_FINANCIAL_INVESTMENT", "HANA_SECURITIES"),
    ("SHINHAN_FINANCIAL_INVESTMENT", "SHINHAN_SECURITIES"),
];

/// Further brokers, whose names differ in one word.
const BROKERS: [(&str, &str); 3] = [
    ("DB_FINANCIAL_INVESTMENT", "DB_SECURITIES"),
    ("EUGENE_INVESTMENT_SECURITIES", "EUGENE_SECURITIES"),
    ("CAPE_INVESTMENT_CERTIFICATE", "CAPE_SECURITIES"),
];

/// Whole words before prefixes are taken off: `BANK_OF_KOREA` and `BANK_OF_CHINA` are names.
pub fn bank(word: &str) -> Option<v2::Bank> {
    let mapped = |word: &str| {
        let named = BANKS.iter().chain(&BROKERS).find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours);
        v2::Bank::parse(named.unwrap_or(word))
    };
    mapped(word).or_else(|| mapped(word.strip_prefix("BANK_")?))
}

pub fn easy_pay(word: &str) -> Option<v2::EasyPayProvider> {
    match bare("EASY_PAY_PROVIDER_", word) {
        "GCASH" => Some(v2::EasyPayProvider::GCash),
        other => v2::EasyPayProvider::parse(other),
    }
}

pub fn gift_certificate(word: &str) -> Option<v2::PaymentMethodGiftCertificateType> {
    match bare("GIFT_CERTIFICATE_TYPE_", word) {
        "CULTURE_GIFT" => Some(v2::PaymentMethodGiftCertificateType::Culturegift),
        other => v2::PaymentMethodGiftCertificateType::parse(other),
    }
}

pub fn product_type(word: &str) -> Option<v2::PaymentProductType> {
    match bare("PRODUCT_TYPE_", word) {
        "REAL" => Some(v2::PaymentProductType::Physical),
        other => v2::PaymentProductType::parse(other),
    }
}

pub fn gender(word: &str) -> Option<v2::Gender> {
    v2::Gender::parse(bare("GENDER_", word))
}

/// The carriers of mobile payments; the API has no word for them, so that nothing is kept.
pub fn is_carrier(word: &str) -> bool {
    ["SKT", "KT", "LGU", "HELLO", "KCT", "SK7"].contains(&bare("CARRIER_", word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapped_word_is_one_of_the_apis() {
        for (theirs, ours) in BANKS.iter().chain(&BROKERS) {
            assert_eq!(bank(theirs).map(v2::Bank::as_str), Some(*ours), "{theirs}");
            assert_eq!(bank(&format!("BANK_{theirs}")).map(v2::Bank::as_str), Some(*ours), "{theirs}");
            assert!(v2::Bank::parse(theirs).is_none(), "{theirs} needs no mapping");
        }
        for (word, expected) in [
            ("BANK_OF_KOREA", Some("BANK_OF_KOREA")),
            ("BANK_BANK_OF_KOREA", Some("BANK_OF_KOREA")),
            ("BANK_OF_CHINA", Some("BANK_OF_CHINA")),
            ("SHINHAN", Some("SHINHAN")),
            ("K_BANK", Some("K_BANK")),
            ("MOON_BANK", None),
        ] {
            assert_eq!(bank(word).map(v2::Bank::as_str), expected, "{word}");
        }
    }

    #[test]
    fn prefixes_and_other_names_are_understood_and_unknown_words_are_not() {
        assert_eq!(easy_pay("EASY_PAY_PROVIDER_KAKAOPAY"), Some(v2::EasyPayProvider::Kakaopay));
        assert_eq!(easy_pay("GCASH"), Some(v2::EasyPayProvider::GCash));
        assert_eq!(easy_pay("kakaopay"), None);
        assert_eq!(
            gift_certificate("GIFT_CERTIFICATE_TYPE_CULTURE_GIFT"),
            Some(v2::PaymentMethodGiftCertificateType::Culturegift)
        );
        assert_eq!(product_type("PRODUCT_TYPE_REAL"), Some(v2::PaymentProductType::Physical));
        assert_eq!(product_type("DIGITAL"), Some(v2::PaymentProductType::Digital));
        assert_eq!(product_type("VIRTUAL"), None);
        assert!(is_carrier("CARRIER_SKT") && !is_carrier("CARRIER_PIGEON"));
    }
}
