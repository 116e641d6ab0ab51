//! Payments and everything around them, plain and random.

use crate::harness::at;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::*;
use paypier_domain::cash_receipt::{Kind, Wanted};
use paypier_domain::change::{Change, Notify, RowWrite, Touched, Write};
use paypier_domain::channel::*;
use paypier_domain::claim::ClaimRef;
use paypier_domain::customer::{Address, Customer, Product};
use paypier_domain::delivery::*;
use paypier_domain::event::*;
use paypier_domain::id::*;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::cancel::{CancelOrigin, RefundAccount};
use paypier_domain::payment::*;
use paypier_domain::promotion::{
    CardCompany, DiscountPolicy, Hold, Partition, PromotionUse, RetainOption, Scheme,
};
use paypier_domain::psp::{CardDetails, VirtualAccount};
use proptest::prelude::*;

pub fn merchant() -> MerchantId {
    MerchantId::known("merchant-01890000-0000-7000-8000-000000000001")
}

pub fn key(payment: &str) -> PaymentKey {
    PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known(payment) }
}

pub fn won(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

/// The three changes of a key-in payment and the payment in the end.
pub fn key_in(payment: &str, now: Timestamp) -> ([Change; 3], Payment) {
    let transaction = TransactionId::known(format!("tx-{payment}"));
    paypier_storage::bare::key_in_payment(&key(payment), &transaction, now).unwrap()
}

/// The payment right after its intention.
pub fn begun(change: &Change) -> Payment {
    change
        .writes
        .iter()
        .find_map(|write| match write {
            Write::Payment { payment, .. } => Some((**payment).clone()),
            _ => None,
        })
        .unwrap()
}

pub fn store(id: &str) -> Store {
    Store {
        id: StoreId::known(id),
        merchant: merchant(),
        name: "books".into(),
        is_representative: true,
        policy: StorePolicy::default(),
        test_clock_offset: SignedDuration::ZERO,
        created_at: at(0),
    }
}

pub fn writes(writes: Vec<Write>) -> Change {
    Change { writes, ..Change::default() }
}

/// Inserts a payment as it is.
pub fn inserts(payment: &Payment) -> Change {
    writes(vec![Write::Payment {
        payment: Box::new(payment.clone()),
        expects: None,
        touched: Touched {
            attempts: payment.attempts.iter().map(|a| (a.id.clone(), RowWrite::Insert)).collect(),
            cancellations: payment.cancellations.iter().map(|c| (c.id.clone(), RowWrite::Insert)).collect(),
        },
    }])
}

/// Writes a payment again, every row of it.
pub fn updates(payment: &Payment, expects: u64) -> Change {
    writes(vec![Write::Payment {
        payment: Box::new(payment.clone()),
        expects: Some(expects),
        touched: Touched {
            attempts: payment.attempts.iter().map(|a| (a.id.clone(), RowWrite::Update)).collect(),
            cancellations: payment.cancellations.iter().map(|c| (c.id.clone(), RowWrite::Update)).collect(),
        },
    }])
}

pub fn job(key: &str, due_at: Timestamp) -> Job {
    Job {
        task: Task::SimulatorNotification { id: key.into() },
        store: StoreId::known("store-1"),
        environment: Environment::Test,
        due_at,
        runs: 3,
    }
}

pub fn puts(jobs: Vec<Job>) -> Change {
    Change { jobs: jobs.into_iter().map(JobWrite::Put).collect(), ..Change::default() }
}

pub fn delivery(id: &str, subject: &str, sequence: u64, url: &str, due_at: Timestamp) -> Delivery {
    Delivery {
        id: WebhookId::known(id),
        event: EventId::known(format!("event-{subject}-{sequence}")),
        store: StoreId::known("store-1"),
        environment: Environment::Test,
        subject: subject.into(),
        sequence,
        url: url.into(),
        version: PayloadVersion::V20240425,
        content_type: PayloadContentType::Json,
        body: None,
        status_when_sent: Some(Status::Paid),
        trigger: None,
        created_at: at(0),
        state: DeliveryState::Due { at: due_at },
        executions: 0,
        manual_executions: 0,
        last: None,
    }
}

pub fn execution(result: ExecutionResult) -> Execution {
    Execution {
        result,
        requested_at: at(7),
        request_header: "{\"content-type\":\"application/json\"}".into(),
        request_body: "{}".into(),
        response: Some(Response {
            code: 200,
            header: "{}".into(),
            body: "ok \u{1F6D2} \"quoted\"".into(),
            responded_at: at(8),
        }),
    }
}

pub fn delivers(deliveries: Vec<Delivery>) -> Change {
    Change { deliveries, ..Change::default() }
}

pub fn event(payment: &str, sequence: u64, kind: PaymentEventKind, moved: i64, second: i64) -> Event {
    Event {
        id: EventId::known(format!("tx-{payment}-{sequence}")),
        merchant: merchant(),
        store: StoreId::known("store-1"),
        environment: Environment::Test,
        at: at(second),
        trigger: Some(Trigger::AsyncPayApproved),
        subject: Subject::Payment(PaymentEvent {
            payment: key(payment),
            transaction: TransactionId::known(format!("tx-{payment}")),
            cancellation: None,
            kind,
            sequence,
            status: Status::Paid,
            amounts: AmountsNow { total: won(10), paid: won(10), ..AmountsNow::default() },
            moved,
        }),
    }
}

pub fn tells(events: Vec<Event>) -> Change {
    Change { events: events.into_iter().map(|event| (event, Notify::Yes)).collect(), ..Change::default() }
}

pub fn channel_snapshot() -> ChannelSnapshot {
    ChannelSnapshot {
        key: ChannelKey::known("channel-key-1"),
        id: ChannelId::known("channel-id-1"),
        name: "cards".into(),
        environment: Environment::Test,
        connector: "sandbox".into(),
        pg_provider: "TOSSPAYMENTS".into(),
        pg_merchant_id: "mid-1".into(),
    }
}

// Everything below is random.

/// Text with quotes, blanks, emoji and letters of several scripts; no NUL, which ids and bodies of
/// the API cannot hold and PostgreSQL refuses.
fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9가-힣\u{1F600}-\u{1F64F} '\"\\\\%_{}-]{0,12}"
}

