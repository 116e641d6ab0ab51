//! Payment links.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::global::{Choice, OrderLine, Person, Place};
use paypier_domain::id::StoreId;
use paypier_domain::link::{LinkStatus, Sending};
use paypier_domain::money::Currency;
use paypier_domain::notice::*;
use paypier_domain::payment_link::*;
use paypier_storage::CommitError;

fn bare(reference: &str, order_ref: &str, environment: Environment) -> PaymentLink {
    PaymentLink {
        reference: reference.into(),
        store: StoreId::known("store-1"),
        merchant: merchant(),
        environment,
        version: 1,
        status: LinkStatus::Created,
        order_ref: order_ref.into(),
        label: String::new(),
        source: "api".into(),
        signature: String::new(),
        creator: Creator::default(),
        created_at: at(0),
        terms: Terms {
            amount: won(2_500),
            currency: Currency::KRW,
            country: "KR".into(),
            description: String::new(),
            face: MerchantFace { name: "Books".into(), ..MerchantFace::default() },
            billing: None,
            shipping: None,
            lines: Vec::new(),
            success_url: "https://shop.example/ok".into(),
            failure_url: "https://shop.example/ko".into(),
            pending_url: String::new(),
            mobile_redirect_url: String::new(),
            expires_at: None,
            reminder_time: None,
            reminder_unit: String::new(),
            sending: Sending::default(),
            switches: Switches::default(),
            customer: Contact::default(),
            notes: Vec::new(),
            chosen: Vec::new(),
            webhook_urls: Vec::new(),
            fields: <[String; 5]>::default(),
            uses_exchange_rate: false,
            exchange_rate: None,
        },
        attempt_prefix: "2mbbDi9wX3wAgLUDCnRMbQwkwZm".into(),
        attempts: 0,
        latest: String::new(),
        paid_by: String::new(),
        notices: Vec::new(),
    }
}

fn person(name: &str) -> Person {
    Person {
        name: name.into(),
        surname: "김".into(),
        email: "kim@example.com".into(),
        phone: "+8210".into(),
        place: Place {
            city: "Seoul".into(),
            country_code: "KR".into(),
            country_name: "Korea".into(),
            locale: "ko".into(),
            line_1: "1".into(),
            line_2: "2".into(),
            postal_code: "04524".into(),
            state: "Seoul".into(),
        },
    }
}

fn full(reference: &str, order_ref: &str) -> PaymentLink {
    let bare = bare(reference, order_ref, Environment::Test);
    let notice = |way, tries, result| Notice { kind: NoticeKind::Invitation, way, at: at(3), tries, result };
    PaymentLink {
        label: "label-1".into(),
        signature: "fwvUGOaYpv5g=".into(),
        creator: Creator { ip_address: "203.0.113.9".into(), user_agent: "curl/8".into() },
        terms: Terms {
            description: "책 \"a\"".into(),
            face: MerchantFace {
                name: "Books".into(),
                logo: "https://shop.example/logo.png".into(),
                back_url: "https://shop.example".into(),
                promo_code: "NA".into(),
                promo_discount: "0.5".into(),
                shipping_charges: "3".into(),
                tax: "1".into(),
            },
            billing: Some(person("Payer")),
            shipping: Some(person("Receiver")),
            lines: vec![OrderLine {
                id: "i".into(),
                name: "book".into(),
                price: "33.333".into(),
                quantity: 3,
                image: "https://shop.example/i.png".into(),
                details: "{\"a\":1}".into(),
            }],
            pending_url: "https://shop.example/later".into(),
            mobile_redirect_url: "shop://done".into(),
            expires_at: Some(at(600)),
            reminder_time: Some(1),
            reminder_unit: "hours".into(),
            sending: Sending { immediately: Some(false), scheduled_at: Some(at(60)) },
            switches: Switches {
                show_shipping_details: true,
                show_back_button: false,
                show_items: false,
                show_saved_cards: false,
                default_guest_checkout: true,
                is_billing_shipping_same: true,
                is_checkout_embed: true,
                override_auto_redirect: true,
                notify_by_email: true,
                notify_by_phone: true,
            },
            customer: Contact { name: "Kim".into(), email: "kim@example.com".into(), phone: "+82".into() },
            notes: vec![Note { key: "k".into(), value: "v".into() }],
            chosen: vec![Choice { channel: "CHILLPAY".into(), method: "CHILLPAY_QRCODE".into() }],
            webhook_urls: vec!["https://shop.example/hook".into()],
            fields: ["1".into(), String::new(), "3".into(), String::new(), "5".into()],
            uses_exchange_rate: true,
            exchange_rate: Some(ExchangeRate {
                rate: "1350.25".into(),
                invoice_amount: "2500".into(),
                invoice_currency: "KRW".into(),
                payment_currency: "USD".into(),
                payment_amount: "1.85".into(),
                show_conversion: true,
            }),
            ..bare.terms
        },
        attempts: 2,
        latest: "2mbbExY77pp8iC0AQ1ucWymnd3c".into(),
        paid_by: "2mbbExY77pp8iC0AQ1ucWymnd3c".into(),
        notices: vec![
            notice(Way::Email, 1, NoticeResult::Sent),
            notice(Way::Sms, 2, NoticeResult::Waiting("no connection".into())),
            Notice { kind: NoticeKind::Reminder, ..notice(Way::Email, 1, NoticeResult::Sending) },
            Notice { kind: NoticeKind::Reminder, ..notice(Way::Sms, 6, NoticeResult::Failed("no".into())) },
        ],
        ..bare
    }
}

