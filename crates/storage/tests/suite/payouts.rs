//! Payouts, bulk payouts and the account that they are paid from: each reads back, the account never gives what
//! it does not hold, and whoever has made a bulk payout does not approve it.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use crate::transfers::{by_amount, home, platform, settles, stores, today};
use jiff::civil::date;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::money::{Amount, Currency, SignedAmount};
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::*;
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::*;
use paypier_domain::settlement::payout::*;
use paypier_domain::settlement::setting::{AmountType, Withholding};
use paypier_domain::settlement::status::{
    BulkPayoutStatus, PartnerSettlementStatus, PayoutStatus, PayoutStep,
};
use paypier_storage::*;
use std::collections::BTreeSet;

const PAGE: PageAsk = PageAsk { number: 0, size: 10 };

fn bulk(id: &str, second: i64) -> BulkPayout {
    BulkPayout {
        platform: platform(),
        id: BulkPayoutId::known(id),
        home: home(),
        name: "January".into(),
        created_by: "anna".into(),
        approved_by: None,
        method: PayoutMethod::Agency,
        currency: Currency::KRW,
        settlement_dates: BTreeSet::from([date(2027, 1, 14)]),
        status: BulkPayoutStatus::Preparing,
        status_at: at(second),
        created_at: at(second),
        updated_at: at(second),
        version: 1,
        reserved_for: None,
        total_settlement: SignedAmount::ZERO,
        total_payout: Amount::ZERO,
    }
}

fn payout(id: &str, second: i64, units: i64, of: PartnerType) -> Payout {
    let terms = PayoutTerms {
        partner: of,
        currency: Currency::KRW,
        withholding: Withholding::Deducted,
        amount_type: AmountType::Gross,
    };
    let settlement = SignedAmount::new(units).unwrap();
    Payout {
        platform: platform(),
        id: PayoutId::known(id),
        home: home(),
        bulk: BulkPayoutId::known("b-1"),
        created_at: at(second),
        version: 1,
        method: PayoutMethod::Agency,
        status: PayoutStatus::Confirmed,
        status_at: at(second),
        partner: PartnerId::known("p-1"),
        terms,
        account: PaidTo { bank: "KOOKMIN".into(), number: "110".into(), holder: "홍길동".into() },
        amounts: PayoutAmounts::new(settlement, SignedAmount::ZERO, terms).unwrap(),
        memo: None,
        withdrawal_memo: Some("out".into()),
        deposit_memo: Some("in".into()),
        scheduled_at: None,
        fail_reason: None,
    }
}

fn withdrawal(id: &str, second: i64, units: i64, of: &Payout) -> AccountTransfer {
    AccountTransfer {
        platform: platform(),
        id: AccountTransferId::known(id),
        home: home(),
        account: PayoutAccountId::known(TEST_ACCOUNT),
        created_at: at(second),
        updated_at: at(second),
        version: 1,
        status: AccountTransferStatus::Prepared,
        status_at: at(second),
        currency: Currency::KRW,
        amount: won(units),
        direction: Direction::Withdrawal(Box::new(Withdrawal {
            to: of.account.clone(),
            purpose: Purpose::PartnerPayout {
                partner: of.partner.clone(),
                bulk: of.bulk.clone(),
                payout: of.id.clone(),
            },
            sequence: Some(7),
            fail_reason: None,
            scheduled_at: None,
            bulk: Some(BulkAccountTransferId::known("m-1")),
        })),
        deposit_memo: Some("BREAD in".into()),
        withdrawal_memo: None,
        balance: None,
        traded_at: None,
    }
}

fn new_bulk(bulk: &BulkPayout) -> Write {
    Write::PlatformBulkPayout { bulk: Box::new(bulk.clone()), expects: None }
}

fn new_payout(payout: &Payout) -> Write {
    Write::PlatformPayout { payout: Box::new(payout.clone()), expects: None }
}

fn moved(balance: i64, held: i64, sequences: u32) -> Write {
    Write::PlatformAccountMoved(AccountMoved {
        platform: platform(),
        account: PayoutAccountId::known(TEST_ACCOUNT),
        balance,
        held,
        sequences,
    })
}

