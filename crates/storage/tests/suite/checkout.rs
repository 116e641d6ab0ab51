//! Checkout profiles and payment sessions.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::checkout_profile::{CheckoutMethod, CheckoutProfile, Offer};
use paypier_domain::id::{ChannelKey, ProfileKey, StoreId};
use paypier_domain::money::Currency;
use paypier_domain::payment_session::{Agreement, Colors, PaymentSession, SessionProduct};
use paypier_storage::CommitError;

fn session(byte: u8, environment: Environment) -> PaymentSession {
    let some = |text: &str| Some(text.to_owned());
    PaymentSession {
        digest: [byte; 32],
        payment: key("order-1"),
        environment,
        profile: ProfileKey::known("profile-key-1"),
        method: Some(CheckoutMethod::TouchNGo),
        country: "MY".into(),
        currency: Currency::USD,
        total: won(1_000),
        order_name: "책 \"a\"".into(),
        redirect_url: some("myapp://done"),
        products: Some(vec![SessionProduct {
            id: some("i"),
            name: "n".into(),
            code: some("c"),
            unit_price: 3,
            quantity: 2,
            start_date: some("2026-01-01"),
            end_date: some("2026-02-01"),
            url: some("https://x"),
            n_pay_category_type: some("t"),
            n_pay_category_id: some("d"),
            n_pay_uid: some("u"),
        }]),
        customer_name: some("Kim"),
        customer_email: some("kim@example.com"),
        store_name: some("Books"),
        agreements: Some(vec![Agreement { name: "terms".into(), url: "https://x/terms".into() }]),
        order_image_url: some("https://x/i.png"),
        custom_data: some("{}"),
        colors: Some(Colors { primary: some("red"), primary_hover: None, primary_light: some("#fff") }),
        created_at: at(0),
        expires_at: at(60),
        closed_at: None,
    }
}

on_both! {
    async fn a_session_reads_back_is_closed_once_and_purged(db: &Db) {
        let storage = db.migrated().await;
        let full = session(1, Environment::Test);
        let bare = PaymentSession {
            method: None,
            redirect_url: None,
            products: None,
            customer_name: None,
            customer_email: None,
            store_name: None,
            agreements: Some(Vec::new()),
            order_image_url: None,
            custom_data: None,
            colors: None,
            ..session(2, Environment::Live)
        };
        let inserts = |session: &PaymentSession| writes(vec![Write::PaymentSession(Box::new(session.clone()))]);
        for session in [&full, &bare] {
            storage.commit(inserts(session)).await.unwrap();
            assert_eq!(storage.payment_session(&session.digest).await.unwrap().as_ref(), Some(session));
        }
        assert!(matches!(storage.commit(inserts(&full)).await, Err(CommitError::Exists(_))));
        assert_eq!(storage.payment_session(&[9; 32]).await.unwrap(), None);
        let closes = |second| writes(vec![Write::SessionClosed { digest: full.digest, at: at(second) }]);
        storage.commit(closes(5)).await.unwrap();
        assert_eq!(storage.commit(closes(6)).await, Err(CommitError::Conflict));
        let closed = storage.payment_session(&full.digest).await.unwrap().unwrap();
        assert_eq!(closed, PaymentSession { closed_at: Some(at(5)), ..full.clone() });
        storage.commit(writes(vec![Write::EmptyTestData { store: full.payment.store.clone() }])).await.unwrap();
        assert_eq!(storage.payment_session(&full.digest).await.unwrap(), None);
        let purges = |second| writes(vec![Write::Purge { claims_before: at(second), tokens_before: at(0) }]);
        storage.commit(purges(60)).await.unwrap();
        assert_eq!(storage.payment_session(&bare.digest).await.unwrap(), Some(bare.clone()));
        storage.commit(purges(61)).await.unwrap();
        assert_eq!(storage.payment_session(&bare.digest).await.unwrap(), None);
    }
}

on_both! {
    async fn a_profile_reads_back_and_is_replaced(db: &Db) {
        let storage = db.migrated().await;
        let offer = Offer {
            method: CheckoutMethod::PayPal,
            channel: ChannelKey::known("channel-key-1"),
            is_enabled: false,
            countries: vec!["JP".into(), "US".into()],
            currencies: vec![Currency::JPY],
            least: Some(won(1)),
            most: Some(won(9)),
        };
        let open = Offer {
            method: CheckoutMethod::CardKr,
            is_enabled: true,
            countries: Vec::new(),
            currencies: Vec::new(),
            least: None,
            most: None,
            ..offer.clone()
        };
        let mut profile = CheckoutProfile {
            key: ProfileKey::known("profile-key-1"),
            store: StoreId::known("store-1"),
            environment: Environment::Live,
            name: "abroad".into(),
            offers: vec![offer, open],
            created_at: at(3),
            is_deleted: false,
        };
        for _ in 0..2 {
            storage.commit(writes(vec![Write::CheckoutProfile(Box::new(profile.clone()))])).await.unwrap();
            assert_eq!(storage.checkout_profile(&profile.key).await.unwrap().as_ref(), Some(&profile));
            assert_eq!(storage.checkout_profiles_of(&profile.store).await.unwrap(), [profile.clone()]);
            profile.offers.reverse();
            profile.is_deleted = true;
        }
        assert_eq!(storage.checkout_profiles_of(&StoreId::known("store-2")).await.unwrap(), []);
        assert_eq!(storage.checkout_profile(&ProfileKey::known("other")).await.unwrap(), None);
    }
}
