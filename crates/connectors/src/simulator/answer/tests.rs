#![expect(clippy::arithmetic_side_effects, reason = "test code: an overflow is a failed test")]

use super::*;
use bytes::Bytes;
use proptest::prelude::*;

fn krw(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn answered(status: u16, body: impl Into<Bytes>) -> Answered {
    Ok(ExchangeResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: Vec::new(),
        body: body.into(),
    })
}

fn read_charge(answered: Answered) -> Outcome<Charge> {
    charge(answered, "r-1", Currency::KRW, Timestamp::UNIX_EPOCH)
}

fn order(changes: &[(&str, serde_json::Value)]) -> String {
    let mut order = serde_json::json!({
        "id": "sbx_1", "reference": "r-1", "status": "CAPTURED", "amount": 1000, "currency": "KRW", "fee": 32,
        "approvedAt": "2026-01-01T00:00:00Z", "capturedAt": "2026-01-01T00:00:00Z", "refunds": [],
    });
    for (name, value) in changes {
        order[*name] = value.clone();
    }
    order.to_string()
}

#[test]
fn an_answer_is_done_only_when_everything_in_it_is_as_documented() {
    use serde_json::json;
    assert_eq!(read_charge(answered(200, order(&[]))).word(), "done");
    for (name, value) in [
        ("reference", json!("r-2")),
        ("currency", json!("USD")),
        ("status", json!("AUTHORISED")),
        ("status", json!("captured")),
        ("status", json!("WAITING_FOR_DEPOSIT")),
        ("status", json!("DECLINED")),
        ("amount", json!(-1)),
        ("amount", json!(1000.0)),
        ("amount", json!("1000")),
        ("fee", json!(null)),
        ("refunds", json!(null)),
        ("id", json!(7)),
    ] {
        let outcome = read_charge(answered(200, order(&[(name, value.clone())])));
        assert_eq!(outcome.word(), "unknown", "{name}: {value}");
    }
    for status in [201, 202, 204, 302, 400, 404, 500, 502, 503] {
        assert_eq!(read_charge(answered(status, order(&[]))).word(), "unknown", "HTTP {status}");
    }
}

#[test]
fn a_code_counts_only_under_its_own_status() {
    let failure = |code: &str| format!(r#"{{"code":"{code}","message":"m"}}"#);
    for (status, code, word) in [
        (402, "SANDBOX_DECLINED", "declined"),
        (200, "SANDBOX_DECLINED", "unknown"),
        (400, "SANDBOX_DECLINED", "unknown"),
        (500, "SANDBOX_DECLINED", "unknown"),
        (402, "SANDBOX_SOMETHING_NEW", "unknown"),
        (503, "SANDBOX_PSP_ERROR", "not_sent"),
        (500, "SANDBOX_PSP_ERROR", "unknown"),
        (402, "SANDBOX_PSP_ERROR", "unknown"),
        (503, "SANDBOX_BUSY", "unknown"),
        (401, "SANDBOX_UNAUTHORIZED", "declined"),
        (422, "SANDBOX_REFUND_FAILED", "unknown"),
    ] {
        assert_eq!(read_charge(answered(status, failure(code))).word(), word, "HTTP {status} {code}");
    }
}

#[test]
fn no_answer_is_unknown_and_nothing_sent_is_not_sent() {
    assert_eq!(read_charge(Err(ExchangeError::NoAnswer("timeout".into()))).word(), "unknown");
    assert_eq!(read_charge(Err(ExchangeError::NotSent("refused".into()))).word(), "not_sent");
}

#[test]
fn a_refund_of_another_amount_or_charge_is_unknown() {
    let body = |status: &str, amount: i64, charge: &str| {
        format!(
            r#"{{"id":"sbxr_1_r-1","reference":"c-1","chargeReference":"{charge}","status":"{status}","amount":{amount},
                "feeReturned":0,"requestedAt":"2026-01-01T00:00:00Z","completedAt":"2026-01-01T00:00:00Z"}}"#
        )
    };
    let word = |body: String| refund(answered(200, body), "c-1", "r-1", krw(10)).word();
    assert_eq!(word(body("SUCCEEDED", 10, "r-1")), "done");
    assert_eq!(word(body("SUCCEEDED", 11, "r-1")), "unknown");
    assert_eq!(word(body("SUCCEEDED", 10, "r-2")), "unknown");
    assert_eq!(word(body("PENDING", 10, "r-1")), "unknown", "pending and completed at once");
    assert_eq!(word(body("FAILED", 10, "r-1")), "unknown", "failed without a code");
}

/// What no parser can be talked into.
fn is_never_done(answer: &Answered) {
    let id = PgCancellationId::known("sbxr_1_r-1");
    assert!(!matches!(read_charge(answer.clone()), Outcome::Done(_) | Outcome::Pending(_)));
    assert!(!matches!(refund(answer.clone(), "c-1", "r-1", krw(10)), Outcome::Done(_) | Outcome::Pending(_)));
    assert!(!matches!(captured(answer.clone(), "r-1"), Outcome::Done(_)));
    assert!(!matches!(closed(answer.clone(), "r-1"), Outcome::Done(_)));
    assert!(!matches!(stopped(answer.clone(), &id), Outcome::Done(_)));
    assert!(!matches!(issued(answer.clone()), Outcome::Done(_)));
    assert!(!matches!(deleted(answer.clone(), "t"), Outcome::Done(_)));
    assert!(!matches!(
        found(answer.clone(), "r-1", true, Timestamp::UNIX_EPOCH),
        Found::Known(_) | Found::Absent
    ));
}

proptest! {
    #[test]
    fn garbage_is_never_done(status in 100u16..=999, body in prop::collection::vec(any::<u8>(), 0..200)) {
        is_never_done(&answered(status, body));
    }

    #[test]
    fn a_torn_answer_is_never_done(cut in 0usize..200, status in 100u16..=999) {
        let whole = order(&[]);
        let torn = whole.get(..cut.min(whole.len() - 1)).unwrap_or_default().to_owned();
        is_never_done(&answered(status, torn));
    }

    #[test]
    fn an_answer_with_a_flipped_byte_is_done_for_the_same_order_or_not_at_all(at in 0usize..200, byte in any::<u8>()) {
        let mut bytes = order(&[]).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if read_charge(answered(200, bytes.clone())).word() == "done" {
            let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(&body["reference"], "r-1");
            prop_assert_eq!(&body["currency"], "KRW");
            prop_assert!(["APPROVED", "CAPTURED", "PAID"].contains(&body["status"].as_str().unwrap()));
        }
    }
}
