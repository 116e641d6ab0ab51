//! The languages a PSP may be asked to use.

use crate::words::words;

words! {
    /// A language and the country it is spoken in.
    pub enum Locale {
        KoKr = "KO_KR",
        EnUs = "EN_US",
        ZhCn = "ZH_CN",
        ZhTw = "ZH_TW",
        JaJp = "JA_JP",
        RuRu = "RU_RU",
        ThTh = "TH_TH",
        ViVn = "VI_VN",
    }
}
