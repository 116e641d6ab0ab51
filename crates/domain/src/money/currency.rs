//! ISO 4217 currencies and the number of decimals of their minor unit.

/// An ISO 4217 currency. Only codes of the standard's list can be made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Codes whose minor unit is the major unit (ISO 4217, table A.1).
const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Codes with three decimals.
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Codes with four decimals.
const FOUR_DECIMALS: &str = "CLF UYW";
/// All codes that a payment may name.
const ALL: &str = "KRW USD JPY AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL";

fn listed(list: &str, code: [u8; 3]) -> bool {
    list.as_bytes().chunks(4).any(|chunk| chunk.starts_with(&code))
}

impl Currency {
    pub const KRW: Self = Self(*b"KRW");
    pub const USD: Self = Self(*b"USD");
    pub const JPY: Self = Self(*b"JPY");

    /// The currency with this upper-case alphabetic code, or `None` when ISO 4217 has no such code.
    pub fn parse(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        listed(ALL, code).then_some(Self(code))
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: 0 for KRW, 2 for USD, 3 for KWD.
    pub fn exponent(self) -> u8 {
        if listed(NO_DECIMALS, self.0) {
            0
        } else if listed(THREE_DECIMALS, self.0) {
            3
        } else if listed(FOUR_DECIMALS, self.0) {
            4
        } else {
            2
        }
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_follow_iso_4217() {
        for (code, decimals) in
            [("KRW", 0), ("JPY", 0), ("VND", 0), ("USD", 2), ("EUR", 2), ("BHD", 3), ("TND", 3), ("CLF", 4)]
        {
            assert_eq!(Currency::parse(code).unwrap().exponent(), decimals, "{code}");
        }
    }

    #[test]
    fn unknown_and_misspelt_codes_are_not_currencies() {
        for code in ["", "KR", "KRWW", "krw", "ABC", "RW ", "W U", "원화", "\0\0\0"] {
            assert_eq!(Currency::parse(code), None, "{code:?}");
        }
    }
}
