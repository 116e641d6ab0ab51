//! The settlement platform: definitions with their versions, lists, look-ups.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::id::MerchantId;
use paypier_domain::money::{Currency, Rate, Rounding};
use paypier_domain::settlement::calculator::{FormulaTexts, Parameter, ParameterValue};
use paypier_domain::settlement::contract::{ContractTerms, ContractUpdate, PaymentVat};
use paypier_domain::settlement::cycle::{CycleMethod, DatePolicy, DayOfWeek, SettlementCycle};
use paypier_domain::settlement::definition::{Approval, Connection, Definition, Partner, PlatformKey};
use paypier_domain::settlement::id::*;
use paypier_domain::settlement::partner::*;
use paypier_domain::settlement::payout::Taxation;
use paypier_domain::settlement::policy::*;
use paypier_domain::settlement::property::{PlatformSetting, PropertyDefinition, PropertyOf, Secrecy};
use paypier_domain::settlement::setting::{
    AmountType, ManualSettlement, OrdersPerPartner, Setting, Withholding,
};
use paypier_domain::settlement::verification::{Verification, VerificationOf};
use paypier_storage::{CommitError, PageAsk, PartnerFilter, PartnerText, RuleFilter, Storage};
use std::collections::BTreeMap;

const PAGE: PageAsk = PageAsk { number: 0, size: 10 };

fn key(environment: Environment) -> PlatformKey {
    PlatformKey { merchant: MerchantId::known("merchant-1"), environment }
}

fn test() -> PlatformKey {
    key(Environment::Test)
}

fn contract_terms(method: CycleMethod) -> ContractTerms {
    ContractTerms {
        name: "빵집 \"A\"".into(),
        platform_fee: Fee::Rate(Rate::millipercent(12_345)),
        platform_fee_vat_payer: Payer::Merchant,
        cycle: SettlementCycle::new(3, DatePolicy::HolidayAfter, method).unwrap(),
        payment_vat: PaymentVat::Withheld,
        memo: Some("100%_|".into()),
    }
}

fn contract(id: &str, second: i64) -> Definition<ContractTerms> {
    Definition::new(test(), ContractId::known(id), contract_terms(CycleMethod::Daily), at(second))
}

fn wrote(contract: &Definition<ContractTerms>, expects: Option<u64>) -> Write {
    Write::Contract { contract: Box::new(contract.clone()), expects }
}

async fn commit(storage: &Storage, write: Write) -> Result<(), CommitError> {
    storage.commit(writes(vec![write])).await
}

fn partner_terms(details: PartnerDetails) -> PartnerTerms {
    PartnerTerms {
        name: "Bäckerei 하나".into(),
        contact: Contact { name: "Hong".into(), email: "Hong@Example.com".into(), phone_number: None },
        account: Account::new("KOOKMIN", Currency::KRW, "123-456", "홍길동")
            .unwrap()
            .with_status(AccountStatus::VerifyFailed),
        details,
        default_contract: ContractId::known("c"),
        tags: vec!["bread".into(), "cake".into(), "bread".into()],
        memo: Some("first".into()),
        properties: BTreeMap::from([("grade".into(), "gold".into())]),
    }
}

fn business() -> PartnerDetails {
    PartnerDetails::Business(Business {
        company_name: "Bread Inc.".into(),
        registration_number: "1234567891".into(),
        representative_name: "Hong".into(),
        taxation: Taxation::Simple,
        address: Some("Seoul".into()),
        business_type: None,
        business_class: Some("food".into()),
        status: BusinessStatus::Suspended,
    })
}

fn partner(id: &str, second: i64, details: PartnerDetails) -> Partner {
    Partner::new(Definition::new(test(), PartnerId::known(id), partner_terms(details), at(second)))
}

fn put(partner: &Partner, expects: Option<u64>) -> Write {
    Write::Partner { partner: Box::new(partner.clone()), expects }
}

