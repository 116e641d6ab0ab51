//! A sound database, and every way to break it that a rule names.
//!
//! The history is made by the domain's own decisions and committed through the one write path; then
//! one row is changed behind its back, as a careless hand or a defect would.

#![expect(clippy::arithmetic_side_effects, reason = "a test that overflows fails, as it should")]

use super::*;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::{Merchant, Store, StorePolicy};
use paypier_domain::change::{Change, SimulatorRecord, Write};
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::claim::{Answer, Claim, ClaimRef, ClaimWrite};
use paypier_domain::event::{Event, Subject};
use paypier_domain::id::*;
use paypier_domain::identity_verification::{self, AskedCustomer, IdentityVerification, VerificationKey};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Doubt, NotSent, Outcome};
use paypier_domain::payment::cancel::{self, CancelAsk, CancelOrigin, CancelSettled};
use paypier_domain::payment::capture::{self, CaptureStep};
use paypier_domain::payment::settle::{self, Settled};
use paypier_domain::payment::{
    Amounts, Decided, Limits, Notices, Order, Origin, Payment, Platform, Request, pay,
};
use paypier_domain::promotion::{
    Budget, CardCompany, DiscountPolicy, Grant, Partition, Promotion, Recovery, RetainOption, Scheme, grant,
};
use paypier_domain::psp::{Charge, Refund};
use paypier_storage::{DatabaseUrl, StoredEntry, StoredEvent};

const STORE: &str = "store-1";

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_800_000_000 + second)
}

fn won(amount: i64) -> Amount {
    Amount::new(amount).unwrap()
}

fn key(id: &str) -> PaymentKey {
    PaymentKey { store: StoreId::known(STORE), payment: PaymentId::known(id) }
}

/// The pen that histories are written with: it keeps what a database would.
#[derive(Default)]
struct Shop {
    changes: Vec<Change>,
    clock: i64,
}

impl Shop {
    fn now(&mut self) -> Timestamp {
        self.clock += 1;
        at(self.clock)
    }

    fn keep(&mut self, decided: Decided) -> Payment {
        self.changes.push(decided.change);
        decided.payment
    }

    fn begins(&mut self, existing: Option<&Payment>, id: &str, transaction: &str) -> Payment {
        let now = self.now();
        let request = Request {
            transaction: TransactionId::known(transaction),
            currency: Currency::KRW,
            amounts: Amounts::new(won(10_000), Amount::ZERO, None, Amount::ZERO).unwrap(),
            order: Order { name: "Tea".into(), ..Order::default() },
            origin: Origin {
                platform: Platform::Api,
                ip_address: "127.0.0.1".into(),
                user_agent: None,
                url: None,
            },
            channel: ChannelSnapshot {
                key: ChannelKey::known("channel-1"),
                id: ChannelId::known("channel-id-1"),
                name: "cards".into(),
                environment: Environment::Test,
                connector: "sandbox".into(),
                pg_provider: "TOSSPAYMENTS".into(),
                pg_merchant_id: "shop".into(),
            },
            channel_group: None,
            billing_key: None,
            schedule: None,
            promotion: None,
            notices: Notices::default(),
            claim: Some(claim(transaction)),
            method: None,
        };
        let decided =
            pay::begin(existing, &key(id), &MerchantId::known("merchant-1"), request, Limits::default(), now)
                .unwrap();
        let payment = self.keep(decided);
        let claim = Claim { reference: claim(transaction), fingerprint: [7; 32], at: now };
        self.changes.last_mut().unwrap().claim = Some(ClaimWrite::Begin(claim));
        payment
    }

    fn answers(&mut self, payment: &Payment, transaction: &str, outcome: Outcome<Charge>) -> Payment {
        let now = self.now();
        let is_final = !matches!(outcome, Outcome::Unknown(_) | Outcome::Pending(_));
        match settle::attempt(payment, &TransactionId::known(transaction), outcome, false, now) {
            Settled::Changed(decided, _) => {
                let payment = self.keep(*decided);
                if is_final {
                    let answer = Answer { status: 200, body: b"{}".to_vec() };
                    self.changes.last_mut().unwrap().claim =
                        Some(ClaimWrite::Finish(claim(transaction), answer));
                }
                payment
            }
            Settled::Unchanged => payment.clone(),
        }
    }

