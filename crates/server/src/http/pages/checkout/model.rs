//! What a page of the checkout is about: typed, ready to be shown, and without a decision left in it.

/// In which language the page speaks. Everybody who does not read Korean is spoken to in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Korean,
    English,
}

impl Language {
    /// From a locale (`KO_KR`, `ko-KR`, `EN_US`) as requests and browsers write it.
    pub fn of(locale: &str) -> Self {
        let is_korean = locale.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("ko"))
            && locale.as_bytes().get(2).is_none_or(|next| !next.is_ascii_alphabetic());
        if is_korean { Self::Korean } else { Self::English }
    }

    pub const fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }
}

/// Who sells, as the buyer knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    pub name: String,
    pub colours: Option<Colours>,
}

/// The seller's colours, each checked to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    pub primary: Colour,
    pub primary_hover: Colour,
    pub primary_light: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl Colour {
    /// `#0b6e6e`, `#0be`, `rgb(11 110 110)` or `rgb(11, 110, 110)`. Anything else is not a colour here, so
    /// nothing else gets into a style.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some(digits) = text.strip_prefix('#') else { return Self::of_numbers(text) };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let number = |digits: &str| u8::from_str_radix(digits, 16).ok();
        let short = |at: usize| digits.get(at..=at).and_then(|digit| number(&digit.repeat(2)));
        let long = |at: usize| digits.get(at..=at.saturating_add(1)).and_then(number);
        let (red, green, blue) = match digits.len() {
            3 => (short(0)?, short(1)?, short(2)?),
            6 => (long(0)?, long(2)?, long(4)?),
            _ => return None,
        };
        Some(Self { red, green, blue })
    }

    fn of_numbers(text: &str) -> Option<Self> {
        let inside = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let mut numbers = inside.split([',', ' ']).filter(|part| !part.is_empty()).map(str::parse::<u8>);
        let (red, green, blue) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        numbers.next().is_none().then_some(Self { red, green, blue })
    }

    /// The colour as a tint: `parts` of a hundred of it on white.
    pub fn on_white(self, parts: u8) -> Self {
        let mixed = |part: u8| {
            let parts = u16::from(parts.min(100));
            let white = 255_u16.saturating_mul(100_u16.saturating_sub(parts));
            let sum = u16::from(part).saturating_mul(parts).saturating_add(white);
            u8::try_from(sum.div_euclid(100)).unwrap_or(u8::MAX)
        };
        Self { red: mixed(self.red), green: mixed(self.green), blue: mixed(self.blue) }
    }

    /// Whether white text can be read on it: its luminance, weighted as eyes do, in thousandths.
    pub fn is_dark(self) -> bool {
        let weighted = [(self.red, 299_u32), (self.green, 587), (self.blue, 114)]
            .into_iter()
            .map(|(part, weight)| u32::from(part).saturating_mul(weight))
            .fold(0_u32, u32::saturating_add);
        weighted < 160_000
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// An amount as it is read: `12,900` and `KRW`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub digits: String,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub name: String,
    /// Absent when nothing is charged: a billing key, an identity verification.
    pub total: Option<Figure>,
    /// An absolute `https` address. The one thing that a page may load from elsewhere.
    pub image: Option<String>,
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub quantity: u32,
    pub amount: Figure,
}

/// Where the page is shown, which decides how it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// In a frame of the shop's page.
    Framed,
    /// In a window of its own.
    Popup,
    /// In place of the shop's page.
    Whole,
}

/// Where a buyer goes who gives up on a page that stands in place of the shop's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    Shop,
    /// To the order sheet that they came from, to choose again.
    Sheet,
}

/// What the page's script has to know to speak with the shop's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    pub window: String,
    /// The only origin that is spoken to, and whose pages may frame this one.
    pub origin: String,
    /// Nobody listens there: buttons do what they do without a script.
    pub is_silent: bool,
}

/// Where forms go, and what proves that they came from this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    pub nonce: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutPage {
    pub language: Language,
    pub brand: Brand,
    /// Nothing here moves money.
    pub is_test: bool,
    pub setting: Setting,
    pub back: Back,
    pub order: Option<Order>,
    pub talk: Option<Talk>,
    pub form: Form,
    /// Where the buyer goes at the end; a form may end there.
    pub redirect_url: Option<String>,
    /// Where the buyer may be sent from there.
    pub leads_to: Vec<String>,
    pub step: Step,
}