/// A settlement of 8,790 that can be paid.
async fn settled(storage: &Storage) -> PartnerSettlement {
    stores(storage, &[&by_amount("t-1", 1, 11_000, date(2027, 1, 14))]).await;
    settles(storage, today(), 10).await.remove(0)
}

on_both! {
    async fn a_bulk_payout_and_its_payouts_read_back_at_each_step(db: &Db) {
        let storage = db.migrated().await;
        let (made, person) = (bulk("b-1", 1), payout("po-1", 2, 10_000, PartnerType::WhtPayer));
        let business = payout("po-2", 3, 22_000, PartnerType::Business(Taxation::Normal));
        storage.commit(writes(vec![new_bulk(&made), new_payout(&person), new_payout(&business)])).await.unwrap();
        assert_eq!(storage.bulk_payout(&platform(), &made.id).await.unwrap().as_ref(), Some(&made));
        assert_eq!(storage.payouts_of_bulk(&platform(), &made.id).await.unwrap(), [person.clone(), business.clone()]);
        // An id is taken once.
        assert!(storage.commit(writes(vec![new_bulk(&made)])).await.is_err());
        assert!(storage.commit(writes(vec![new_payout(&person)])).await.is_err());

        // A step is taken at the version that was seen.
        let (queued, change) = person.clone().step(PayoutStep::Queue, vec![], at(4)).unwrap();
        storage.commit(change.clone()).await.unwrap();
        assert_eq!(storage.commit(change).await, Err(CommitError::Conflict));
        assert_eq!(storage.platform_payout(&platform(), &person.id).await.unwrap(), Some(queued));
        let elsewhere = PlatformKey { environment: Environment::Live, ..platform() };
        assert_eq!(storage.platform_payout(&elsewhere, &person.id).await.unwrap(), None);

        let of_bulk = PayoutFilter { bulk: Some("b-1".into()), ..PayoutFilter::of(platform()) };
        let (page, counts) = storage.platform_payouts(&of_bulk, PAGE).await.unwrap();
        assert_eq!(page.items.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["po-2", "po-1"]);
        assert_eq!((page.total, counts["PREPARED"], counts["CONFIRMED"]), (2, (1, 9_670), (1, 22_000)));
        for (filter, found) in [
            (PayoutFilter { statuses: vec!["CONFIRMED".into()], ..of_bulk.clone() }, vec!["po-2"]),
            (PayoutFilter { partner_types: vec!["WHT_PAYER".into()], ..of_bulk.clone() }, vec!["po-1"]),
            (PayoutFilter { taxations: vec!["NORMAL".into()], ..of_bulk.clone() }, vec!["po-2"]),
            (PayoutFilter { banks: vec!["SHINHAN".into()], ..of_bulk.clone() }, vec![]),
            (PayoutFilter { range: Some((PayingTime::Created, at(3), at(3))), ..of_bulk.clone() }, vec!["po-2"]),
            (PayoutFilter { range: Some((PayingTime::StatusUpdated, at(4), at(9))), ..of_bulk.clone() }, vec!["po-1"]),
            (PayoutFilter { hopeless: true, ..of_bulk.clone() }, vec![]),
        ] {
            let told = format!("{filter:?}");
            let (page, _) = storage.platform_payouts(&filter, PAGE).await.unwrap();
            assert_eq!(page.items.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), found, "{told}");
        }
        let stats = storage.payout_stats(&platform(), std::slice::from_ref(&made.id)).await.unwrap();
        assert_eq!(stats[&made.id], counts);
    }
}

on_both! {
    async fn whoever_has_made_a_bulk_payout_does_not_approve_it_whatever_the_code_believes(db: &Db) {
        let storage = db.migrated().await;
        let made = bulk("b-1", 1);
        storage.commit(writes(vec![new_bulk(&made)])).await.unwrap();
        let by = |person: &str| BulkPayout { approved_by: Some(person.into()), ..made.clone() }.changed(at(2));
        assert!(storage.commit(by("anna").1).await.is_err());
        assert_eq!(storage.bulk_payout(&platform(), &made.id).await.unwrap().unwrap().approved_by, None);
        let (approved, change) = by("ben");
        storage.commit(change.clone()).await.unwrap();
        assert_eq!(storage.commit(change).await, Err(CommitError::Conflict));
        assert_eq!(storage.bulk_payout(&platform(), &made.id).await.unwrap(), Some(approved));
    }
}

