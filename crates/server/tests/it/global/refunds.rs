//! Refunds, as the two seed documents have them.

use super::merchant::{Ear, refused};
use crate::shop::{APPROVED, CANCEL_REFUSED, CANCELS_LATER, Shop, at_once, both_databases};
use serde_json::{Value, json};

fn ask(channel: &str, kind: &str, amount: Value) -> Value {
    json!({ "amount": amount, "channel": channel, "description": "momo refund", "refund_type": kind,
        "refund_reason": "customer request", "environment": "sandbox" })
}

async fn paid(shop: &Shop, reference: &str, amount: &str, place: [&str; 3], card: &str) -> (String, String) {
    let [currency, channel, method] = place;
    let order =
        shop.is_paid_globally(&shop.sale_at(reference, amount, currency, channel, method), card).await;
    let path = format!("/api/refund/{order}");
    (order, path)
}

const MOMO: [&str; 3] = ["VND", "MOMOPAY", "MOMOPAY_ATM_CARD"];

#[test]
fn check_20_partial_refunds_count_down_and_full_takes_the_rest() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "refund_status").await;
        let (order, path) = paid(&shop, "Merchant_1", "1000000", MOMO, APPROVED).await;
        let none = shop.global_get(&path).await.succeeds();
        assert_eq!(none, json!({ "amountToRefund": 1_000_000, "refundDetails": [] }));
        shop.global_post(&path, &ask("MOMOPAY", "partial", json!(200_000))).await.succeeds();
        // The body of the seed document, but for its environment.
        let second = shop.global_post(&path, &ask("MOMOPAY", "partial", json!(700_000))).await.succeeds();
        assert_eq!(second["amountToRefund"], json!(100_000));
        let rows = second["refundDetails"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row["amount"].clone()).collect::<Vec<_>>(), [200_000, 700_000]);
        for row in rows {
            for (member, value) in [
                ("currency", "VND"),
                ("refund_status", "SUCCESS"),
                ("refund_type", "partial"),
                ("refund_reason", "customer request"),
            ] {
                assert_eq!(row[member], value, "{member}");
            }
            assert_eq!(row["refund_id"].as_str().unwrap().len(), 22);
            assert!(!row["psp_refund_id"].as_str().unwrap().is_empty());
            assert!(row["merchant_id"].as_str().unwrap().parse::<u64>().is_ok());
        }
        let read = shop.global_get(&path).await.succeeds();
        let mut unnamed = second.clone();
        for row in unnamed["refundDetails"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("merchant_id");
        }
        assert_eq!(read, unnamed);

        let too_much = shop.global_post(&path, &ask("MOMOPAY", "partial", json!(100_001))).await;
        let too_much = refused(too_much, 400, "4041", "INVALID_AMOUNT");
        assert_eq!(too_much["status_message"], "INVALID_AMOUNT");
        let full = shop.global_post(&path, &ask("MOMOPAY", "FULL", json!(5))).await.succeeds();
        assert_eq!(full["amountToRefund"], json!(0));
        assert_eq!(full["refundDetails"][2]["amount"], json!(100_000));
        assert_eq!(full["refundDetails"][2]["refund_type"], "full");
        let details = shop.global_transaction(&order).await;
        assert_eq!(
            [
                &details["status"],
                &details["refund_completed"],
                &details["refund_status"],
                &details["is_refund_allowed"]
            ],
            [&json!("Success"), &json!(true), &json!("SUCCESS"), &json!(false)]
        );
        let over = shop.global_post(&path, &ask("MOMOPAY", "partial", json!(1))).await;
        refused(over, 400, "4070", "INVALID_PAYMENT_REQUEST_REFUND_NOT_ALLOWED");

        let heard = ear.hears(3).await;
        assert_eq!(
            heard.iter().map(|message| message["amount"].clone()).collect::<Vec<_>>(),
            [200_000, 700_000, 100_000]
        );
        assert_eq!(heard[2]["payment_txn_ref"], order.as_str());
        assert_eq!(heard[2]["refund_id"], full["refundDetails"][2]["refund_id"]);
        assert_eq!(heard[2]["refund_status"], "SUCCESS");
        assert_eq!(heard[2]["description"], "momo refund");
        assert!(heard[2].get("signature_hash").is_none());
        // The other dialect tells the same.
        let payment = shop.payment(&order).await;
        assert_eq!(
            (&payment["status"], &payment["amount"]["cancelled"]),
            (&json!("CANCELLED"), &json!(1_000_000))
        );
        shop.closes().await;
    });
}

