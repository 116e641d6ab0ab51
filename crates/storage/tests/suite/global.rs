//! What the Global dialect keeps beside the engine.

use crate::harness::at;
use crate::on_both;
use paypier_domain::account::Sealed;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::global::{
    Brand, Choice, Destinations, GlobalChannel, GlobalEndpoint, GlobalMerchant, GlobalOrder, OfLink,
    OrderLine, Person, Place, RefundKind, RefundNote, Taking, Texts, Topic, Try,
};
use paypier_domain::id::{CancellationId, ChannelKey, PaymentId, StoreId, TransactionId};
use paypier_storage::CommitError;

fn store() -> StoreId {
    StoreId::known("store-1")
}

fn change(writes: Vec<Write>) -> Change {
    Change { writes, ..Change::default() }
}

fn bare(reference: &str, merchant_reference: &str) -> GlobalOrder {
    GlobalOrder {
        store: store(),
        environment: Environment::Test,
        reference: reference.into(),
        merchant_reference: merchant_reference.into(),
        payment: PaymentId::known(reference),
        version: 1,
        created_at: at(1),
        source: "api".into(),
        link: None,
        subscription: None,
        texts: Texts::default(),
        taking: Taking::Purchase,
        destinations: Destinations::default(),
        keeps_page: false,
        billing: Person::default(),
        shipping: Person::default(),
        lines: Vec::new(),
        route: vec![Choice { channel: "OMISE".into(), method: "OMISE_CREDIT_CARD".into() }],
        is_routed: false,
        tries: Vec::new(),
        is_given_up: false,
        signature: String::new(),
        return_digest: None,
    }
}

fn full() -> GlobalOrder {
    let text = |text: &str| text.to_owned();
    let person = Person {
        name: text("N"),
        surname: text("K"),
        email: text("n@example.com"),
        phone: text("+1"),
        place: Place {
            city: text("c"),
            country_code: text("TH"),
            country_name: text("n"),
            locale: text("l"),
            line_1: text("1"),
            line_2: text("2"),
            postal_code: text("p"),
            state: text("s"),
        },
    };
    GlobalOrder {
        link: Some(OfLink {
            reference: text("link-1"),
            merchant_reference: text("L1"),
            urls: vec![text("https://x")],
        }),
        subscription: Some(text("subscription-1")),
        texts: Texts { description: text("책"), fields: ["1", "", "3", "4", "5"].map(str::to_owned) },
        taking: Taking::PreAuthorised,
        destinations: Destinations {
            success: text("s"),
            failure: text("f"),
            pending: text("p"),
            mobile: text("m"),
        },
        keeps_page: true,
        billing: person.clone(),
        shipping: person,
        lines: vec![OrderLine {
            id: text("i"),
            name: text("n"),
            price: text("0.333"),
            quantity: 3,
            image: text("u"),
            details: text("{}"),
        }],
        is_routed: true,
        tries: vec![Try { transaction: TransactionId::known("t"), place: 0 }],
        is_given_up: true,
        signature: text("sig"),
        return_digest: Some([7; 32]),
        ..bare("order-2", "Merchant 2")
    }
}

fn insert(order: &GlobalOrder) -> Change {
    change(vec![Write::GlobalOrder { order: Box::new(order.clone()), expects: None }])
}

on_both! {
    async fn orders_read_back_and_their_references_are_used_once(db: &Db) {
        let storage = db.migrated().await;
        for order in [bare("order-1", "Merchant 1"), full()] {
            storage.commit(insert(&order)).await.unwrap();
            assert_eq!(storage.global_order(&store(), &order.reference).await.unwrap(), Some(order.clone()));
            assert_eq!(storage.global_order_by_reference(&order.reference).await.unwrap(), Some(order.clone()));
            assert_eq!(storage.global_order_of(&store(), &order.payment).await.unwrap(), Some(order.clone()));
            let by_merchant = storage
                .global_orders_by_merchant_reference(&store(), &order.merchant_reference)
                .await
                .unwrap();
            assert_eq!(by_merchant, [order]);
        }
        assert_eq!(storage.global_orders_of_link(&store(), "link-1").await.unwrap(), [full()]);
        assert_eq!(storage.global_orders_of_subscription(&store(), "subscription-1").await.unwrap(), [full()]);
        let taken = CommitError::Exists("global_orders".into());
        let again = storage.commit(insert(&bare("order-3", "Merchant 1"))).await;
        assert_eq!(again, Err(taken.clone()));
        assert_eq!(storage.commit(insert(&bare("order-1", "Merchant 3"))).await, Err(taken));
        // The other environment has its own references.
        let live = GlobalOrder { environment: Environment::Live, ..bare("order-4", "Merchant 1") };
        storage.commit(insert(&live)).await.unwrap();

        let later = GlobalOrder { version: 2, is_given_up: true, ..bare("order-1", "Merchant 1") };
        let update = |expects| {
            change(vec![Write::GlobalOrder { order: Box::new(later.clone()), expects: Some(expects) }])
        };
        storage.commit(update(1)).await.unwrap();
        assert_eq!(storage.commit(update(1)).await, Err(CommitError::Conflict));
        assert_eq!(storage.global_order(&store(), "order-1").await.unwrap(), Some(later));

        storage.commit(change(vec![Write::EmptyTestData { store: store() }])).await.unwrap();
        assert_eq!(storage.global_order(&store(), "order-1").await.unwrap(), None);
        assert_eq!(storage.global_order(&store(), "order-4").await.unwrap(), Some(live));
    }
}