on_both! {
    async fn a_contract_reads_back_with_all_its_versions(db: &Db) {
        let storage = db.migrated().await;
        let id = ContractId::known("c");
        let methods = [
            CycleMethod::Daily,
            CycleMethod::weekly([DayOfWeek::Sunday, DayOfWeek::Monday]).unwrap(),
            CycleMethod::monthly([1, 15, 31]).unwrap(),
            CycleMethod::manual_dates([(2, 29), (7, 1)]).unwrap(),
        ];
        let mut last = contract("c", 0);
        commit(&storage, wrote(&last, None)).await.unwrap();
        assert_eq!(storage.contract(&test(), &id).await.unwrap().unwrap().of, last.of);
        // There must be none yet, in this environment.
        assert_eq!(commit(&storage, wrote(&last, None)).await, Err(CommitError::Conflict));
        for (second, method) in methods.iter().enumerate() {
            let found = storage.contract(&test(), &id).await.unwrap().unwrap();
            let cycle = contract_terms(method.clone()).cycle;
            let update = ContractUpdate { cycle: Some(cycle), memo: Some(format!("{second}").into()), ..Default::default() };
            let now = at(i64::try_from(second).unwrap() + 1);
            let changed = found.update(&update, now).unwrap();
            commit(&storage, wrote(&changed, Some(changed.revision - 1))).await.unwrap();
            assert_eq!(commit(&storage, wrote(&changed, Some(changed.revision - 1))).await, Err(CommitError::Conflict));
            let again = storage.contract(&test(), &id).await.unwrap().unwrap();
            assert_eq!(again.of.current(), changed.of.current());
            last = last.update(&update, now).unwrap();
        }
        let history = storage.contract_history(&test(), &id).await.unwrap().unwrap();
        assert_eq!(history.of, last.of);
        assert_eq!((history.revision, history.recorded()), (5, 5));
        assert_eq!(storage.contract_history(&key(Environment::Live), &id).await.unwrap(), None);
    }
}

on_both! {
    async fn a_reserved_update_is_found_when_it_is_due_and_makes_two_versions_at_once(db: &Db) {
        let storage = db.migrated().await;
        let first = contract("c", 0);
        commit(&storage, wrote(&first, None)).await.unwrap();
        let update = ContractUpdate { platform_fee: Some(Fee::Fixed(won(500))), ..Default::default() };
        let found = storage.contract(&test(), first.id()).await.unwrap().unwrap();
        let reserved = found.reserve(update.clone(), at(50), at(1)).unwrap();
        commit(&storage, wrote(&reserved, Some(1))).await.unwrap();
        let found = storage.contract(&test(), first.id()).await.unwrap().unwrap();
        assert_eq!(found.of, reserved.of);
        assert_eq!(storage.contracts_due(&test(), at(49), 10).await.unwrap(), []);
        assert_eq!(storage.contracts_due(&test(), at(50), 10).await.unwrap(), std::slice::from_ref(&found));
        assert_eq!(storage.contracts_due(&key(Environment::Live), at(50), 10).await.unwrap(), []);

        let named = ContractUpdate { name: Some("B".into()), ..Default::default() };
        let changed = found.update(&named, at(60)).unwrap();
        commit(&storage, wrote(&changed, Some(2))).await.unwrap();
        assert_eq!(storage.contracts_due(&test(), at(99), 10).await.unwrap(), []);
        let history = storage.contract_history(&test(), first.id()).await.unwrap().unwrap();
        let applied: Vec<_> = history.of.versions().map(|version| version.applied_at).collect();
        assert_eq!(applied, [at(0), at(50), at(60)]);
        assert_eq!(history.terms().platform_fee, Fee::Fixed(won(500)));
    }
}

