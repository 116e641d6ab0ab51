//! What is written reads back equal, in every shape.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use jiff::SignedDuration;
use paypier_domain::account::*;
use paypier_domain::billing_key::{
    self, BillingKey, FirstPayment, Holding, HoldingState, KeyMethod, PendingApproval,
};
use paypier_domain::change::{Change, SimulatorRecord, Write};
use paypier_domain::channel::*;
use paypier_domain::claim::{Answer, Claim, ClaimRef, ClaimWrite};
use paypier_domain::customer::Customer;
use paypier_domain::delivery::{DeliveryState, ExecutionResult};
use paypier_domain::event::*;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::*;
use paypier_domain::job::{Job, Task};
use paypier_domain::money::Currency;
use paypier_domain::payment::{Notices, Origin, Platform, PreRegistration};
use paypier_domain::psp::CardDetails;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

on_both! {
    async fn any_payment_reads_back_as_it_was_written(db: &Db) {
        let storage = db.migrated().await;
        // The same payments each time: a failure names one that can be looked at again.
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        );
        for number in 0..150 {
            let payment = payment(format!("주문/{number}")).new_tree(&mut runner).unwrap().current();
            storage.commit(inserts(&payment)).await.unwrap();
            assert_eq!(storage.payment(&payment.key).await.unwrap().as_ref(), Some(&payment));

            // The same ids with everything else made anew, as an update.
            let mut other = crate::sample::payment(format!("주문/{number}")).new_tree(&mut runner).unwrap().current();
            other.version = payment.version + 1;
            other.merchant = payment.merchant.clone();
            other.environment = payment.environment;
            other.created_at = payment.created_at;
            if other.attempts.len() != payment.attempts.len() || other.cancellations.len() != payment.cancellations.len() {
                continue;
            }
            if other.attempts.len() == 1 {
                // With one attempt, what was asked cannot change.
                let (asked, new) = (&payment.attempts[0], &mut other.attempts[0]);
                new.amounts = asked.amounts;
                new.order = asked.order.clone();
            }
            storage.commit(updates(&other, payment.version)).await.unwrap();
            assert_eq!(storage.payment(&payment.key).await.unwrap(), Some(other));
        }
        let (mut walked, mut after) = (0, None);
        loop {
            let some = storage.payments_in_key_order(after.as_ref(), 40).await.unwrap();
            let Some(last) = some.last() else { break };
            after = Some(last.payment.key.clone());
            for paypier_storage::GuardedPayment { payment, columns } in &some {
                let claimed: i64 = payment
                    .cancellations
                    .iter()
                    .filter(|cancellation| cancellation.is_claiming())
                    .map(|cancellation| cancellation.refund.minor_units())
                    .sum();
                let paid = payment.attempts.iter().filter(|attempt| attempt.is_paid()).map(|attempt| &attempt.id);
                assert_eq!(columns.status, payment.status().as_str());
                assert_eq!(Some(columns.transaction.as_str()), payment.current().map(|attempt| attempt.id.as_str()));
                assert_eq!(columns.claimed_refund, claimed);
                assert!(columns.paid.iter().eq(paid));
                assert_eq!(storage.guarded_payment(&payment.key).await.unwrap().as_ref().map(|g| &g.columns), Some(columns));
            }
            walked += some.len();
        }
        assert_eq!(walked, 150);
    }
}

