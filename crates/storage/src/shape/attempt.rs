//! Attempts: everything about one but its number and transaction id, which are columns.

use super::channel::{GroupSnapshot, Snapshot};
use super::customer::{Address, Customer, Product};
use super::escrow::Escrow;
use super::promotion;
use super::{
    Read, Senseless, Text, amount, bytes, digest, flag, hexadecimal, instant, is, maybe, maybe_instant, own,
    shape, text,
};
use crate::row::micros;
use paypier_domain::account::Sealed;
use paypier_domain::cash_receipt;
use paypier_domain::claim as domain_claim;
use paypier_domain::id::{BillingKeyId, MerchantId, PgTxId, ScheduleId, TransactionId};
use paypier_domain::money::Currency;
use paypier_domain::payment as domain;
use paypier_domain::payment::{AttemptState, Platform};
use paypier_domain::psp;
use serde::{Deserialize, Serialize};

shape! { Attempt { requested_at: i64, status_changed_at: i64, currency: Text<'a>, amounts: Amounts,
order: Order<'a>, origin: Origin<'a>, state: State<'a>;
channel: Snapshot<'a>, channel_group: GroupSnapshot<'a>, billing_key: Text<'a>, schedule: Text<'a>,
promotion: promotion::Use<'a>, notices: Notices<'a>, claim: ClaimRef<'a>, method: Method<'a>, pg_tx_id: Text<'a>,
queries: u32, authentication: Authentication<'a>, account: AccountLife, escrow: Escrow<'a> } }

/// What became of an issued account.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct AccountLife {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closing: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    late_deposit_at: Option<i64>,
}

impl AccountLife {
    /// `None` where nothing became of it yet.
    fn of(life: &domain::AccountLife) -> Option<Self> {
        (*life != domain::AccountLife::default()).then(|| Self {
            closing: life.closing.map(micros),
            closed_at: life.closed_at.map(micros),
            late_deposit_at: life.late_deposit_at.map(micros),
        })
    }

    fn read(self) -> Read<domain::AccountLife> {
        Ok(domain::AccountLife {
            closing: maybe_instant(self.closing, "account.closing")?,
            closed_at: maybe_instant(self.closed_at, "account.closed_at")?,
            late_deposit_at: maybe_instant(self.late_deposit_at, "account.late_deposit_at")?,
        })
    }
}

shape! { Authentication { token_digest: Text<'a>, expires_at: i64, instrument: Text<'a>; } }

impl<'a> Attempt<'a> {
    pub(crate) fn of(attempt: &'a domain::Attempt) -> Self {
        Self {
            requested_at: micros(attempt.requested_at),
            status_changed_at: micros(attempt.status_changed_at),
            currency: text(attempt.currency.code()),
            amounts: Amounts::of(&attempt.amounts),
            order: Order::of(&attempt.order),
            origin: Origin::of(&attempt.origin),
            state: State::of(&attempt.state),
            channel: attempt.channel.as_ref().map(Snapshot::of),
            channel_group: attempt.channel_group.as_ref().map(GroupSnapshot::of),
            billing_key: attempt.billing_key.as_ref().map(|id| text(id.as_str())),
            schedule: attempt.schedule.as_ref().map(|id| text(id.as_str())),
            promotion: attempt.promotion.as_ref().map(promotion::Use::of),
            notices: Notices::of(&attempt.notices),
            claim: attempt.claim.as_ref().map(ClaimRef::of),
            method: attempt.method.as_ref().map(Method::of),
            pg_tx_id: attempt.pg_tx_id.as_ref().map(|id| text(id.as_str())),
            queries: (attempt.queries > 0).then_some(attempt.queries),
            authentication: attempt.authentication.as_ref().map(|authentication| Authentication {
                token_digest: hexadecimal(&authentication.token_digest).into(),
                expires_at: micros(authentication.expires_at),
                instrument: text(&authentication.instrument),
            }),
            account: AccountLife::of(&attempt.account),
            escrow: attempt.escrow.as_ref().map(Escrow::of),
        }
    }