    fn is_paid(&mut self, id: &str, transaction: &str) -> Payment {
        let begun = self.begins(None, id, transaction);
        self.psp_has(transaction, 10_000, 0, None);
        self.answers(&begun, transaction, Outcome::Done(charge(transaction)))
    }

    fn asks_to_cancel(&mut self, payment: &Payment, id: &str, amount: i64) -> Payment {
        let now = self.now();
        let ask = CancelAsk {
            id: CancellationId::known(id),
            amount: Some(won(amount)),
            tax_free: None,
            vat: None,
            current_cancellable: None,
            reason: "late".into(),
            requester: None,
            origin: CancelOrigin::Api,
            refund_account: None,
            retain: RetainOption::Release,
            skip_webhook: false,
            claim: None,
        };
        let requested = cancel::request(payment, ask, Limits::default(), now).unwrap();
        self.keep(requested.decided)
    }

    fn answers_cancel(&mut self, payment: &Payment, id: &str, outcome: Outcome<Refund>) -> Payment {
        let now = self.now();
        match cancel::settle(payment, &CancellationId::known(id), outcome, now) {
            CancelSettled::Changed(decided) => self.keep(*decided),
            CancelSettled::Unchanged => panic!("an answer changes something"),
        }
    }

    fn is_cancelled(&mut self, payment: &Payment, id: &str, amount: i64) -> Payment {
        let payment = self.asks_to_cancel(payment, id, amount);
        let refund = Refund {
            pg_cancellation_id: PgCancellationId::known(format!("pg-{id}")),
            amount: won(amount),
            at: at(self.clock),
            fee_returned: won(amount * 32 / 1000),
            receipt_url: None,
            raw: None,
        };
        self.answers_cancel(&payment, id, Outcome::Done(refund))
    }

    /// Approved, and the PSP was asked to take the money.
    fn is_being_captured(&mut self, id: &str, transaction: &str) -> Payment {
        let begun = self.begins(None, id, transaction);
        let now = self.now();
        let charged = Outcome::Done(charge(transaction));
        let paid = match settle::attempt(&begun, &TransactionId::known(transaction), charged, true, now) {
            Settled::Changed(decided, _) => self.keep(*decided),
            Settled::Unchanged => panic!("an approval changes something"),
        };
        let answer = Answer { status: 200, body: b"{}".to_vec() };
        self.changes.last_mut().unwrap().claim = Some(ClaimWrite::Finish(claim(transaction), answer));
        match capture::request(&paid, None, Limits::default(), now).unwrap() {
            CaptureStep::Ask(decided, _) => self.keep(*decided),
            CaptureStep::AlreadyCaptured => panic!("nothing was captured before"),
        }
    }

    /// The first attempt fails, the second succeeds, and then the first turns out to have succeeded.
    fn is_charged_twice(&mut self, id: &str, first: &str, second: &str) -> Payment {
        let not_sent = NotSent { code: "X".into(), message: "not executed".into() };
        let begun = self.begins(None, id, first);
        let failed = self.answers(&begun, first, Outcome::NotSent(not_sent));
        let again = self.begins(Some(&failed), id, second);
        let paid = self.answers(&again, second, Outcome::Done(charge(second)));
        self.answers(&paid, first, Outcome::Done(charge(first)))
    }

    /// A page of the PSP's books.
    fn psp_has(&mut self, transaction: &str, approved: i64, refunded: i64, expects: Option<u64>) {
        let record = SimulatorRecord {
            store: StoreId::known(STORE),
            kind: "order".into(),
            id: transaction.into(),
            version: expects.unwrap_or(0) + 1,
            expects,
            merchant_id: "shop".into(),
            currency: Some(Currency::KRW),
            approved,
            refunded,
            at: at(self.clock),
            document: "{}".into(),
        };
        self.changes.push(Change { writes: vec![Write::Simulator(Box::new(record))], ..Change::default() });
    }

    fn events_of(&self, payment: &Payment) -> Vec<StoredEvent> {
        let is_of =
            |event: &Event| matches!(&event.subject, Subject::Payment(about) if about.payment == payment.key);
        let events = self.changes.iter().flat_map(|change| &change.events);
        events
            .filter(|(event, _)| is_of(event))
            .map(|(event, notify)| StoredEvent { event: event.clone(), notify: *notify })
            .collect()
    }