on_both! {
    async fn a_key_in_payment_leaves_everything_it_should(db: &Db) {
        let storage = db.migrated().await;
        let (changes, paid) = key_in("order-1", at(10));
        for change in changes {
            storage.commit(change).await.unwrap();
        }
        let transaction = &paid.attempts[0].id;
        assert_eq!(storage.payment(&paid.key).await.unwrap().as_ref(), Some(&paid));
        assert_eq!(
            storage.payment_by_transaction(&paid.key.store, transaction).await.unwrap().as_ref(),
            Some(&paid)
        );
        let other_store = StoreId::known("store-2");
        assert_eq!(storage.payment_by_transaction(&other_store, transaction).await.unwrap(), None);
        let lines: Vec<(String, i64)> = storage
            .ledger_of(&paid.key)
            .await
            .unwrap()
            .into_iter()
            .map(|line| (line.account.name().split(':').next().unwrap().to_owned(), line.signed))
            .collect();
        assert_eq!(
            lines,
            [("psp_receivable", 10_000), ("sales", -10_000), ("psp_fees", 320), ("psp_receivable", -320)]
                .map(|(account, signed)| (account.to_owned(), signed))
        );
        let events = storage.events_of(&paid.key).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(storage.next_wake(10).await.unwrap(), None, "the job that looks for the answer is gone");
        let record = storage.simulator_record(&paid.key.store, "order", transaction.as_str()).await.unwrap();
        assert_eq!(record.map(|record| record.approved), Some(10_000));
    }
}

on_both! {
    async fn accounts_and_channels_read_back(db: &Db) {
        let storage = db.migrated().await;
        let shop = Store { test_clock_offset: SignedDuration::from_hours(3), ..store("store-1") };
        let merchant_row = Merchant { id: merchant(), name: "books & more".into(), created_at: at(1) };
        let secret = ApiSecret {
            id: SecretId::known("secret-1"),
            merchant: merchant(),
            store: shop.id.clone(),
            name: "server".into(),
            digest: [7; 32],
            created_at: at(2),
            expires_at: Some(at(100)),
            deleted_at: None,
        };
        let channel = Channel {
            key: ChannelKey::known("channel-key-1"),
            id: ChannelId::known("channel-id-1"),
            store: shop.id.clone(),
            name: "cards".into(),
            environment: Environment::Live,
            usage: ChannelUsage::IdentityVerification,
            connector: "sandbox".into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: "mid".into(),
            manual_capture: true,
            manual_approval: true,
            is_enabled: false,
            credentials: Sealed(vec![0, 1, 255]),
        };
        let group = ChannelGroup {
            id: ChannelGroupId::known("group-1"),
            store: shop.id.clone(),
            name: "all".into(),
            environment: Environment::Test,
            members: vec![Member { channel: channel.key.clone(), weight: 100, is_enabled: true }],
            is_deleted: true,
        };
        let endpoint = WebhookEndpoint {
            store: shop.id.clone(),
            environment: Environment::Live,
            url: "https://shop.example/hook".into(),
            version: PayloadVersion::V20240101,
            content_type: PayloadContentType::Form,
        };
        let expired = WebhookSecret {
            id: SecretId::known("webhook-secret-1"),
            store: shop.id.clone(),
            environment: Environment::Live,
            sealed: Sealed(vec![9; 60]),
            created_at: at(3),
            expired_at: Some(at(50)),
        };
        let lasting = WebhookSecret {
            id: SecretId::known("webhook-secret-2"),
            expired_at: None,
            created_at: at(4),
            ..expired.clone()
        };
        storage
            .commit(writes(vec![
                Write::Merchant(merchant_row.clone()),
                Write::Store(shop.clone()),
                Write::ApiSecret(secret.clone()),
                Write::Channel(Box::new(channel.clone())),
                Write::ChannelGroup(group.clone()),
                Write::WebhookEndpoint(endpoint.clone()),
                Write::WebhookSecret(expired.clone()),
                Write::WebhookSecret(lasting.clone()),
            ]))
            .await
            .unwrap();
        assert_eq!(storage.merchant(&merchant()).await.unwrap().as_ref(), Some(&merchant_row));
        assert_eq!(storage.merchants().await.unwrap(), std::slice::from_ref(&merchant_row));
        assert_eq!(storage.store(&shop.id).await.unwrap().as_ref(), Some(&shop));
        assert_eq!(storage.stores_of(&merchant()).await.unwrap(), std::slice::from_ref(&shop));
        assert_eq!(storage.secret(&secret.id).await.unwrap().as_ref(), Some(&secret));
        assert_eq!(storage.secret_by_digest(&[7; 32]).await.unwrap().as_ref(), Some(&secret));
        assert_eq!(storage.secret_by_digest(&[8; 32]).await.unwrap(), None);
        assert_eq!(storage.secrets_of(&shop.id).await.unwrap(), std::slice::from_ref(&secret));
        assert_eq!(storage.channel(&shop.id, &channel.key).await.unwrap().as_ref(), Some(&channel));
        assert_eq!(storage.channels_of(&shop.id).await.unwrap(), [channel]);
        assert_eq!(storage.channel_groups_of(&shop.id).await.unwrap(), [group]);
        assert_eq!(storage.webhook_endpoints_of(&shop.id).await.unwrap(), [endpoint]);
        assert_eq!(storage.webhook_secrets_of(&shop.id, at(49)).await.unwrap(), [expired, lasting.clone()]);
        assert_eq!(storage.webhook_secrets_of(&shop.id, at(50)).await.unwrap(), [lasting]);

        let renamed = ApiSecret { name: "old".into(), deleted_at: Some(at(9)), ..secret };
        storage.commit(writes(vec![Write::ApiSecret(renamed.clone())])).await.unwrap();
        assert_eq!(storage.secret(&renamed.id).await.unwrap(), Some(renamed));
        let again = storage.commit(writes(vec![Write::Merchant(merchant_row)])).await;
        assert_eq!(again, Err(paypier_storage::CommitError::Exists("merchants".into())));
    }
}

