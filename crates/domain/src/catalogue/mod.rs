//! What the Global dialect can name: channels, their methods, and what is known of each. Nothing here says what
//! a merchant has configured.
//!
//! The facts are in `methods.txt`, one line a method, and are read once. What is not known is filled in by rules
//! that stand here, so that a decision never meets an unknown.

mod refund;

pub use refund::{RefundFacts, RefundRefusal, RefundSize, RefundTerms};

use std::collections::HashMap;
use std::sync::LazyLock;

const FACTS: &str = include_str!("methods.txt");

/// What kind of method it is; the checkout groups by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// A page of the PSP with all of its methods.
    All,
    BankTransfer,
    /// Buy now, pay later.
    Bnpl,
    Card,
    Crypto,
    DirectDebit,
    Installment,
    NetBanking,
    /// Over the counter of a shop.
    Otc,
    QrCode,
    SubscriptionCard,
    VaBankTransfer,
    Wallet,
}

impl Category {
    const ALL: [Self; 13] = [
        Self::All,
        Self::BankTransfer,
        Self::Bnpl,
        Self::Card,
        Self::Crypto,
        Self::DirectDebit,
        Self::Installment,
        Self::NetBanking,
        Self::Otc,
        Self::QrCode,
        Self::SubscriptionCard,
        Self::VaBankTransfer,
        Self::Wallet,
    ];

    /// As the dialect writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::BankTransfer => "BANK_TRANSFER",
            Self::Bnpl => "BNPL",
            Self::Card => "CARD",
            Self::Crypto => "CRYPTO",
            Self::DirectDebit => "DIRECT_DEBIT",
            Self::Installment => "INSTALLMENT",
            Self::NetBanking => "NET_BANKING",
            Self::Otc => "OTC",
            Self::QrCode => "QR_CODE",
            Self::SubscriptionCard => "SUBSCRIPTION_CARD",
            Self::VaBankTransfer => "VA_BANK_TRANSFER",
            Self::Wallet => "WALLET",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }
}

/// The currencies of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Currencies {
    /// These, by code. Some are no currency of ISO 4217 (JEP) and can never be asked for.
    Of(Vec<&'static str>),
    /// Whatever is used where the payer is.
    Local,
}

/// Whether the PSP lets one try without money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PspSandbox {
    Yes,
    No,
    NotKnown,
}

/// What is known about one kind of refund.
type Known = Option<bool>;

/// One method of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    pub channel: &'static str,
    pub key: &'static str,
    pub category: Category,
    /// Two letters each, or `GLOBAL` or `EU`.
    pub countries: Vec<&'static str>,
    pub currencies: Currencies,
    pub name: &'static str,
    pub sandbox: PspSandbox,
    /// Whether there is an integration at all.
    pub available: bool,
    /// Full, partial and several partial refunds, as far as it is known.
    pub refunds: [Known; 3],
}

impl Method {
    /// Whether this currency can be paid with it.
    pub fn takes(&self, currency: &str) -> bool {
        match &self.currencies {
            Currencies::Of(codes) => codes.iter().any(|code| code.eq_ignore_ascii_case(currency)),
            Currencies::Local => true,
        }
    }

    /// Whether it is offered to a payer in this country.
    pub fn serves(&self, country: &str) -> bool {
        self.countries.iter().any(|served| *served == "GLOBAL" || served.eq_ignore_ascii_case(country))
    }

    /// The least and the most that can be paid with it, in minor units of its currency. None when no limit is
    /// known.
    pub fn limits(&self) -> Option<(i64, i64)> {
        // VND has no decimals.
        (self.channel == "EPAY" && self.category == Category::Wallet).then_some((1_000, 20_000_000))
    }
}

struct Catalogue {
    methods: Vec<Method>,
    channels: Vec<&'static str>,
    /// By channel and method in capital letters.
    by_key: HashMap<(String, String), usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(FACTS));

impl Catalogue {
    /// Lines that cannot be read are left out; a test finds that none are.
    fn read(facts: &'static str) -> Self {
        let lines = || facts.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let lists: HashMap<&str, &str> =
            lines().filter(|line| line.starts_with('@')).filter_map(|line| line.split_once(' ')).collect();
        let (mut methods, mut channels, mut by_key) = (Vec::new(), Vec::new(), HashMap::new());
        for line in lines().filter(|line| !line.starts_with('@')) {
            if !line.starts_with(' ') {
                channels.push(line);
                continue;
            }
            let channel = channels.last().copied().unwrap_or_default();
            if let Some(method) = method(channel, line, &lists) {
                by_key.insert((channel.to_ascii_uppercase(), method.key.to_ascii_uppercase()), methods.len());
                methods.push(method);
            }
        }
        Self { methods, channels, by_key }
    }
}