fn maybe<T: std::fmt::Debug + Clone>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(of)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-1_000_000_000_000_000i64..4_000_000_000_000_000).prop_map(|us| Timestamp::from_microsecond(us).unwrap())
}

fn amount() -> impl Strategy<Value = Amount> {
    (0i64..=1_000_000_000).prop_map(won)
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        word().prop_map(Address::OneLine),
        (word(), word(), maybe(word()), maybe(word()), maybe(word())).prop_map(
            |(line1, line2, city, province, country)| Address::Separated {
                line1,
                line2,
                city,
                province,
                country
            }
        ),
    ]
}

fn customer() -> impl Strategy<Value = Customer> {
    (
        (maybe(word()), maybe(word()), maybe(word()), maybe(word()), maybe(word()), maybe(word())),
        (maybe(word()), maybe(word()), maybe(address()), maybe(word()), maybe(word()), maybe(word())),
    )
        .prop_map(
            |((id, name, year, month, day, gender), (email, phone, address, zipcode, country, brn))| {
                Customer {
                    id,
                    name,
                    birth_year: year,
                    birth_month: month,
                    birth_day: day,
                    gender,
                    email,
                    phone_number: phone,
                    address,
                    zipcode,
                    country,
                    business_registration_number: brn,
                }
            },
        )
}

fn product() -> impl Strategy<Value = Product> {
    (word(), word(), maybe(word()), maybe(word()), any::<i64>(), any::<i32>(), maybe(word())).prop_map(
        |(id, name, tag, code, amount, quantity, link)| Product {
            id,
            name,
            tag,
            code,
            amount,
            quantity,
            link,
        },
    )
}

fn order() -> impl Strategy<Value = Order> {
    (
        (word(), customer(), proptest::collection::vec(product(), 0..3), maybe(any::<i32>()), maybe(word())),
        (
            maybe(address()),
            maybe(word()),
            maybe(word()),
            maybe(word()),
            any::<bool>(),
            any::<bool>(),
            maybe(cash_receipt()),
        ),
    )
        .prop_map(
            |(
                (name, customer, products, count, kind),
                (shipping, data, country, locale, culture, escrow, cash_receipt),
            )| {
                Order {
                    name,
                    customer,
                    products,
                    product_count: count,
                    product_type: kind,
                    shipping_address: shipping,
                    custom_data: data,
                    country,
                    locale,
                    is_cultural_expense: culture,
                    is_escrow: escrow,
                    cash_receipt,
                }
            },
        )
}

