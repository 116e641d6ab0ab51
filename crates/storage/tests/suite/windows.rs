//! Checkout windows: read back as written, and changed by one at a time.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::checkout::{
    Authenticated, Choices, EndCode, Ending, FixedAccount, InstallmentOffer, KeyPurpose, OpeningPage,
    PayMethod, PaymentPurpose, Presentation, Purpose, Step, Window,
};
use paypier_domain::id::{BillingKeyId, MerchantId, PaymentId, StoreId, TransactionId};
use paypier_domain::payment::Method;
use paypier_storage::CommitError;

fn window(byte: u8) -> Window {
    Window {
        digest: [byte; 32],
        store: StoreId::known("store-1"),
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 1,
        opened_at: at(1),
        expires_at: at(3_601),
        page: OpeningPage {
            origin: "https://shop.example".into(),
            language: Some("ko-KR".into()),
            session: Some([7; 32]),
        },
        presentation: Presentation::Redirection,
        redirect_url: Some("https://shop.example/done".into()),
        force_redirect: true,
        purpose: Purpose::Payment(PaymentPurpose {
            payment: PaymentId::known("주문 1"),
            transaction: TransactionId::known(format!("t-{byte}")),
            method: PayMethod::EasyPay,
            choices: Choices {
                kind: Some("KAKAOPAY".into()),
                bank: Some("SHINHAN".into()),
                due_at: Some(at(99)),
                fixed_account: Some(FixedAccount::PgAccountId("customer-7".into())),
                remittee_name: Some("shop".into()),
                installments: InstallmentOffer::OneOf(vec![0, 3]),
            },
            confirm_url: Some("https://shop.example/confirm".into()),
            bypass: Some("{}".into()),
        }),
        step: Step::Open,
    }
}

on_both! {
    async fn a_window_reads_back_at_every_step_and_is_changed_by_one_at_a_time(db: &Db) {
        let storage = db.migrated().await;
        let mut stored = window(1);
        storage.commit(stored.clone().replacing(None)).await.unwrap();
        assert_eq!(storage.commit(stored.clone().replacing(None)).await, Err(CommitError::Conflict));
        let method = Method::EasyPay { provider: Some("KAKAOPAY".into()), card: None };
        for step in [
            Step::Challenged {
                authenticated: Authenticated { instrument: "token".into(), method, installment_months: 3 },
            },
            Step::Confirming { since: at(7) },
            Step::HandedOver { token_digest: [7; 32] },
            Step::Ended(Ending {
                code: EndCode::ConfirmProcessFailed,
                message: "no".into(),
                pg_code: Some("X".into()),
                pg_message: None,
            }),
        ] {
            assert_eq!(storage.window(&stored.digest).await.unwrap().as_ref(), Some(&stored));
            let next = stored.at(step);
            storage.commit(next.clone().replacing(Some(&stored))).await.unwrap();
            assert_eq!(storage.commit(next.clone().replacing(Some(&stored))).await, Err(CommitError::Conflict));
            stored = next;
        }
        let about = stored.purpose.payment().unwrap();
        assert_eq!(storage.window_of(&stored.store, &about.transaction).await.unwrap(), Some(stored.clone()));
        assert_eq!(storage.window_of(&StoreId::known("store-2"), &about.transaction).await.unwrap(), None);
        assert_eq!(storage.window(&[9; 32]).await.unwrap(), None);
    }
}

on_both! {
    async fn a_window_for_a_billing_key_is_found_by_what_it_handed_over(db: &Db) {
        let storage = db.migrated().await;
        for (byte, pays) in [(1, false), (2, true)] {
            let opened = window(byte);
            let about = opened.purpose.payment().unwrap().clone();
            let opened = Window {
                purpose: Purpose::BillingKey(KeyPurpose {
                    billing_key: BillingKeyId::known(format!("billing-key-{byte}")),
                    method: PayMethod::Mobile,
                    choices: Choices::default(),
                    payment: pays.then_some(about),
                }),
                ..opened
            };
            storage.commit(opened.clone().replacing(None)).await.unwrap();
            let key = format!("billing-key-{byte}");
            let by_key = storage.window_about(&opened.store, &key).await.unwrap();
            assert_eq!(by_key.is_some(), !pays, "with a first payment it is found by that one's attempt");
            let handed = opened.at(Step::HandedOver { token_digest: [byte + 100; 32] });
            storage.commit(handed.clone().replacing(Some(&opened))).await.unwrap();
            assert_eq!(storage.window_by_handed(&[byte + 100; 32]).await.unwrap(), Some(handed));
        }
        assert_eq!(storage.window_by_handed(&[1; 32]).await.unwrap(), None);
    }
}

on_both! {
    async fn windows_go_with_test_data_and_a_day_after_their_end(db: &Db) {
        let storage = db.migrated().await;
        let live = Window { environment: Environment::Live, ..window(2) };
        for window in [window(1), live.clone()] {
            storage.commit(window.replacing(None)).await.unwrap();
        }
        storage.commit(writes(vec![Write::EmptyTestData { store: live.store.clone() }])).await.unwrap();
        assert_eq!(storage.window(&[1; 32]).await.unwrap(), None);
        let purge = |second| writes(vec![Write::Purge { claims_before: at(0), tokens_before: at(second) }]);
        storage.commit(purge(3_601 + 86_400)).await.unwrap();
        assert_eq!(storage.window(&live.digest).await.unwrap().as_ref(), Some(&live));
        storage.commit(purge(3_602 + 86_400)).await.unwrap();
        assert_eq!(storage.window(&live.digest).await.unwrap(), None);
    }
}