on_both! {
    async fn nothing_is_withdrawn_that_one_person_alone_wants_whatever_the_code_believes(db: &Db) {
        let storage = db.migrated().await;
        let by = |person: Option<&str>| Purpose::Remit {
            document: Some("d".into()),
            asked_by: "anna".into(),
            approved_by: person.map(Into::into),
        };
        let with = |transfer: &AccountTransfer, purpose: Purpose| {
            let of = transfer.withdrawal().unwrap().clone();
            AccountTransfer { direction: Direction::Withdrawal(Box::new(Withdrawal { purpose, ..of })), ..transfer.clone() }
        };
        let read = async || storage.account_transfer(&platform(), &AccountTransferId::known("at-1")).await.unwrap();
        let paid = payout("po-1", 2, 10_000, PartnerType::WhtPayer);
        let asked = with(&withdrawal("at-1", 3, 9_670, &paid), by(None));
        let new = Write::PlatformAccountTransfer { transfer: Box::new(asked.clone()), expects: None };
        storage.commit(writes(vec![new])).await.unwrap();
        assert_eq!(read().await.as_ref(), Some(&asked));
        let sent = |transfer: AccountTransfer| transfer.with_status(AccountTransferStatus::Processing, at(4)).changed(at(4));
        assert!(storage.commit(sent(asked.clone()).1).await.is_err());
        assert!(storage.commit(with(&asked, by(Some("anna"))).changed(at(4)).1).await.is_err());
        assert_eq!(read().await, Some(asked.clone()));

        let (sent, change) = sent(with(&asked, by(Some("ben"))));
        storage.commit(change).await.unwrap();
        assert_eq!(read().await, Some(sent));
        let remits = MovementFilter { kinds: vec![("WITHDRAWAL".into(), Some("REMIT".into()))], ..MovementFilter::of(platform()) };
        assert_eq!(storage.account_transfers(&remits, PAGE).await.unwrap().0.total, 1);
    }
}

on_both! {
    async fn a_settlement_is_in_the_payout_that_was_made_of_it(db: &Db) {
        let storage = db.migrated().await;
        let settlement = settled(&storage).await;
        let selected = PartnerSettlement { bulk: Some(BulkPayoutId::known("b-1")), ..settlement };
        let (selected, change) = selected.changed();
        let paid = payout("po-1", 12, 8_790, PartnerType::WhtPayer);
        storage.commit(writes(vec![new_bulk(&bulk("b-1", 1)), new_payout(&paid)]).and(change)).await.unwrap();
        let of_bulk = storage.settlements_of_bulk(&platform(), &paid.bulk).await.unwrap();
        assert_eq!(of_bulk, std::slice::from_ref(&selected));
        assert_eq!(storage.settlements_of_payout(&platform(), &paid.id).await.unwrap(), []);

        let inside = PartnerSettlement { payout: Some(paid.id.clone()), ..selected };
        let (inside, change) = inside.with_status(PartnerSettlementStatus::Confirmed, at(3)).changed();
        storage.commit(change).await.unwrap();
        assert_eq!(storage.settlements_of_payout(&platform(), &paid.id).await.unwrap(), std::slice::from_ref(&inside));
        // It is open until its payouts have ended, and its money is posted in the same change.
        assert!(storage.has_open_payouts(&platform(), &paid.bulk).await.unwrap());
        let on_its_way = Payout { status: PayoutStatus::Processing, ..paid.clone() };
        let (ended, change) = on_its_way.succeeded(vec![inside], at(14)).unwrap();
        storage.commit(change).await.unwrap();
        assert_eq!(ended.status, PayoutStatus::Succeeded);
        assert!(!storage.has_open_payouts(&platform(), &paid.bulk).await.unwrap());
        let after = storage.settlements_of_payout(&platform(), &paid.id).await.unwrap();
        assert_eq!(after[0].status, PartnerSettlementStatus::PaidOut);
        assert_eq!(storage.posting_imbalances().await.unwrap(), []);
        let book = PartnerBook {
            home: &home(),
            environment: Environment::Test,
            partner: &paid.partner,
            currency: Currency::KRW,
        };
        let (before, lines) = storage.owed_to_partner(&book, (at(0), at(100)), 9).await.unwrap();
        assert_eq!((before, lines.iter().map(|(_, units, _)| *units).collect::<Vec<_>>()), (0, vec![8_790, -8_790]));
    }
}

