//! Korean banks and brokers by their name in the dialect, and the public list of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

/// All banks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetBankInfosResponse {
    pub items: Vec<BankInfo>,
}

/// One bank and what to call it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BankInfo {
    pub bank: Bank,
    pub name: BankInfoName,
}

/// What to call a bank, by language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BankInfoName {
    /// In Korean.
    pub ko: String,
}

words! {
    /// A bank, broker or other holder of accounts.
    pub enum Bank {
        BankOfKorea = "BANK_OF_KOREA",
        Kdb = "KDB",
        Ibk = "IBK",
        Kookmin = "KOOKMIN",
        Suhyup = "SUHYUP",
        Kexim = "KEXIM",
        Nonghyup = "NONGHYUP",
        LocalNonghyup = "LOCAL_NONGHYUP",
        Woori = "WOORI",
        StandardChartered = "STANDARD_CHARTERED",
        Citi = "CITI",
        SuhyupFederation = "SUHYUP_FEDERATION",
        Daegu = "DAEGU",
        Busan = "BUSAN",
        Kwangju = "KWANGJU",
        Jeju = "JEJU",
        Jeonbuk = "JEONBUK",
        Kyongnam = "KYONGNAM",
        Kfcc = "KFCC",
        Shinhyup = "SHINHYUP",
        SavingsBank = "SAVINGS_BANK",
        MorganStanley = "MORGAN_STANLEY",
        Hsbc = "HSBC",
        Deutsche = "DEUTSCHE",
        Jpmc = "JPMC",
        Mizuho = "MIZUHO",
        Mufg = "MUFG",
        BankOfAmerica = "BANK_OF_AMERICA",
        BnpParibas = "BNP_PARIBAS",
        Icbc = "ICBC",
        BankOfChina = "BANK_OF_CHINA",
        Nfcf = "NFCF",
        Uob = "UOB",
        Bocom = "BOCOM",
        Ccb = "CCB",
        Post = "POST",
        Kodit = "KODIT",
        Kibo = "KIBO",
        Hana = "HANA",
        Shinhan = "SHINHAN",
        KBank = "K_BANK",
        Kakao = "KAKAO",
        Toss = "TOSS",
        MiscForeign = "MISC_FOREIGN",
        Sgi = "SGI",
        Kcis = "KCIS",
        YuantaSecurities = "YUANTA_SECURITIES",
        KbSecurities = "KB_SECURITIES",
        SangsanginSecurities = "SANGSANGIN_SECURITIES",
        HanyangSecurities = "HANYANG_SECURITIES",
        LeadingSecurities = "LEADING_SECURITIES",
        BnkSecurities = "BNK_SECURITIES",
        IbkSecurities = "IBK_SECURITIES",
        DaolSecurities = "DAOL_SECURITIES",
        MiraeAssetSecurities = "MIRAE_ASSET_SECURITIES",
        SamsungSecurities = "SAMSUNG_SECURITIES",
        KoreaSecurities = "KOREA_SECURITIES",
        NhSecurities = "NH_SECURITIES",
        KyoboSecurities = "KYOBO_SECURITIES",
        HiSecurities = "HI_SECURITIES",
        HyundaiMotorSecurities = "HYUNDAI_MOTOR_SECURITIES",
        KiwoomSecurities = "KIWOOM_SECURITIES",
        EbestSecurities = "EBEST_SECURITIES",
        SkSecurities = "SK_SECURITIES",
        DaishinSecurities = "DAISHIN_SECURITIES",
        HanhwaSecurities = "HANHWA_SECURITIES",
        HanaSecurities = "HANA_SECURITIES",
        TossSecurities = "TOSS_SECURITIES",
        ShinhanSecurities = "SHINHAN_SECURITIES",
        DbSecurities = "DB_SECURITIES",
        EugeneSecurities = "EUGENE_SECURITIES",
        MeritzSecurities = "MERITZ_SECURITIES",
        KakaoPaySecurities = "KAKAO_PAY_SECURITIES",
        BookookSecurities = "BOOKOOK_SECURITIES",
        ShinyoungSecurities = "SHINYOUNG_SECURITIES",
        CapeSecurities = "CAPE_SECURITIES",
        KoreaSecuritiesFinance = "KOREA_SECURITIES_FINANCE",
        KoreaFossSecurities = "KOREA_FOSS_SECURITIES",
        WooriInvestmentBank = "WOORI_INVESTMENT_BANK",
    }
}
