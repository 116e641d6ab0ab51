//! The PSP's books disagree with ours (25).
//!
//! Settlement files and their rows do not exist yet. What there is: `paypier verify`, which compares
//! our ledger with the simulated PSP's own books, charge by charge and in sum.

use super::{APPROVED, closes, open, survives};
use serde_json::json;

#[test]
fn failure_25_the_psp_has_a_charge_that_we_do_not_know() {
    survives(&open(), async |stage| {
        assert_eq!(stage.pays("order-1", APPROVED, 5_000).await.status, 200);
        closes(stage).await;
        let body = json!({
            "reference": "nobody-knows", "amount": 3_000, "currency": "KRW",
            "card": { "number": APPROVED, "expiryYear": "39", "expiryMonth": "12" },
        });
        assert_eq!(stage.calls_psp("charges", "nobody-knows", &body).await.status, 200);
        let report = stage.audit().await.unwrap();
        let mut rules: Vec<_> = report.differences.iter().map(|difference| difference.rule.code()).collect();
        rules.dedup();
        assert_eq!(rules, ["CHARGE_IS_OURS", "PSP_TOTALS"], "{report:#?}");
        assert!(report.differences[0].subject.contains("nobody-knows"));
        let refund = json!({ "reference": "taken-back", "amount": 3_000, "currency": "KRW" });
        assert_eq!(stage.calls_psp("charges/nobody-knows/refunds", "taken-back", &refund).await.status, 200);
        let report = stage.audit().await.unwrap();
        assert!(!report.differences.is_empty(), "given back is not forgotten: {report:#?}");
    });
}