    fn entries_of(&self, payment: &Payment) -> Vec<StoredEntry> {
        let postings = self.changes.iter().flat_map(|change| &change.postings);
        postings
            .filter(|posting| *posting.payment() == payment.key)
            .flat_map(|posting| {
                posting.entries().iter().map(|entry| StoredEntry {
                    posting: posting.id().to_owned(),
                    environment: posting.environment(),
                    account: entry.account.clone(),
                    currency: posting.currency(),
                    signed: entry.signed,
                    at: posting.at(),
                })
            })
            .collect()
    }

    /// The rules that the payment breaks after `change` was done to what is stored about it.
    fn broken(
        &self,
        payment: &Payment,
        change: impl FnOnce(&mut Payment, &mut Vec<StoredEvent>, &mut Vec<StoredEntry>),
    ) -> Vec<Rule> {
        let (mut payment, mut events, mut entries) =
            (payment.clone(), self.events_of(payment), self.entries_of(payment));
        change(&mut payment, &mut events, &mut entries);
        let seen = Seen { payment: &payment, events: &events, entries: &entries };
        let mut rules: Vec<Rule> = seen.differences().into_iter().map(|difference| difference.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

fn claim(transaction: &str) -> ClaimRef {
    ClaimRef {
        merchant: MerchantId::known("merchant-1"),
        key: format!("key-of-{transaction}"),
        operation: "payInstantly".into(),
    }
}

fn charge(transaction: &str) -> Charge {
    Charge {
        pg_tx_id: PgTxId::known(format!("pg-{transaction}")),
        amount: won(10_000),
        at: at(0),
        fee: won(320),
        card: None,
        account: None,
        approval_number: None,
        receipt_url: None,
        raw: None,
    }
}

fn silence() -> Outcome<Charge> {
    Outcome::Unknown(Doubt { reason: "no answer".into() })
}

#[test]
fn every_state_that_the_domain_reaches_is_sound() {
    let mut shop = Shop::default();
    let paid = shop.is_paid("p1", "t1");
    let part = shop.is_cancelled(&paid, "c1", 3_000);
    let whole = shop.is_cancelled(&part, "c2", 7_000);
    let sending = shop.begins(None, "p2", "t2");
    let unknown = shop.answers(&sending, "t2", silence());
    let failed = shop.answers(
        &unknown,
        "t2",
        Outcome::NotSent(NotSent { code: "X".into(), message: "not executed".into() }),
    );
    let late = shop.answers(&failed, "t2", Outcome::Done(charge("t2")));
    let begun = shop.begins(None, "p3", "t3");
    let failed_first = shop.answers(
        &begun,
        "t3",
        Outcome::NotSent(NotSent { code: "X".into(), message: "not executed".into() }),
    );
    let again = shop.begins(Some(&failed_first), "p3", "t4");
    let paid_second = shop.answers(&again, "t4", Outcome::Done(charge("t4")));
    let twice = shop.answers(&paid_second, "t3", Outcome::Done(charge("t3")));
    // Histories are looked at whole, so only the last state of each payment fits all its events.
    for payment in [&whole, &late, &twice] {
        assert_eq!(shop.broken(payment, |_, _, _| {}), [], "{payment:#?}");
    }
    let (events, entries) = (shop.events_of(&twice), shop.entries_of(&twice));
    let seen = Seen { payment: &twice, events: &events, entries: &entries };
    assert_eq!(seen.open().len(), 1, "the second charge is being given back");
    let charged = seen.charged();
    assert_eq!(
        charged.iter().map(|c| (c.approved, c.is_open)).collect::<Vec<_>>(),
        [(10_000, true), (10_000, false)]
    );
}

#[test]
fn what_does_not_fit_a_payment_is_named() {
    let mut shop = Shop::default();
    let paid = shop.is_paid("p1", "t1");
    let part = shop.is_cancelled(&paid, "c1", 3_000);

    let of = |entries: &mut Vec<StoredEntry>, posting: &str, keep: bool| {
        entries.retain(|entry| (entry.posting == posting) == keep);
    };
    assert_eq!(shop.broken(&part, |_, _, entries| of(entries, "charge:t1", false)), [Rule::ChargePosted]);
    assert_eq!(shop.broken(&part, |_, _, entries| of(entries, "refund:c1", false)), [Rule::RefundPosted]);
    assert_eq!(
        shop.broken(&part, |_, _, entries| {
            let mut stray: Vec<StoredEntry> =
                entries.iter().filter(|e| e.posting == "refund:c1").cloned().collect();
            stray.iter_mut().for_each(|entry| entry.posting = "refund:c9".into());
            entries.extend(stray);
        }),
        [Rule::PostingHasCause]
    );
    assert_eq!(shop.broken(&part, |_, _, entries| entries[0].signed += 1), [Rule::ChargePosted]);
    assert_eq!(
        shop.broken(&part, |_, _, entries| entries[0].environment = Environment::Live),
        [Rule::OneEnvironment]
    );
    assert_eq!(
        shop.broken(&part, |payment, _, _| payment.environment = Environment::Live),
        [Rule::OneEnvironment]
    );
    let without = |kind: &'static str| {
        move |events: &mut Vec<StoredEvent>| {
            events.retain(
                |stored| !matches!(&stored.event.subject, Subject::Payment(event) if event.kind.as_str() == kind),
            );
        }
    };
    assert_eq!(shop.broken(&part, |_, events, _| without("Paid")(events)), [Rule::EventForState]);
    assert_eq!(shop.broken(&part, |_, events, _| without("PartialCancelled")(events)), [Rule::EventForState]);
    assert_eq!(
        shop.broken(&part, |_, events, _| {
            let paid = events.iter().find(|stored| kind_of(stored) == "Paid").unwrap().clone();
            events.push(paid);
        }),
        [Rule::StateForEvent]
    );
    assert_eq!(
        shop.broken(&part, |_, events, _| {
            for stored in events.iter_mut().filter(|stored| kind_of(stored) == "Paid") {
                if let Subject::Payment(event) = &mut stored.event.subject {
                    event.moved = 9_999;
                }
            }
        }),
        [Rule::StateForEvent]
    );
    assert_eq!(
        shop.broken(&part, |payment, _, _| {
            let mut second = payment.cancellations[0].clone();
            second.id = CancellationId::known("c2");
            second.order_amount = won(9_000);
            second.refund = won(9_000);
            payment.cancellations.push(second);
        }),
        [Rule::CancelledWithinPaid, Rule::RefundPosted, Rule::EventForState]
    );
    assert!(
        shop.broken(&part, |payment, _, _| {
            let mut second = payment.attempts[0].clone();
            second.id = TransactionId::known("t9");
            payment.attempts.push(second);
        })
        .contains(&Rule::OnePaidAttempt)
    );
}

fn kind_of(stored: &StoredEvent) -> &'static str {
    match &stored.event.subject {
        Subject::Payment(event) => event.kind.as_str(),
        Subject::BillingKey { kind, .. } => kind.as_str(),
    }
}

/// A database file with a sound history in it, and a second hand on it.
struct Ledger {
    storage: Storage,
    path: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Ledger {
    async fn of(shop: Shop) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("paypier.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        paypier_storage::migrate(&url, at(0)).await.unwrap();
        let storage = Storage::open(paypier_storage::Options::new(url, "verify")).await.unwrap();
        for change in shop.changes {
            storage.commit(change).await.unwrap();
        }
        Self { storage, path, _folder: folder }
    }

    /// A paid payment, one cancelled in part, and one of unknown outcome.
    async fn sound() -> Self {
        let mut shop = Shop::default();
        shop.is_paid("p1", "t1");
        let paid = shop.is_paid("p2", "t2");
        shop.is_cancelled(&paid, "c2", 4_000);
        shop.psp_has("t2", 10_000, 4_000, Some(1));
        let begun = shop.begins(None, "p3", "t3");
        shop.answers(&begun, "t3", silence());
        shop.psp_has("t3", 10_000, 0, None);
        Self::of(shop).await
    }

    fn spoil(&self, sql: &str) {
        let changed = rusqlite::Connection::open(&self.path)
            .and_then(|connection| {
                connection.busy_timeout(std::time::Duration::from_secs(5))?;
                connection.execute(sql, [])
            })
            .unwrap();
        assert!(changed > 0, "{sql} changed nothing");
    }

    async fn verified(&self) -> Report {
        run(&self.storage, VerifyOptions::default()).await.unwrap()
    }
}

#[tokio::test]
async fn a_sound_database_holds_and_names_what_is_open() {
    let ledger = Ledger::sound().await;
    let report = ledger.verified().await;
    assert!(report.holds(), "{}", report.human());
    assert_eq!((report.checked.payments, report.checked.attempts, report.checked.cancellations), (3, 3, 1));
    assert_eq!(report.checked.psp_orders, 3);
    let open: Vec<&str> = report.open.iter().map(|open| open.subject.as_str()).collect();
    assert_eq!(open, ["store-1/p3 attempt t3"], "the PSP's charge of an unknown attempt is no difference");
}

#[tokio::test]
async fn every_corruption_is_named() {
    for (sql, rules) in [
        ("UPDATE balances SET amount = amount + 1 WHERE account = 'sales'", &[Rule::BalanceIsSum][..]),
        (
            "UPDATE ledger_entries SET signed = signed - 1 WHERE posting_id = 'charge:t1' AND account = 'sales'",
            &[
                Rule::PostingBalances,
                Rule::BalanceIsSum,
                Rule::ChargePosted,
                Rule::PspAgrees,
                Rule::PspTotals,
            ],
        ),
        (
            "DELETE FROM ledger_entries WHERE posting_id = 'charge:t1'",
            &[Rule::BalanceIsSum, Rule::ChargePosted, Rule::PspAgrees, Rule::PspTotals],
        ),
        (
            "UPDATE ledger_entries SET posting_id = 'refund:c9' WHERE posting_id = 'refund:c2'",
            &[Rule::RefundPosted, Rule::PostingHasCause, Rule::PspAgrees, Rule::PspTotals],
        ),
        (
            "DELETE FROM events WHERE subject = 'p1' AND sequence = (SELECT max(sequence) FROM events WHERE subject = 'p1')",
            &[Rule::EventSequence, Rule::EventForState],
        ),
        (
            "UPDATE simulator_records SET refunded = 0 WHERE record_id = 't2'",
            &[Rule::PspAgrees, Rule::PspTotals],
        ),
        ("DELETE FROM simulator_records WHERE record_id = 't1'", &[Rule::PspKnowsCharge, Rule::PspTotals]),
        (
            "UPDATE simulator_records SET record_id = 't9' WHERE record_id = 't1'",
            &[Rule::PspKnowsCharge, Rule::ChargeIsOurs],
        ),
        (
            "UPDATE claims SET status = NULL, answer = NULL WHERE claim_key = 'key-of-t1'",
            &[Rule::AnswerRemembered],
        ),
        ("UPDATE attempts SET body = '{}' WHERE transaction_id = 't1'", &[Rule::RowReadable]),
        ("UPDATE payments SET status = 'FAILED' WHERE payment_id = 'p1'", &[Rule::GuardColumns]),
        ("UPDATE payments SET transaction_id = 't9' WHERE payment_id = 'p1'", &[Rule::GuardColumns]),
        ("UPDATE payments SET claimed_order_amount = 0 WHERE payment_id = 'p2'", &[Rule::GuardColumns]),
        ("UPDATE payments SET claimed_refund = 4001 WHERE payment_id = 'p2'", &[Rule::GuardColumns]),
        ("UPDATE payments SET total = 10001 WHERE payment_id = 'p2'", &[Rule::GuardColumns]),
        ("UPDATE payments SET to_pay = 9999 WHERE payment_id = 'p2'", &[Rule::GuardColumns]),
        ("UPDATE attempts SET is_paid = 0 WHERE transaction_id = 't1'", &[Rule::GuardColumns]),
        ("UPDATE attempts SET is_paid = 1 WHERE transaction_id = 't3'", &[Rule::GuardColumns]),
        ("DELETE FROM jobs WHERE job_key = 'resolve_attempt:t3'", &[Rule::JobQueued]),
    ] {
        let ledger = Ledger::sound().await;
        ledger.spoil(sql);
        let report = ledger.verified().await;
        let mut found: Vec<Rule> = report.differences.iter().map(|difference| difference.rule).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, rules, "{sql}\n{}", report.human());
        assert!(!report.holds());
    }
}

#[tokio::test]
async fn whatever_is_open_has_its_job() {
    let mut shop = Shop::default();
    shop.begins(None, "p1", "sending");
    let begun = shop.begins(None, "p2", "unknown");
    shop.answers(&begun, "unknown", silence());
    let begun = shop.begins(None, "p3", "pending");
    shop.answers(&begun, "pending", Outcome::Pending(charge("pending")));
    let paid = shop.is_paid("p4", "t4");
    shop.asks_to_cancel(&paid, "asked", 1_000);
    let paid = shop.is_paid("p5", "t5");
    let asked = shop.asks_to_cancel(&paid, "silent", 1_000);
    let doubt = Outcome::Unknown(Doubt { reason: "no answer".into() });
    shop.answers_cancel(&asked, "silent", doubt);
    shop.is_being_captured("p6", "captured");
    shop.is_charged_twice("p7", "twice", "t7");
    let ledger = Ledger::of(shop).await;
    let report = ledger.verified().await;
    let wrong = |report: &Report| -> Vec<(Rule, String)> {
        // The simulated PSP was told of the paid ones only.
        let of_ours = report.differences.iter().filter(|found| found.rule != Rule::PspTotals);
        of_ours
            .filter(|found| !matches!(found.rule, Rule::PspKnowsCharge | Rule::PspAgrees))
            .map(|found| (found.rule, found.subject.clone()))
            .collect()
    };
    assert_eq!(wrong(&report), [], "{}", report.human());
    for (job, subject) in [
        ("resolve_attempt:sending", "store-1/p1 attempt sending"),
        ("resolve_attempt:unknown", "store-1/p2 attempt unknown"),
        ("resolve_attempt:pending", "store-1/p3 attempt pending"),
        ("resolve_cancellation:asked", "store-1/p4 cancellation asked"),
        ("resolve_cancellation:silent", "store-1/p5 cancellation silent"),
        ("resolve_capture:captured", "store-1/p6 attempt captured"),
        ("reverse_charge:twice", "store-1/p7 attempt twice"),
    ] {
        ledger.spoil(&format!("UPDATE jobs SET job_key = 'lost' WHERE job_key = '{job}'"));
        let report = ledger.verified().await;
        assert_eq!(wrong(&report), [(Rule::JobQueued, subject.to_owned())], "{}", report.human());
        ledger.spoil(&format!("UPDATE jobs SET job_key = '{job}' WHERE job_key = 'lost'"));
    }
}

#[tokio::test]
async fn what_is_listed_is_bounded_and_all_is_counted() {
    let ledger = Ledger::sound().await;
    ledger.spoil("UPDATE balances SET amount = amount + 1");
    let report =
        run(&ledger.storage, VerifyOptions { most_listed: 1, ..VerifyOptions::default() }).await.unwrap();
    assert_eq!(report.differences.len(), 1);
    assert!(report.difference_count > 1);
}

#[tokio::test]
async fn every_corruption_of_a_budget_is_named() {
    for sql in [
        "UPDATE promotions SET spent = spent + 1",
        "UPDATE promotions SET spent = spent - 1",
        "UPDATE promotions SET reserved = reserved + 1",
        "UPDATE promotions SET reserved = 0",
        "UPDATE promotions SET unfunded = unfunded + 1",
        "UPDATE promotions SET unrecovered = unrecovered + 1",
        "UPDATE promotions SET promotion_id = 'other'",
    ] {
        let mut shop = Shop::default();
        let promotion = shop.promotes();
        let spent = shop.begins_promoted(&promotion, "p1", "t1");
        shop.answers(&spent, "t1", Outcome::Done(Charge { amount: won(9_000), ..charge("t1") }));
        shop.psp_has("t1", 9_000, 0, None);
        let held = shop.begins_promoted(&promotion, "p2", "t2");
        shop.answers(&held, "t2", silence());
        shop.psp_has("t2", 9_000, 0, None);
        let ledger = Ledger::of(shop).await;
        let sound = ledger.verified().await;
        assert!(sound.holds(), "{}", sound.human());
        ledger.spoil(sql);
        let report = ledger.verified().await;
        let mut found: Vec<Rule> = report.differences.iter().map(|difference| difference.rule).collect();
        found.dedup();
        assert_eq!(found, [Rule::PromotionBudget], "{sql}\n{}", report.human());
    }
}

#[tokio::test]
async fn an_identity_verification_that_nobody_will_ask_about_is_named() {
    let mut shop = Shop::default();
    let sending = shop.asks_who("sending", identity_verification::Origin::Api);
    shop.asks_who("waiting", identity_verification::Origin::Window);
    let ledger = Ledger::of(shop).await;
    let report = ledger.verified().await;
    assert!(report.holds(), "{}", report.human());
    let open: Vec<&str> = report.open.iter().map(|open| open.subject.as_str()).collect();
    assert_eq!(
        open,
        [format!("{} identity verification tx-sending", sending.key)],
        "the other waits for a person"
    );
    ledger.spoil(&format!("DELETE FROM jobs WHERE job_key = '{}'", sending.resolution().key()));
    let report = ledger.verified().await;
    let found: Vec<Rule> = report.differences.iter().map(|difference| difference.rule).collect();
    assert_eq!(found, [Rule::JobQueued], "{}", report.human());
    assert!(report.differences[0].subject.ends_with("identity verification tx-sending"));
}

impl Shop {
    /// A tenth off, out of 5,000 won.
    fn promotes(&mut self) -> Promotion {
        let now = self.now();
        let merchant = MerchantId::known("merchant-1");
        let store = StoreId::known(STORE);
        let promotion = Promotion {
            id: PromotionId::known("tenth"),
            store: store.clone(),
            environment: Environment::Test,
            name: "a tenth".into(),
            card_company: CardCompany::Kookmin,
            currency: Currency::KRW,
            policy: DiscountPolicy::new(
                vec![Partition { from: won(5_000), scheme: Scheme::Percent(10) }],
                None,
            )
            .unwrap(),
            total_budget: won(5_000),
            recovery: Recovery::Recover,
            start_at: now,
            end_at: now + SignedDuration::from_hours(24),
            created_at: now,
            paused_at: None,
            terminated_at: None,
            terms: 1,
            budget: Budget::default(),
        };
        let writes = vec![
            Write::Merchant(Merchant { id: merchant.clone(), name: "Acme".into(), created_at: now }),
            Write::Store(Store {
                id: store,
                merchant,
                name: "Acme".into(),
                is_representative: true,
                policy: StorePolicy::default(),
                test_clock_offset: SignedDuration::ZERO,
                created_at: now,
            }),
            Write::Promotion { promotion: Box::new(promotion.clone()), expects: None },
        ];
        self.changes.push(Change { writes, ..Change::default() });
        promotion
    }