fn billing_key(state: billing_key::State, version: u64) -> BillingKey {
    let holding = |state| Holding { channel: channel_snapshot(), state };
    BillingKey {
        id: BillingKeyId::known("billing-key-1"),
        store: StoreId::known("store-1"),
        merchant: merchant(),
        environment: Environment::Test,
        version,
        customer: Customer { id: Some("c-1".into()), name: Some("김".into()), ..Customer::default() },
        custom_data: Some("{}".into()),
        origin: Origin {
            platform: Platform::Pc,
            ip_address: "::1".into(),
            user_agent: Some("agent".into()),
            url: None,
        },
        channel_group: None,
        issue_id: Some("issue".into()),
        issue_name: None,
        method: KeyMethod::EasyPay { provider: Some("KAKAOPAY".into()) },
        approval: Some(PendingApproval {
            token_digest: [3; 32],
            expires_at: at(9),
            instrument: "one-time".into(),
        }),
        notices: Notices { urls: vec!["https://x".into()], skip_success: true },
        claim: None,
        requested_at: at(1),
        going_since: Some(at(3)),
        first_payment: Some(FirstPayment {
            payment: PaymentId::known("first"),
            transaction: TransactionId::known("first-transaction"),
        }),
        holdings: vec![
            holding(HoldingState::Asked),
            holding(HoldingState::Held {
                token: "token".into(),
                pg_tx_id: Some(PgTxId::known("pg")),
                card: Some(CardDetails { bin: Some("424242".into()), ..CardDetails::default() }),
            }),
            holding(HoldingState::Refused {
                at: at(2),
                pg_code: "X".into(),
                pg_message: "no".into(),
                message: "declined".into(),
            }),
            holding(HoldingState::Released),
        ],
        state,
    }
}