fn cash_receipt() -> impl Strategy<Value = Wanted> {
    let kind = prop_oneof![Just(Kind::Personal), Just(Kind::Corporate)];
    (kind, proptest::collection::vec(any::<u8>(), 0..40))
        .prop_map(|(kind, identity)| Wanted { kind, identity: Sealed(identity) })
}

fn card() -> impl Strategy<Value = CardDetails> {
    (
        maybe(word()),
        maybe(word()),
        maybe(word()),
        maybe(word()),
        maybe(word()),
        maybe(word()),
        maybe(word()),
        maybe(word()),
    )
        .prop_map(|(publisher, issuer, brand, kind, owner, bin, name, masked_number)| CardDetails {
            publisher,
            issuer,
            brand,
            kind,
            owner,
            bin,
            name,
            masked_number,
        })
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        (card(), maybe(word()), maybe((any::<u8>(), any::<bool>(), any::<bool>())), any::<bool>()).prop_map(
            |(card, approval_number, installment, is_point_used)| Method::Card {
                card,
                approval_number,
                installment: installment.map(|(months, free, merchant)| Installment {
                    months,
                    is_interest_free: free,
                    is_interest_free_from_merchant: merchant,
                }),
                is_point_used,
            }
        ),
        (
            maybe(word()),
            word(),
            maybe(word()),
            maybe(word()),
            maybe(word()),
            maybe(instant()),
            maybe(instant()),
            amount()
        )
            .prop_map(
                |(bank, number, kind, remittee, remitter, expires_at, issued_at, deposited)| {
                    Method::VirtualAccount {
                        account: VirtualAccount {
                            bank,
                            account_number: number,
                            kind,
                            remittee_name: remittee,
                            remitter_name: remitter,
                            expires_at,
                            issued_at,
                            deposited,
                        },
                    }
                }
            ),
        (maybe(word()), maybe(word()))
            .prop_map(|(bank, account_number)| Method::Transfer { bank, account_number }),
        maybe(word()).prop_map(|phone_number| Method::Mobile { phone_number }),
        (maybe(word()), word())
            .prop_map(|(kind, approval_number)| Method::GiftCertificate { kind, approval_number }),
        (maybe(word()), maybe(card())).prop_map(|(provider, card)| Method::EasyPay { provider, card }),
        (maybe(word()), maybe(word()), maybe(instant())).prop_map(
            |(brand, confirmation_number, deadline)| {
                Method::ConvenienceStore { brand, confirmation_number, deadline }
            }
        ),
        Just(Method::Crypto),
    ]
}

fn unpaid_state() -> impl Strategy<Value = AttemptState> {
    prop_oneof![
        Just(AttemptState::Ready),
        Just(AttemptState::Sending),
        instant().prop_map(|since| AttemptState::Unknown { since }),
        instant().prop_map(|since| AttemptState::Pending { since }),
        instant().prop_map(|at| AttemptState::AccountIssued { at }),
        (instant(), maybe(word()), maybe(word()), maybe(word())).prop_map(
            |(at, reason, pg_code, pg_message)| {
                AttemptState::Failed(Failure { at, reason, pg_code, pg_message })
            }
        ),
    ]
}

fn paid_state() -> impl Strategy<Value = AttemptState> {
    let capture = prop_oneof![
        Just(Capture::WithApproval),
        Just(Capture::Awaited),
        instant().prop_map(|since| Capture::Sending { since }),
        instant().prop_map(|at| Capture::Captured { at }),
    ];
    (instant(), amount(), maybe(word()), maybe(word()), capture).prop_map(
        |(at, fee, receipt_url, pg_response, capture)| {
            AttemptState::Paid(Paid { at, fee, receipt_url, pg_response, capture })
        },
    )
}

fn logistics() -> impl Strategy<Value = escrow::Logistics> {
    (word(), word(), instant(), maybe(instant()), maybe(address())).prop_map(
        |(company, invoice_number, sent_at, received_at, address)| escrow::Logistics {
            company,
            invoice_number,
            sent_at,
            received_at,
            address,
        },
    )
}