on_both! {
    async fn policies_and_contracts_are_narrowed_down(db: &Db) {
        let storage = db.migrated().await;
        let platform = test();
        for (n, bps) in [5_000, 1_000, 5_000].into_iter().enumerate() {
            let terms = DiscountShareTerms { name: format!("Spring {n}").into(), partner_share: Rate::bps(bps), memo: None };
            let id = DiscountSharePolicyId::known(format!("P_{n}"));
            let policy = Definition::new(platform.clone(), id, terms, at(i64::try_from(n).unwrap()));
            commit(&storage, Write::DiscountSharePolicy { policy: Box::new(policy), expects: None }).await.unwrap();
        }
        let ids = |filter: RuleFilter, page| {
            let (storage, platform) = (storage.clone(), platform.clone());
            async move {
                let page = storage.discount_share_policies(&platform, &filter, page).await.unwrap();
                let ids: Vec<_> = page.items.iter().map(|policy| policy.id().as_str().to_owned()).collect();
                (ids, page.total)
            }
        };
        let all = RuleFilter::default();
        assert_eq!(ids(all.clone(), PAGE).await, (vec!["P_2".into(), "P_1".into(), "P_0".into()], 3));
        assert_eq!(ids(all.clone(), PageAsk { number: 1, size: 2 }).await, (vec!["P_0".into()], 3));
        assert_eq!(ids(all.clone(), PageAsk { number: 9, size: 2 }).await, (vec![], 3));
        let half = RuleFilter { figures: vec![50_000, 1], ..all.clone() };
        assert_eq!(ids(half, PAGE).await, (vec!["P_2".into(), "P_0".into()], 2));
        for (name, count) in [("spring", 3), ("PRING 1", 1), ("%", 0), ("g_1", 0)] {
            assert_eq!(ids(RuleFilter { name: Some(name.into()), ..all.clone() }, PAGE).await.1, count, "{name}");
        }
        for (id, count) in [("p_", 3), ("_1", 1), ("p1", 0)] {
            assert_eq!(ids(RuleFilter { id: Some(id.into()), ..all.clone() }, PAGE).await.1, count, "{id}");
        }
        assert_eq!(ids(RuleFilter { archived: true, ..all.clone() }, PAGE).await.1, 0);
        assert_eq!(storage.discount_share_rates(&platform, false, 10).await.unwrap(), [10_000, 50_000]);
        assert_eq!(storage.discount_share_rates(&platform, true, 10).await.unwrap(), [0_i64; 0]);

        let fee = AdditionalFeeTerms { name: "card".into(), fee: Fee::Fixed(won(300)), vat_payer: Payer::Partner, memo: Some("m".into()) };
        let fee = Definition::new(platform.clone(), AdditionalFeePolicyId::known("P_0"), fee, at(0));
        commit(&storage, Write::AdditionalFeePolicy { policy: Box::new(fee.clone()), expects: None }).await.unwrap();
        let found = storage.additional_fee_policy(&platform, fee.id()).await.unwrap().unwrap();
        assert_eq!(found.of, fee.of);
        for (payer, count) in [("PARTNER", 1), ("MERCHANT", 0)] {
            let filter = RuleFilter { payers: vec![payer.into()], ..all.clone() };
            assert_eq!(storage.additional_fee_policies(&platform, &filter, PAGE).await.unwrap().total, count);
        }
        commit(&storage, wrote(&contract("c", 0), None)).await.unwrap();
        for (cycle, policy, count) in [("DAILY", "HOLIDAY_AFTER", 1), ("WEEKLY", "HOLIDAY_AFTER", 0), ("DAILY", "CALENDAR_DAY", 0)] {
            let filter = RuleFilter { cycles: vec![cycle.into()], date_policies: vec![policy.into()], ..all.clone() };
            assert_eq!(storage.contracts(&platform, &filter, PAGE).await.unwrap().total, count);
        }
        let archived = storage.contract(&platform, &ContractId::known("c")).await.unwrap().unwrap().archive(at(5)).unwrap();
        let both = [ContractId::known("x"), ContractId::known("c")];
        assert_eq!(storage.contracts_found(&platform, &both).await.unwrap(), [ContractId::known("c")]);
        commit(&storage, wrote(&archived, Some(1))).await.unwrap();
        assert_eq!(storage.contracts_found(&platform, &both).await.unwrap(), []);
        assert_eq!(storage.contracts(&platform, &RuleFilter { archived: true, ..all }, PAGE).await.unwrap().total, 1);
    }
}