on_both! {
    async fn billing_keys_read_back_and_are_listed(db: &Db) {
        use paypier_storage::{BillingKeyFilter, BillingKeySearch, BillingKeyTimeField, PageAsk, SortOrder};
        let storage = db.migrated().await;
        storage.commit(writes(vec![Write::Store(store("store-1"))])).await.unwrap();
        let sending = billing_key(billing_key::State::Sending, 1);
        let issued = billing_key(billing_key::State::Issued { at: at(5) }, 2);
        let deleted = billing_key(billing_key::State::Deleted { issued_at: at(5), at: at(9) }, 3);
        let write = |key: &BillingKey, expects| {
            writes(vec![Write::BillingKey { key: Box::new(key.clone()), expects }])
        };
        storage.commit(write(&sending, None)).await.unwrap();
        assert_eq!(storage.billing_key(&sending.id).await.unwrap().as_ref(), Some(&sending));
        assert_eq!(storage.commit(write(&sending, None)).await, Err(paypier_storage::CommitError::Conflict));
        storage.commit(write(&issued, Some(1))).await.unwrap();
        assert_eq!(storage.commit(write(&issued, Some(1))).await, Err(paypier_storage::CommitError::Conflict));
        storage.commit(write(&deleted, Some(2))).await.unwrap();
        assert_eq!(storage.billing_key(&sending.id).await.unwrap().as_ref(), Some(&deleted));

        let filter = BillingKeyFilter {
            merchant: merchant(),
            store: None,
            environment: Some(Environment::Test),
            time_field: BillingKeyTimeField::DeletedAt,
            from: at(9),
            until: at(10),
            statuses: vec![],
            channel_groups: vec![],
            customer_id: Some("c-1".into()),
            platform: Some(Platform::Pc),
            pg_providers: vec!["TOSSPAYMENTS".into()],
            methods: vec!["EASY_PAY".into()],
            search: None,
            sort_by: BillingKeyTimeField::StatusTimestamp,
            order: SortOrder::Desc,
        };
        let page = PageAsk { number: 0, size: 10 };
        let found = storage.billing_keys(&filter, page).await.unwrap();
        assert_eq!((found.items, found.total), (vec![deleted], 1));
        for (search, prefix, count) in [
            (BillingKeySearch::CardBin, "4242", 1),
            (BillingKeySearch::CardBin, "5", 0),
            (BillingKeySearch::CustomerName, "김", 1),
            (BillingKeySearch::BillingKey, "billing-key", 1),
            (BillingKeySearch::PgMerchantId, "mid", 1),
            (BillingKeySearch::UserAgent, "ag", 1),
            (BillingKeySearch::ChannelGroupName, "a", 0),
            (BillingKeySearch::CardNumber, "4", 0),
            (BillingKeySearch::CustomerEmail, "x", 0),
            (BillingKeySearch::CustomerPhoneNumber, "0", 0),
            (BillingKeySearch::CustomerAddress, "S", 0),
            (BillingKeySearch::CustomerZipcode, "1", 0),
        ] {
            let filter = BillingKeyFilter { search: Some((search, prefix.into())), ..filter.clone() };
            assert_eq!(storage.billing_keys(&filter, page).await.unwrap().total, count, "{search:?} {prefix}");
        }
        let none = BillingKeyFilter { until: at(9), ..filter.clone() };
        assert_eq!(storage.billing_keys(&none, page).await.unwrap().total, 0);
        let others = BillingKeyFilter { merchant: MerchantId::known("merchant-2"), ..filter };
        assert_eq!(storage.billing_keys(&others, page).await.unwrap().total, 0);
    }
}

