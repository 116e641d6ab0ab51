//! Looking at the settlement platform: all that is stored of a merchant's TEST half, after whoever has touched it.

use super::World;
use crate::ground::Finding;
use crate::model::{BookLines, Moment, PaidPayment, SeenMarket};
use crate::office::{SHOPS, Shop};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{MerchantId, PaymentKey};
use paypier_domain::ledger::Account;
use paypier_domain::money::Currency;
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::day_in_korea;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::PartnerId;
use paypier_domain::settlement::paying::Payout;
use paypier_domain::settlement::status::PayoutStatus;
use paypier_storage::{
    BulkPayoutFilter, MovementFilter, PageAsk, PartnerBook, PayoutFilter, ReadError, SettlementFilter,
    Storage, TransferFilter,
};
use serde_json::json;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// More than any run makes of anything.
const ALL: u32 = 5_000;
const EVERYTHING: PageAsk = PageAsk { number: 0, size: ALL };

fn unread(error: ReadError) -> Finding {
    Finding::new("what is stored can be read", format!("the platform: {error}"))
}

/// The stores whose secret and clock are a platform's.
pub(super) fn representatives() -> impl Iterator<Item = &'static Shop> {
    SHOPS.iter().filter(|shop| shop.is_representative)
}

impl World<'_> {
    pub(super) async fn look_at_markets(&mut self, moment: Moment) -> Result<(), Finding> {
        let touched: BTreeSet<&'static str> = match moment {
            Moment::Busy => std::mem::take(&mut self.touched_markets),
            Moment::AtRest => representatives().map(|shop| shop.merchant).collect(),
        };
        for shop in representatives().filter(|shop| touched.contains(shop.merchant)) {
            self.ground.hush(true);
            let seen = self.seen(shop).await;
            self.ground.hush(false);
            if let Some(seen) = seen? {
                self.markets.of(shop.merchant).look_at(&seen, moment)?;
            }
        }
        Ok(())
    }

    async fn seen(&self, shop: &'static Shop) -> Result<Option<SeenMarket>, Finding> {
        let Some(process) = &self.process else { return Ok(None) };
        let app = &process.composed.app;
        let storage = &app.storage;
        let platform =
            PlatformKey { merchant: MerchantId::known(shop.merchant), environment: Environment::Test };
        let now = app.test_clock(&shop.store()).await.map_err(|error| {
            Finding::new("what is stored can be read", format!("the platform's clock: {error:?}"))
        })?;
        let today = day_in_korea(now);
        let filter = TransferFilter::of(platform.clone(), today);
        let transfers = storage.platform_transfers_after(&filter, None, ALL).await.map_err(unread)?;
        let settlements = SettlementFilter::of(platform.clone());
        let (settlements, _) = storage.partner_settlements(&settlements, EVERYTHING).await.map_err(unread)?;
        let payouts = PayoutFilter::of(platform.clone());
        let (payouts, _) = storage.platform_payouts(&payouts, EVERYTHING).await.map_err(unread)?;
        let movements = MovementFilter::of(platform.clone());
        let (movements, _) = storage.account_transfers(&movements, EVERYTHING).await.map_err(unread)?;
        let bulks = BulkPayoutFilter {
            platform: platform.clone(),
            range: None,
            id: None,
            statuses: Vec::new(),
            methods: Vec::new(),
        };
        let (bulks, _) = storage.bulk_payouts(&bulks, EVERYTHING).await.map_err(unread)?;
        let mut paid = BTreeMap::new();
        let mut partners = BTreeSet::new();
        for transfer in &transfers {
            partners.insert(transfer.partner.clone());
            let Some(payment) = transfer.payment().filter(|payment| payment.is_ours()) else { continue };
            let name = (payment.store.to_string(), payment.id.to_string());
            if let Entry::Vacant(unseen) = paid.entry(name) {
                let key = PaymentKey { store: payment.store.clone(), payment: payment.id.clone() };
                unseen.insert(paid_payment(storage, &key).await?);
            }
        }
        partners.extend(settlements.items.iter().map(|settlement| settlement.partner.clone()));
        let mut books = BTreeMap::new();
        for partner in partners {
            books.insert(partner.to_string(), book(storage, shop, &partner).await?);
        }
        Ok(Some(SeenMarket {
            merchant: shop.merchant,
            today,
            transfers,
            settlements: settlements.items,
            payouts: payouts.items,
            bulks: bulks.items,
            movements: movements.items,
            accounts: storage.payout_accounts(&platform).await.map_err(unread)?,
            paid,
            books,
        }))
    }

    /// Somebody fills the accounts up, so that whatever is reserved can be executed.
    pub(super) async fn reserved_ones_can_be_paid(&mut self) -> Result<(), Finding> {
        for shop in representatives() {
            let body = json!({ "amount": 900_000_000_000i64, "depositorName": "calm" });
            let path = "/operator/platform/accounts/mock/deposits?test=true";
            self.says_body("POST", path, shop.secret, &body).await?;
        }
        Ok(())
    }

    /// What each partner is shown over all days is what is owed in the end.
    pub(super) async fn statements_tie(&mut self) -> Result<(), Finding> {
        for shop in representatives() {
            self.ground.hush(true);
            let seen = self.seen(shop).await;
            self.ground.hush(false);
            let Some(seen) = seen? else { continue };
            for (partner, lines) in &seen.books {
                let path = format!(
                    "/operator/platform/partners/{partner}/statement?from=2028-01-01&until=2029-12-31&test=true"
                );
                let statement = self.says("GET", &path, shop.secret).await?;
                crate::model::statement_ties(partner, &statement)?;
                let owed = lines.iter().fold(0i64, |sum, (_, units, _)| sum.saturating_add(*units));
                if statement["closingBalance"].as_i64() != Some(owed) {
                    let what = format!("{partner} is owed {owed}: {statement}");
                    return Err(Finding::new("a statement ties to the payouts", what));
                }
            }
        }
        Ok(())
    }

    /// The accounts beside those of the partners: what is withheld, what has left, and from where.
    pub(super) async fn market_books_agree(&self) -> Result<(), Finding> {
        let Some(process) = &self.process else { return Ok(()) };
        let sums = process.composed.app.storage.ledger_sums().await.map_err(unread)?;
        for shop in representatives() {
            let Some(seen) = self.seen(shop).await? else { return Ok(()) };
            let of = |account: &Account| {
                let own = sums.iter().filter(|line| {
                    line.store == shop.store() && line.account == *account && line.currency == Currency::KRW
                });
                own.fold(0i128, |sum, line| sum.saturating_add(line.entries))
            };
            let (mut withheld, mut by_bank, mut by_merchant) = (0i128, 0i128, 0i128);
            let in_won = |one: &&Payout| one.terms.currency == Currency::KRW;
            let paid = seen.payouts.iter().filter(|one| one.status == PayoutStatus::Succeeded);
            for payout in paid.filter(in_won) {
                let units = |amount: paypier_domain::money::Amount| i128::from(amount.minor_units());
                let taxes =
                    units(payout.amounts.income_tax).saturating_add(units(payout.amounts.local_income_tax));
                withheld = withheld.saturating_add(taxes);
                let left = match payout.method {
                    PayoutMethod::Agency => &mut by_bank,
                    PayoutMethod::Direct => &mut by_merchant,
                };
                *left = left.saturating_add(units(payout.amounts.amount));
            }
            let put_in = of(&Account::PayoutFunding).saturating_neg();
            // Credits are kept below nothing.
            for (account, expected) in [
                (Account::WithholdingPayable, withheld.saturating_neg()),
                (Account::Remitted, by_merchant.saturating_neg()),
                (Account::PayoutAccount, put_in.saturating_sub(by_bank)),
            ] {
                if of(&account) != expected {
                    let what = format!("{}: {} and not {expected}", account.name(), of(&account));
                    return Err(Finding::new("the books say what was withheld and what has left", what));
                }
            }
            let balance = seen
                .accounts
                .iter()
                .fold(0i128, |sum, account| sum.saturating_add(i128::from(account.balance.minor_units())));
            if of(&Account::PayoutAccount) != balance {
                let what = format!("{}: {balance} in the account", of(&Account::PayoutAccount));
                return Err(Finding::new("the account holds what the books say", what));
            }
        }
        Ok(())
    }
}

async fn paid_payment(storage: &Storage, key: &PaymentKey) -> Result<PaidPayment, Finding> {
    let Some(payment) = storage.payment(key).await.map_err(unread)? else {
        return Ok(PaidPayment::default());
    };
    let total = payment.paid_attempt().map_or(0, |attempt| attempt.amounts.total.minor_units());
    let succeeded = payment.cancellations.iter().filter(|cancellation| cancellation.is_succeeded());
    let cancellations = succeeded.map(|one| (one.id.to_string(), one.order_amount.minor_units())).collect();
    Ok(PaidPayment { total, cancellations })
}

async fn book(storage: &Storage, shop: &Shop, partner: &PartnerId) -> Result<BookLines, Finding> {
    let home = shop.store();
    let book = PartnerBook { home: &home, environment: Environment::Test, partner, currency: Currency::KRW };
    let always = (Timestamp::UNIX_EPOCH, "2100-01-01T00:00:00Z".parse().unwrap_or(Timestamp::MAX));
    let (_, lines) = storage.owed_to_partner(&book, always, ALL).await.map_err(unread)?;
    Ok(lines)
}
