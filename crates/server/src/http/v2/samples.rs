//! Payments, keys and deliveries in every state, for tests of what is shown.

use crate::app::caller::Caller;
use crate::app::identity_verification::{Secrets, VerificationView};
use crate::app::read::PaymentView;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::billing_key::{self, BillingKey, Holding, HoldingState};
use paypier_domain::cash_receipt::{self, CashReceipt};
use paypier_domain::channel::{ChannelGroupSnapshot, ChannelSnapshot, Environment};
use paypier_domain::customer::{Address, Customer, Product};
use paypier_domain::delivery::{Delivery, DeliveryState, Execution, ExecutionResult, Response};
use paypier_domain::event::{Event, PaymentEvent, PaymentEventKind, Subject, Trigger};
use paypier_domain::id::{
    BillingKeyId, CancellationId, CashReceiptId, ChannelGroupId, ChannelId, ChannelKey, EventId,
    IdentityVerificationId, IdentityVerificationTxId, MerchantId, PaymentId, PaymentKey, PgCancellationId,
    PgTxId, ScheduleId, SecretId, StoreId, TransactionId, WebhookId,
};
use paypier_domain::identity_verification::{
    self, AskedCustomer, Birth, IdentityVerification, Person, Proof, VerificationKey,
};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::cancel::CancelOrigin;
use paypier_domain::payment::escrow;
use paypier_domain::payment::{
    Amounts, Attempt, AttemptState, Cancellation, CancellationState, Capture, Dispute, Failure, Installment,
    Method, Notices, Order, Origin, Paid, Payment, Platform, Status,
};
use paypier_domain::psp::{CardDetails, VirtualAccount};
use paypier_domain::schedule::{self, Schedule, ScheduledCharge};