on_both! {
    async fn partners_of_every_kind_read_back(db: &Db) {
        let storage = db.migrated().await;
        let day = jiff::civil::date(1990, 1, 2);
        for (id, details) in [
            ("a", business()),
            ("b", PartnerDetails::WhtPayer(Person { birthdate: Some(day) })),
            ("c", PartnerDetails::NonWhtPayer(Person::default())),
        ] {
            let made = partner(id, 0, details);
            commit(&storage, put(&made, None)).await.unwrap();
            let found = storage.partner(&test(), &PartnerId::known(id)).await.unwrap().unwrap();
            assert_eq!((&found.definition.of, found.approval, &found.connection), (&made.definition.of, Approval::Approved, &Connection::NotConnected));
            assert_eq!(commit(&storage, put(&made, None)).await, Err(CommitError::Conflict));
            let standings = [
                Connection::ConnectPending { since: at(3) },
                Connection::Connected,
                Connection::DisconnectPending { since: at(4) },
                Connection::ConnectFailed { reason: "closed".into() },
                Connection::NotConnected,
            ];
            let mut now = found;
            for connection in standings {
                let next = now.clone().connected(connection).approved(Approval::Pending);
                commit(&storage, put(&next, Some(now.definition.revision))).await.unwrap();
                now = storage.partner(&test(), &PartnerId::known(id)).await.unwrap().unwrap();
                assert_eq!((&now.connection, now.approval), (&next.connection, Approval::Pending));
            }
        }
        let update = PartnerUpdate {
            contact: Some(ContactUpdate { phone_number: Some("010".into()), ..Default::default() }),
            details: Some(DetailsUpdate::Business(BusinessUpdate { status: Some(BusinessStatus::Closed), ..Default::default() })),
            tags: Some(vec!["tea".into()]),
            ..Default::default()
        };
        let found = storage.partner(&test(), &PartnerId::known("a")).await.unwrap().unwrap();
        let reserved = found.definition.clone().reserve(update.clone(), at(50), at(9)).unwrap();
        commit(&storage, put(&found.clone().with(reserved), Some(found.definition.revision))).await.unwrap();
        let due = storage.partners_due(&test(), at(50), 10).await.unwrap();
        assert_eq!(due.len(), 1);
        let applied = due[0].clone().as_of(at(60));
        commit(&storage, put(&applied, Some(due[0].definition.revision))).await.unwrap();
        let history = storage.partner_history(&test(), &PartnerId::known("a")).await.unwrap().unwrap();
        assert_eq!(history.definition.of.versions().count(), 2);
        let terms = history.definition.terms();
        assert_eq!((terms.contact.phone_number.as_deref(), &*terms.contact.name), (Some("010"), "Hong"));
        let ids = ["nobody", "b", "a"].map(PartnerId::known);
        let mut many = storage.partner_histories(&test(), &ids).await.unwrap();
        many.sort_by(|one, other| one.definition.id().cmp(other.definition.id()));
        assert_eq!(many.len(), 2);
        for (partner, id) in many.iter().zip(["a", "b"]) {
            let alone = storage.partner_history(&test(), &PartnerId::known(id)).await.unwrap();
            assert_eq!(Some(partner), alone.as_ref());
        }
        assert_eq!(storage.partner_tags(&test(), false, 10).await.unwrap(), ["bread", "cake", "tea"]);
    }
}