on_both! {
    async fn claims_tokens_evidence_and_pre_registrations_read_back(db: &Db) {
        let storage = db.migrated().await;
        let reference = ClaimRef { merchant: merchant(), key: "key \u{1F511}".into(), operation: "payInstant".into() };
        let claim = Claim { reference: reference.clone(), fingerprint: [3; 32], at: at(1) };
        let answer = Answer { status: 502, body: vec![0, 159, 146, 150] };
        let with = |write| Change { claim: Some(write), ..Change::default() };
        storage.commit(with(ClaimWrite::Begin(claim.clone()))).await.unwrap();
        let stored = storage.claim(&merchant(), &reference.key).await.unwrap().unwrap();
        assert_eq!((&stored.reference, stored.fingerprint, stored.at, &stored.answer), (&reference, [3; 32], at(1), &None));
        let taken = storage.commit(with(ClaimWrite::Begin(claim.clone()))).await;
        assert_eq!(taken, Err(paypier_storage::CommitError::KeyTaken));
        storage.commit(with(ClaimWrite::Finish(reference.clone(), answer.clone()))).await.unwrap();
        let truth = Answer { status: 200, body: b"{}".to_vec() };
        storage.commit(with(ClaimWrite::Finish(reference.clone(), truth.clone()))).await.unwrap();
        assert_eq!(storage.claim(&merchant(), &reference.key).await.unwrap().unwrap().answer, Some(truth));
        let taken = storage.commit(with(ClaimWrite::Record(claim.clone(), answer.clone()))).await;
        assert_eq!(taken, Err(paypier_storage::CommitError::KeyTaken));
        // A key older than 30 days is free again.
        let late = Claim { at: at(1 + 30 * 86_400 + 1), fingerprint: [4; 32], ..claim };
        storage.commit(with(ClaimWrite::Record(late, answer.clone()))).await.unwrap();
        let stored = storage.claim(&merchant(), &reference.key).await.unwrap().unwrap();
        assert_eq!((stored.fingerprint, stored.answer), ([4; 32], Some(answer)));
        storage.commit(with(ClaimWrite::Release(reference.clone()))).await.unwrap();
        assert_eq!(storage.claim(&merchant(), &reference.key).await.unwrap(), None);

        let secret = SecretId::known("secret-1");
        let token = |byte, kind, expires| Token { digest: [byte; 32], kind, secret: secret.clone(), expires_at: at(expires) };
        let tokens = |superseded, tokens| writes(vec![Write::Tokens { secret: secret.clone(), superseded, tokens }]);
        let first = vec![token(1, TokenKind::Access, 10), token(2, TokenKind::Refresh, 20)];
        storage.commit(tokens(None, first.clone())).await.unwrap();
        assert_eq!(storage.token(&[2; 32]).await.unwrap().as_ref(), Some(&first[1]));
        let second = vec![token(3, TokenKind::Access, 30), token(4, TokenKind::Refresh, 40)];
        storage.commit(tokens(Some([2; 32]), second)).await.unwrap();
        assert_eq!(storage.token(&[2; 32]).await.unwrap(), None, "used up");
        assert!(storage.token(&[1; 32]).await.unwrap().is_some(), "access tokens live on");
        let stale = storage.commit(tokens(Some([2; 32]), vec![token(5, TokenKind::Refresh, 50)])).await;
        assert_eq!(stale, Err(paypier_storage::CommitError::Conflict));
        assert!(storage.token(&[4; 32]).await.unwrap().is_some(), "the conflict removed nothing");

        storage.commit(key_in("order-1", at(0)).0[0].clone()).await.unwrap();
        let evidence = |second, finding: &str| Evidence {
            payment: key("order-1"),
            transaction: TransactionId::known("tx-order-1"),
            subject: Some("cancellation".into()),
            at: at(second),
            kind: EvidenceKind::Notification,
            finding: finding.into(),
            raw: None,
        };
        let seen = vec![evidence(2, "b"), evidence(2, "c"), evidence(1, "a")];
        storage.commit(Change { evidence: seen.clone(), ..Change::default() }).await.unwrap();
        storage.commit(Change { evidence: vec![evidence(2, "d")], ..Change::default() }).await.unwrap();
        let findings: Vec<String> =
            storage.evidence_of(&key("order-1")).await.unwrap().into_iter().map(|e| e.finding).collect();
        assert_eq!(findings, ["a", "b", "c", "d"]);

        let registered = PreRegistration {
            key: key("order-1"),
            total: Some(won(5)),
            tax_free: None,
            currency: Some(Currency::USD),
            registered_at: at(1),
        };
        storage.commit(writes(vec![Write::PreRegistration(registered.clone())])).await.unwrap();
        let replaced = PreRegistration { total: None, ..registered };
        storage.commit(writes(vec![Write::PreRegistration(replaced.clone())])).await.unwrap();
        assert_eq!(storage.pre_registration(&key("order-1")).await.unwrap(), Some(replaced));
        assert_eq!(storage.pre_registration(&key("order-2")).await.unwrap(), None);
    }
}