on_both! {
    async fn an_account_holds_what_is_on_its_way_out_and_never_gives_more_than_it_has(db: &Db) {
        let storage = db.migrated().await;
        let (account, change) = PayoutAccount::of_test(platform(), home(), at(1));
        let read = async || storage.payout_account(&platform(), &account.id).await.unwrap().unwrap();
        assert_eq!(storage.payout_account(&platform(), &account.id).await.unwrap(), None);
        storage.commit(change.clone()).await.unwrap();
        assert!(storage.commit(change).await.is_err(), "it is opened once");
        assert_eq!(read().await, account);
        assert_eq!(storage.payout_accounts(&platform()).await.unwrap(), std::slice::from_ref(&account));

        storage.commit(writes(vec![moved(0, 700, 2)])).await.unwrap();
        for refused in [
            // More than is held; more than there is; what is held cannot leave in another way.
            moved(0, -701, 0),
            moved(0, TEST_BALANCE, 0),
            moved(-TEST_BALANCE, 0, 0),
            moved(-TEST_BALANCE - 1, -700, 0),
        ] {
            assert_eq!(storage.commit(writes(vec![refused])).await, Err(CommitError::Conflict));
        }
        storage.commit(writes(vec![moved(-300, -300, 0)])).await.unwrap();
        let now = read().await;
        assert_eq!(
            (now.balance.minor_units(), now.held.minor_units(), now.last_sequence),
            (TEST_BALANCE - 300, 400, 2)
        );
    }
}

