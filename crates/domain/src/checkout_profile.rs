//! Checkout profiles: which methods a store's hosted checkout offers, each through which channel.

use crate::channel::Environment;
use crate::checkout::PayMethod;
use crate::id::{ChannelKey, ProfileKey, StoreId};
use crate::money::{Amount, Currency};
use jiff::Timestamp;

macro_rules! methods {
    ($($name:ident = $word:literal,)+) => {
        /// What a buyer can pay with at the hosted checkout.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckoutMethod { $($name,)+ }

        impl CheckoutMethod {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// `PAY_PAL`, …
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

methods! {
    CardKr = "CARD_KR",
    NPay = "N_PAY",
    KakaoPay = "KAKAO_PAY",
    TossPay = "TOSS_PAY",
    CardInternational = "CARD_INTERNATIONAL",
    PayPal = "PAY_PAL",
    UnionPay = "UNION_PAY",
    AlipayCn = "ALIPAY_CN",
    AlipayHk = "ALIPAY_HK",
    TrueMoney = "TRUE_MONEY",
    Dana = "DANA",
    TouchNGo = "TOUCH_N_GO",
    GCash = "G_CASH",
    WeChatPay = "WE_CHAT_PAY",
    Klarna = "KLARNA",
    EContext = "E_CONTEXT",
    GrabPayMy = "GRAB_PAY_MY",
    GrabPaySg = "GRAB_PAY_SG",
    ShopeePayTh = "SHOPEE_PAY_TH",
    PayPay = "PAY_PAY",
    Bpi = "BPI",
    RabbitLinePay = "RABBIT_LINE_PAY",
    ConvenienceStoreJp = "CONVENIENCE_STORE_JP",
    AmazonPay = "AMAZON_PAY",
    RakutenPay = "RAKUTEN_PAY",
    DBarai = "D_BARAI",
    AuPay = "AU_PAY",
    Merpay = "MERPAY",
}

impl CheckoutMethod {
    /// How a window takes it, and the wallet that it stands for where that is not said by the method.
    pub const fn in_window(self) -> (PayMethod, Option<&'static str>) {
        match self {
            Self::CardKr | Self::CardInternational | Self::UnionPay => (PayMethod::Card, None),
            Self::PayPal => (PayMethod::Paypal, None),
            Self::AlipayCn => (PayMethod::Alipay, None),
            Self::ConvenienceStoreJp | Self::EContext => (PayMethod::ConvenienceStore, None),
            Self::NPay => (PayMethod::EasyPay, Some("NAVERPAY")),
            Self::KakaoPay => (PayMethod::EasyPay, Some("KAKAOPAY")),
            Self::TossPay => (PayMethod::EasyPay, Some("TOSSPAY")),
            Self::WeChatPay => (PayMethod::EasyPay, Some("WECHAT")),
            Self::Klarna => (PayMethod::EasyPay, Some("KLARNA")),
            Self::GrabPayMy | Self::GrabPaySg => (PayMethod::EasyPay, Some("GRABPAY")),
            Self::ShopeePayTh => (PayMethod::EasyPay, Some("SHOPEEPAY")),
            Self::PayPay => (PayMethod::EasyPay, Some("PAYPAY")),
            Self::AmazonPay => (PayMethod::EasyPay, Some("AMAZONPAY")),
            Self::RakutenPay => (PayMethod::EasyPay, Some("RAKUTENPAY")),
            Self::DBarai => (PayMethod::EasyPay, Some("DBARAI")),
            Self::AuPay => (PayMethod::EasyPay, Some("AUPAY")),
            Self::Merpay => (PayMethod::EasyPay, Some("MERPAY")),
            // Wallets that are reached through Alipay+.
            Self::AlipayHk => (PayMethod::AlipayPlus, Some("ALIPAY_HK")),
            Self::TrueMoney => (PayMethod::AlipayPlus, Some("TRUE_MONEY")),
            Self::Dana => (PayMethod::AlipayPlus, Some("DANA")),
            Self::TouchNGo => (PayMethod::AlipayPlus, Some("TOUCH_N_GO")),
            Self::GCash => (PayMethod::AlipayPlus, Some("G_CASH")),
            Self::Bpi => (PayMethod::AlipayPlus, Some("BPI")),
            Self::RabbitLinePay => (PayMethod::AlipayPlus, Some("RABBIT_LINE_PAY")),
        }
    }
}

impl std::fmt::Display for CheckoutMethod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// As many methods as there are can be offered, each once.
pub const MOST_OFFERS: usize = CheckoutMethod::ALL.len();

/// A method of a profile, and for which orders it is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub method: CheckoutMethod,
    pub channel: ChannelKey,
    pub is_enabled: bool,
    /// Countries of the buyer by ISO 3166 code; every one when empty.
    pub countries: Vec<String>,
    /// Every one when empty.
    pub currencies: Vec<Currency>,
    /// Minor units, both included.
    pub least: Option<Amount>,
    pub most: Option<Amount>,
}

impl Offer {
    /// Whether the method is offered for an order.
    pub fn fits(&self, country: &str, currency: Currency, amount: Amount) -> bool {
        self.is_enabled
            && (self.countries.is_empty() || self.countries.iter().any(|one| one == country))
            && (self.currencies.is_empty() || self.currencies.contains(&currency))
            && self.least.is_none_or(|least| amount >= least)
            && self.most.is_none_or(|most| amount <= most)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutProfile {
    /// Whoever knows it may ask what the profile offers.
    pub key: ProfileKey,
    pub store: StoreId,
    /// Its channels are all of this one.
    pub environment: Environment,
    pub name: String,
    /// In the order in which they are shown.
    pub offers: Vec<Offer>,
    pub created_at: Timestamp,
    pub is_deleted: bool,
}

/// Why offers make no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error("the method {0} is offered twice")]
    Twice(CheckoutMethod),
    #[error("the method {0} is offered for no amount: its least amount is above its most")]
    NoAmount(CheckoutMethod),
}

impl CheckoutProfile {
    /// # Errors
    /// See [`ProfileError`].
    pub fn check(&self) -> Result<(), ProfileError> {
        for (index, offer) in self.offers.iter().enumerate() {
            if self.offers.iter().take(index).any(|other| other.method == offer.method) {
                return Err(ProfileError::Twice(offer.method));
            }
            if let (Some(least), Some(most)) = (offer.least, offer.most)
                && least > most
            {
                return Err(ProfileError::NoAmount(offer.method));
            }
        }
        Ok(())
    }

    /// What is offered for an order, in the profile's order.
    pub fn offers_for(
        &self,
        country: &str,
        currency: Currency,
        amount: Amount,
    ) -> impl Iterator<Item = &Offer> {
        self.offers.iter().filter(move |offer| offer.fits(country, currency, amount))
    }

    /// Whether the method is offered at all.
    pub fn has(&self, method: CheckoutMethod) -> bool {
        self.offers.iter().any(|offer| offer.is_enabled && offer.method == method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn offer(method: CheckoutMethod) -> Offer {
        Offer {
            method,
            channel: ChannelKey::known("channel-key-1"),
            is_enabled: true,
            countries: Vec::new(),
            currencies: Vec::new(),
            least: None,
            most: None,
        }
    }

    #[test]
    fn a_method_is_offered_for_the_orders_that_fit() {
        let anywhere = offer(CheckoutMethod::PayPal);
        let bounded = Offer {
            countries: vec!["JP".into(), "US".into()],
            currencies: vec![Currency::JPY],
            least: Some(amount(100)),
            most: Some(amount(200)),
            ..anywhere.clone()
        };
        let disabled = Offer { is_enabled: false, ..anywhere.clone() };
        for (offer, country, currency, units, fits) in [
            (&anywhere, "KR", Currency::KRW, 0, true),
            (&disabled, "KR", Currency::KRW, 1, false),
            (&bounded, "JP", Currency::JPY, 100, true),
            (&bounded, "US", Currency::JPY, 200, true),
            (&bounded, "KR", Currency::JPY, 150, false),
            (&bounded, "JP", Currency::USD, 150, false),
            (&bounded, "JP", Currency::JPY, 99, false),
            (&bounded, "JP", Currency::JPY, 201, false),
        ] {
            assert_eq!(offer.fits(country, currency, amount(units)), fits, "{country} {currency} {units}");
        }
    }

    #[test]
    fn a_profile_offers_each_method_once() {
        let profile = |offers| CheckoutProfile {
            key: ProfileKey::known("profile-key-1"),
            store: StoreId::known("store-1"),
            environment: Environment::Test,
            name: "abroad".into(),
            offers,
            created_at: Timestamp::UNIX_EPOCH,
            is_deleted: false,
        };
        let (pay_pal, dana) = (offer(CheckoutMethod::PayPal), offer(CheckoutMethod::Dana));
        assert_eq!(profile(vec![pay_pal.clone(), dana.clone()]).check(), Ok(()));
        let twice = profile(vec![pay_pal.clone(), dana.clone(), pay_pal]);
        assert_eq!(twice.check(), Err(ProfileError::Twice(CheckoutMethod::PayPal)));
        let none = Offer { least: Some(amount(2)), most: Some(amount(1)), ..dana };
        assert_eq!(profile(vec![none]).check(), Err(ProfileError::NoAmount(CheckoutMethod::Dana)));
    }

    #[test]
    fn words_read_back() {
        for method in CheckoutMethod::ALL {
            assert_eq!(CheckoutMethod::parse(method.as_str()), Some(*method));
        }
        assert_eq!(CheckoutMethod::ALL.len(), 28);
    }
}