fn escrow() -> impl Strategy<Value = Escrow> {
    let state = prop_oneof![
        Just(escrow::DeliveryState::Registered),
        Just(escrow::DeliveryState::Delivered),
        any::<bool>().prop_map(|is_automatic| escrow::DeliveryState::Confirmed { is_automatic }),
        Just(escrow::DeliveryState::Rejected),
        Just(escrow::DeliveryState::RejectConfirmed),
        Just(escrow::DeliveryState::Cancelled)
    ];
    let delivery = (logistics(), instant(), maybe(instant()), state).prop_map(
        |(logistics, applied_at, modified_at, state)| escrow::Delivery {
            logistics,
            applied_at,
            modified_at,
            state,
        },
    );
    let step = prop_oneof![
        logistics().prop_map(escrow::Step::Register),
        logistics().prop_map(escrow::Step::Modify),
        any::<bool>().prop_map(|from_store| escrow::Step::Complete { from_store })
    ];
    let asking = (step, instant(), maybe(claim())).prop_map(|(step, since, claim)| escrow::Asking {
        step,
        since,
        claim,
    });
    (maybe(delivery), maybe(asking)).prop_map(|(delivery, asking)| Escrow { delivery, asking })
}

fn account_life() -> impl Strategy<Value = AccountLife> {
    (maybe(instant()), maybe(instant()), maybe(instant()))
        .prop_map(|(closing, closed_at, late_deposit_at)| AccountLife { closing, closed_at, late_deposit_at })
}

fn claim() -> impl Strategy<Value = ClaimRef> {
    (word(), word()).prop_map(|(key, operation)| ClaimRef { merchant: merchant(), key, operation })
}

// Strategies are boxed where they would grow too large for a test's stack.
fn attempt(state: impl Strategy<Value = AttemptState>) -> impl Strategy<Value = Attempt> {
    let currency = prop_oneof![Just(Currency::KRW), Just(Currency::USD), Just(Currency::JPY)];
    let amounts = (1_000i64..1_000_000, 0i64..900, 0i64..100, 0i64..1_000).prop_map(
        |(total, tax_free, vat, discount)| {
            Amounts::new(won(total), won(tax_free), Some(won(vat)), won(discount.min(total - 1))).unwrap()
        },
    );
    let platform = prop_oneof![Just(Platform::Pc), Just(Platform::Mobile), Just(Platform::Api)];
    let origin = (platform, word(), maybe(word()), maybe(word()))
        .prop_map(|(platform, ip_address, user_agent, url)| Origin { platform, ip_address, user_agent, url });
    let notices = (proptest::collection::vec(word(), 0..3), any::<bool>())
        .prop_map(|(urls, skip_success)| Notices { urls, skip_success });
    let authentication =
        (any::<[u8; 32]>(), instant(), word()).prop_map(|(token_digest, expires_at, instrument)| {
            Authentication { token_digest, expires_at, instrument }
        });
    (
        (instant(), instant(), currency, amounts, order().boxed(), origin).boxed(),
        (any::<bool>(), any::<bool>(), maybe(word()), maybe(word()), maybe(promotion_use()), notices).boxed(),
        (
            maybe(claim()),
            maybe(method()).boxed(),
            maybe(word()),
            any::<u32>(),
            maybe(authentication),
            account_life().boxed(),
            maybe(escrow()).boxed(),
            state,
        ),
    )
        .prop_map(
            |(
                (requested_at, status_changed_at, currency, amounts, order, origin),
                (has_channel, has_group, billing_key, schedule, promotion, notices),
                (claim, method, pg_tx_id, queries, authentication, account, escrow, state),
            )| Attempt {
                id: TransactionId::known("later"),
                number: 0,
                requested_at,
                status_changed_at,
                currency,
                amounts,
                order,
                origin,
                channel: has_channel.then(channel_snapshot),
                channel_group: has_group.then(|| ChannelGroupSnapshot {
                    id: ChannelGroupId::known("group-1"),
                    name: "all cards".into(),
                    environment: Environment::Live,
                }),
                billing_key: billing_key.map(BillingKeyId::known),
                schedule: schedule.map(ScheduleId::known),
                promotion,
                notices,
                claim,
                method,
                pg_tx_id: pg_tx_id.map(PgTxId::known),
                queries,
                authentication,
                account,
                escrow,
                state,
            },
        )
}

fn policy() -> impl Strategy<Value = DiscountPolicy> {
    let scheme = prop_oneof![(1u8..=100).prop_map(Scheme::Percent), amount().prop_map(Scheme::Amount)];
    let partition = (amount(), scheme).prop_map(|(from, scheme)| Partition { from, scheme });
    (proptest::collection::vec(partition, 1..4), maybe(amount()))
        .prop_map(|(partitions, cap)| DiscountPolicy::known(partitions, cap))
}