on_both! {
    async fn merchants_channels_endpoints_and_notes_read_back(db: &Db) {
        let storage = db.migrated().await;
        let merchant = GlobalMerchant {
            store: store(),
            client_key: "sjcrvcbVYkFobHlx".into(),
            secret: Sealed(vec![1, 2]),
            number: "11".into(),
            is_active: false,
            brand: Brand {
                name: "n".into(),
                email: "e".into(),
                logo: "l".into(),
                support_email: "s".into(),
                support_phone: "p".into(),
            },
            origins: vec!["https://shop.example".into()],
            created_at: at(1),
        };
        storage.commit(change(vec![Write::GlobalMerchant(Box::new(merchant.clone()))])).await.unwrap();
        assert_eq!(storage.global_merchant(&store()).await.unwrap(), Some(merchant.clone()));
        let replaced = GlobalMerchant { secret: Sealed(vec![3]), client_key: "other".into(), ..merchant };
        storage.commit(change(vec![Write::GlobalMerchant(Box::new(replaced.clone()))])).await.unwrap();
        assert_eq!(storage.global_merchant_by_key("other").await.unwrap(), Some(replaced));
        assert_eq!(storage.global_merchant_by_key("sjcrvcbVYkFobHlx").await.unwrap(), None);

        let channel = GlobalChannel {
            store: store(),
            environment: Environment::Test,
            name: "OMISE".into(),
            key: ChannelKey::known("channel-key-1"),
            country: "TH".into(),
            credentials: Sealed(vec![4]),
            updated_at: at(2),
        };
        storage.commit(change(vec![Write::GlobalChannel(Box::new(channel.clone()))])).await.unwrap();
        let replaced = GlobalChannel { country: "GLOBAL".into(), updated_at: at(3), ..channel };
        storage.commit(change(vec![Write::GlobalChannel(Box::new(replaced.clone()))])).await.unwrap();
        assert_eq!(storage.global_channels_of(&store()).await.unwrap(), [replaced]);

        let endpoint = GlobalEndpoint {
            id: "e1".into(),
            store: store(),
            environment: Environment::Test,
            topic: Topic::Refund,
            name: "n".into(),
            url: "https://x".into(),
            is_enabled: false,
            created_at: at(1),
        };
        let add = |endpoint: &GlobalEndpoint| change(vec![Write::GlobalEndpoint(Box::new(endpoint.clone()))]);
        storage.commit(add(&endpoint)).await.unwrap();
        for other in [
            GlobalEndpoint { id: "e2".into(), url: "https://y".into(), ..endpoint.clone() },
            GlobalEndpoint { id: "e3".into(), name: "m".into(), ..endpoint.clone() },
        ] {
            assert_eq!(storage.commit(add(&other)).await, Err(CommitError::Exists("global_endpoints".into())));
        }
        assert_eq!(storage.global_endpoints_of(&store()).await.unwrap(), [endpoint]);

        let note = RefundNote {
            store: store(),
            environment: Environment::Test,
            cancellation: CancellationId::known("c1"),
            payment: PaymentId::known("p1"),
            kind: RefundKind::Full,
            description: "d".into(),
        };
        storage.commit(change(vec![Write::RefundNote(note.clone())])).await.unwrap();
        assert_eq!(storage.refund_notes_of(&store(), &PaymentId::known("p1")).await.unwrap(), [note]);
    }
}
