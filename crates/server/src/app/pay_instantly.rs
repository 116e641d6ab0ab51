//! Paying with what the merchant has in hand: a card number, or a virtual account to be opened.

use super::App;
use super::caller::Caller;
use super::cash_receipt::WantedReceipt;
use super::channel_choice::Wanted;
use super::charging::{ChargePlan, FixedAccount, Instrument};
use super::failure::Failure;
use super::psp::Route;
use super::success::Verdict;
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::contract::Card;
use paypier_domain::cash_receipt;
use paypier_domain::channel::{ChannelGroupSnapshot, ChannelSnapshot};
use paypier_domain::id::{ChannelGroupId, ChannelKey, PaymentId, PaymentKey, TransactionId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::escrow::{self, Way};
use paypier_domain::payment::virtual_account;
use paypier_domain::payment::{Amounts, Installment, Method, Notices, Order, Origin, Request};
use paypier_domain::psp::{CardDetails, VirtualAccount};
use zeroize::Zeroizing;

/// `POST /payments/{paymentId}/instant` in no dialect's words.
#[derive(Debug)]
pub struct PayInstantly {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub channel: Option<ChannelKey>,
    pub channel_group: Option<ChannelGroupId>,
    pub method: InstantMethod,
    pub sale: Sale,
}

/// What is sold, common to every way of paying.
#[derive(Debug)]
pub struct Sale {
    pub order: Order,
    pub amounts: AmountsAsk,
    pub currency: Currency,
    pub origin: Origin,
    pub notices: Notices,
    pub promotion: Option<String>,
    /// A JSON object for the PSP, passed on as it is.
    pub bypass: Option<String>,
    /// The cash receipt that the buyer wants once the money is there.
    pub receipt: Option<WantedReceipt>,
}

/// The amounts as asked; VAT absent is computed.
#[derive(Debug, Clone, Copy)]
pub struct AmountsAsk {
    pub total: Amount,
    pub tax_free: Amount,
    pub vat: Option<Amount>,
}

#[derive(Debug)]
pub enum InstantMethod {
    Card {
        card: Card,
        installment: Option<Installment>,
        is_point_used: bool,
    },
    VirtualAccount {
        bank: String,
        expiry: AccountExpiry,
        fixed_account: Option<FixedAccount>,
        remittee_name: Option<String>,
    },
}

#[derive(Debug, Clone, Copy)]
pub enum AccountExpiry {
    /// Above 0.
    ValidHours(u32),
    /// In the future.
    DueDate(Timestamp),
}

/// The longest time a virtual account may wait for its deposit.
const MOST_VALID_HOURS: u32 = 24 * 365;

impl App {
    /// # Errors
    /// Store out of reach, no usable channel, amounts that do not fit, the refusals of a further
    /// attempt, the PSP's refusal or an unknown outcome.
    pub async fn pay_instantly(&self, caller: &Caller, ask: PayInstantly, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let wanted = match &ask.method {
            InstantMethod::Card { .. } => Wanted::CardKeyIn,
            InstantMethod::VirtualAccount { .. } => Wanted::VirtualAccount,
        };
        let (route, group) = self.choose_channel(
            &profile,
            ask.channel.as_ref(),
            ask.channel_group.as_ref(),
            wanted,
            ask.sale.currency,
        )?;
        let way = if wanted == Wanted::VirtualAccount { Way::ApiAccount } else { Way::Api };
        in_escrow(&route, &ask.sale.order, way)?;
        let now = self.now(&profile, route.channel.environment);
        let (instrument, method, installment) = prepared(ask.method, now)?;
        issuable(&route, &method, now)?;
        let months = installment.map_or(0, |installment| installment.months);
        let payment = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        let promotion = self.promotion_of(&profile, &route.channel, ask.sale.promotion.as_deref()).await?;
        let (request, bypass) = self.request_of(ask.sale, &route.channel, group, Some(method), ticket)?;
        let plan = ChargePlan {
            payment,
            request,
            promotion,
            instrument,
            installment_months: months,
            bypass,
            beside: Vec::new(),
        };
        self.charge(&profile, &route, plan, ticket).await
    }

    /// What an attempt is made from, for every way of paying, at the full price: a promotion is decided
    /// upon when the attempt is.
    pub(super) fn request_of(
        &self,
        sale: Sale,
        channel: &ChannelSnapshot,
        channel_group: Option<ChannelGroupSnapshot>,
        method: Option<Method>,
        ticket: &Ticket,
    ) -> Result<(Request, Option<String>), Failure> {
        let amounts =
            Amounts::new(sale.amounts.total, sale.amounts.tax_free, sale.amounts.vat, Amount::ZERO)?;
        let transaction = TransactionId::known(self.ids.uuid().to_string());
        let mut order = sale.order;
        order.cash_receipt =
            sale.receipt.map(|wanted| self.sealed_receipt(transaction.as_str(), &wanted)).transpose()?;
        let request = Request {
            transaction,
            currency: sale.currency,
            amounts,
            order,
            origin: sale.origin,
            channel: channel.clone(),
            channel_group,
            billing_key: None,
            schedule: None,
            promotion: None,
            notices: sale.notices,
            claim: ticket.reference(),
            method,
        };
        Ok((request, sale.bypass))
    }

    /// Who the buyer is to the tax office is kept until the receipt is issued, and never in clear.
    ///
    /// # Errors
    /// The key ring cannot seal.
    pub(super) fn sealed_receipt(
        &self,
        asked_with: &str,
        wanted: &WantedReceipt,
    ) -> Result<cash_receipt::Wanted, Failure> {
        let purpose = cash_receipt::identity_purpose(asked_with);
        let sealed = self.keyring.seal(&purpose, wanted.identity_number.as_bytes(), self.random.as_ref());
        let identity = sealed
            .map_err(|error| Failure::internal(format!("a buyer's number cannot be sealed: {error}")))?;
        Ok(cash_receipt::Wanted { kind: wanted.kind, identity })
    }

    /// The other way. A number that cannot be opened is no reason not to be paid: the receipt can be issued
    /// by hand.
    pub(super) fn opened_receipt(
        &self,
        asked_with: &str,
        wanted: &cash_receipt::Wanted,
    ) -> Option<WantedReceipt> {
        let purpose = cash_receipt::identity_purpose(asked_with);
        let Ok(identity) = self.keyring.open(&purpose, &wanted.identity).map(Zeroizing::new) else {
            tracing::error!(
                asked_with,
                "a cash receipt is wanted and the buyer's number cannot be opened; was its master key removed?"
            );
            return None;
        };
        let identity_number = Zeroizing::new(String::from_utf8_lossy(&identity).into_owned());
        Some(WantedReceipt { kind: wanted.kind, identity_number })
    }
}

/// Whether this channel takes the order in escrow, when it is to be.
pub(super) fn in_escrow(route: &Route, order: &Order, way: Way) -> Result<(), Failure> {
    if order.is_escrow && !route.connector.capabilities().escrow {
        return Err(Failure::Invalid("isEscrow: the PSP of this channel offers no escrow".into()));
    }
    match escrow::unpayable(&route.channel.pg_provider, order, way) {
        Some(why) => Err(Failure::Invalid(why.into())),
        None => Ok(()),
    }
}

/// Whether this channel's PSP issues such an account, when one is asked for.
fn issuable(route: &Route, method: &Method, now: Timestamp) -> Result<(), Failure> {
    let Method::VirtualAccount { account } = method else { return Ok(()) };
    match virtual_account::unissuable(&route.channel.pg_provider, account, now) {
        Some(why) => Err(Failure::Invalid(why.into())),
        None => Ok(()),
    }
}

/// Splits what the buyer pays with into what goes to the PSP once and what is kept.
fn prepared(
    method: InstantMethod,
    now: Timestamp,
) -> Result<(Instrument, Method, Option<Installment>), Failure> {
    match method {
        InstantMethod::Card { card, installment, is_point_used } => {
            let kept = CardDetails {
                bin: Some(card.bin()),
                masked_number: Some(card.masked_number()),
                ..CardDetails::default()
            };
            let method = Method::Card { card: kept, approval_number: None, installment, is_point_used };
            Ok((Instrument::Card(card), method, installment))
        }
        InstantMethod::VirtualAccount { bank, expiry, fixed_account, remittee_name } => {
            let expires_at = match expiry {
                AccountExpiry::ValidHours(hours) if (1..=MOST_VALID_HOURS).contains(&hours) => {
                    now.checked_add(SignedDuration::from_hours(i64::from(hours))).map_err(|_| {
                        Failure::Invalid(
                            "method.virtualAccount.expiry.validHours leads past the calendar".into(),
                        )
                    })?
                }
                AccountExpiry::ValidHours(hours) => {
                    return Err(Failure::Invalid(format!(
                        "method.virtualAccount.expiry.validHours is {hours}; 1 to {MOST_VALID_HOURS} are accepted"
                    )));
                }
                AccountExpiry::DueDate(at) if at > now => at,
                AccountExpiry::DueDate(at) => {
                    return Err(Failure::Invalid(format!(
                        "method.virtualAccount.expiry.dueDate is {at}, which is not in the future (it is {now})"
                    )));
                }
            };
            let kept = VirtualAccount {
                bank: Some(bank.clone()),
                account_number: String::new(),
                kind: Some(if fixed_account.is_some() { "FIXED" } else { "NORMAL" }.into()),
                remittee_name: remittee_name.clone(),
                remitter_name: None,
                expires_at: Some(expires_at),
                issued_at: None,
                deposited: Amount::ZERO,
            };
            let instrument = Instrument::VirtualAccount { bank, expires_at, fixed_account, remittee_name };
            Ok((instrument, Method::VirtualAccount { account: kept }, None))
        }
    }
}