#[test]
fn check_21_psps_that_refund_nothing_or_not_in_part_or_only_once_are_obeyed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (_, path) =
            paid(&shop, "Merchant_1", "1000", ["VND", "APPOTAPAY", "APPOTAPAY_CREDIT_CARD"], APPROVED).await;
        let part = shop.global_post(&path, &ask("APPOTAPAY", "partial", json!(100))).await;
        refused(part, 400, "4081", "PARTIAL_REFUND_NOT_ALLOWED");
        shop.global_post(&path, &ask("APPOTAPAY", "full", json!(0))).await.succeeds();

        let (_, path) =
            paid(&shop, "Merchant_2", "10", ["USD", "CYBERSOURCE", "CYBERSOURCE_CREDIT_CARD"], APPROVED)
                .await;
        for (kind, amount) in [("full", json!(10)), ("partial", json!(1))] {
            let answer = shop.global_post(&path, &ask("CYBERSOURCE", kind, amount)).await;
            refused(answer, 400, "4070", "INVALID_PAYMENT_REQUEST_REFUND_NOT_ALLOWED");
        }

        let (_, path) =
            paid(&shop, "Merchant_3", "1000", ["VND", "BAOKIM", "BAOKIM_CREDIT_CARD"], APPROVED).await;
        shop.global_post(&path, &ask("BAOKIM", "partial", json!(100))).await.succeeds();
        let second = shop.global_post(&path, &ask("BAOKIM", "partial", json!(100))).await;
        refused(second, 400, "4070", "INVALID_PAYMENT_REQUEST_REFUND_NOT_ALLOWED");
        shop.closes().await;
    });
}

#[test]
fn check_22_fifty_refunds_of_a_tenth_at_once_are_ten() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (_, path) = paid(&shop, "Merchant_1", "1000", MOMO, APPROVED).await;
        let body = ask("MOMOPAY", "partial", json!(100)).to_string();
        let answers = at_once((0..50).map(|_| shop.global("POST", &path).body(body.clone())).collect()).await;
        let made = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(made, 10);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            let code = answer.body["status_code"].as_str().unwrap().to_owned();
            assert!(answer.status == 400 && (code == "4041" || code == "4070"), "{}", answer.text());
        }
        let read = shop.global_get(&path).await.succeeds();
        assert_eq!(read["amountToRefund"], json!(0));
        assert_eq!(read["refundDetails"].as_array().unwrap().len(), 10);
        shop.closes().await;
    });
}

