use super::psp::receipt::{PaidWith, ReceiptRefund, RefundProgress, Standing};
use super::psp::{
    Bank, Books, BooksError, DepositRefusal, Deposited, Faults, LedgerKind, MemoryBooks, Psp, PspAnswer,
    PspOptions, ScheduledNotification, Total,
};
use super::*;
use crate::contract::FixedAccount;
use crate::exchange::{Exchange, ExchangeError, ExchangeResponse};
use paypier_domain::change::SimulatorRecord;
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::id::{ChannelId, ChannelKey};
use paypier_domain::money::{Currency, Rate};
use paypier_domain::payment::cancel::RefundAccount;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

mod authentications;
mod cash_receipt;
mod identity;

const VISA: &str = "4242424242424242";

/// A shop with one channel at the sandbox, and a clock that it moves.
struct Shop<B = MemoryBooks> {
    books: Arc<B>,
    psp: Arc<Psp>,
    exchange: Box<dyn Exchange>,
    clock: Arc<Mutex<Timestamp>>,
    store: StoreId,
    channel: ChannelSnapshot,
    credentials: String,
    sandbox: Sandbox,
}

fn won(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn card(number: &str) -> Card {
    Card::new(number.into(), "39".into(), "12".into(), Some("900101".into()), Some("12".into()))
}

fn account() -> RefundAccount {
    RefundAccount {
        bank: "SHINHAN".into(),
        number: "110".into(),
        holder_name: "Kim".into(),
        holder_phone_number: None,
    }
}

fn word(outcome: &Outcome<Charge>) -> String {
    match outcome {
        Outcome::Declined(decline) => format!("{:?} {}", decline.class, decline.code),
        Outcome::NotSent(not_sent) => format!("not_sent {}", not_sent.code),
        Outcome::Done(_) | Outcome::Pending(_) | Outcome::Unknown(_) => outcome.word().to_owned(),
    }
}

fn refund_word(outcome: &Outcome<Refund>) -> String {
    match outcome {
        Outcome::Declined(decline) => decline.code.clone(),
        Outcome::Done(refund) => format!("done {} fee {}", refund.amount, refund.fee_returned),
        Outcome::NotSent(_) | Outcome::Pending(_) | Outcome::Unknown(_) => outcome.word().to_owned(),
    }
}

impl Shop {
    fn open() -> Self {
        Self::on(Arc::new(MemoryBooks::new()), |exchange| Box::new(exchange))
    }
}

impl<B: Books + 'static> Shop<B> {
    fn on(books: Arc<B>, through: impl FnOnce(InProcess) -> Box<dyn Exchange>) -> Self {
        let options = PspOptions { secret: [7; 32], public_url: "http://psp.test".into() };
        let psp = Arc::new(Psp::new(books.clone(), options));
        let clock = Arc::new(Mutex::new("2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap()));
        let (ticking, counter) = (Arc::clone(&clock), AtomicU64::new(1));
        let exchange = InProcess::new(
            Arc::clone(&psp),
            Arc::new(move |_| *ticking.lock().unwrap()),
            Arc::new(move || counter.fetch_add(1, Ordering::Relaxed)),
        );
        let store = StoreId::known("store-1");
        let credentials = format!(r#"{{"secretKey":"{}"}}"#, psp.secret_key(&store, "shop-mid"));
        Self {
            books,
            psp,
            exchange: through(exchange),
            clock,
            channel: ChannelSnapshot {
                key: ChannelKey::known("channel-key-1"),
                id: ChannelId::known("channel-id-1"),
                name: "cards".into(),
                environment: Environment::Test,
                connector: "sandbox".into(),
                pg_provider: "SANDBOX".into(),
                pg_merchant_id: "shop-mid".into(),
            },
            store,
            credentials,
            sandbox: Sandbox::new(SandboxOptions { read_timeout: Duration::from_millis(40) }),
        }
    }

    fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    fn after(&self, minutes: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    }

    fn call(&self) -> Call<'_> {
        Call {
            exchange: &*self.exchange,
            store: &self.store,
            channel: &self.channel,
            credentials: &self.credentials,
            now: self.now(),
        }
    }

    async fn charges(&self, reference: &str, amount: i64, number: &str) -> Outcome<Charge> {
        self.charges_as(reference, amount, &card(number), false).await
    }

    async fn charges_as(
        &self,
        reference: &str,
        amount: i64,
        card: &Card,
        manual_capture: bool,
    ) -> Outcome<Charge> {
        let customer = Customer::default();
        self.sandbox.charge_card(&self.call(), &ask(reference, amount, &customer, manual_capture), card).await
    }

    async fn charges_token(&self, reference: &str, amount: i64, token: &str) -> Outcome<Charge> {
        let customer = Customer::default();
        self.sandbox.charge_stored(&self.call(), &ask(reference, amount, &customer, false), token).await
    }

    async fn refunds(&self, charge: &str, reference: &str, amount: i64) -> Outcome<Refund> {
        self.refunds_to(charge, reference, amount, None).await
    }

    async fn refunds_to(
        &self,
        charge: &str,
        reference: &str,
        amount: i64,
        to: Option<&RefundAccount>,
    ) -> Outcome<Refund> {
        let ask = RefundAsk {
            reference,
            charge_reference: charge,
            pg_tx_id: &PgTxId::known("unused"),
            amount: won(amount),
            tax_free: won(0),
            vat: won(0),
            currency: Currency::KRW,
            reason: "changed their mind",
            refund_account: to,
        };
        self.sandbox.refund(&self.call(), &ask).await
    }

    async fn opens_account(&self, reference: &str, amount: i64) -> Outcome<Charge> {
        let customer = Customer { name: Some("Kim".into()), ..Customer::default() };
        let ask = AccountAsk {
            charge: ask(reference, amount, &customer, false),
            bank: "SHINHAN",
            expires_at: self.now().checked_add(SignedDuration::from_hours(24)).unwrap(),
            remittee_name: Some("Shop"),
            fixed_account: None,
        };
        self.sandbox.issue_virtual_account(&self.call(), &ask).await
    }

    async fn deposits(&self, reference: &str, amount: i64) -> Result<Deposited, DepositRefusal> {
        self.psp.deposit(&self.store, reference, won(amount), Bank::SendsBack, self.now()).await
    }

    async fn deposits_late(&self, reference: &str, amount: i64) -> Result<Deposited, DepositRefusal> {
        self.psp.deposit(&self.store, reference, won(amount), Bank::LetsThrough, self.now()).await
    }

    async fn asks(&self, reference: &str, age_s: i64) -> Found<Snapshot> {
        self.sandbox.query(&self.call(), reference, None, SignedDuration::from_secs(age_s)).await
    }

    async fn knows(&self, reference: &str) -> Snapshot {
        match self.asks(reference, 0).await {
            Found::Known(Outcome::Done(snapshot)) => snapshot,
            other => panic!("{reference}: {other:?}"),
        }
    }

    async fn total(&self) -> (i64, i64) {
        let totals = self.psp.totals(&self.store).await.unwrap();
        totals.first().map_or((0, 0), |total| (total.approved, total.refunded))
    }

    async fn ledger(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut after = None;
        loop {
            let page = self.psp.ledger(&self.store, after.as_deref(), 2).await.unwrap();
            lines.extend(page.lines.into_iter().map(|line| {
                let refund = line.refund_reference.unwrap_or_default();
                let kind = if line.kind == LedgerKind::Charge { "charge" } else { "refund" };
                format!("{} {kind} {refund} {} {}", line.reference, line.amount, line.currency)
            }));
            after = page.next;
            if after.is_none() {
                return lines;
            }
        }
    }
}

fn ask<'a>(reference: &'a str, amount: i64, customer: &'a Customer, manual_capture: bool) -> ChargeAsk<'a> {
    ChargeAsk {
        reference,
        payment_id: "order-1",
        order_name: "coffee",
        amount: won(amount),
        tax_free: won(0),
        vat: won(0),
        currency: Currency::KRW,
        customer,
        installment_months: 0,
        manual_capture,
        is_escrow: false,
        bypass: Some(r#"{"hint":1}"#),
    }
}

#[tokio::test]
async fn every_card_does_what_the_table_says() {
    let shop = Shop::open();
    for (number, expected) in [
        (VISA, "done"),
        ("5555555555554444", "done"),
        ("4000056655665556", "done"),
        ("9400000000000000", "done"),
        ("4000000000000002", "Issuer SANDBOX_DECLINED"),
        ("4000000000009995", "Issuer SANDBOX_INSUFFICIENT_FUNDS"),
        ("4000000000000069", "Payer SANDBOX_EXPIRED_CARD"),
        ("4000000000000127", "Payer SANDBOX_INCORRECT_SECURITY_DATA"),
        ("4000000000009987", "Issuer SANDBOX_LOST_OR_STOLEN"),
        ("4000000000000119", "not_sent SANDBOX_PSP_ERROR"),
        ("4000000000000341", "done"),
        ("4000000000003220", "done"),
        ("4000000000006000", "unknown"),
        ("4000000000006018", "unknown"),
        ("4000000000006026", "unknown"),
        ("4000000000007726", "done"),
        ("4000000000005126", "done"),
        ("4000000000005134", "done"),
        ("4000000000008888", "done"),
        ("378282246310005", "done"),
        ("4242424242424241", "Payer SANDBOX_INVALID_CARD"),
        ("4242", "Payer SANDBOX_INVALID_CARD"),
        ("4242 4242 4242 4242", "Payer SANDBOX_INVALID_CARD"),
        ("", "Payer SANDBOX_INVALID_CARD"),
    ] {
        let outcome = shop.charges(&format!("r-{number}"), 1_000, number).await;
        assert_eq!(word(&outcome), expected, "{number}");
        // What the books say afterwards: declined orders are known, those that never began are not.
        let found = shop.asks(&format!("r-{number}"), 60).await;
        match (expected, &found) {
            ("unknown", _) => {}
            ("not_sent SANDBOX_PSP_ERROR", found) => assert_eq!(*found, Found::Absent),
            (_, Found::Known(Outcome::Done(snapshot))) => {
                assert_eq!(word(&snapshot.charge), expected, "{number}")
            }
            (_, found) => panic!("{number}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn typed_data_is_checked_before_the_issuer_is_asked() {
    let shop = Shop::open();
    let number = || VISA.to_owned();
    for (n, (typed, expected)) in [
        (Card::new(number(), "26".into(), "03".into(), None, None), "done"),
        (Card::new(number(), "2026".into(), "3".into(), None, None), "done"),
        (Card::new(number(), "39".into(), "01".into(), Some("1234567890".into()), None), "done"),
        (Card::new(number(), "26".into(), "02".into(), None, None), "Payer SANDBOX_EXPIRED_CARD"),
        (Card::new(number(), "26".into(), "13".into(), None, None), "Payer SANDBOX_INVALID_CARD"),
        (
            Card::new(number(), "39".into(), "01".into(), Some("9001".into()), None),
            "Payer SANDBOX_INCORRECT_SECURITY_DATA",
        ),
        (
            Card::new(number(), "39".into(), "01".into(), None, Some("1".into())),
            "Payer SANDBOX_INCORRECT_SECURITY_DATA",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(
            word(&shop.charges_as(&format!("r-{n}"), 1_000, &typed, false).await),
            expected,
            "case {n}"
        );
    }
}

#[tokio::test]
async fn an_approval_says_what_a_receipt_needs() {
    let shop = Shop::open();
    let Outcome::Done(charge) = shop.charges("r-1", 1_015, "9400000000000000").await else {
        panic!("not approved")
    };
    assert_eq!((charge.amount, charge.fee, charge.at), (won(1_015), won(32), shop.now()));
    let details = charge.card.unwrap();
    assert_eq!(details.issuer.as_deref(), Some("SHINHAN_CARD"));
    assert_eq!(details.publisher.as_deref(), Some("SHINHAN_CARD"));
    assert_eq!(details.brand.as_deref(), Some("LOCAL"));
    assert_eq!(details.kind.as_deref(), Some("CREDIT"));
    assert_eq!(details.owner.as_deref(), Some("PERSONAL"));
    assert_eq!(details.bin.as_deref(), Some("940000"));
    assert_eq!(details.masked_number.as_deref(), Some("94000000****0000"));
    let approval = charge.approval_number.unwrap();
    assert!(approval.len() == 8 && approval.bytes().all(|b| b.is_ascii_digit()), "{approval}");
    let tag = receipt_tag(&charge.receipt_url.unwrap());
    assert!(tag.len() == 16 && tag.bytes().all(|b| b.is_ascii_hexdigit()), "{tag}");
    assert!(charge.raw.unwrap().contains("\"status\":\"CAPTURED\""));
}

fn receipt_tag(url: &str) -> String {
    url.strip_prefix("http://psp.test/sandbox/receipts/store-1/r-1/").unwrap().into()
}

#[tokio::test]
async fn a_receipt_is_shown_to_whoever_has_its_link_and_follows_the_clock() {
    let shop = Shop::open();
    let Outcome::Done(charge) = shop.charges("r-1", 10_000, "4000000000007726").await else {
        panic!("not approved")
    };
    let tag = receipt_tag(&charge.receipt_url.unwrap());
    let receipt = || async { shop.psp.receipt(&shop.store, "r-1", &tag, shop.now()).await.unwrap().unwrap() };
    let paid = receipt().await;
    assert_eq!((paid.amount, paid.refunded, paid.standing), (won(10_000), won(0), Standing::Paid));
    assert_eq!((paid.approved_at, paid.approval_number), (shop.now(), charge.approval_number));
    let PaidWith::Card { number, .. } = paid.paid_with else { panic!("by card") };
    assert_eq!(number, "40000000****7726");

    let asked_at = shop.now();
    shop.refunds("r-1", "c-1", 4_000).await;
    shop.refunds("r-1", "c-2", 7_000).await;
    let refund = |progress| vec![ReceiptRefund { number: 1, amount: won(4_000), progress }];
    assert_eq!(
        receipt().await.refunds,
        refund(RefundProgress::Requested(asked_at)),
        "a refused one is not on it"
    );
    let (_, written) = shop.books.traffic();
    shop.after(10);
    let refunded = receipt().await;
    assert_eq!((refunded.refunded, refunded.standing), (won(4_000), Standing::PartlyRefunded));
    assert_eq!(refunded.refunds, refund(RefundProgress::Done(shop.now())));
    assert_eq!(shop.books.traffic().1, written, "looking at it writes nothing");
}

#[tokio::test]
async fn a_receipt_is_not_found_by_guessing() {
    let shop = Shop::open();
    let tag = match shop.charges("r-1", 1_000, VISA).await {
        Outcome::Done(charge) => receipt_tag(&charge.receipt_url.unwrap()),
        other => panic!("{other:?}"),
    };
    shop.charges("r-2", 1_000, VISA).await;
    let longer = format!("{tag}0");
    for (reference, tag) in
        [("r-2", tag.as_str()), ("r-1", ""), ("r-1", "0000000000000000"), ("r-1", &longer), ("r-9", &tag)]
    {
        let found = shop.psp.receipt(&shop.store, reference, tag, shop.now()).await.unwrap();
        assert_eq!(found, None, "{reference} {tag}");
    }
    let elsewhere = shop.psp.receipt(&StoreId::known("store-2"), "r-1", &tag, shop.now()).await;
    assert_eq!(elsewhere.unwrap(), None);
    assert!(shop.psp.receipt(&shop.store, "r-1", &tag, shop.now()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_approval_costs_one_write_and_no_read() {
    let shop = Shop::open();
    shop.charges("warm-up", 1_000, VISA).await;
    let (reads, writes) = shop.books.traffic();
    for n in 0..10 {
        assert_eq!(shop.charges(&format!("r-{n}"), 1_000, VISA).await.word(), "done");
    }
    assert_eq!(shop.books.traffic(), (reads, writes + 10));
    assert!(shop.books.notifications(&shop.store).is_empty());
}

#[tokio::test]
async fn a_repeated_charge_gets_the_first_answer_and_is_charged_once() {
    let shop = Shop::open();
    let first = shop.charges("r-1", 1_000, VISA).await;
    shop.after(60);
    shop.refunds("r-1", "c-1", 400).await;
    assert_eq!(shop.charges("r-1", 1_000, VISA).await, first);
    let refused = shop.charges("r-2", 1_000, "4000000000000002").await;
    assert_eq!(shop.charges("r-2", 1_000, "4000000000000002").await, refused);
    for (amount, number) in [(1_001, VISA), (1_000, "5555555555554444")] {
        assert_eq!(word(&shop.charges("r-1", amount, number).await), "Refused SANDBOX_REFERENCE_REUSED");
    }
    assert_eq!(shop.total().await, (1_000, 400));
    assert_eq!(shop.ledger().await, ["r-1 charge  1000 KRW", "r-1 refund c-1 400 KRW"]);
}

#[tokio::test]
async fn thirty_repeats_at_once_charge_once() {
    let shop = Arc::new(Shop::open());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let shop = Arc::clone(&shop);
        tasks.spawn(async move { shop.charges("r-1", 1_000, VISA).await });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.word() == "done"));
    assert_eq!(shop.total().await, (1_000, 0));
}

#[tokio::test]
async fn a_lost_answer_is_found_by_asking() {
    let shop = Shop::open();
    assert_eq!(shop.charges("r-1", 1_000, "4000000000006000").await.word(), "unknown");
    assert_eq!(shop.knows("r-1").await.charge.word(), "done");
    assert_eq!(shop.total().await, (1_000, 0));
}

#[tokio::test]
async fn a_lost_request_is_absent_but_not_at_once() {
    let shop = Shop::open();
    assert_eq!(shop.charges("r-1", 1_000, "4000000000006018").await.word(), "unknown");
    assert_eq!(shop.asks("r-1", 4).await, Found::NotYet);
    assert_eq!(shop.asks("r-1", 5).await, Found::Absent);
    assert_eq!(shop.total().await, (0, 0));
}

#[tokio::test]
async fn the_fourth_query_is_answered_also_after_a_restart() {
    let shop = Shop::open();
    assert_eq!(shop.charges("r-1", 1_000, "4000000000006026").await.word(), "unknown");
    for _ in 0..2 {
        assert!(matches!(shop.asks("r-1", 60).await, Found::NoAnswer(_)));
    }
    let restarted = Shop::on(Arc::clone(&shop.books), |exchange| Box::new(exchange));
    assert!(matches!(restarted.asks("r-1", 60).await, Found::NoAnswer(_)));
    assert_eq!(restarted.knows("r-1").await.charge.word(), "done");
}

#[tokio::test]
async fn a_question_that_does_not_come_through_proves_nothing() {
    #[derive(Debug)]
    struct Cut(ExchangeError);
    #[async_trait]
    impl Exchange for Cut {
        async fn send(&self, _: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
            Err(self.0.clone())
        }
    }
    for error in [ExchangeError::NotSent("no route".into()), ExchangeError::NoAnswer("silence".into())] {
        let shop = Shop::on(Arc::<MemoryBooks>::default(), |_| Box::new(Cut(error.clone())));
        assert!(matches!(shop.asks("r-1", 600).await, Found::NoAnswer(_)));
        let expected = if matches!(error, ExchangeError::NotSent(_)) { "not_sent" } else { "unknown" };
        assert_eq!(shop.charges("r-1", 1_000, VISA).await.word(), expected);
    }
}

#[tokio::test]
async fn another_merchant_of_the_store_sees_nothing_and_touches_nothing() {
    let mut shop = Shop::open();
    shop.charges("r-1", 1_000, VISA).await;
    shop.channel.pg_merchant_id = "other-mid".into();
    assert_eq!(word(&shop.charges("r-2", 1_000, VISA).await), "Misconfiguration SANDBOX_UNAUTHORIZED");
    assert!(matches!(shop.asks("r-1", 60).await, Found::NoAnswer(_)));
    shop.credentials = format!(r#"{{"secretKey":"{}"}}"#, shop.psp.secret_key(&shop.store, "other-mid"));
    assert_eq!(shop.asks("r-1", 60).await, Found::Absent);
    assert_eq!(refund_word(&shop.refunds("r-1", "c-1", 1).await), "SANDBOX_ORDER_NOT_FOUND");
    assert_eq!(word(&shop.charges("r-1", 1_000, VISA).await), "Refused SANDBOX_REFERENCE_REUSED");
    shop.credentials = "{}".into();
    assert_eq!(word(&shop.charges("r-3", 1_000, VISA).await), "Misconfiguration CREDENTIALS_UNREADABLE");
}

#[tokio::test]
async fn credentials_are_checked_for_form_and_environment() {
    let mut shop = Shop::open();
    assert_eq!(shop.sandbox.check_credentials(&shop.call()), Ok(()));
    shop.channel.environment = Environment::Live;
    assert!(shop.sandbox.check_credentials(&shop.call()).is_err());
    shop.channel.environment = Environment::Test;
    for credentials in ["", "{}", r#"{"secretKey":""}"#, r#"{"secretKey":"sandbox_sk_short"}"#] {
        shop.credentials = credentials.into();
        assert!(shop.sandbox.check_credentials(&shop.call()).is_err(), "{credentials}");
    }
}

#[tokio::test]
async fn refunds_stay_within_the_approved_amount_and_are_repeatable() {
    let shop = Shop::open();
    shop.charges("r-1", 10_000, VISA).await;
    let first = shop.refunds("r-1", "c-1", 7_000).await;
    assert_eq!(refund_word(&first), "done 7000 fee 224");
    assert_eq!(refund_word(&shop.refunds("r-1", "c-2", 4_000).await), "SANDBOX_REFUND_EXCEEDS_APPROVED");
    assert_eq!(refund_word(&shop.refunds("r-1", "c-3", 3_000).await), "done 3000 fee 96");
    assert_eq!(shop.refunds("r-1", "c-1", 7_000).await, first);
    assert_eq!(refund_word(&shop.refunds("r-1", "c-1", 7_001).await), "SANDBOX_REFERENCE_REUSED");
    assert_eq!(refund_word(&shop.refunds("r-1", "c-2", 4_000).await), "SANDBOX_REFUND_EXCEEDS_APPROVED");
    assert_eq!(refund_word(&shop.refunds("r-1", "c-4", 0).await), "SANDBOX_INVALID_REQUEST");
    assert_eq!(refund_word(&shop.refunds("r-9", "c-5", 1).await), "SANDBOX_ORDER_NOT_FOUND");
    let words: Vec<_> =
        shop.knows("r-1").await.refunds.iter().map(|(name, o)| format!("{name} {}", o.word())).collect();
    assert_eq!(words, ["c-1 done", "c-2 declined", "c-3 done"]);
    assert_eq!(shop.total().await, (10_000, 10_000));
}

#[tokio::test]
async fn of_many_refunds_at_once_exactly_those_that_fit_succeed() {
    let shop = Arc::new(Shop::open());
    shop.charges("r-1", 1_000, VISA).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let shop = Arc::clone(&shop);
        tasks.spawn(async move { shop.refunds("r-1", &format!("c-{n}"), 100).await.word() });
    }
    let words = tasks.join_all().await;
    assert_eq!(words.iter().filter(|word| **word == "done").count(), 10);
    assert_eq!(words.iter().filter(|word| **word == "declined").count(), 10);
    assert_eq!(shop.total().await, (1_000, 1_000));
}

#[tokio::test]
async fn a_pending_refund_reserves_and_succeeds_after_ten_minutes() {
    let shop = Shop::open();
    shop.charges("r-1", 1_000, "4000000000007726").await;
    assert_eq!(shop.refunds("r-1", "c-1", 600).await.word(), "pending");
    assert_eq!(refund_word(&shop.refunds("r-1", "c-2", 500).await), "SANDBOX_REFUND_EXCEEDS_APPROVED");
    shop.after(9);
    assert_eq!(shop.knows("r-1").await.refunds[0].1.word(), "pending");
    assert_eq!(shop.total().await, (1_000, 0));
    shop.after(1);
    assert_eq!(refund_word(&shop.knows("r-1").await.refunds[0].1), "done 600 fee 19");
    assert_eq!(shop.total().await, (1_000, 600));
    assert_eq!(shop.refunds("r-1", "c-1", 600).await.word(), "pending", "the first answer");
    assert_eq!(shop.books.notifications(&shop.store).len(), 1);
}

#[tokio::test]
async fn a_pending_refund_that_fails_frees_its_amount() {
    let shop = Shop::open();
    shop.charges("r-1", 1_000, "4000000000005126").await;
    assert_eq!(shop.refunds("r-1", "c-1", 1_000).await.word(), "pending");
    shop.after(10);
    assert_eq!(refund_word(&shop.knows("r-1").await.refunds[0].1), "SANDBOX_REFUND_FAILED");
    assert_eq!(shop.refunds("r-1", "c-2", 1_000).await.word(), "pending");
    assert_eq!(shop.total().await, (1_000, 0));
}

#[tokio::test]
async fn a_pending_refund_can_be_stopped_and_an_executed_one_not() {
    let shop = Shop::open();
    shop.charges("r-1", 1_000, "4000000000007726").await;
    let Outcome::Pending(refund) = shop.refunds("r-1", "c-1", 600).await else { panic!("not pending") };
    let stop = || async { shop.sandbox.stop_refund(&shop.call(), "c-1", &refund.pg_cancellation_id).await };
    let stopped = stop().await;
    assert_eq!(stopped, Outcome::Done(shop.now()));
    shop.after(10);
    assert_eq!(stop().await, stopped, "the first answer");
    assert_eq!(refund_word(&shop.knows("r-1").await.refunds[0].1), "SANDBOX_REFUND_STOPPED");
    let Outcome::Pending(refund) = shop.refunds("r-1", "c-2", 1_000).await else { panic!("not pending") };
    shop.after(10);
    let late = shop.sandbox.stop_refund(&shop.call(), "c-2", &refund.pg_cancellation_id).await;
    assert!(matches!(late, Outcome::Declined(d) if d.code == "SANDBOX_REFUND_NOT_PENDING"));
    for id in ["", "sbxr_9_r-1", "sbxr_0_r-1", "sbxr_1_r-9", "junk"] {
        let outcome = shop.sandbox.stop_refund(&shop.call(), "c-2", &PgCancellationId::known(id)).await;
        assert_eq!(outcome.word(), "declined", "{id:?}");
    }
}

#[tokio::test]
async fn a_card_whose_refunds_are_refused_keeps_its_money() {
    let shop = Shop::open();
    shop.charges("r-1", 1_000, "4000000000005134").await;
    for reference in ["c-1", "c-1", "c-2"] {
        assert_eq!(refund_word(&shop.refunds("r-1", reference, 1_000).await), "SANDBOX_REFUND_REFUSED");
    }
    assert_eq!(shop.total().await, (1_000, 0));
}

#[tokio::test]
async fn an_approved_order_is_captured_once() {
    let shop = Shop::open();
    let approved = shop.charges_as("r-1", 1_000, &card(VISA), true).await;
    let Outcome::Done(charge) = &approved else { panic!("not approved") };
    assert_eq!(shop.knows("r-1").await.captured_at, None);
    let capture = |amount| {
        let (sandbox, id) = (shop.sandbox, charge.pg_tx_id.clone());
        let shop = &shop;
        async move { sandbox.capture(&shop.call(), "r-1", &id, won(amount)).await }
    };
    assert!(
        matches!(capture(999).await, Outcome::Declined(d) if d.code == "SANDBOX_CAPTURE_AMOUNT_MISMATCH")
    );
    let captured_at = shop.now();
    assert_eq!(capture(1_000).await, Outcome::Done(captured_at));
    shop.after(5);
    assert_eq!(capture(1_000).await, Outcome::Done(captured_at));
    assert_eq!(shop.knows("r-1").await.captured_at, Some(captured_at));
    assert_eq!(shop.charges_as("r-1", 1_000, &card(VISA), true).await, approved);
    shop.charges("r-2", 1_000, VISA).await;
    let outcome = shop.sandbox.capture(&shop.call(), "r-2", &charge.pg_tx_id, won(1_000)).await;
    assert!(matches!(outcome, Outcome::Declined(d) if d.code == "SANDBOX_NOT_CAPTURABLE"));
}

#[tokio::test]
async fn a_token_charges_as_its_card_would_until_it_is_deleted() {
    let shop = Shop::open();
    let issue = |reference: &'static str, number: &'static str| {
        let shop = &shop;
        async move {
            shop.sandbox.issue_stored(&shop.call(), reference, &Customer::default(), &card(number)).await
        }
    };
    let first = issue("b-1", VISA).await;
    let Outcome::Done(stored) = &first else { panic!("{first:?}") };
    assert!(!stored.token.contains("4242"));
    assert_eq!(stored.card.as_ref().unwrap().masked_number.as_deref(), Some("42424242****4242"));
    assert_eq!(issue("b-1", VISA).await, first);
    assert!(
        matches!(issue("b-1", "5555555555554444").await, Outcome::Declined(d) if d.code == "SANDBOX_REFERENCE_REUSED")
    );
    let paid = shop.charges_token("r-1", 1_000, &stored.token).await;
    assert_eq!(paid.word(), "done");

    for (reference, number, issuing, charging) in [
        ("b-2", "4000000000000341", "done", "Issuer SANDBOX_DECLINED"),
        ("b-3", "4000000000009995", "done", "Issuer SANDBOX_INSUFFICIENT_FUNDS"),
        ("b-4", "4000000000006000", "done", "unknown"),
        ("b-5", "4000000000000002", "declined", ""),
        ("b-6", "4000000000000069", "declined", ""),
        ("b-7", "4000000000000127", "declined", ""),
        ("b-8", "4000000000009987", "declined", ""),
        ("b-9", "4000000000000119", "not_sent", ""),
    ] {
        let outcome = issue(reference, number).await;
        assert_eq!(outcome.word(), issuing, "{number}");
        if let Outcome::Done(stored) = outcome {
            let charged = shop.charges_token(&format!("r-{reference}"), 1_000, &stored.token).await;
            assert_eq!(word(&charged), charging, "{number}");
        }
    }

    let deleted = shop.sandbox.delete_stored(&shop.call(), &stored.token).await;
    assert_eq!(deleted, Outcome::Done(shop.now()));
    shop.after(1);
    assert_eq!(shop.sandbox.delete_stored(&shop.call(), &stored.token).await, deleted, "the first answer");
    assert_eq!(
        word(&shop.charges_token("r-2", 1_000, &stored.token).await),
        "Refused SANDBOX_TOKEN_NOT_FOUND"
    );
    assert_eq!(shop.charges_token("r-1", 1_000, &stored.token).await, paid, "charged before it was deleted");
    assert_eq!(shop.sandbox.delete_stored(&shop.call(), "sbxt_none").await.word(), "declined");
}

#[tokio::test]
async fn a_stored_card_expires_with_the_clock() {
    let shop = Shop::open();
    let typed = Card::new(VISA.into(), "26".into(), "04".into(), None, None);
    let Outcome::Done(stored) =
        shop.sandbox.issue_stored(&shop.call(), "b-1", &Customer::default(), &typed).await
    else {
        panic!("not issued")
    };
    shop.after(60 * 24 * 70);
    assert_eq!(word(&shop.charges_token("r-1", 1_000, &stored.token).await), "Payer SANDBOX_EXPIRED_CARD");
}

#[tokio::test]
async fn an_exact_deposit_pays_and_is_announced() {
    let shop = Shop::open();
    let Outcome::Pending(charge) = shop.opens_account("r-1", 10_000).await else { panic!("no account") };
    let account = charge.account.unwrap();
    assert_eq!((account.bank.as_deref(), account.kind.as_deref()), (Some("SHINHAN"), Some("NORMAL")));
    assert_eq!(
        (account.remittee_name.as_deref(), account.remitter_name.as_deref()),
        (Some("Shop"), Some("Kim"))
    );
    let deposited = shop.deposits("r-1", 10_000).await.unwrap();
    assert!(deposited.is_paid && deposited.waiting.is_zero() && deposited.overpaid.is_zero());
    assert_eq!(shop.knows("r-1").await.charge.word(), "done");
    assert_eq!(shop.deposits("r-1", 1).await, Err(DepositRefusal::AlreadyPaid));
    let due: Vec<_> = shop.books.notifications(&shop.store).iter().map(|n| n.due_at).collect();
    assert_eq!(due, [account.expires_at.unwrap(), shop.now()]);
    assert_eq!(refund_word(&shop.refunds("r-1", "c-1", 10_000).await), "SANDBOX_REFUND_ACCOUNT_MISSING");
    let back = shop.refunds_to("r-1", "c-2", 10_000, Some(&self::account())).await;
    assert_eq!(refund_word(&back), "done 10000 fee 320");
    assert_eq!(shop.total().await, (10_000, 10_000));
}

#[tokio::test]
async fn short_deposits_wait_for_the_rest_and_a_surplus_is_kept_apart() {
    let shop = Shop::open();
    shop.opens_account("r-1", 10_000).await;
    let short = shop.deposits("r-1", 4_000).await.unwrap();
    assert_eq!((short.is_paid, short.waiting), (false, won(6_000)));
    assert_eq!(shop.knows("r-1").await.charge.word(), "pending");
    let over = shop.deposits("r-1", 7_000).await.unwrap();
    assert_eq!((over.is_paid, over.overpaid, over.deposited), (true, won(1_000), won(11_000)));
    let Outcome::Done(charge) = shop.knows("r-1").await.charge else { panic!("not paid") };
    assert_eq!(charge.amount, won(10_000));
    assert!(charge.raw.unwrap().contains("\"overpaidAmount\":1000"));
    assert_eq!(shop.total().await, (10_000, 0));
    assert_eq!(shop.deposits("r-9", 1).await, Err(DepositRefusal::NotFound));
    assert_eq!(shop.deposits("r-1", 0).await, Err(DepositRefusal::ZeroAmount));
    shop.charges("r-2", 1_000, VISA).await;
    assert_eq!(shop.deposits("r-2", 1).await, Err(DepositRefusal::NotFound));
}

#[tokio::test]
async fn an_expired_or_closed_account_sends_the_money_back() {
    let shop = Shop::open();
    let first = shop.opens_account("r-1", 10_000).await;
    shop.opens_account("r-2", 10_000).await;
    shop.opens_account("r-3", 10_000).await;
    let close = |reference: &'static str| {
        let shop = &shop;
        async move { shop.sandbox.close_virtual_account(&shop.call(), reference, &PgTxId::known("x")).await }
    };
    shop.deposits("r-3", 1).await.unwrap();
    assert!(matches!(close("r-3").await, Outcome::Declined(d) if d.code == "SANDBOX_ACCOUNT_HAS_DEPOSIT"));
    let closed = close("r-2").await;
    assert_eq!(closed, Outcome::Done(shop.now()));
    let expires_at = shop.now().checked_add(SignedDuration::from_hours(24)).unwrap();
    shop.after(24 * 60);
    assert_eq!(close("r-2").await, closed, "the first answer");
    assert_eq!(shop.deposits("r-1", 10_000).await, Err(DepositRefusal::Expired(expires_at)));
    assert_eq!(shop.deposits("r-2", 10_000).await, Err(DepositRefusal::Closed));
    assert_eq!(word(&shop.knows("r-1").await.charge), "Payer SANDBOX_ACCOUNT_EXPIRED");
    assert_eq!(word(&shop.knows("r-2").await.charge), "Refused SANDBOX_ACCOUNT_CLOSED");
    assert_eq!(close("r-1").await, Outcome::Done(shop.now()), "one that expired can be closed for good");
    assert_eq!(word(&shop.knows("r-1").await.charge), "Refused SANDBOX_ACCOUNT_CLOSED");
    assert_eq!(shop.knows("r-1").await.account_closed_at, Some(shop.now()));
    assert_eq!(shop.knows("r-3").await.account_closed_at, None);
    let Outcome::Pending(_) = first else { panic!("no account") };
    assert_eq!(shop.total().await, (0, 0));
}

#[tokio::test]
async fn what_was_short_when_an_account_expires_goes_back_to_its_depositor() {
    let shop = Shop::open();
    shop.opens_account("r-1", 10_000).await;
    shop.deposits("r-1", 4_000).await.unwrap();
    shop.psp.expire(&shop.store, "r-1", shop.now()).await.unwrap();
    shop.psp.expire(&shop.store, "r-1", shop.now()).await.unwrap();
    assert_eq!(word(&shop.knows("r-1").await.charge), "Payer SANDBOX_ACCOUNT_EXPIRED");
    assert_eq!(shop.deposits("r-1", 6_000).await, Err(DepositRefusal::Expired(shop.now())));
    assert_eq!(shop.deposits_late("r-1", 6_000).await, Err(DepositRefusal::Expired(shop.now())), "short");
    let late = shop.deposits_late("r-1", 10_500).await.unwrap();
    assert_eq!((late.is_paid, late.deposited, late.overpaid), (true, won(10_500), won(500)));
    assert_eq!(shop.total().await, (10_000, 0));
    assert_eq!(shop.psp.expire(&shop.store, "r-1", shop.now()).await, Err(DepositRefusal::NotWaiting));
    assert_eq!(shop.psp.expire(&shop.store, "r-9", shop.now()).await, Err(DepositRefusal::NotFound));
}

#[tokio::test]
async fn what_came_after_the_close_goes_back_without_an_account_to_send_it_to() {
    let shop = Shop::open();
    for reference in ["r-1", "r-2"] {
        shop.opens_account(reference, 10_000).await;
    }
    shop.sandbox.close_virtual_account(&shop.call(), "r-1", &PgTxId::known("x")).await;
    assert_eq!(shop.deposits("r-1", 10_000).await, Err(DepositRefusal::Closed));
    assert!(shop.deposits_late("r-1", 10_000).await.unwrap().is_paid);
    assert_eq!(refund_word(&shop.refunds("r-1", "c-1", 10_000).await), "done 10000 fee 320");
    // One that is paid in time needs one.
    shop.deposits("r-2", 10_000).await.unwrap();
    assert_eq!(refund_word(&shop.refunds("r-2", "c-2", 10_000).await), "SANDBOX_REFUND_ACCOUNT_MISSING");
    assert_eq!(shop.total().await, (20_000, 10_000));
}

#[tokio::test]
async fn the_account_that_a_deposit_goes_back_to_decides_how_that_ends() {
    let shop = Shop::open();
    for (reference, ending, at_once, later) in [
        ("r-1", "00", "SANDBOX_REFUND_ACCOUNT_UNKNOWN", "SANDBOX_REFUND_ACCOUNT_UNKNOWN"),
        ("r-2", "11", "pending", "done 10000 fee 320"),
        ("r-3", "13", "pending", "SANDBOX_REFUND_FAILED"),
        ("r-4", "42", "done 10000 fee 320", "done 10000 fee 320"),
    ] {
        shop.opens_account(reference, 10_000).await;
        shop.deposits(reference, 10_000).await.unwrap();
        let to = RefundAccount { number: format!("1101234567{ending}"), ..self::account() };
        assert_eq!(
            refund_word(&shop.refunds_to(reference, "c", 10_000, Some(&to)).await),
            at_once,
            "{ending}"
        );
        shop.after(10);
        assert_eq!(refund_word(&shop.knows(reference).await.refunds[0].1), later, "{ending}");
    }
}

#[tokio::test]
async fn a_lasting_account_has_the_number_that_was_named_or_always_the_same_one() {
    let shop = Shop::open();
    let number = |reference: &'static str, fixed| {
        let shop = &shop;
        async move {
            let customer = Customer::default();
            let ask = AccountAsk {
                charge: ask(reference, 1_000, &customer, false),
                bank: "SHINHAN",
                expires_at: shop.now().checked_add(SignedDuration::from_hours(24)).unwrap(),
                remittee_name: None,
                fixed_account: Some(fixed),
            };
            let Outcome::Pending(charge) = shop.sandbox.issue_virtual_account(&shop.call(), &ask).await
            else {
                panic!("no account")
            };
            let account = charge.account.unwrap();
            assert_eq!(account.kind.as_deref(), Some("FIXED"));
            account.account_number
        }
    };
    assert_eq!(number("r-1", FixedAccount::Number("110-1")).await, "110-1");
    let first = number("r-2", FixedAccount::PgAccountId("customer-7")).await;
    assert_eq!(number("r-3", FixedAccount::PgAccountId("customer-7")).await, first);
    assert_ne!(number("r-4", FixedAccount::PgAccountId("customer-8")).await, first);
}

#[tokio::test]
async fn account_numbers_never_repeat_also_after_a_restart() {
    let mut numbers = std::collections::HashSet::new();
    let books = Arc::new(MemoryBooks::new());
    for run in 0..3 {
        let shop = Shop::on(Arc::clone(&books), |exchange| Box::new(exchange));
        for n in 0..70 {
            let Outcome::Pending(charge) = shop.opens_account(&format!("r-{run}-{n}"), 1_000).await else {
                panic!("no account")
            };
            assert!(numbers.insert(charge.account.unwrap().account_number));
        }
    }
    assert_eq!(numbers.len(), 210);
}

#[tokio::test]
async fn a_notification_is_believed_only_when_signed_lately_with_the_right_key() {
    let shop = Shop::open();
    shop.charges("r-1", 1_000, "4000000000007726").await;
    shop.refunds("r-1", "c-1", 600).await;
    shop.after(10);
    let scheduled = shop.books.notifications(&shop.store);
    assert_eq!((scheduled.len(), scheduled[0].due_at), (1, shop.now()));
    let real_time: Timestamp = "2030-05-05T05:05:05Z".parse().unwrap();
    let sent =
        shop.psp.notification(&shop.store, &scheduled[0].id, shop.now(), real_time).await.unwrap().unwrap();
    assert_eq!((sent.merchant_id.as_str(), sent.reference.as_str()), ("shop-mid", "r-1"));
    // Building it has brought the books up to the clock.
    assert_eq!(shop.total().await, (1_000, 600));

    let headers = |signature: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("X-Sandbox-Signature", signature.parse().unwrap());
        headers
    };
    let signature = sent.headers.iter().find(|(name, _)| *name == "x-sandbox-signature").unwrap().1.clone();
    let read = |credentials: &str, headers: &http::HeaderMap, body: &[u8], seconds: i64| {
        let now = real_time.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        shop.sandbox.read_notification(credentials, headers, body, now)
    };
    match read(&shop.credentials, &headers(&signature), &sent.body, 300) {
        Ok(Notification::Verified { reference, snapshot }) => {
            assert_eq!((reference.as_str(), snapshot.charge.word()), ("r-1", "done"));
            assert_eq!(refund_word(&snapshot.refunds[0].1), "done 600 fee 19");
        }
        other => panic!("{other:?}"),
    }
    assert!(read(&shop.credentials, &headers(&signature), &sent.body, -300).is_ok());
    for seconds in [301, -301, 86_400] {
        let refused = read(&shop.credentials, &headers(&signature), &sent.body, seconds);
        assert_eq!(refused, Err(NotificationRefusal::Stale), "{seconds} s");
    }
    let mut forged = sent.body.to_vec();
    forged[20] ^= 1;
    assert_eq!(read(&shop.credentials, &headers(&signature), &forged, 0), Err(NotificationRefusal::Forged));
    let other = r#"{"secretKey":"sandbox_sk_00000000000000000000000000000000"}"#;
    assert_eq!(read(other, &headers(&signature), &sent.body, 0), Err(NotificationRefusal::Forged));
    assert_eq!(read("", &headers(&signature), &sent.body, 0), Err(NotificationRefusal::Forged));
    assert_eq!(
        read(&shop.credentials, &http::HeaderMap::new(), &sent.body, 0),
        Err(NotificationRefusal::Forged)
    );
    let later = signature.replacen("t=1", "t=2", 1);
    for bad in ["", "t=", "v1=00", "t=1,v1=", "t=1,v1=zz", later.as_str()] {
        assert_eq!(
            read(&shop.credentials, &headers(bad), &sent.body, 0),
            Err(NotificationRefusal::Forged),
            "{bad}"
        );
    }
    assert_eq!(shop.psp.notification(&shop.store, "sbxn_2_r-1", shop.now(), real_time).await, Ok(None));
    assert_eq!(shop.psp.notification(&shop.store, "sbxn_1_r-9", shop.now(), real_time).await, Ok(None));
    assert_eq!(shop.psp.notification(&shop.store, "junk", shop.now(), real_time).await, Ok(None));
}

#[tokio::test]
async fn the_eager_card_is_announced_twice_before_its_answer() {
    let delivered = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&delivered);
    let deliver: in_process::Deliver = Arc::new(move |_, id| {
        let seen = Arc::clone(&seen);
        Box::pin(async move { seen.lock().unwrap().push(id) })
    });
    let shop = Shop::on(Arc::<MemoryBooks>::default(), |exchange| Box::new(exchange.delivering(deliver)));
    assert_eq!(shop.charges("r-1", 1_000, "4000000000008888").await.word(), "done");
    let queued: Vec<_> = shop.books.notifications(&shop.store).into_iter().map(|n| n.id).collect();
    assert_eq!(queued.len(), 2);
    assert_eq!(*delivered.lock().unwrap(), queued);
    for id in queued {
        let sent = shop.psp.notification(&shop.store, &id, shop.now(), shop.now()).await.unwrap().unwrap();
        assert!(std::str::from_utf8(&sent.body).unwrap().contains("\"status\":\"CAPTURED\""));
    }
}

#[tokio::test]
async fn faults_are_the_same_for_the_same_seed_and_end_when_they_are_taken_back() {
    async fn words(seed: u64) -> Vec<&'static str> {
        let shop = Shop::open();
        let faults = Faults {
            error_rate: Rate::bps(3_000),
            drop_answer_rate: Rate::bps(2_000),
            duplicate_notification_rate: Rate::bps(2_000),
            seed,
            ..Faults::NONE
        };
        shop.psp.set_faults(&shop.store, faults, shop.now()).await.unwrap();
        let mut words = Vec::new();
        for n in 0..40 {
            words.push(shop.charges(&format!("r-{n}"), 1_000, VISA).await.word());
        }
        shop.psp.set_faults(&shop.store, Faults::NONE, shop.now()).await.unwrap();
        // Every doubt is settled by asking, and some of the doubtful charges did happen.
        let mut charged = 0;
        for (n, word) in words.iter().enumerate() {
            match shop.asks(&format!("r-{n}"), 60).await {
                Found::Known(_) => charged += 1,
                Found::Absent => assert_eq!(*word, "unknown"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(shop.total().await, (charged * 1_000, 0));
        assert!(
            charged < 40
                && words.iter().filter(|word| **word == "done").count() < usize::try_from(charged).unwrap()
        );
        assert!(!shop.books.notifications(&shop.store).is_empty());
        words
    }
    let (first, again, other) = (words(1).await, words(1).await, words(2).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert!(first.iter().all(|word| ["done", "unknown"].contains(word)));
}

#[tokio::test]
async fn faults_survive_a_restart() {
    let shop = Shop::open();
    let faults = Faults { latency_ms: 3, error_rate: Rate::bps(10_000), seed: u64::MAX, ..Faults::NONE };
    shop.psp.set_faults(&shop.store, faults, shop.now()).await.unwrap();
    let restarted = Shop::on(Arc::clone(&shop.books), |exchange| Box::new(exchange));
    assert_eq!(restarted.psp.faults(&shop.store).await, Ok(faults));
    assert_eq!(restarted.charges("r-1", 1_000, VISA).await.word(), "unknown");
    shop.psp.set_faults(&shop.store, Faults::NONE, shop.now()).await.unwrap();
    restarted.psp.forget(&shop.store).await;
    assert_eq!(restarted.charges("r-2", 1_000, VISA).await.word(), "done");
}

#[tokio::test]
async fn an_answer_slower_than_the_timeout_is_no_answer() {
    let shop = Shop::open();
    for (latency_ms, expected) in [(5, "done"), (60, "unknown")] {
        shop.psp.set_faults(&shop.store, Faults { latency_ms, ..Faults::NONE }, shop.now()).await.unwrap();
        assert_eq!(shop.charges(&format!("r-{latency_ms}"), 1_000, VISA).await.word(), expected);
    }
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_the_psp() {
    let shop = Shop::open();
    {
        let charging = shop.charges("r-1", 1_000, VISA);
        let mut charging = std::pin::pin!(charging);
        // Polled once, so that the request is under way, and then dropped.
        assert!(
            std::future::poll_fn(|context| std::task::Poll::Ready(
                charging.as_mut().poll(context).is_pending()
            ))
            .await
        );
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(shop.knows("r-1").await.charge.word(), "done");
}

#[tokio::test]
async fn no_card_number_is_kept_or_told() {
    let shop = Shop::open();
    let numbers = [VISA, "4000000000000341", "4242424242424241", "378282246310005"];
    for (n, number) in numbers.into_iter().enumerate() {
        let charged = shop.charges(&format!("r-{n}"), 1_000, number).await;
        let customer = Customer::default();
        let stored =
            shop.sandbox.issue_stored(&shop.call(), &format!("b-{n}"), &customer, &card(number)).await;
        let told = format!("{charged:?} {stored:?}");
        for number in numbers {
            assert!(!told.contains(number), "{told}");
        }
    }
    for document in shop.books.documents() {
        for number in numbers {
            assert!(!document.contains(number), "{document}");
        }
    }
}

#[tokio::test]
async fn odd_references_are_carried_through_paths() {
    let shop = Shop::open();
    for reference in ["a/b", "../..", "%2F", "주문 1", "a?b#c", "sbxr_1_x", "a.b_c~d"] {
        assert_eq!(shop.charges(reference, 1_000, VISA).await.word(), "done", "{reference}");
        let Outcome::Done(_) = shop.refunds(reference, "c/1", 100).await else { panic!("{reference}") };
        assert_eq!(shop.knows(reference).await.refunds[0].0, "c/1");
    }
}

#[tokio::test]
async fn a_request_that_is_not_understood_changes_nothing() {
    let shop = Shop::open();
    let secret = shop.psp.secret_key(&shop.store, "shop-mid");
    let send = |method: http::Method, path: &str, key: &str, body: &str| {
        let request = ExchangeRequest {
            method,
            path: path.to_owned(),
            headers: vec![
                ("X-Sandbox-Merchant", "shop-mid".to_owned()),
                ("X-Sandbox-Secret", secret.clone()),
                ("Idempotency-Key", key.to_owned()),
            ],
            body: body.to_owned().into(),
            read_timeout: Duration::from_secs(1),
        };
        let (psp, store, now) = (Arc::clone(&shop.psp), shop.store.clone(), shop.now());
        async move {
            match psp.handle(&store, request, now, 1).await.answer {
                PspAnswer::Answer(response) => {
                    let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
                    format!("{} {}", response.status.as_u16(), body["code"].as_str().unwrap_or_default())
                }
                PspAnswer::NeverAnswer => "silence".to_owned(),
            }
        }
    };
    let post = http::Method::POST;
    let charge = |reference: &str, amount: &str, rest: &str| {
        format!(r#"{{"reference":"{reference}","amount":{amount},"currency":"KRW"{rest}}}"#)
    };
    let card = r#","card":{"number":"4242424242424242","expiryYear":"39","expiryMonth":"12"}"#;
    for (path, key, body, expected) in [
        ("/v1/charges", "r", charge("r", "1000", card), "200 "),
        ("/v1/charges", "x", charge("r", "1000", card), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/charges", "z", charge("z", "0", card), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/charges", "z", charge("z", "-1", card), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/charges", "z", charge("z", "10.5", card), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/charges", "z", charge("z", "10", ""), "400 SANDBOX_INVALID_REQUEST"),
        (
            "/v1/charges",
            "z",
            charge("z", "10", &format!(r#"{card},"token":"t""#)),
            "400 SANDBOX_INVALID_REQUEST",
        ),
        ("/v1/charges", "", charge("", "10", card), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/charges", "z", "not json".to_owned(), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/nothing", "z", String::new(), "404 SANDBOX_UNKNOWN_CALL"),
        ("/v2/charges", "z", String::new(), "404 SANDBOX_UNKNOWN_CALL"),
        ("/v1/charges/%FF/capture", "z", String::new(), "400 SANDBOX_INVALID_REQUEST"),
        ("/v1/charges/r/refunds/none/stop", "z", String::new(), "404 SANDBOX_REFUND_NOT_FOUND"),
    ] {
        assert_eq!(send(post.clone(), path, key, &body).await, expected, "{path} {body}");
    }
    assert_eq!(shop.total().await, (1_000, 0));
}

/// Books that are not there for a while.
#[derive(Debug)]
struct Shaky {
    books: MemoryBooks,
    failing: Mutex<Option<Failing>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failing {
    BeforeTheWrite,
    AfterTheWrite,
    WithConflicts,
}

#[async_trait]
impl Books for Shaky {
    async fn record(
        &self,
        store: &StoreId,
        kind: &str,
        id: &str,
    ) -> Result<Option<SimulatorRecord>, BooksError> {
        self.books.record(store, kind, id).await
    }
    async fn records(
        &self,
        store: &StoreId,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SimulatorRecord>, BooksError> {
        self.books.records(store, kind, after, limit).await
    }
    async fn write(
        &self,
        record: SimulatorRecord,
        notifications: Vec<ScheduledNotification>,
    ) -> Result<(), BooksError> {
        let failing = *self.failing.lock().unwrap();
        match failing {
            None => self.books.write(record, notifications).await,
            Some(Failing::BeforeTheWrite) => Err(BooksError::Unavailable("disk full".into())),
            Some(Failing::WithConflicts) => Err(BooksError::Conflict),
            Some(Failing::AfterTheWrite) => {
                self.books.write(record, notifications).await?;
                Err(BooksError::Unavailable("connection lost".into()))
            }
        }
    }
    async fn totals(&self, store: &StoreId) -> Result<Vec<Total>, BooksError> {
        self.books.totals(store).await
    }
}

#[tokio::test]
async fn books_that_fail_leave_a_doubt_and_books_that_conflict_none() {
    for (failing, charging, refunding, charged) in [
        (Failing::BeforeTheWrite, "unknown", "unknown", 0),
        (Failing::AfterTheWrite, "unknown", "unknown", 2_000),
        (Failing::WithConflicts, "not_sent SANDBOX_PSP_ERROR", "not_sent", 0),
    ] {
        let books = Arc::new(Shaky { books: MemoryBooks::new(), failing: Mutex::new(None) });
        let shop = Shop::on(books.clone(), |exchange| Box::new(exchange));
        shop.charges("r-1", 1_000, VISA).await;
        *books.failing.lock().unwrap() = Some(failing);
        assert_eq!(word(&shop.charges("r-2", 2_000, VISA).await), charging, "{failing:?}");
        assert_eq!(
            refund_word(&shop.refunds("r-1", "c-1", 300).await).split(' ').next(),
            Some(refunding),
            "{failing:?}"
        );
        *books.failing.lock().unwrap() = None;
        assert_eq!(shop.total().await.0, 1_000 + charged, "{failing:?}");
        // Whatever happened: the same request again ends in the same place, once.
        assert_eq!(shop.charges("r-2", 2_000, VISA).await.word(), "done");
        assert_eq!(refund_word(&shop.refunds("r-1", "c-1", 300).await), "done 300 fee 10");
        assert_eq!(shop.total().await, (3_000, 300), "{failing:?}");
    }
}