/// So many seconds after the beginning of the sample day.
pub fn at(seconds: i64) -> Timestamp {
    let day: Timestamp = "2026-04-25T01:02:03.456789Z".parse().unwrap();
    day.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

pub fn amount(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

pub fn caller() -> Caller {
    Caller {
        merchant: MerchantId::known("merchant-1"),
        store: StoreId::known("store-1"),
        secret: SecretId::known("secret-1"),
        is_representative: true,
    }
}

pub fn origin() -> Origin {
    Origin {
        platform: Platform::Api,
        ip_address: "203.0.113.7".into(),
        user_agent: Some("shop/1.0".into()),
        url: None,
    }
}

pub fn channel(number: u8) -> ChannelSnapshot {
    ChannelSnapshot {
        key: ChannelKey::known(format!("channel-key-{number}")),
        id: ChannelId::known(format!("channel-id-{number}")),
        name: "cards".into(),
        environment: Environment::Test,
        connector: "sandbox".into(),
        pg_provider: "TOSSPAYMENTS".into(),
        pg_merchant_id: "mid-1".into(),
    }
}

pub fn group() -> ChannelGroupSnapshot {
    ChannelGroupSnapshot {
        id: ChannelGroupId::known("channel-group-test-1"),
        name: "all cards".into(),
        environment: Environment::Test,
    }
}

pub fn card() -> CardDetails {
    CardDetails {
        publisher: None,
        issuer: Some("SHINHAN_CARD".into()),
        brand: Some("VISA".into()),
        kind: Some("CREDIT".into()),
        owner: Some("PERSONAL".into()),
        bin: Some("42424242".into()),
        name: Some("신한카드".into()),
        masked_number: Some("42424242****4242".into()),
    }
}

/// One of each.
pub fn methods() -> [Method; 8] {
    [
        Method::Card {
            card: card(),
            approval_number: Some("30000001".into()),
            installment: Some(Installment {
                months: 3,
                is_interest_free: true,
                is_interest_free_from_merchant: false,
            }),
            is_point_used: false,
        },
        account(),
        Method::Transfer { bank: Some("KOOKMIN".into()), account_number: Some("110-***-1234".into()) },
        Method::Mobile { phone_number: Some("010****1234".into()) },
        Method::GiftCertificate { kind: Some("HAPPYMONEY".into()), approval_number: "1".into() },
        Method::EasyPay { provider: Some("KAKAOPAY".into()), card: Some(card()) },
        Method::ConvenienceStore {
            brand: Some("LAWSON".into()),
            confirmation_number: Some("123".into()),
            deadline: Some(at(86_400)),
        },
        Method::Crypto,
    ]
}

fn account() -> Method {
    Method::VirtualAccount {
        account: VirtualAccount {
            bank: Some("SHINHAN".into()),
            account_number: "56211102012345".into(),
            kind: Some("NORMAL".into()),
            remittee_name: Some("paypier".into()),
            remitter_name: None,
            expires_at: Some(at(86_400)),
            issued_at: Some(at(1)),
            deposited: Amount::ZERO,
        },
    }
}

/// A delivery in each state.
pub fn deliveries() -> Vec<escrow::Delivery> {
    [
        escrow::DeliveryState::Registered,
        escrow::DeliveryState::Delivered,
        escrow::DeliveryState::Confirmed { is_automatic: false },
        escrow::DeliveryState::Confirmed { is_automatic: true },
        escrow::DeliveryState::Rejected,
        escrow::DeliveryState::RejectConfirmed,
        escrow::DeliveryState::Cancelled,
    ]
    .map(|state| escrow::Delivery {
        logistics: escrow::Logistics {
            company: "CJ".into(),
            invoice_number: "6012-3456".into(),
            sent_at: at(20),
            received_at: None,
            address: None,
        },
        applied_at: at(21),
        modified_at: None,
        state,
    })
    .into()
}

pub fn customer() -> Customer {
    Customer {
        id: Some("customer-7".into()),
        name: Some("홍 길동".into()),
        birth_year: Some("1990".into()),
        birth_month: Some("01".into()),
        birth_day: Some("31".into()),
        gender: Some("MALE".into()),
        email: Some("gildong@example.com".into()),
        phone_number: Some("01012341234".into()),
        address: Some(Address::Separated {
            line1: "왕십리로 83".into(),
            line2: "3층".into(),
            city: Some("성동구".into()),
            province: Some("서울".into()),
            country: Some("KR".into()),
        }),
        zipcode: Some("04769".into()),
        country: Some("KR".into()),
        business_registration_number: None,
    }
}

fn order() -> Order {
    Order {
        name: "두 장의 표".into(),
        customer: customer(),
        products: vec![Product {
            id: "ticket".into(),
            name: "표".into(),
            tag: Some("seat".into()),
            code: None,
            amount: 5_500,
            quantity: 2,
            link: None,
        }],
        product_count: Some(2),
        product_type: Some("DIGITAL".into()),
        custom_data: Some(r#"{"seat":["A1"]}"#.into()),
        country: Some("KR".into()),
        is_cultural_expense: true,
        ..Order::default()
    }
}

fn attempt(number: u32, state: AttemptState) -> Attempt {
    Attempt {
        id: TransactionId::known(format!("transaction-{number}")),
        number,
        requested_at: at(i64::from(number)),
        status_changed_at: at(i64::from(number).saturating_add(1)),
        currency: Currency::KRW,
        amounts: Amounts::new(amount(11_000), amount(1_000), None, Amount::ZERO).unwrap(),
        order: order(),
        origin: origin(),
        channel: Some(channel(1)),
        channel_group: None,
        billing_key: None,
        schedule: None,
        promotion: None,
        notices: Notices::default(),
        claim: None,
        method: Some(methods()[0].clone()),
        pg_tx_id: Some(PgTxId::known("pg-1")),
        queries: 0,
        authentication: None,
        account: paypier_domain::payment::AccountLife::default(),
        escrow: None,
        state,
    }
}

fn paid() -> AttemptState {
    AttemptState::Paid(Paid {
        at: at(2),
        fee: amount(330),
        receipt_url: Some("https://psp.example/receipt/1".into()),
        pg_response: Some(r#"{"ok":true}"#.into()),
        capture: Capture::WithApproval,
    })
}

fn failed() -> AttemptState {
    AttemptState::Failed(Failure {
        at: at(2),
        reason: Some("declined".into()),
        pg_code: Some("SANDBOX_DECLINED".into()),
        pg_message: Some("한도 초과".into()),
    })
}

fn view(attempts: Vec<Attempt>) -> PaymentView {
    PaymentView {
        receipt: None,
        payment: Payment {
            key: PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("order-1") },
            merchant: MerchantId::known("merchant-1"),
            environment: Environment::Test,
            version: 2,
            last_event: 1,
            created_at: at(0),
            updated_at: at(8),
            status_changed_at: at(7),
            attempts,
            cancellations: Vec::new(),
            disputes: Vec::new(),
        },
        deliveries: Vec::new(),
    }
}

pub fn cancellation() -> Cancellation {
    Cancellation {
        id: CancellationId::known("cancellation-1"),
        transaction: TransactionId::known("transaction-1"),
        order_amount: amount(4_000),
        refund: amount(4_000),
        tax_free: amount(1_000),
        vat: amount(273),
        reason: "changed my mind".into(),
        requester: Some("CUSTOMER".into()),
        origin: CancelOrigin::Api,
        requested_at: at(5),
        skip_webhook: false,
        claim: None,
        refund_account: None,
        retain: None,
        pg_cancellation_id: Some(PgCancellationId::known("pg-cancel-1")),
        queries: 0,
        state: CancellationState::Succeeded { at: at(6), fee_returned: Amount::ZERO, receipt_url: None },
    }
}

/// A payment of each status and more, by name; what stands before a comma is the status.
pub fn payments() -> Vec<(&'static str, PaymentView)> {
    let mut ready = attempt(1, AttemptState::Ready);
    (ready.channel, ready.method, ready.pg_tx_id) = (None, None, None);
    ready.order = Order { name: "bare".into(), ..Order::default() };
    let mut sending = attempt(1, AttemptState::Sending);
    sending.pg_tx_id = None;
    let mut issued = attempt(1, AttemptState::AccountIssued { at: at(1) });
    issued.method = Some(account());
    let mut rich = attempt(1, paid());
    rich.channel_group = Some(group());
    rich.billing_key = Some(BillingKeyId::known("billing-key-1"));
    rich.schedule = Some(ScheduleId::known("schedule-1"));
    rich.order.is_escrow = true;
    let mut disputed = view(vec![rich]);
    disputed.payment.disputes = vec![
        Dispute {
            pg_dispute_id: Some("d-1".into()),
            reason: "fraud".into(),
            created_at: at(3),
            resolved_at: Some(at(4)),
        },
        Dispute { pg_dispute_id: None, reason: "late".into(), created_at: at(5), resolved_at: None },
    ];
    disputed.payment.cancellations = vec![
        Cancellation { state: CancellationState::Requested { since: at(6) }, ..cancellation() },
        Cancellation {
            id: CancellationId::known("cancellation-2"),
            state: CancellationState::Failed { at: at(6), pg_code: None, pg_message: None },
            ..cancellation()
        },
    ];
    disputed.deliveries = vec![delivery()];
    let mut cancelled = view(vec![attempt(1, paid())]);
    cancelled.payment.cancellations = vec![
        cancellation(),
        Cancellation {
            id: CancellationId::known("cancellation-2"),
            order_amount: amount(7_000),
            refund: amount(7_000),
            tax_free: Amount::ZERO,
            vat: amount(636),
            state: CancellationState::Succeeded {
                at: at(7),
                fee_returned: Amount::ZERO,
                receipt_url: Some("https://psp.example/c".into()),
            },
            ..cancellation()
        },
    ];
    vec![
        ("READY", view(vec![ready])),
        ("PAY_PENDING", view(vec![sending])),
        ("PAY_PENDING, unknown", view(vec![attempt(1, AttemptState::Unknown { since: at(2) })])),
        ("VIRTUAL_ACCOUNT_ISSUED", view(vec![issued])),
        ("PAID", view(vec![attempt(1, paid())])),
        ("PAID, with everything", disputed),
        ("FAILED", view(vec![attempt(1, failed())])),
        ("PARTIAL_CANCELLED", partly_cancelled()),
        ("CANCELLED", cancelled),
    ]
}

pub fn partly_cancelled() -> PaymentView {
    let mut view = view(vec![attempt(1, paid())]);
    view.payment.cancellations = vec![cancellation()];
    view.deliveries = vec![delivery()];
    view
}

pub fn paid_at_the_second_try() -> PaymentView {
    let mut first = attempt(1, failed());
    first.amounts = Amounts::new(amount(1_000), Amount::ZERO, None, Amount::ZERO).unwrap();
    first.pg_tx_id = None;
    let mut view = view(vec![first, attempt(2, paid())]);
    let second = Delivery {
        event: EventId::known("transaction-2-2"),
        id: WebhookId::known("webhook-2"),
        ..delivery()
    };
    view.deliveries = vec![delivery(), second];
    view
}

/// The events of a payment that was paid, partly cancelled, and then some.
pub fn events(view: &PaymentView) -> Vec<Event> {
    let one = |sequence: u64, kind, status, moved, cancellation: Option<&str>| Event {
        id: EventId::known(format!("transaction-1-{sequence}")),
        merchant: view.payment.merchant.clone(),
        store: view.payment.key.store.clone(),
        environment: Environment::Test,
        at: at(2),
        trigger: None,
        subject: Subject::Payment(PaymentEvent {
            payment: view.payment.key.clone(),
            transaction: TransactionId::known("transaction-1"),
            cancellation: cancellation.map(CancellationId::known),
            kind,
            sequence,
            status,
            amounts: view.payment.amounts(),
            moved,
        }),
    };
    vec![
        one(1, PaymentEventKind::Paid, Status::Paid, 11_000, None),
        one(2, PaymentEventKind::CancelPending, Status::Paid, 0, Some("cancellation-1")),
        one(3, PaymentEventKind::PartialCancelled, Status::PartialCancelled, -4_000, Some("cancellation-1")),
        one(4, PaymentEventKind::Cancelled, Status::Cancelled, -7_000, Some("cancellation-2")),
    ]
}

pub fn delivery() -> Delivery {
    Delivery {
        id: WebhookId::known("webhook-1"),
        event: EventId::known("transaction-1-1"),
        store: StoreId::known("store-1"),
        environment: Environment::Test,
        subject: "order-1".into(),
        sequence: 1,
        url: "https://shop.example/hook".into(),
        version: PayloadVersion::V20240425,
        content_type: PayloadContentType::Json,
        body: None,
        status_when_sent: Some(Status::Pending),
        trigger: Some(Trigger::Manual),
        created_at: at(3),
        state: DeliveryState::Succeeded,
        executions: 2,
        manual_executions: 1,
        last: Some(Execution {
            result: ExecutionResult::NotOk,
            requested_at: at(4),
            request_header: r#"{"content-type":"application/json"}"#.into(),
            request_body: "{}".into(),
            response: Some(Response {
                code: 503,
                header: "{}".into(),
                body: "later".into(),
                responded_at: at(5),
            }),
        }),
    }
}

pub fn schedule() -> Schedule {
    Schedule {
        id: ScheduleId::known("schedule-1"),
        payment: PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("order-1") },
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 1,
        charge: ScheduledCharge {
            billing_key: BillingKeyId::known("billing-key-1"),
            channel: Some(ChannelKey::known("channel-key-1")),
            order: Order { is_cultural_expense: false, ..order() },
            currency: Currency::KRW,
            total: amount(11_000),
            tax_free: amount(1_000),
            vat: None,
            installment: Some(Installment {
                months: 3,
                is_interest_free: false,
                is_interest_free_from_merchant: false,
            }),
            is_point_used: false,
            origin: origin(),
            notices: Notices { urls: vec!["https://shop.example/hook".into()], skip_success: false },
            promotion: None,
            bypass: Some("{\"never\":\"shown\"}".into()),
        },
        created_at: at(0),
        time_to_pay: at(100),
        state: schedule::State::Scheduled,
    }
}

/// Issued at one channel of a group, refused by another.
pub fn billing_key() -> BillingKey {
    BillingKey {
        id: BillingKeyId::known("billing-key-1"),
        store: StoreId::known("store-1"),
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 2,
        customer: Customer { id: Some("customer-7".into()), ..Customer::default() },
        custom_data: Some("plan-a".into()),
        origin: origin(),
        channel_group: Some(group()),
        issue_id: None,
        issue_name: None,
        method: billing_key::KeyMethod::Card,
        approval: None,
        notices: Notices::default(),
        claim: None,
        requested_at: at(0),
        going_since: None,
        first_payment: None,
        holdings: vec![
            Holding {
                channel: channel(1),
                state: HoldingState::Held {
                    token: "never shown".into(),
                    pg_tx_id: Some(PgTxId::known("pg-1")),
                    card: Some(card()),
                },
            },
            Holding {
                channel: channel(2),
                state: HoldingState::Refused {
                    at: at(1),
                    pg_code: "SANDBOX_DECLINED".into(),
                    pg_message: String::new(),
                    message: "declined by the PSP".into(),
                },
            },
        ],
        state: billing_key::State::Issued { at: at(1) },
    }
}

/// A cash receipt in every state that may be seen, by its status in this dialect.
pub fn cash_receipts() -> [(&'static str, CashReceipt); 3] {
    let issue = || cash_receipt::Issue {
        at: at(2),
        number: "900000001".into(),
        pg_receipt_id: "receipt-pg-1".into(),
        url: Some("https://psp.example/receipts/1".into()),
    };
    let failure = cash_receipt::Failure {
        at: at(2),
        reason: "the PSP did not issue the cash receipt".into(),
        pg_code: "NO".into(),
        pg_message: "no".into(),
    };
    let cancelled = cash_receipt::State::Cancelled { issue: issue(), at: at(60) };
    [
        ("ISSUED", CashReceipt { state: cash_receipt::State::Issued(issue()), ..open_cash_receipt() }),
        ("CANCELLED", CashReceipt { state: cancelled, ..open_cash_receipt() }),
        ("ISSUE_FAILED", CashReceipt { state: cash_receipt::State::Failed(failure), ..open_cash_receipt() }),
    ]
}

/// One of which nobody knows yet whether it exists.
pub fn open_cash_receipt() -> CashReceipt {
    CashReceipt {
        id: CashReceiptId::known("receipt-1"),
        payment: PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("deal-1") },
        number: 1,
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 1,
        channel: channel(1),
        kind: cash_receipt::Kind::Personal,
        order_name: "우산".into(),
        currency: Currency::KRW,
        amounts: Amounts::new(amount(11_000), Amount::ZERO, None, Amount::ZERO).unwrap(),
        origin: cash_receipt::Origin::Manual,
        claim: None,
        requested_at: at(1),
        status_changed_at: at(2),
        queries: 0,
        state: cash_receipt::State::Issuing,
    }
}

/// A verification in every status.
pub fn identity_verifications() -> [(&'static str, VerificationView); 3] {
    let birth = || Birth { year: "1990".into(), month: "01".into(), day: "31".into() };
    let verification = |state| IdentityVerification {
        key: VerificationKey { store: StoreId::known("store-1"), id: IdentityVerificationId::known("who-1") },
        number: 1,
        tx: IdentityVerificationTxId::known("identity-tx-1"),
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 2,
        channel: channel(1),
        origin: identity_verification::Origin::Api,
        customer: AskedCustomer {
            id: Some("customer-7".into()),
            name: Some("홍 길동".into()),
            phone_number: Some("01012341234".into()),
            birth: Some(birth()),
        },
        operator: Some("SKT".into()),
        method: Some(identity_verification::Method::Sms),
        custom_data: Some("{}".into()),
        claim: None,
        pg_tx_id: Some(PgTxId::known("pg-who-1")),
        requested_at: at(1),
        updated_at: at(3),
        status_changed_at: at(2),
        refused_confirmations: 0,
        resends: 0,
        queries: 0,
        state,
    };
    let person = Person {
        name: "홍길동".into(),
        operator: Some("SKT".into()),
        phone_number: Some("01012341234".into()),
        birth: birth(),
        gender: Some("MALE".into()),
        is_foreigner: Some(false),
    };
    let proof = Proof {
        at: at(2),
        pg_tx_id: PgTxId::known("pg-who-1"),
        person,
        secrets: paypier_domain::account::Sealed(vec![1]),
    };
    let failure = identity_verification::Failure {
        at: at(2),
        reason: "the PSP refused".into(),
        pg_code: Some("NO".into()),
        pg_message: Some("no".into()),
    };
    let secrets = Secrets { ci: Some("ci".into()), di: Some("di".into()), raw: "{}".into() };
    let view = |state, secrets| VerificationView { verification: verification(state), secrets };
    [
        ("READY", view(identity_verification::State::Ready, None)),
        ("VERIFIED", view(identity_verification::State::Verified(Box::new(proof)), Some(secrets))),
        ("FAILED", view(identity_verification::State::Failed(failure), None)),
    ]
}

/// One of each refusal of the settlement platform.
pub fn platform_failures() -> Vec<crate::app::platform::PlatformFailure> {
    use crate::app::platform::PlatformFailure as P;
    use paypier_domain::settlement::calculator::{Calculator, FormulaTexts};
    use paypier_domain::settlement::definition::BoundRefusal;
    use paypier_domain::settlement::property::UnknownProperty;
    use paypier_domain::settlement::verification::VerificationRefusal as V;
    use paypier_domain::settlement::version::VersionKind as K;
    let texts = FormulaTexts {
        platform_fee: Some("FEE(1)"),
        discount_share: Some("FIXED_AMOUNT"),
        additional_fee: Some("1 +"),
    };
    let faults = Calculator::default().with_formulas(texts).unwrap_err();
    let ids = || vec!["a".to_owned(), "나".to_owned()];
    let kinds = [K::DiscountSharePolicy, K::AdditionalFeePolicy, K::Contract, K::Partner];
    let of_kinds = kinds.into_iter().flat_map(|kind| {
        [
            P::Missing(kind),
            P::NothingReserved(kind),
            P::Exists(kind),
            P::Archived(kind),
            P::HasSchedule(kind),
            P::ScheduleExists(kind),
        ]
    });
    let verifications = [V::Unknown, V::Used, V::Differs]
        .into_iter()
        .flat_map(|refusal| [P::AccountVerification(refusal), P::CompanyVerification(refusal)]);
    let others = [
        P::NotEnabled,
        P::Formulas(faults),
        P::PartnersExist(ids()),
        P::PartnersTwice(ids()),
        P::ContractsMissing(ids()),
        P::Currency(Currency::parse("GBP").unwrap()),
        P::Property(UnknownProperty("grade".into())),
        P::InsufficientData("companyName"),
        P::Bound(BoundRefusal::Kind),
        P::Bound(BoundRefusal::RegistrationNumber),
        P::BoundToNow,
        P::PartnersBoundToNow(ids()),
        P::SchedulesExist(ids()),
        P::ArchivedPartners,
        P::PendingConnection,
        P::NoTaxProvider,
        P::NotABusiness,
        P::SimpleTaxation,
        P::NotConnectable("CONNECTED"),
        P::NotConnected("NOT_CONNECTED"),
        P::ArchivedNotDisconnected,
        P::ScheduledNotConnected,
        P::NoPartners,
        P::NoTargets,
        P::BankNotSupported,
        P::BankFailed,
        P::BankTemporarilyFailed,
        P::CompanyMissing,
        P::TaxOfficeFailed,
    ];
    of_kinds.chain(verifications).chain(others).collect()
}