/// What the buyer is here for, as far as words depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    Pay,
    /// Keep the instrument for later charges.
    Register,
    RegisterAndPay,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Card(CardStep),
    Code(CodeStep),
    Provider(ProviderStep),
    Account(AccountStep),
    AccountIssued(IssuedAccount),
    Identity(IdentityStep),
    /// Being decided; the page looks again by itself.
    Working,
    /// The provider reports nothing: only the sandbox knows that.
    Silent,
    Ended(Ended),
    Refused(Refusal),
    Sheet(SheetStep),
    Subscription(SubscriptionStep),
}

/// A customer agrees to charges that they will not be asked about again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionStep {
    /// What is agreed to.
    pub terms: Vec<(SubscriptionFact, String)>,
    /// Code and name. One entry is no choice and is not shown.
    pub methods: Vec<(String, String)>,
    pub security: CardSecurity,
    /// Whether something is charged now.
    pub is_charged: bool,
    /// What to correct, or that another card may be tried.
    pub problem: Option<String>,
}

/// What a line of the terms is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionFact {
    Description,
    /// How much and how often.
    EachTime,
    Count,
    /// Costs that are charged once.
    Additional,
    Total,
    Trial,
    FirstCharge,
    OnDemand,
    Customer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStep {
    pub errand: Errand,
    pub security: CardSecurity,
    /// In months, 0 for a lump sum. One entry is no choice and is not shown.
    pub installments: Vec<u8>,
    /// What to correct, or that another card may be tried.
    pub problem: Option<String>,
}

/// What a card is proven with besides its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardSecurity {
    /// Date of birth or business number, and two digits of the password: Korean cards.
    BirthAndPassword,
    /// The code on its back.
    Code,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeStep {
    pub sent_by: CodeSender,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSender {
    /// 3-D Secure.
    Issuer { card: String },
    /// Identity verification by a carrier.
    Carrier { phone: String },
}

/// A provider's own page, which the sandbox plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderStep {
    pub errand: Errand,
    pub method: ProviderMethod,
    /// Whether the provider can say "later".
    pub can_be_pending: bool,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderMethod {
    /// The wallet in the words of requests: `KAKAOPAY`.
    EasyPay(Option<String>),
    Transfer,
    Mobile,
    GiftCertificate(Option<String>),
    ConvenienceStore(Option<String>),
    Paypal,
    Alipay,
    AlipayPlus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStep {
    /// Code and name, in the order in which they are shown.
    pub banks: Vec<(String, String)>,
    pub depositor: String,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedAccount {
    pub bank: String,
    pub number: String,
    pub holder: String,
    /// `2026-12-24 23:59`, Korean time.
    pub due: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityStep {
    pub name: String,
    pub birth: String,
    pub phone: String,
    /// Code and name.
    pub carriers: Vec<(String, String)>,
    pub problem: Option<String>,
}

/// The last page: it tells the shop's page and the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub outcome: Outcome,
    pub account: Option<IssuedAccount>,
    /// JSON, as the shop's page is told it.
    pub result: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Paid,
    Registered,
    /// In a subscription.
    Enrolled,
    Verified,
    AccountIssued,
    /// The provider will say later.
    Pending,
    /// The shop's server has the last word.
    HandedOver,
    Failed {
        reason: String,
        code: Option<String>,
    },
    Cancelled,
}

/// Why there is nothing to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Missing,
    Expired,
    /// An order sheet that its shop has closed.
    Closed,
    /// The form was sent from somewhere else, or from a page that was left behind.
    Stale,
    Unavailable,
    /// The method that was asked for cannot be used for this order.
    NoMethod,
    /// What the shop has set up does not let the order be paid.
    Unpayable,
}

/// The order sheet of a payment session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetStep {
    pub buyer: Vec<(BuyerFact, String)>,
    /// Code, name and a line about it.
    pub methods: Vec<SheetMethod>,
    pub agreements: Vec<Agreement>,
    /// There is nothing to choose and nothing to agree to: the page's script goes on by itself.
    pub goes_on: bool,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuyerFact {
    Name,
    Email,
    Phone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetMethod {
    pub code: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub title: String,
    pub url: Option<String>,
}