fn promotion_use() -> impl Strategy<Value = PromotionUse> {
    let hold = prop_oneof![Just(Hold::Held), Just(Hold::Spent), Just(Hold::Released)];
    (word(), amount(), policy(), any::<bool>(), 1u64..100, hold).prop_map(
        |(id, discount, policy, recovers, terms, hold)| PromotionUse {
            id: PromotionId::known(id),
            card_company: CardCompany::Nh,
            discount,
            policy,
            recovers,
            terms,
            hold,
        },
    )
}

fn cancellation() -> impl Strategy<Value = Cancellation> {
    let state = prop_oneof![
        Just(CancellationState::Sending),
        instant().prop_map(|since| CancellationState::Unknown { since }),
        instant().prop_map(|since| CancellationState::Requested { since }),
        (instant(), amount(), maybe(word())).prop_map(|(at, fee_returned, receipt_url)| {
            CancellationState::Succeeded { at, fee_returned, receipt_url }
        }),
        (instant(), maybe(word()), maybe(word()))
            .prop_map(|(at, pg_code, pg_message)| CancellationState::Failed { at, pg_code, pg_message }),
    ];
    let origin = prop_oneof![
        Just(CancelOrigin::Console),
        Just(CancelOrigin::Api),
        Just(CancelOrigin::Server),
        Just(CancelOrigin::Chargeback)
    ];
    let retain = prop_oneof![Just(RetainOption::Retain), Just(RetainOption::Release)];
    let account = (word(), word(), word(), maybe(word())).prop_map(
        |(bank, number, holder_name, holder_phone_number)| RefundAccount {
            bank,
            number,
            holder_name,
            holder_phone_number,
        },
    );
    (
        (word(), maybe(word()), origin, instant(), any::<bool>(), maybe(claim())),
        (maybe(account), maybe(word()), any::<u32>(), state, maybe(retain)),
    )
        .prop_map(
            |(
                (reason, requester, origin, requested_at, skip_webhook, claim),
                (refund_account, pg_cancellation_id, queries, state, retain),
            )| Cancellation {
                id: CancellationId::known("later"),
                transaction: TransactionId::known("later"),
                order_amount: won(1),
                refund: Amount::ZERO,
                tax_free: Amount::ZERO,
                vat: Amount::ZERO,
                reason,
                requester,
                origin,
                requested_at,
                skip_webhook,
                claim,
                refund_account,
                retain,
                pg_cancellation_id: pg_cancellation_id.map(PgCancellationId::known),
                queries,
                state,
            },
        )
}

/// Any payment that storage may be asked to keep; ids follow from `id`.
pub fn payment(id: String) -> impl Strategy<Value = Payment> {
    let dispute = (maybe(word()), word(), instant(), maybe(instant())).prop_map(
        |(pg_dispute_id, reason, created_at, resolved_at)| Dispute {
            pg_dispute_id,
            reason,
            created_at,
            resolved_at,
        },
    );
    (
        (any::<bool>(), 1u64..1_000_000, any::<u32>(), instant(), instant(), instant()),
        proptest::collection::vec(attempt(unpaid_state()).boxed(), 0..3),
        prop_oneof![attempt(unpaid_state()).boxed(), attempt(paid_state()).boxed()],
        proptest::collection::vec(cancellation().boxed(), 0..4),
        proptest::collection::vec(dispute, 0..3),
    )
        .prop_map(
            move |(
                (is_live, version, last_event, created_at, updated_at, status_changed_at),
                mut attempts,
                last,
                mut cancellations,
                disputes,
            )| {
                attempts.push(last);
                for (number, attempt) in (1u32..).zip(attempts.iter_mut()) {
                    attempt.number = number;
                    attempt.id = TransactionId::known(format!("tx-{id}-{number}"));
                }
                for (number, cancellation) in (1u32..).zip(cancellations.iter_mut()) {
                    cancellation.id = CancellationId::known(format!("cancellation-{id}-{number}"));
                    cancellation.transaction = attempts.last().unwrap().id.clone();
                }
                Payment {
                    key: key(&id),
                    merchant: merchant(),
                    environment: if is_live { Environment::Live } else { Environment::Test },
                    version,
                    last_event: u64::from(last_event),
                    created_at,
                    updated_at,
                    status_changed_at,
                    attempts,
                    cancellations,
                    disputes,
                }
            },
        )
}