on_both! {
    async fn deliveries_jobs_events_and_the_simulators_books_read_back(db: &Db) {
        let storage = db.migrated().await;
        let mut delivery = delivery("webhook-1", "order-1", 1, "https://shop.example", at(5));
        delivery.trigger = Some(Trigger::DisputeCreated);
        storage.commit(delivers(vec![delivery.clone()])).await.unwrap();
        assert_eq!(storage.delivery(&delivery.id).await.unwrap().as_ref(), Some(&delivery));
        delivery.executed(execution(ExecutionResult::NotOk), at(9), 12);
        storage.commit(writes(vec![Write::Delivery { delivery: Box::new(delivery.clone()), expects: 0 }])).await.unwrap();
        let late = storage.commit(writes(vec![Write::Delivery { delivery: Box::new(delivery.clone()), expects: 0 }])).await;
        assert_eq!(late, Err(paypier_storage::CommitError::Conflict), "somebody sent it meanwhile");
        assert_eq!(storage.delivery(&delivery.id).await.unwrap().as_ref(), Some(&delivery));
        delivery.state = DeliveryState::Dead;
        storage.commit(writes(vec![Write::Delivery { delivery: Box::new(delivery.clone()), expects: 1 }])).await.unwrap();
        assert_eq!(storage.dead_deliveries(&delivery.store, 10).await.unwrap(), [delivery.clone()]);
        assert_eq!(storage.deliveries_of(&delivery.store, &["order-1"]).await.unwrap(), [delivery.clone()]);
        assert_eq!(storage.deliveries_of(&delivery.store, &["order-0", "order-1"]).await.unwrap(), [delivery.clone()]);
        let unknown = crate::sample::delivery("webhook-2", "order-1", 1, "x", at(5));
        let update = storage.commit(writes(vec![Write::Delivery { delivery: Box::new(unknown), expects: 0 }])).await;
        assert_eq!(update, Err(paypier_storage::CommitError::Conflict), "what is gone cannot be updated");

        let payment = key("order-1");
        let transaction = TransactionId::known("tx");
        let tasks = [
            Task::ResolveAttempt { payment: payment.clone(), transaction: transaction.clone() },
            Task::ResolveCancellation { payment: payment.clone(), cancellation: CancellationId::known("c") },
            Task::ResolveCapture { payment: payment.clone(), transaction: transaction.clone() },
            Task::ResolveClosing { payment: payment.clone(), transaction: transaction.clone() },
            Task::ResolveDelivery { payment: payment.clone(), transaction: transaction.clone() },
            Task::ResolveIssuance { key: BillingKeyId::known("b") },
            Task::ResolveCashReceipt { payment: payment.clone(), receipt: CashReceiptId::known("r") },
            Task::IssueWantedCashReceipt { payment: payment.clone(), transaction: transaction.clone() },
            Task::WithdrawCashReceipt { payment: payment.clone() },
            Task::ResolveIdentityVerification {
                store: payment.store.clone(),
                tx: IdentityVerificationTxId::known("tx"),
            },
            Task::ReverseCharge { payment: payment.clone(), transaction: transaction.clone() },
            Task::CancelLate { payment: payment.clone(), transaction: transaction.clone() },
            Task::ExpireOrder { payment: payment.clone(), transaction: transaction.clone() },
            Task::LookAgain { payment, transaction, prompt: "evt_1@1".into() },
            Task::SendLink { link: "l".into() },
            Task::RemindOfLink { link: "l".into() },
            Task::ExpireLink { link: "l".into() },
            Task::SimulatorNotification { id: "n".into() },
            Task::RunSchedule { schedule: ScheduleId::known("s") },
            Task::ResolveCounterparty {
                platform: paypier_domain::settlement::definition::PlatformKey {
                    merchant: MerchantId::known("merchant-1"),
                    environment: Environment::Live,
                },
                partner: paypier_domain::settlement::id::PartnerId::known("p:1"),
            },
            Task::PlatformDay {
                store: StoreId::known("store-1"),
                environment: Environment::Live,
                day: jiff::civil::date(2027, 1, 15),
            },
            Task::ExecuteBulkPayout {
                store: StoreId::known("store-1"),
                environment: Environment::Test,
                bulk: paypier_domain::settlement::id::BulkPayoutId::known("bp-1"),
            },
            Task::Remit {
                store: StoreId::known("store-1"),
                environment: Environment::Test,
                transfer: paypier_domain::settlement::paying::AccountTransferId::known("at-1"),
            },
            Task::Purge,
        ];
        let jobs: Vec<Job> = (1..).zip(tasks).map(|(n, task)| Job { task, ..job("", at(n)) }).collect();
        storage.commit(puts(jobs.clone())).await.unwrap();
        let taken = storage.take_due_jobs(at(100), SignedDuration::from_secs(60), 100, 9).await.unwrap();
        assert_eq!(taken, jobs);

        let mut events = vec![event("order-1", 1, PaymentEventKind::Paid, 10, 3)];
        events.push(Event {
            id: EventId::known("event-billing"),
            trigger: None,
            subject: Subject::BillingKey { key: BillingKeyId::known("b-1"), kind: BillingKeyEventKind::Issued },
            ..events[0].clone()
        });
        storage.commit(tells(events.clone())).await.unwrap();
        assert_eq!(storage.events_of(&key("order-1")).await.unwrap()[0].event, events[0]);
        let mut about = crate::sample::delivery("webhook-3", "b-1", 1, "x", at(5));
        about.event = EventId::known("event-billing");
        assert_eq!(storage.event_of(&about).await.unwrap().unwrap().event, events[1]);
        let again = storage.commit(tells(vec![events[0].clone()])).await;
        assert_eq!(again, Err(paypier_storage::CommitError::Exists("events".into())));

        let record = SimulatorRecord {
            store: StoreId::known("store-1"),
            kind: "order".into(),
            id: "1".into(),
            version: 1,
            expects: None,
            merchant_id: "mid".into(),
            currency: Some(Currency::KRW),
            approved: 100,
            refunded: 0,
            at: at(1),
            document: "{}".into(),
        };
        let write = |record: &SimulatorRecord| writes(vec![Write::Simulator(Box::new(record.clone()))]);
        storage.commit(write(&record)).await.unwrap();
        assert_eq!(storage.commit(write(&record)).await, Err(paypier_storage::CommitError::Conflict));
        let mut stored = storage.simulator_record(&record.store, "order", "1").await.unwrap().unwrap();
        assert_eq!(stored, SimulatorRecord { expects: Some(1), ..record.clone() });
        (stored.version, stored.refunded) = (2, 40);
        storage.commit(write(&stored)).await.unwrap();
        assert_eq!(storage.commit(write(&stored)).await, Err(paypier_storage::CommitError::Conflict));
        let total = &storage.simulator_totals(&record.store).await.unwrap()[0];
        assert_eq!((total.approved, total.refunded), (100, 40));
        assert_eq!(storage.stores_with_simulator().await.unwrap(), std::slice::from_ref(&record.store));
        assert_eq!(storage.simulator_records(&record.store, "order", None, 5).await.unwrap().len(), 1);
        assert_eq!(storage.simulator_records(&record.store, "order", Some("1"), 5).await.unwrap().len(), 0);
    }
}