#[test]
fn check_23_what_does_not_belong_together_is_refused_and_leaves_no_row() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (_, path) = paid(&shop, "Merchant_1", "1000", MOMO, APPROVED).await;
        let other = shop.global_post(&path, &ask("OMISE", "full", json!(0))).await;
        refused(other, 400, "4046", "INVALID_PAYMENT_CHANNEL_KEY");
        let mut live = ask("MOMOPAY", "full", json!(0));
        live["environment"] = json!("live");
        refused(shop.global_post(&path, &live).await, 400, "4034", "INVALID_ENVIRONMENT");
        let path_of_none = "/api/refund/27TcJzyjL1y0eNVLEUa8pA8qAsJ";
        let unknown = shop.global_post(path_of_none, &ask("OMISE", "full", json!(0))).await;
        let unknown = refused(unknown, 400, "4096", "INVALID_REFERENCE");
        assert_eq!(unknown["message"], "Transaction record with given reference not found");
        refused(shop.global_get("/api/refund/nothing").await, 400, "4096", "INVALID_REFERENCE");
        for member in ["amount", "channel", "description", "environment", "refund_type", "refund_reason"] {
            let mut body = ask("MOMOPAY", "partial", json!(1));
            body.as_object_mut().unwrap().remove(member);
            assert_eq!(shop.global_post(&path, &body).await.status, 400, "{member}");
        }
        for (amount, code, reason) in [
            (json!(0), "4041", "INVALID_AMOUNT"),
            (json!(-5), "4041", "INVALID_AMOUNT"),
            (json!("x"), "4041", "INVALID_AMOUNT"),
            (json!(0.5), "4076", "INVALID_AMOUNT_CURRENCY_ERROR"),
        ] {
            refused(shop.global_post(&path, &ask("MOMOPAY", "partial", amount)).await, 400, code, reason);
        }
        assert_eq!(shop.global_get(&path).await.succeeds()["refundDetails"], json!([]));

        let unpaid =
            shop.initiates(&shop.sale_at("Merchant_2", "1000", "VND", "MOMOPAY", "MOMOPAY_WALLET")).await;
        let unpaid = format!("/api/refund/{}", unpaid.succeeds()["order_ref"].as_str().unwrap());
        let early = shop.global_post(&unpaid, &ask("MOMOPAY", "full", json!(0))).await;
        refused(early, 400, "4070", "INVALID_PAYMENT_REQUEST_REFUND_NOT_ALLOWED");
        assert_eq!(
            shop.global_get(&unpaid).await.succeeds(),
            json!({ "amountToRefund": 0, "refundDetails": [] })
        );
        shop.closes().await;
    });
}

#[test]
fn check_24_a_queued_refund_is_told_counted_and_finished() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "refund_status").await;
        let (_, path) = paid(&shop, "Merchant_1", "1000", MOMO, CANCELS_LATER).await;
        let queued = shop.global_post(&path, &ask("MOMOPAY", "partial", json!(400))).await.succeeds();
        assert_eq!(queued["amountToRefund"], json!(600));
        assert_eq!(queued["refundDetails"][0]["refund_status"], "IN_QUEUE");
        let over = shop.global_post(&path, &ask("MOMOPAY", "partial", json!(601))).await;
        refused(over, 400, "4041", "INVALID_AMOUNT");
        assert_eq!(ear.hears(1).await[0]["refund_status"], "IN_QUEUE");
        shop.after("P2D").await;
        shop.jobs_run().await;
        let done = shop.global_get(&path).await.succeeds();
        assert_eq!(done["refundDetails"][0]["refund_status"], "SUCCESS");
        assert_eq!(done["amountToRefund"], json!(600));
        let heard = ear.hears(2).await;
        assert_eq!(heard[1]["refund_status"], "SUCCESS");
        assert_eq!(heard[0]["refund_id"], heard[1]["refund_id"]);
        shop.closes().await;
    });
}

#[test]
fn a_refund_that_the_psp_refuses_is_a_row_that_failed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (_, path) = paid(&shop, "Merchant_1", "1000", MOMO, CANCEL_REFUSED).await;
        let answer = shop.global_post(&path, &ask("MOMOPAY", "full", json!(0))).await;
        refused(answer, 400, "4080", "PAYMENT_SERVICE_PROVIDER_ERROR");
        let read = shop.global_get(&path).await.succeeds();
        assert_eq!(read["amountToRefund"], json!(1_000));
        assert_eq!(read["refundDetails"][0]["refund_status"], "FAILED");
        shop.closes().await;
    });
}

#[test]
fn a_payment_of_the_other_dialect_is_refunded_by_its_id() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 1_000).await;
        let body = ask("TOSSPAYMENTS", "partial", json!(300));
        let answer = shop.global_post("/api/refund/order-1", &body).await.succeeds();
        assert_eq!(answer["amountToRefund"], json!(700));
        assert_eq!(shop.payment("order-1").await["status"], "PARTIAL_CANCELLED");
        shop.closes().await;
    });
}