on_both! {
    async fn movements_are_found_by_what_they_were_for(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(PayoutAccount::of_test(platform(), home(), at(1)).1).await.unwrap();
        let paid = payout("po-1", 2, 10_000, PartnerType::WhtPayer);
        let out = withdrawal("at-1", 3, 9_670, &paid);
        let into = AccountTransfer {
            direction: Direction::Deposit { depositor: "Kim & Co".into() },
            status: AccountTransferStatus::Succeeded,
            balance: Some(won(5)),
            traded_at: Some(at(4)),
            deposit_memo: None,
            ..withdrawal("at-2", 4, 500, &paid)
        };
        let together = BulkAccountTransfer {
            platform: platform(),
            id: BulkAccountTransferId::known("m-1"),
            home: home(),
            account: PayoutAccountId::known(TEST_ACCOUNT),
            created_by: "ben".into(),
            total: won(9_670),
            status: BulkAccountTransferStatus::Ongoing,
            status_at: at(3),
            created_at: at(3),
            updated_at: at(3),
            version: 1,
            scheduled_at: None,
        };
        let new = |transfer: &AccountTransfer| Write::PlatformAccountTransfer { transfer: Box::new(transfer.clone()), expects: None };
        let bulk_write = Write::PlatformBulkAccountTransfer { bulk: Box::new(together.clone()), expects: None };
        storage
            .commit(writes(vec![new_bulk(&bulk("b-1", 1)), new_payout(&paid), new(&out), new(&into), bulk_write]))
            .await
            .unwrap();
        assert_eq!(storage.account_transfer(&platform(), &out.id).await.unwrap().as_ref(), Some(&out));
        assert_eq!(storage.account_transfer(&platform(), &into.id).await.unwrap().as_ref(), Some(&into));
        assert_eq!(storage.account_transfers_of_payout(&platform(), &paid.id).await.unwrap(), std::slice::from_ref(&out));
        assert_eq!(storage.movements_for_bulk(&platform(), &paid.bulk).await.unwrap(), std::slice::from_ref(&together.id));
        assert_eq!(storage.movements_for_bulk(&platform(), &BulkPayoutId::known("none")).await.unwrap(), []);

        let all = || MovementFilter::of(platform());
        for (filter, found) in [
            (all(), vec!["at-2", "at-1"]),
            (MovementFilter { kinds: vec![("DEPOSIT".into(), None)], ..all() }, vec!["at-2"]),
            (MovementFilter { kinds: vec![("WITHDRAWAL".into(), Some("PARTNER_PAYOUT".into()))], ..all() }, vec!["at-1"]),
            (MovementFilter { kinds: vec![("WITHDRAWAL".into(), Some("REMIT".into()))], ..all() }, vec![]),
            (MovementFilter { depositor: Some("kim &".into()), ..all() }, vec!["at-2"]),
            (MovementFilter { holder: Some("길동".into()), ..all() }, vec!["at-1"]),
            (MovementFilter { deposit_memo: Some("bread".into()), ..all() }, vec!["at-1"]),
            (MovementFilter { deposit_memo: Some("%".into()), ..all() }, vec![]),
            (MovementFilter { payout: Some("po-1".into()), ..all() }, vec!["at-1"]),
            (MovementFilter { statuses: vec!["SUCCEEDED".into()], ..all() }, vec!["at-2"]),
            (MovementFilter { range: Some((PayingTime::Traded, at(4), at(4))), ..all() }, vec!["at-2"]),
        ] {
            let told = format!("{filter:?}");
            let (page, _) = storage.account_transfers(&filter, PAGE).await.unwrap();
            assert_eq!(page.items.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), found, "{told}");
        }

        // How it ends is stored once.
        let ended = AccountTransfer {
            traded_at: Some(at(9)),
            balance: Some(won(1)),
            ..out.clone().with_status(AccountTransferStatus::Succeeded, at(9))
        };
        let (ended, change) = ended.changed(at(9));
        let (_, of_all) = together.clone().changed(BulkAccountTransferStatus::Completed, at(9));
        storage.commit(change.clone().and(of_all)).await.unwrap();
        assert_eq!(storage.commit(change).await, Err(CommitError::Conflict));
        assert_eq!(storage.account_transfer(&platform(), &out.id).await.unwrap(), Some(ended));
        let stored = storage.bulk_account_transfer(&platform(), &together.id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.version), (BulkAccountTransferStatus::Completed, 2));
        let stats = storage.movement_stats(&platform(), &[together.id]).await.unwrap();
        assert_eq!(stats.values().next().unwrap()["SUCCEEDED"], (1, 9_670));
    }
}

on_both! {
    async fn what_is_executed_and_reserved_is_counted_for_the_account(db: &Db) {
        let storage = db.migrated().await;
        let state = async || storage.bulk_payouts_under_way(&platform()).await.unwrap();
        let of = |id: &str, status, reserved_for| BulkPayout { status, reserved_for, ..bulk(id, 1) };
        assert_eq!(state().await, (0, 0));
        for one in [
            of("b-1", BulkPayoutStatus::Preparing, None),
            of("b-2", BulkPayoutStatus::Prepared, None),
            of("b-3", BulkPayoutStatus::Prepared, Some(at(9))),
            of("b-4", BulkPayoutStatus::Ongoing, Some(at(2))),
            of("b-5", BulkPayoutStatus::Completed, None),
        ] {
            storage.commit(writes(vec![new_bulk(&one)])).await.unwrap();
        }
        assert_eq!(state().await, (1, 1));
        let filter = BulkPayoutFilter {
            platform: platform(),
            range: None,
            id: None,
            statuses: vec!["PREPARED".into()],
            methods: vec!["AGENCY".into()],
        };
        let (page, counts) = storage.bulk_payouts(&filter, PAGE).await.unwrap();
        assert_eq!(page.items.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b-3", "b-2"]);
        assert_eq!((page.total, counts["ONGOING"].0, counts.len()), (2, 1, 4));
    }
}