    pub(crate) fn read(self, id: TransactionId, number: u32) -> Read<domain::Attempt> {
        Ok(domain::Attempt {
            id,
            number,
            requested_at: instant(self.requested_at, "requested_at")?,
            status_changed_at: instant(self.status_changed_at, "status_changed_at")?,
            currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
            amounts: self.amounts.read()?,
            order: self.order.read()?,
            origin: self.origin.read()?,
            channel: self.channel.map(Snapshot::read).transpose()?,
            channel_group: self.channel_group.map(GroupSnapshot::read).transpose()?,
            billing_key: self.billing_key.map(BillingKeyId::known),
            schedule: self.schedule.map(ScheduleId::known),
            promotion: self.promotion.map(promotion::Use::read).transpose()?,
            notices: self.notices.map(Notices::read).unwrap_or_default(),
            claim: self.claim.map(ClaimRef::read),
            method: self.method.map(Method::read).transpose()?,
            pg_tx_id: self.pg_tx_id.map(PgTxId::known),
            queries: self.queries.unwrap_or(0),
            authentication: self
                .authentication
                .map(|authentication| {
                    Ok(domain::Authentication {
                        token_digest: digest(&authentication.token_digest)
                            .ok_or(Senseless("authentication.token_digest"))?,
                        expires_at: instant(authentication.expires_at, "authentication.expires_at")?,
                        instrument: authentication.instrument.into_owned(),
                    })
                })
                .transpose()?,
            account: self.account.map(AccountLife::read).transpose()?.unwrap_or_default(),
            escrow: self.escrow.map(Escrow::read).transpose()?,
            state: self.state.read()?,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Amounts {
    total: i64,
    tax_free: i64,
    vat: i64,
    discount: i64,
}

impl Amounts {
    pub(crate) fn of(amounts: &domain::Amounts) -> Self {
        Self {
            total: amounts.total.minor_units(),
            tax_free: amounts.tax_free.minor_units(),
            vat: amounts.vat.minor_units(),
            discount: amounts.discount.minor_units(),
        }
    }

    pub(crate) fn read(self) -> Read<domain::Amounts> {
        // Whether parts fit the total was decided when the payment was made; a later, stricter rule
        // must not make an old payment unreadable.
        Ok(domain::Amounts {
            total: amount(self.total, "amounts.total")?,
            tax_free: amount(self.tax_free, "amounts.tax_free")?,
            vat: amount(self.vat, "amounts.vat")?,
            discount: amount(self.discount, "amounts.discount")?,
        })
    }
}

shape! { Order { name: Text<'a>; customer: Customer<'a>, products: Vec<Product<'a>>, product_count: i32,
product_type: Text<'a>, shipping_address: Address<'a>, custom_data: Text<'a>, country: Text<'a>,
locale: Text<'a>, is_cultural_expense: bool, is_escrow: bool, cash_receipt: WantedReceipt<'a> } }

shape! { WantedReceipt { kind: Text<'a>, identity: Text<'a>; } }

impl WantedReceipt<'_> {
    fn read(self) -> Read<cash_receipt::Wanted> {
        Ok(cash_receipt::Wanted {
            kind: cash_receipt::Kind::parse(&self.kind).ok_or(Senseless("order.cash_receipt.kind"))?,
            identity: bytes(&self.identity).map(Sealed).ok_or(Senseless("order.cash_receipt.identity"))?,
        })
    }
}

impl<'a> Order<'a> {
    pub(crate) fn of(order: &'a domain::Order) -> Self {
        Self {
            name: text(&order.name),
            customer: Customer::of(&order.customer),
            products: (!order.products.is_empty()).then(|| order.products.iter().map(Product::of).collect()),
            product_count: order.product_count,
            product_type: maybe(&order.product_type),
            shipping_address: order.shipping_address.as_ref().map(Address::of),
            custom_data: maybe(&order.custom_data),
            country: maybe(&order.country),
            locale: maybe(&order.locale),
            is_cultural_expense: flag(order.is_cultural_expense),
            is_escrow: flag(order.is_escrow),
            cash_receipt: order.cash_receipt.as_ref().map(|wanted| WantedReceipt {
                kind: text(wanted.kind.as_str()),
                identity: hexadecimal(&wanted.identity.0).into(),
            }),
        }
    }

    pub(crate) fn read(self) -> Read<domain::Order> {
        Ok(domain::Order {
            name: self.name.into_owned(),
            customer: self.customer.map(Customer::read).unwrap_or_default(),
            products: self.products.unwrap_or_default().into_iter().map(Product::read).collect(),
            product_count: self.product_count,
            product_type: own(self.product_type),
            shipping_address: self.shipping_address.map(Address::read),
            custom_data: own(self.custom_data),
            country: own(self.country),
            locale: own(self.locale),
            is_cultural_expense: is(self.is_cultural_expense),
            is_escrow: is(self.is_escrow),
            cash_receipt: self.cash_receipt.map(WantedReceipt::read).transpose()?,
        })
    }
}

shape! { Origin { platform: Text<'a>, ip_address: Text<'a>; user_agent: Text<'a>, url: Text<'a> } }

pub(crate) const fn platform_word(platform: Platform) -> &'static str {
    match platform {
        Platform::Pc => "PC",
        Platform::Mobile => "MOBILE",
        Platform::Api => "API",
    }
}

impl<'a> Origin<'a> {
    pub(crate) fn of(origin: &'a domain::Origin) -> Self {
        Self {
            platform: text(platform_word(origin.platform)),
            ip_address: text(&origin.ip_address),
            user_agent: maybe(&origin.user_agent),
            url: maybe(&origin.url),
        }
    }

    pub(crate) fn read(self) -> Read<domain::Origin> {
        Ok(domain::Origin {
            platform: match self.platform.as_ref() {
                "PC" => Platform::Pc,
                "MOBILE" => Platform::Mobile,
                "API" => Platform::Api,
                _ => return Err(Senseless("origin.platform")),
            },
            ip_address: self.ip_address.into_owned(),
            user_agent: own(self.user_agent),
            url: own(self.url),
        })
    }
}

shape! { Notices { ; urls: Vec<Text<'a>>, skip_success: bool } }

impl<'a> Notices<'a> {
    /// `None` for the default.
    pub(crate) fn of(notices: &'a domain::Notices) -> Option<Self> {
        let urls = (!notices.urls.is_empty()).then(|| notices.urls.iter().map(|url| text(url)).collect());
        let skip_success = flag(notices.skip_success);
        (urls.is_some() || skip_success.is_some()).then_some(Self { urls, skip_success })
    }

    pub(crate) fn read(self) -> domain::Notices {
        domain::Notices {
            urls: self.urls.unwrap_or_default().into_iter().map(Text::into_owned).collect(),
            skip_success: is(self.skip_success),
        }
    }
}

shape! { ClaimRef { merchant: Text<'a>, key: Text<'a>, operation: Text<'a>; } }

impl<'a> ClaimRef<'a> {
    pub(crate) fn of(claim: &'a domain_claim::ClaimRef) -> Self {
        Self {
            merchant: text(claim.merchant.as_str()),
            key: text(&claim.key),
            operation: text(&claim.operation),
        }
    }

    pub(crate) fn read(self) -> domain_claim::ClaimRef {
        domain_claim::ClaimRef {
            merchant: MerchantId::known(self.merchant),
            key: self.key.into_owned(),
            operation: self.operation.into_owned(),
        }
    }
}

shape! { Card { ; publisher: Text<'a>, issuer: Text<'a>, brand: Text<'a>, kind: Text<'a>, owner: Text<'a>,
bin: Text<'a>, name: Text<'a>, masked_number: Text<'a> } }

impl<'a> Card<'a> {
    pub(crate) fn of(card: &'a psp::CardDetails) -> Self {
        Self {
            publisher: maybe(&card.publisher),
            issuer: maybe(&card.issuer),
            brand: maybe(&card.brand),
            kind: maybe(&card.kind),
            owner: maybe(&card.owner),
            bin: maybe(&card.bin),
            name: maybe(&card.name),
            masked_number: maybe(&card.masked_number),
        }
    }

    pub(crate) fn read(self) -> psp::CardDetails {
        psp::CardDetails {
            publisher: own(self.publisher),
            issuer: own(self.issuer),
            brand: own(self.brand),
            kind: own(self.kind),
            owner: own(self.owner),
            bin: own(self.bin),
            name: own(self.name),
            masked_number: own(self.masked_number),
        }
    }
}

shape! { Account { account_number: Text<'a>; bank: Text<'a>, kind: Text<'a>, remittee_name: Text<'a>,
remitter_name: Text<'a>, expires_at: i64, issued_at: i64, deposited: i64 } }

/// `card` and `account` are members of their own, whatever the kind, so that a search has one place
/// to look at.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub(crate) enum Method<'a> {
    #[serde(rename = "CARD")]
    Card {
        card: Card<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval_number: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        installment: Option<Installment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is_point_used: Option<bool>,
    },
    #[serde(rename = "VIRTUAL_ACCOUNT")]
    VirtualAccount { account: Account<'a> },
    #[serde(rename = "TRANSFER")]
    Transfer {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bank: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account_number: Option<Text<'a>>,
    },
    #[serde(rename = "MOBILE")]
    Mobile {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone_number: Option<Text<'a>>,
    },
    #[serde(rename = "GIFT_CERTIFICATE")]
    GiftCertificate {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gift_kind: Option<Text<'a>>,
        approval_number: Text<'a>,
    },
    #[serde(rename = "EASY_PAY")]
    EasyPay {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        card: Option<Card<'a>>,
    },
    #[serde(rename = "CONVENIENCE_STORE")]
    ConvenienceStore {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        brand: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmation_number: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<i64>,
    },
    #[serde(rename = "CRYPTO")]
    Crypto,
}

/// Months are text, because they are searched by prefix like the rest.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Installment {
    months: String,
    is_interest_free: bool,
    is_interest_free_from_merchant: bool,
}

impl Installment {
    pub(crate) fn of(installment: &domain::Installment) -> Self {
        Self {
            months: installment.months.to_string(),
            is_interest_free: installment.is_interest_free,
            is_interest_free_from_merchant: installment.is_interest_free_from_merchant,
        }
    }

    pub(crate) fn read(self) -> Read<domain::Installment> {
        Ok(domain::Installment {
            months: self.months.parse().map_err(|_| Senseless("installment"))?,
            is_interest_free: self.is_interest_free,
            is_interest_free_from_merchant: self.is_interest_free_from_merchant,
        })
    }
}

impl<'a> Method<'a> {
    pub(crate) fn of(method: &'a domain::Method) -> Self {
        match method {
            domain::Method::Card { card, approval_number, installment, is_point_used } => Self::Card {
                card: Card::of(card),
                approval_number: maybe(approval_number),
                installment: installment.as_ref().map(Installment::of),
                is_point_used: flag(*is_point_used),
            },
            domain::Method::VirtualAccount { account } => Self::VirtualAccount {
                account: Account {
                    account_number: text(&account.account_number),
                    bank: maybe(&account.bank),
                    kind: maybe(&account.kind),
                    remittee_name: maybe(&account.remittee_name),
                    remitter_name: maybe(&account.remitter_name),
                    expires_at: account.expires_at.map(micros),
                    issued_at: account.issued_at.map(micros),
                    deposited: (!account.deposited.is_zero()).then_some(account.deposited.minor_units()),
                },
            },
            domain::Method::Transfer { bank, account_number } => {
                Self::Transfer { bank: maybe(bank), account_number: maybe(account_number) }
            }
            domain::Method::Mobile { phone_number } => Self::Mobile { phone_number: maybe(phone_number) },
            domain::Method::GiftCertificate { kind, approval_number } => {
                Self::GiftCertificate { gift_kind: maybe(kind), approval_number: text(approval_number) }
            }
            domain::Method::EasyPay { provider, card } => {
                Self::EasyPay { provider: maybe(provider), card: card.as_ref().map(Card::of) }
            }
            domain::Method::ConvenienceStore { brand, confirmation_number, deadline } => {
                Self::ConvenienceStore {
                    brand: maybe(brand),
                    confirmation_number: maybe(confirmation_number),
                    deadline: deadline.map(micros),
                }
            }
            domain::Method::Crypto => Self::Crypto,
        }
    }

    pub(crate) fn read(self) -> Read<domain::Method> {
        Ok(match self {
            Self::Card { card, approval_number, installment, is_point_used } => domain::Method::Card {
                card: card.read(),
                approval_number: own(approval_number),
                installment: installment.map(Installment::read).transpose()?,
                is_point_used: is(is_point_used),
            },
            Self::VirtualAccount { account } => domain::Method::VirtualAccount {
                account: psp::VirtualAccount {
                    bank: own(account.bank),
                    account_number: account.account_number.into_owned(),
                    kind: own(account.kind),
                    remittee_name: own(account.remittee_name),
                    remitter_name: own(account.remitter_name),
                    expires_at: maybe_instant(account.expires_at, "method.account.expires_at")?,
                    issued_at: maybe_instant(account.issued_at, "method.account.issued_at")?,
                    deposited: amount(account.deposited.unwrap_or(0), "method.account.deposited")?,
                },
            },
            Self::Transfer { bank, account_number } => {
                domain::Method::Transfer { bank: own(bank), account_number: own(account_number) }
            }
            Self::Mobile { phone_number } => domain::Method::Mobile { phone_number: own(phone_number) },
            Self::GiftCertificate { gift_kind, approval_number } => domain::Method::GiftCertificate {
                kind: own(gift_kind),
                approval_number: approval_number.into_owned(),
            },
            Self::EasyPay { provider, card } => {
                domain::Method::EasyPay { provider: own(provider), card: card.map(Card::read) }
            }
            Self::ConvenienceStore { brand, confirmation_number, deadline } => {
                domain::Method::ConvenienceStore {
                    brand: own(brand),
                    confirmation_number: own(confirmation_number),
                    deadline: maybe_instant(deadline, "method.deadline")?,
                }
            }
            Self::Crypto => domain::Method::Crypto,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State<'a> {
    Ready,
    Sending,
    Unknown {
        since: i64,
    },
    Pending {
        since: i64,
    },
    AccountIssued {
        at: i64,
    },
    Paid {
        at: i64,
        fee: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt_url: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_response: Option<Text<'a>>,
        capture: Capture,
    },
    Failed {
        at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_code: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_message: Option<Text<'a>>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Capture {
    WithApproval,
    Awaited,
    Sending { since: i64 },
    Captured { at: i64 },
}

impl<'a> State<'a> {
    fn of(state: &'a AttemptState) -> Self {
        match state {
            AttemptState::Ready => Self::Ready,
            AttemptState::Sending => Self::Sending,
            AttemptState::Unknown { since } => Self::Unknown { since: micros(*since) },
            AttemptState::Pending { since } => Self::Pending { since: micros(*since) },
            AttemptState::AccountIssued { at } => Self::AccountIssued { at: micros(*at) },
            AttemptState::Paid(paid) => Self::Paid {
                at: micros(paid.at),
                fee: paid.fee.minor_units(),
                receipt_url: maybe(&paid.receipt_url),
                pg_response: maybe(&paid.pg_response),
                capture: match paid.capture {
                    domain::Capture::WithApproval => Capture::WithApproval,
                    domain::Capture::Awaited => Capture::Awaited,
                    domain::Capture::Sending { since } => Capture::Sending { since: micros(since) },
                    domain::Capture::Captured { at } => Capture::Captured { at: micros(at) },
                },
            },
            AttemptState::Failed(failure) => Self::Failed {
                at: micros(failure.at),
                reason: maybe(&failure.reason),
                pg_code: maybe(&failure.pg_code),
                pg_message: maybe(&failure.pg_message),
            },
        }
    }

    fn read(self) -> Read<AttemptState> {
        Ok(match self {
            Self::Ready => AttemptState::Ready,
            Self::Sending => AttemptState::Sending,
            Self::Unknown { since } => AttemptState::Unknown { since: instant(since, "state.since")? },
            Self::Pending { since } => AttemptState::Pending { since: instant(since, "state.since")? },
            Self::AccountIssued { at } => AttemptState::AccountIssued { at: instant(at, "state.at")? },
            Self::Paid { at, fee, receipt_url, pg_response, capture } => AttemptState::Paid(domain::Paid {
                at: instant(at, "state.at")?,
                fee: amount(fee, "state.fee")?,
                receipt_url: own(receipt_url),
                pg_response: own(pg_response),
                capture: match capture {
                    Capture::WithApproval => domain::Capture::WithApproval,
                    Capture::Awaited => domain::Capture::Awaited,
                    Capture::Sending { since } => {
                        domain::Capture::Sending { since: instant(since, "state.capture.since")? }
                    }
                    Capture::Captured { at } => {
                        domain::Capture::Captured { at: instant(at, "state.capture.at")? }
                    }
                },
            }),
            Self::Failed { at, reason, pg_code, pg_message } => AttemptState::Failed(domain::Failure {
                at: instant(at, "state.at")?,
                reason: own(reason),
                pg_code: own(pg_code),
                pg_message: own(pg_message),
            }),
        })
    }
}
