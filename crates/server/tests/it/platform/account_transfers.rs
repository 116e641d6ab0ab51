//! Movements of the payout account in the two forms that clients were made for.

use crate::shop::{Engine, Shop, both_databases, with_criteria};
use paypier::config::platform::AccountTransfers;
use serde_json::{Value, json};

impl Shop {
    /// The movements that a filter leaves, the newest first.
    pub(super) async fn movements(&self, filter: Value) -> Vec<Value> {
        let path = with_criteria("/platform/account-transfers", &json!({ "filter": filter }));
        let list = self.get(&format!("{path}&test=true")).await.succeeds();
        let items = list["items"].as_array().unwrap().clone();
        assert_eq!(list["page"]["totalCount"], items.len(), "{filter}");
        items
    }

    /// A deposit, a payout that has arrived, and a withdrawal that nobody has approved.
    async fn has_moved_money(engine: Engine, form: AccountTransfers) -> Self {
        let shop = Self::payday_with(engine, |config| config.platform.account_transfers = form).await;
        let deposit = json!({ "amount": 100_000, "depositorName": "we" });
        shop.operates("accounts/mock/deposits", &deposit).await.succeeds();
        shop.prepares("bulk-1").await;
        shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        shop.bank_pays().await;
        shop.withdraws(5_000).await.succeeds();
        shop
    }
}

/// What each spelling of a kind finds, whatever the form: payouts to three partners, one of which was rejected.
const SPELLINGS: [(&str, usize); 4] =
    [("DEPOSIT", 1), ("WITHDRAWAL", 4), ("WITHDRAWAL_PARTNER_PAYOUT", 3), ("WITHDRAWAL_REMIT", 1)];

#[test]
fn todays_form_has_two_kinds_and_says_what_money_goes_out_for() {
    both_databases(|engine| async move {
        let shop = Shop::has_moved_money(engine, AccountTransfers::Current).await;
        for (spelling, count) in SPELLINGS {
            assert_eq!(shop.movements(json!({ "types": [spelling] })).await.len(), count, "{spelling}");
        }
        let remit = shop.movements(json!({ "types": ["WITHDRAWAL_REMIT"] })).await.remove(0);
        assert_eq!(
            (&remit["type"], &remit["withdrawalType"], &remit["amount"]),
            (&json!("WITHDRAWAL"), &json!("REMIT"), &json!(5_000))
        );
        assert_eq!(remit["depositAccountHolder"], "우리");
        for absent in ["sequenceNumber", "documentId", "partnerId", "payoutId", "bulkPayoutId"] {
            assert_eq!(remit.get(absent), None, "{absent}");
        }
        let paid = shop.movements(json!({ "types": ["WITHDRAWAL_PARTNER_PAYOUT"] })).await;
        assert!(paid.iter().all(|one| one["type"] == "WITHDRAWAL" && one["sequenceNumber"].is_i64()));
        shop.closes().await;
    });
}

#[test]
fn the_form_of_october_2024_has_a_kind_for_each_thing_and_always_a_number() {
    both_databases(|engine| async move {
        let shop = Shop::has_moved_money(engine, AccountTransfers::October2024).await;
        for (spelling, count) in SPELLINGS {
            assert_eq!(shop.movements(json!({ "types": [spelling] })).await.len(), count, "{spelling}");
        }
        let of = async |spelling: &str| shop.movements(json!({ "types": [spelling] })).await;
        let deposit = of("DEPOSIT").await.remove(0);
        assert_eq!((&deposit["type"], &deposit["depositorName"]), (&json!("DEPOSIT"), &json!("we")));

        let mut numbers: Vec<i64> = Vec::new();
        for paid in of("WITHDRAWAL_PARTNER_PAYOUT").await {
            assert_eq!(paid["type"], "PARTNER_PAYOUT");
            numbers.push(paid["sequenceNumber"].as_i64().unwrap());
            for member in ["partnerId", "partnerGraphqlId", "bulkPayoutId", "payoutId", "depositBank"] {
                assert!(paid[member].is_string(), "{member}: {paid}");
            }
            assert_eq!(paid.get("withdrawalType"), None);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);

        // The bank was not asked yet, and nobody has written a document.
        let remit = of("WITHDRAWAL_REMIT").await.remove(0);
        assert_eq!((&remit["type"], &remit["sequenceNumber"]), (&json!("REMIT"), &json!(0)));
        assert_eq!((&remit["documentId"], &remit["status"]), (&remit["id"], &json!("PREPARED")));
        shop.approves_withdrawal("second", remit["id"].as_str().unwrap()).await.succeeds();
        assert_eq!(of("WITHDRAWAL_REMIT").await[0]["sequenceNumber"], 4);
        shop.bank_pays().await;
        let arrived = of("WITHDRAWAL_REMIT").await.remove(0);
        let (_, held) = shop.account().await;
        assert_eq!((&arrived["status"], held), (&json!("SUCCEEDED"), 0));
        shop.closes().await;
    });
}
