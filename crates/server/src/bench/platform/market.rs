//! The marketplace that is measured: contracts and partners are made over HTTP, as a marketplace makes them;
//! its transfers are written through the one write path, each decided by the real calculation, many at a time.

use super::client::Client;
use crate::app::platform::transfer::day_job;
use crate::cli::dev::demo;
use anyhow::Context;
use futures::stream::{self, StreamExt};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use paypier_domain::channel::Environment;
use paypier_domain::id::{MerchantId, PaymentId, StoreId};
use paypier_domain::money::{Amount, Currency, Rate, SignedAmount};
use paypier_domain::settlement::calculator::Calculator;
use paypier_domain::settlement::contract::PaymentVat;
use paypier_domain::settlement::day_in_korea;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::{ContractId, PartnerId, ProductId, TransferId};
use paypier_domain::settlement::manual::ManualAmount;
use paypier_domain::settlement::order::{ContractFees, Order, OrderDetail, OrderLine, Product, calculate};
use paypier_domain::settlement::policy::{Fee, Payer};
use paypier_domain::settlement::transfer::{
    Edition, OrderContent, PaidWith, Transfer, TransferContent, TransferPayment,
};
use paypier_storage::{CommitError, Storage};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Changes that are under way at once: more than one flush takes.
const AT_ONCE: usize = 512;
const LINE_FORGOTTEN: Duration = Duration::from_millis(250);
/// Partners that one request makes.
const BATCH: u64 = 1_000;
pub const CONTRACTS: u64 = 3;
/// Days over which what is not due yet is spread.
const DAYS_AHEAD: u64 = 180;
/// One in so many is an amount by hand, and one in so many has not started.
const ONE_BY_HAND_IN: u64 = 20;
const ONE_SCHEDULED_IN: u64 = 50;
const PRODUCTS: u64 = 2_000;

const FEES: ContractFees = ContractFees {
    platform_fee: Fee::Rate(Rate::bps(1_000)),
    vat_payer: Payer::Partner,
    payment_vat: PaymentVat::Withheld,
};

/// Where transfers come from.
#[derive(Debug)]
pub struct Market {
    pub partners: u64,
    /// When it opened, by the store's test clock.
    pub now: Timestamp,
    /// Tells this run's transfers from those of others.
    pub run: u64,
}

pub fn contract_id(number: u64) -> String {
    format!("contract-{}", number.checked_rem(CONTRACTS).unwrap_or(0))
}

pub fn partner_id(number: u64) -> String {
    format!("partner-{number:05}")
}

pub fn product_id(number: u64) -> String {
    format!("product-{}", number.checked_rem(PRODUCTS).unwrap_or(0))
}

impl Market {
    pub fn today(&self) -> Date {
        day_in_korea(self.now)
    }

    /// The day on which partners are paid.
    pub fn payday(&self) -> Date {
        self.today().saturating_add(1.day())
    }

    /// Contracts and partners; what an earlier bench has made of them stays.
    ///
    /// # Errors
    /// A request is refused.
    pub async fn opens(&self, client: &mut Client) -> anyhow::Result<()> {
        if client.get(&format!("/platform/partners/{}?test=true", partner_id(0))).await.is_ok() {
            return Ok(());
        }
        for number in 0..CONTRACTS {
            let id = contract_id(number);
            let body = json!({
                "id": id, "name": id, "platformFee": {"fixedRate": 10_000}, "platformFeeVatPayer": "PARTNER",
                "settlementCycle": {"lagDays": 1, "datePolicy": "CALENDAR_DAY", "method": {"daily": {}}},
                "subtractPaymentVatAmount": true,
            });
            client.post("/platform/contracts?test=true", &body).await?;
        }
        let mut first = 0;
        while first < self.partners {
            let end = first.saturating_add(BATCH).min(self.partners);
            let partners: Vec<_> = (first..end).map(partner).collect();
            client.post("/platform/partners/batch?test=true", &json!({"partners": partners})).await?;
            first = end;
        }
        Ok(())
    }