on_both! {
    async fn partners_are_narrowed_down(db: &Db) {
        let storage = db.migrated().await;
        commit(&storage, wrote(&contract("c", 0), None)).await.unwrap();
        commit(&storage, wrote(&contract("unused", 0), None)).await.unwrap();
        commit(&storage, put(&partner("ptn-A", 1, business()), None)).await.unwrap();
        commit(&storage, put(&partner("ptn-b", 2, PartnerDetails::WhtPayer(Person::default())), None)).await.unwrap();
        let all = PartnerFilter::default();
        let one = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (filter, ids) in [
            (all.clone(), vec!["ptn-b", "ptn-A"]),
            (PartnerFilter { archived: true, ..all.clone() }, vec![]),
            (PartnerFilter { tags: one(&["cake", "tea"]), ..all.clone() }, vec!["ptn-b", "ptn-A"]),
            (PartnerFilter { tags: one(&["tea"]), ..all.clone() }, vec![]),
            (PartnerFilter { banks: one(&["KOOKMIN"]), kinds: one(&["BUSINESS"]), ..all.clone() }, vec!["ptn-A"]),
            (PartnerFilter { taxations: one(&["SIMPLE"]), ..all.clone() }, vec!["ptn-A"]),
            (PartnerFilter { taxations: one(&["NORMAL"]), ..all.clone() }, vec![]),
            (PartnerFilter { business_statuses: one(&["SUSPENDED"]), ..all.clone() }, vec!["ptn-A"]),
            (PartnerFilter { account_statuses: one(&["VERIFIED"]), ..all.clone() }, vec![]),
            (PartnerFilter { connections: one(&["NOT_CONNECTED"]), currencies: one(&["KRW"]), ..all.clone() }, vec!["ptn-b", "ptn-A"]),
            (PartnerFilter { ids: one(&["ptn-b", "x"]), contracts: one(&["c"]), ..all.clone() }, vec!["ptn-b"]),
        ] {
            let page = storage.partners(&test(), &filter, PAGE).await.unwrap();
            let found: Vec<_> = page.items.iter().map(|partner| partner.definition.id().as_str()).collect();
            assert_eq!(found, ids, "{filter:?}");
        }
        for (which, wanted, count) in [
            (PartnerText::Id, "PTN-", 2),
            (PartnerText::Id, "a", 1),
            (PartnerText::Name, "BÄCKEREI", 2),
            (PartnerText::Email, "hong@example", 2),
            (PartnerText::RegistrationNumber, "567", 1),
            (PartnerText::DefaultContract, "C", 2),
            (PartnerText::Memo, "irs", 2),
            (PartnerText::AccountNumber, "345", 2),
            (PartnerText::AccountHolder, "길", 2),
            (PartnerText::AccountHolder, "김", 0),
        ] {
            let filter = PartnerFilter { keyword: Some((which, wanted.into())), ..all.clone() };
            assert_eq!(storage.partners(&test(), &filter, PAGE).await.unwrap().total, count, "{which:?} {wanted}");
        }
        let ids = ["x", "ptn-b", "ptn-A"].map(PartnerId::known);
        assert_eq!(storage.partner_ids_taken(&test(), &ids).await.unwrap(), ["ptn-b", "ptn-A"].map(PartnerId::known));
        let used = storage.contracts_in_use(&test(), false, 10).await.unwrap();
        assert_eq!(used.iter().map(|contract| contract.id().as_str()).collect::<Vec<_>>(), ["c"]);
        assert_eq!(storage.contracts_in_use(&test(), true, 10).await.unwrap(), []);
    }
}

