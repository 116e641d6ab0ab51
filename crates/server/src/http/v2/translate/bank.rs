//! Banks and brokers with what Koreans call them.

use paypier_wire::v2::{Bank, BankInfo, BankInfoName, GetBankInfosResponse};
use std::sync::LazyLock;

static ALL: LazyLock<Vec<u8>> = LazyLock::new(|| serde_json::to_vec(&all()).unwrap_or_default());

/// The answer to `GET /banks`, which never changes while we run.
pub fn all_as_json() -> &'static [u8] {
    &ALL
}

fn all() -> GetBankInfosResponse {
    let one = |bank: &Bank| BankInfo { bank: *bank, name: BankInfoName { ko: korean(*bank).to_owned() } };
    GetBankInfosResponse { items: Bank::ALL.iter().map(one).collect() }
}

pub const fn korean(bank: Bank) -> &'static str {
    match bank {
        Bank::BankOfKorea => "한국은행",
        Bank::Kdb => "산업은행",
        Bank::Ibk => "기업은행",
        Bank::Kookmin => "국민은행",
        Bank::Suhyup => "수협은행",
        Bank::Kexim => "수출입은행",
        Bank::Nonghyup => "NH농협은행",
        Bank::LocalNonghyup => "지역농축협",
        Bank::Woori => "우리은행",
        Bank::StandardChartered => "SC제일은행",
        Bank::Citi => "한국씨티은행",
        Bank::SuhyupFederation => "수협중앙회",
        Bank::Daegu => "아이엠뱅크",
        Bank::Busan => "부산은행",
        Bank::Kwangju => "광주은행",
        Bank::Jeju => "제주은행",
        Bank::Jeonbuk => "전북은행",
        Bank::Kyongnam => "경남은행",
        Bank::Kfcc => "새마을금고",
        Bank::Shinhyup => "신협",
        Bank::SavingsBank => "저축은행",
        Bank::MorganStanley => "모건스탠리은행",
        Bank::Hsbc => "HSBC은행",
        Bank::Deutsche => "도이치은행",
        Bank::Jpmc => "제이피모간체이스은행",
        Bank::Mizuho => "미즈호은행",
        Bank::Mufg => "엠유에프지은행",
        Bank::BankOfAmerica => "뱅크오브아메리카",
        Bank::BnpParibas => "비엔피파리바은행",
        Bank::Icbc => "중국공상은행",
        Bank::BankOfChina => "중국은행",
        Bank::Nfcf => "산림조합중앙회",
        Bank::Uob => "대화은행",
        Bank::Bocom => "교통은행",
        Bank::Ccb => "중국건설은행",
        Bank::Post => "우체국",
        Bank::Kodit => "신용보증기금",
        Bank::Kibo => "기술보증기금",
        Bank::Hana => "하나은행",
        Bank::Shinhan => "신한은행",
        Bank::KBank => "케이뱅크",
        Bank::Kakao => "카카오뱅크",
        Bank::Toss => "토스뱅크",
        Bank::MiscForeign => "기타 외국계 은행",
        Bank::Sgi => "서울보증보험",
        Bank::Kcis => "한국신용정보원",
        Bank::YuantaSecurities => "유안타증권",
        Bank::KbSecurities => "KB증권",
        Bank::SangsanginSecurities => "상상인증권",
        Bank::HanyangSecurities => "한양증권",
        Bank::LeadingSecurities => "리딩투자증권",
        Bank::BnkSecurities => "BNK투자증권",
        Bank::IbkSecurities => "IBK투자증권",
        Bank::DaolSecurities => "다올투자증권",
        Bank::MiraeAssetSecurities => "미래에셋증권",
        Bank::SamsungSecurities => "삼성증권",
        Bank::KoreaSecurities => "한국투자증권",
        Bank::NhSecurities => "NH투자증권",
        Bank::KyoboSecurities => "교보증권",
        Bank::HiSecurities => "하이투자증권",
        Bank::HyundaiMotorSecurities => "현대차증권",
        Bank::KiwoomSecurities => "키움증권",
        Bank::EbestSecurities => "이베스트투자증권",
        Bank::SkSecurities => "SK증권",
        Bank::DaishinSecurities => "대신증권",
        Bank::HanhwaSecurities => "한화투자증권",
        Bank::HanaSecurities => "하나증권",
        Bank::TossSecurities => "토스증권",
        Bank::ShinhanSecurities => "신한투자증권",
        Bank::DbSecurities => "DB금융투자",
        Bank::EugeneSecurities => "유진투자증권",
        Bank::MeritzSecurities => "메리츠증권",
        Bank::KakaoPaySecurities => "카카오페이증권",
        Bank::BookookSecurities => "부국증권",
        Bank::ShinyoungSecurities => "신영증권",
        Bank::CapeSecurities => "케이프투자증권",
        Bank::KoreaSecuritiesFinance => "한국증권금융",
        Bank::KoreaFossSecurities => "한국포스증권",
        Bank::WooriInvestmentBank => "우리종합금융",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_is_listed_once_under_a_name_of_its_own() {
        let read: GetBankInfosResponse = serde_json::from_slice(all_as_json()).unwrap();
        assert_eq!(read.items.len(), Bank::ALL.len());
        for (index, one) in read.items.iter().enumerate() {
            assert!(!one.name.ko.trim().is_empty(), "{}", one.bank);
            assert!(read.items[..index].iter().all(|other| other.name.ko != one.name.ko), "{}", one.bank);
        }
    }
}