fn method(channel: &'static str, line: &'static str, lists: &HashMap<&str, &'static str>) -> Option<Method> {
    let parts: Vec<&'static str> = line.trim().split(" | ").collect();
    let [key, category, countries, currencies, refunds, sandbox, name] = *parts.as_slice() else {
        return None;
    };
    let currencies = match currencies {
        "local" => Currencies::Local,
        list if list.starts_with('@') => Currencies::Of(lists.get(list)?.split(' ').collect()),
        codes => Currencies::Of(codes.split(' ').collect()),
    };
    let known = |letter: u8| match letter {
        b'y' => Some(Some(true)),
        b'n' => Some(Some(false)),
        b'?' => Some(None),
        _ => None,
    };
    let [full, partial, several] = *refunds.as_bytes() else { return None };
    let (sandbox, available) = match sandbox {
        "y" => (PspSandbox::Yes, true),
        "n" => (PspSandbox::No, true),
        "?" => (PspSandbox::NotKnown, true),
        "-" => (PspSandbox::NotKnown, false),
        _ => return None,
    };
    Some(Method {
        channel,
        key,
        category: Category::parse(category)?,
        countries: countries.split(' ').collect(),
        currencies,
        name,
        sandbox,
        available,
        refunds: [known(full)?, known(partial)?, known(several)?],
    })
}

/// Every method, channel by channel.
pub fn methods() -> &'static [Method] {
    &CATALOGUE.methods
}

/// Every channel.
pub fn channels() -> &'static [&'static str] {
    &CATALOGUE.channels
}

/// The channel with this key. Blanks around it and the case of its letters do not count: published keys differ
/// in both.
pub fn channel(key: &str) -> Option<&'static str> {
    channels().iter().copied().find(|channel| channel.eq_ignore_ascii_case(key.trim()))
}

/// The method of a channel with this key, likewise.
pub fn find(channel: &str, key: &str) -> Option<&'static Method> {
    let place = (channel.trim().to_ascii_uppercase(), key.trim().to_ascii_uppercase());
    CATALOGUE.by_key.get(&place).and_then(|index| CATALOGUE.methods.get(*index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn every_line_of_the_facts_is_read() {
        let lines = FACTS.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(methods().len(), lines);
        assert_eq!((methods().len(), channels().len()), (353, 49));
        assert_eq!(CATALOGUE.by_key.len(), methods().len(), "a key is there twice");
        for method in methods() {
            assert!(!method.name.is_empty() && !method.countries.is_empty(), "{method:?}");
        }
    }

    #[test]
    fn keys_are_found_whatever_their_case() {
        let wallet = find("ONEPAY", "ONEPAY_WALLET").unwrap();
        assert_eq!(wallet.key, "ONEPAY_Wallet");
        assert_eq!(find(" onepay", "onepay_wallet "), Some(wallet));
        assert_eq!(find("ONEPAY", "GBPRIMEPAY_CREDIT_CARD"), None, "of another channel");
        assert_eq!(channel("gbprimepay"), Some("GBPRIMEPAY"));
        assert_eq!(channel("NOWHERE"), None);
    }

    #[test]
    fn the_methods_of_the_payment_link_example_are_there() {
        for (channel, method) in [
            ("GBPRIMEPAY", "GBPRIMEPAY_CREDIT_CARD"),
            ("CHILLPAY", "CHILLPAY_QRCODE"),
            ("PAYSOLUTIONS", "PS_PROMPTPAY"),
            ("GBPRIMEPAY", "GBPRIMEPAY_WECHAT_WALLET"),
            ("GBPRIMEPAY", "GBPRIMEPAY_RABBIT_LINEPAY_WALLET"),
            ("GBPRIMEPAY", "GBPRIMEPAY_TRUEMONEY_WALLET"),
            ("GBPRIMEPAY", "GBPRIMEPAY_SHOPEEPAY_WALLET"),
        ] {
            let method = find(channel, method).unwrap();
            assert!(method.takes("THB") && !method.takes("USD"), "{}", method.key);
            assert!(method.serves("TH") && !method.serves("VN"), "{}", method.key);
        }
    }

    #[test]
    fn currencies_and_countries_are_asked_for() {
        let card = find("REACH", "REACH_CREDIT_CARD").unwrap();
        assert!(card.takes("usd") && card.takes("KWD") && !card.takes("NGN"));
        assert!(card.serves("DE"), "GLOBAL is everywhere");
        assert!(find("MASTERCARD", "MASTERCARD_CARD").unwrap().takes("EUR"), "local");
        assert_eq!(find("EPAY", "EPAY_MOMOPAY_WALLET").unwrap().limits(), Some((1_000, 20_000_000)));
        assert_eq!(find("EPAY", "EPAY_CREDIT_CARD").unwrap().limits(), None);
    }

    #[test]
    fn currencies_are_those_of_the_standard_but_for_one() {
        let unknown: Vec<_> = methods()
            .iter()
            .flat_map(|method| match &method.currencies {
                Currencies::Of(codes) => codes.clone(),
                Currencies::Local => Vec::new(),
            })
            .filter(|code| Currency::parse(code).is_none())
            .collect();
        assert_eq!(unknown, ["JEP"], "Jersey's pound has no code in the standard");
    }
}