    /// Of 10,000 won, 1,000 are taken off.
    fn begins_promoted(&mut self, promotion: &Promotion, id: &str, transaction: &str) -> Payment {
        let now = self.now();
        let plain = self.begins(None, id, transaction);
        self.changes.pop();
        let mut request = plain.attempts[0].as_request().unwrap();
        let company = Some(CardCompany::Kookmin);
        let Ok(Grant::Discount(amounts, used)) =
            grant::decide(promotion, request.amounts, request.currency, company, now)
        else {
            panic!("no discount")
        };
        request.amounts = amounts;
        request.promotion = Some(used);
        let decided =
            pay::begin(None, &key(id), &MerchantId::known("merchant-1"), request, Limits::default(), now)
                .unwrap();
        let payment = self.keep(decided);
        let claim = Claim { reference: claim(transaction), fingerprint: [7; 32], at: now };
        self.changes.last_mut().unwrap().claim = Some(ClaimWrite::Begin(claim));
        payment
    }

    fn asks_who(&mut self, name: &str, origin: identity_verification::Origin) -> IdentityVerification {
        let now = self.now();
        let channel = self.begins(None, "unused", "unused").attempts[0].channel.clone().unwrap();
        self.changes.pop();
        let ask = identity_verification::Ask {
            key: VerificationKey {
                store: StoreId::known(STORE),
                id: IdentityVerificationId::known(format!("who-{name}")),
            },
            tx: IdentityVerificationTxId::known(format!("tx-{name}")),
            merchant: MerchantId::known("merchant-1"),
            channel,
            origin,
            customer: AskedCustomer::default(),
            operator: None,
            method: (origin == identity_verification::Origin::Api)
                .then_some(identity_verification::Method::Sms),
            custom_data: None,
            claim: None,
        };
        let begun = identity_verification::begin(None, ask, 3, SignedDuration::from_secs(60), now).unwrap();
        self.changes.push(begun.change);
        begun.verification
    }
}