fn inserts(link: &PaymentLink) -> paypier_domain::change::Change {
    writes(vec![Write::PaymentLink { link: Box::new(link.clone()), expects: None }])
}

on_both! {
    async fn a_link_reads_back_and_is_changed_by_one_at_a_time(db: &Db) {
        let storage = db.migrated().await;
        let (full, bare) = (full("ref-1", "order-1"), bare("ref-2", "order-2", Environment::Live));
        for link in [&full, &bare] {
            storage.commit(inserts(link)).await.unwrap();
            assert_eq!(storage.payment_link(&link.reference).await.unwrap().as_ref(), Some(link));
            let found = storage.payment_link_by_order(&link.store, link.environment, &link.order_ref).await;
            assert_eq!(found.unwrap().as_ref(), Some(link));
        }
        assert_eq!(storage.payment_link("ref-3").await.unwrap(), None);
        let other = storage.payment_link_by_order(&full.store, Environment::Live, "order-1").await;
        assert_eq!(other.unwrap(), None, "of the other environment");

        let (next, change) = full.at(LinkStatus::Cancelled);
        storage.commit(change.clone()).await.unwrap();
        assert_eq!(storage.payment_link("ref-1").await.unwrap(), Some(next));
        assert_eq!(storage.commit(change).await, Err(CommitError::Conflict), "decided from what it was");

        storage.commit(writes(vec![Write::EmptyTestData { store: full.store.clone() }])).await.unwrap();
        assert_eq!(storage.payment_link("ref-1").await.unwrap(), None);
        assert!(storage.payment_link("ref-2").await.unwrap().is_some(), "LIVE links stay");
    }
}

on_both! {
    async fn references_and_labels_are_given_once(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(inserts(&full("ref-1", "order-1"))).await.unwrap();
        let same_label = full("ref-2", "order-2");
        let without = |reference: &str, order_ref: &str, environment| bare(reference, order_ref, environment);
        for refused in [without("ref-2", "order-1", Environment::Test), same_label.clone(), without("ref-1", "order-3", Environment::Test)] {
            assert!(matches!(storage.commit(inserts(&refused)).await, Err(CommitError::Exists(_))), "{refused:?}");
        }
        let in_live = PaymentLink { environment: Environment::Live, ..same_label };
        for taken in [in_live, without("ref-3", "order-1", Environment::Live), without("ref-4", "order-4", Environment::Test)] {
            storage.commit(inserts(&taken)).await.unwrap();
        }
        let changes: Vec<_> = (0..8).map(|n| inserts(&without(&format!("p-{n}"), "same", Environment::Test))).collect();
        let results = futures::future::join_all(changes.into_iter().map(|change| storage.commit(change))).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    }
}