on_both! {
    async fn settings_read_back_and_are_guarded(db: &Db) {
        let storage = db.migrated().await;
        let first = storage.platform_setting(&test()).await.unwrap();
        assert_eq!(first, PlatformSetting::standard(test()));
        let texts = FormulaTexts { platform_fee: Some("올림(PAYMENT_AMOUNT × FIXED_RATE)"), ..Default::default() };
        let parameters = vec![Parameter { key: "night".into(), name: "심야".into(), default: ParameterValue::new(15, 1).unwrap() }];
        let calculator = Setting::default().calculator.rounded_alike(Rounding::HalfUp).with_formulas(texts).unwrap()
            .with_user_formulas(parameters, &[("own", "ORDER_AMOUNT × night", Rounding::Up)]).unwrap();
        let setting = Setting {
            orders_per_partner: OrdersPerPartner::Many,
            earlier_date: paypier_domain::settlement::cycle::EarlierDate::Keep,
            withholding: Withholding::NotDeducted,
            amount_type: AmountType::Net,
            manual_settlement: ManualSettlement::Each,
            withdrawal_memo: Some("정산".into()),
            deposit_memo: Some("payout".into()),
            calculator,
        };
        let definition = PropertyDefinition { key: "grade".into(), name: "등급".into(), secrecy: Secrecy::Secret };
        let properties = first.properties.clone().defined(PropertyOf::Partner, definition).unwrap();
        let second = first.with_setting(setting).with_properties(properties);
        let write = |expects| Write::PlatformSetting { setting: Box::new(second.clone()), expects };
        commit(&storage, write(0)).await.unwrap();
        assert_eq!(storage.platform_setting(&test()).await.unwrap(), second);
        assert_eq!(commit(&storage, write(0)).await, Err(CommitError::Conflict));
        assert_eq!(commit(&storage, write(1)).await, Err(CommitError::Conflict));
        commit(&storage, write(2)).await.unwrap();
        assert_eq!(storage.platform_setting(&key(Environment::Live)).await.unwrap(), PlatformSetting::standard(key(Environment::Live)));
    }
}

on_both! {
    async fn a_look_up_is_used_once(db: &Db) {
        let storage = db.migrated().await;
        for (id, of) in [
            ("account", VerificationOf::Account { digest: [7; 32] }),
            ("company", VerificationOf::Company { digest: [8; 32], status: BusinessStatus::InBusiness }),
        ] {
            let made = Verification { platform: test(), id: id.into(), of, made_at: at(1), used_at: None };
            commit(&storage, Write::Verification(Box::new(made.clone()))).await.unwrap();
            assert_eq!(storage.verification(&test(), id).await.unwrap(), Some(made.clone()));
            assert_eq!(storage.verification(&key(Environment::Live), id).await.unwrap(), None);
            let used = || Write::VerificationUsed { platform: test(), id: id.into(), at: at(2) };
            commit(&storage, used()).await.unwrap();
            assert_eq!(commit(&storage, used()).await, Err(CommitError::Conflict));
            let used = Verification { used_at: Some(at(2)), ..made };
            assert_eq!(storage.verification(&test(), id).await.unwrap(), Some(used));
        }
    }
}

on_both! {
    async fn emptying_leaves_live_alone(db: &Db) {
        let storage = db.migrated().await;
        for environment in [Environment::Test, Environment::Live] {
            let platform = key(environment);
            let made = Definition::new(platform.clone(), ContractId::known("c"), contract_terms(CycleMethod::Daily), at(0));
            commit(&storage, wrote(&made, None)).await.unwrap();
            let made = Definition::new(platform.clone(), PartnerId::known("p"), partner_terms(business()), at(0));
            commit(&storage, put(&Partner::new(made), None)).await.unwrap();
            let setting = PlatformSetting::standard(platform).with_setting(Setting::default());
            commit(&storage, Write::PlatformSetting { setting: Box::new(setting), expects: 0 }).await.unwrap();
        }
        commit(&storage, Write::EmptyPlatform { merchant: MerchantId::known("merchant-1") }).await.unwrap();
        for (environment, count) in [(Environment::Test, 0), (Environment::Live, 1)] {
            let platform = key(environment);
            assert_eq!(storage.contracts(&platform, &RuleFilter::default(), PAGE).await.unwrap().total, count);
            assert_eq!(storage.partners(&platform, &PartnerFilter::default(), PAGE).await.unwrap().total, count);
            assert_eq!(storage.platform_setting(&platform).await.unwrap().revision, count);
        }
        // What was emptied can be made anew, its first version included.
        commit(&storage, wrote(&contract("c", 0), None)).await.unwrap();
    }
}