    /// Transfers that are not due yet, in the order of time, with the last of them now.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn fills(&self, storage: &Storage, count: u64) -> anyhow::Result<()> {
        let ahead = |number: u64| {
            let days = i64::try_from(number.checked_rem(DAYS_AHEAD).unwrap_or(0)).unwrap_or(0);
            self.payday().saturating_add(days.saturating_add(1).days())
        };
        self.writes(storage, count, |number| {
            let age = count.saturating_sub(number).saturating_add(1_000_000);
            let id = format!("trs-{:08x}-existing-{number:08}", self.run);
            let settles_on = ahead(number);
            if is_one_in(number, ONE_BY_HAND_IN) {
                return self.by_hand(id, number, age, settles_on);
            }
            let starts_on = if is_one_in(number, ONE_SCHEDULED_IN) { settles_on } else { self.today() };
            self.order(id, number, age, starts_on, settles_on)
        })
        .await
    }

    /// Orders that are due on payday.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn sells(&self, storage: &Storage, count: u64) -> anyhow::Result<()> {
        self.writes(storage, count, |number| {
            let id = format!("trs-{:08x}-due-{number:08}", self.run);
            self.order(id, number, count.saturating_sub(number), self.today(), self.payday())
        })
        .await
    }

    async fn writes(
        &self,
        storage: &Storage,
        count: u64,
        make: impl Fn(u64) -> anyhow::Result<Transfer>,
    ) -> anyhow::Result<()> {
        let mut written = stream::iter(0..count)
            .map(|number| {
                let transfer = make(number);
                async move {
                    let transfer = transfer?;
                    let mut change = transfer.registered(Vec::new());
                    if number == 0 {
                        change.jobs.extend(day_job(&transfer, transfer.settles_on));
                    }
                    match storage.commit(change).await {
                        Ok(()) | Err(CommitError::Exists(_)) => anyhow::Ok(()),
                        Err(error) => Err(error).context("a transfer cannot be written"),
                    }
                }
            })
            .buffer_unordered(AT_ONCE);
        while let Some(one) = written.next().await {
            one?;
        }
        // As long as the server remembers the line that this has made, it refuses what would make it longer.
        tokio::time::sleep(LINE_FORGOTTEN).await;
        Ok(())
    }

    fn transfer(
        &self,
        id: String,
        number: u64,
        age: u64,
        settles_on: Date,
        content: TransferContent,
    ) -> Transfer {
        let age = SignedDuration::from_millis(i64::try_from(age).unwrap_or(0));
        let partner = number.checked_rem(self.partners).unwrap_or(0);
        Transfer {
            platform: PlatformKey {
                merchant: MerchantId::known(demo::MERCHANT_ID),
                environment: Environment::Test,
            },
            id: TransferId::known(id),
            home: StoreId::known(demo::STORE_ID),
            created_at: self.now.checked_sub(age).unwrap_or(self.now),
            version: 1,
            partner: PartnerId::known(partner_id(partner)),
            settles_on,
            currency: Currency::KRW,
            memo: None,
            properties: Vec::new(),
            content,
            settlement: None,
        }
    }

    fn by_hand(&self, id: String, number: u64, age: u64, settles_on: Date) -> anyhow::Result<Transfer> {
        let content = ManualAmount {
            settlement: SignedAmount::new(1_000).context("an amount")?,
            tax_free: SignedAmount::ZERO,
            currency: Currency::KRW,
        };
        Ok(self.transfer(id, number, age, settles_on, TransferContent::Manual(content)))
    }

    fn order(
        &self,
        id: String,
        number: u64,
        age: u64,
        starts_on: Date,
        settles_on: Date,
    ) -> anyhow::Result<Transfer> {
        let wanted = Order {
            detail: OrderDetail::Lines(vec![OrderLine {
                product: Product {
                    id: ProductId::known(product_id(number)),
                    name: "A loaf of bread".into(),
                    amount: Amount::new(2_500).context("an amount")?,
                    tax_free: Amount::ZERO,
                    tag: None,
                },
                quantity: 2,
                discounts: Vec::new(),
                additional_fees: Vec::new(),
            }]),
            tax_free: None,
            discounts: Vec::new(),
            additional_fees: Vec::new(),
            parameters: BTreeMap::new(),
        };
        let method = match number.checked_rem(3) {
            Some(0) => PaidWith::EasyPay { provider: Some("KAKAOPAY".into()), method: None },
            Some(1) => PaidWith::Transfer,
            _ => PaidWith::Card,
        };
        // The contract depends on the partner, so that each partner has one settlement.
        let partner = number.checked_rem(self.partners).unwrap_or(0);
        let content = OrderContent {
            contract: Edition { id: ContractId::known(contract_id(partner)), applied_at: self.now },
            payment: TransferPayment {
                id: PaymentId::known(format!("payment-{id}")),
                store: StoreId::known(demo::STORE_ID),
                channel: None,
                order_name: Some("Bread".into()),
                method: Some(method),
                currency: Currency::KRW,
                paid_at: Some(self.now),
            },
            starts_on,
            asked_date: Some(settles_on),
            asked_tax_free: None,
            asked_parameters: BTreeMap::new(),
            parameters: BTreeMap::new(),
            discount_policies: BTreeMap::new(),
            additional_fee_policies: BTreeMap::new(),
            calculation: calculate(&wanted, &FEES, &Calculator::default()).context("an order")?,
            frozen: starts_on <= self.today(),
        };
        Ok(self.transfer(id, number, age, settles_on, TransferContent::Order(Box::new(content))))
    }
}

fn is_one_in(number: u64, of: u64) -> bool {
    number.checked_rem(of) == Some(0)
}

fn partner(number: u64) -> serde_json::Value {
    let id = partner_id(number);
    json!({
        "id": id, "name": format!("Bakery {number}"), "contact": {"name": "Hong", "email": "hong@example.com"},
        "account": {"bank": "KOOKMIN", "currency": "KRW", "number": format!("110{number:09}0"), "holder": "홍길동"},
        "defaultContractId": contract_id(number), "tags": [format!("tag-{}", number.checked_rem(100).unwrap_or(0))],
        "type": {"whtPayer": {"birthdate": "1990-01-02"}},
    })
}
