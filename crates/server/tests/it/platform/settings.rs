//! The rules of settlements, as both revisions know them.

use crate::shop::{Shop, both_databases};
use serde_json::json;

#[test]
fn rules_have_their_standard_values_and_both_revisions_change_the_same_ones() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let standard = shop.get("/platform/setting?test=true").await.succeeds();
        assert_eq!(
            standard,
            json!({
                "supportsMultipleOrderTransfersPerPartner": false,
                "adjustSettlementDateAfterHolidayIfEarlier": true, "deductWht": true,
                "settlementAmountType": "GROSS", "isForTest": true, "manualSettlementPerTransfer": false,
            })
        );
        let october = shop.get("/platform?test=true").await.succeeds();
        assert_eq!(october["roundType"], "DOWN");
        assert_eq!(october["settlementFormula"]["platformFee"], "(ORDER_AMOUNT × FIXED_RATE) + FIXED_AMOUNT");
        assert_eq!(october["settlementFormula"]["discountShare"], "DISCOUNT_AMOUNT × FIXED_RATE");

        let change =
            json!({ "deductWht": false, "settlementAmountType": "NET", "defaultDepositMemo": "정산" });
        let changed = shop.patch("/platform/setting?test=true", &change).await.succeeds();
        assert_eq!(changed["setting"]["settlementAmountType"], "NET");
        let october = shop.get("/platform?test=true").await.succeeds();
        assert_eq!(october["settlementRule"]["subtractWhtInPayoutAmount"], false);

        let change = json!({
            "roundType": "OFF",
            "settlementFormula": { "platformFee": "올림(PAYMENT_AMOUNT × FIXED_RATE)" },
            "settlementRule": { "supportsMultipleOrderTransfersPerPartner": true },
        });
        let changed = shop.patch("/platform?test=true", &change).await.succeeds()["platform"].clone();
        assert_eq!(changed["roundType"], "OFF");
        assert_eq!(changed["settlementFormula"]["platformFee"], "올림(PAYMENT_AMOUNT × FIXED_RATE)");
        assert_eq!(changed["settlementFormula"]["discountShare"], "DISCOUNT_AMOUNT × FIXED_RATE");
        let setting = shop.get("/platform/setting?test=true").await.succeeds();
        assert_eq!(setting["supportsMultipleOrderTransfersPerPartner"], true);
        assert_eq!(setting["defaultDepositMemo"], "정산");
        // An empty text takes a memo away.
        shop.patch("/platform/setting?test=true", &json!({ "defaultDepositMemo": "" })).await.succeeds();
        let setting = shop.get("/platform/setting?test=true").await.succeeds();
        assert!(setting.get("defaultDepositMemo").is_none());
        assert_eq!(shop.get("/platform/setting").await.succeeds()["isForTest"], false);
        shop.closes().await;
    });
}

#[test]
fn a_formula_with_a_fault_changes_nothing_and_each_fault_is_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let change = json!({
            "roundType": "UP",
            "settlementFormula": {
                "platformFee": "ORDER_AMOUNT × 2\n+ FOO", "discountShare": "FIXED_AMOUNT", "additionalFee": "1",
            },
        });
        let refusal = shop
            .patch("/platform?test=true", &change)
            .await
            .refused(400, "PLATFORM_INVALID_SETTLEMENT_FORMULA");
        assert_eq!(
            refusal["platformFee"],
            json!({
                "type": "INVALID_VARIABLE", "name": "FOO",
                "position": { "startLine": 2, "startIndex": 2, "endLine": 2, "endIndex": 5 },
            })
        );
        assert_eq!(refusal["discountShare"]["type"], "UNSUPPORTED_VARIABLE");
        assert!(refusal.get("additionalFee").is_none());
        let kept = shop.get("/platform?test=true").await.succeeds();
        assert_eq!(kept["roundType"], "DOWN");
        let long = "1+".repeat(600);
        for (formula, fault) in [
            ("올림(1, 2)", "UNEXPECTED_FUNCTION_ARGUMENTS"),
            ("FOO(1)", "INVALID_FUNCTION"),
            ("1 % 2", "INVALID_OPERATOR"),
            ("1 +", "INVALID_SYNTAX"),
            (long.as_str(), "UNKNOWN_ERROR"),
        ] {
            let change = json!({ "settlementFormula": { "additionalFee": formula } });
            let refusal = shop
                .patch("/platform?test=true", &change)
                .await
                .refused(400, "PLATFORM_INVALID_SETTLEMENT_FORMULA");
            assert_eq!(refusal["additionalFee"]["type"], fault, "{formula}");
        }
        for body in [
            json!({ "defaultWithdrawalMemo": "가".repeat(51) }),
            json!({ "deductWht": null }),
            json!({ "settlementAmountType": "BOTH" }),
        ] {
            shop.patch("/platform/setting?test=true", &body).await.refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}
