//! Every refusal of transfers, on its exact condition, with the members it has.

use super::transfers::{earns, earns_outside};
use crate::shop::{Shop, both_databases};
use serde_json::{Value, json};

/// The body with these members.
fn with(mut body: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn says(refused: &Value, members: Value) {
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(refused[name], *value, "{name} of {refused}");
    }
}

#[test]
fn an_order_is_refused_for_what_it_names_and_for_what_it_says() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.is_paid("order-1", 10_000).await;
        shop.pays("declined", crate::shop::DECLINED, 10_000).await;
        shop.registers(&with(earns("t-1", "order-1", 8_000), json!({ "partnerId": "b" }))).await.succeeds();
        let order = || earns("t-2", "order-1", 2_000);
        let dollars = |detail: Value| {
            with(
                earns_outside("t-9", 1_999),
                json!({
                    "externalPaymentDetail": detail,
                }),
            )
        };
        let line = |id: &str| {
            json!({
                "product": { "id": id, "name": id, "amount": 500 }, "quantity": 1, "discounts": [], "additionalFees": [],
            })
        };
        let two = json!([{ "sharePolicyId": "half", "amount": 1 }, { "sharePolicyId": "half", "amount": 1 }]);
        let discount = |amount: i64, tax_free: i64| json!([{ "sharePolicyId": "half", "amount": amount, "taxFreeAmount": tax_free }]);
        for (body, status, kind, members) in [
            (
                with(order(), json!({ "partnerId": "none", "contractId": "none" })),
                404,
                "PLATFORM_PARTNER_NOT_FOUND",
                json!({}),
            ),
            (with(order(), json!({ "contractId": "none" })), 404, "PLATFORM_CONTRACT_NOT_FOUND", json!({})),
            (
                with(
                    order(),
                    json!({ "discounts": [{ "sharePolicyId": "x", "amount": 1 }, { "sharePolicyId": "y", "amount": 1 }] }),
                ),
                404,
                "PLATFORM_DISCOUNT_SHARE_POLICIES_NOT_FOUND",
                json!({ "ids": ["x", "y"], "graphqlIds": ["Mjp4", "Mjp5"] }),
            ),
            (
                with(order(), json!({ "additionalFees": [{ "policyId": "x" }] })),
                404,
                "PLATFORM_ADDITIONAL_FEE_POLICIES_NOT_FOUND",
                json!({ "ids": ["x"] }),
            ),
            (earns("t-2", "none", 1), 404, "PLATFORM_PAYMENT_NOT_FOUND", json!({})),
            (earns("t-2", "declined", 1), 404, "PLATFORM_PAYMENT_NOT_FOUND", json!({})),
            (
                with(
                    order(),
                    json!({ "userDefinedProperties": [{ "key": "x", "value": { "string": "y" } }] }),
                ),
                404,
                "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND",
                json!({}),
            ),
            (
                with(order(), json!({ "parameters": { "night": { "decimal": 1 } } })),
                404,
                "PLATFORM_SETTLEMENT_PARAMETER_NOT_FOUND",
                json!({}),
            ),
            (with(order(), json!({ "id": "t-1" })), 409, "PLATFORM_TRANSFER_ID_ALREADY_USED", json!({})),
            (
                with(order(), json!({ "partnerId": "b" })),
                409,
                "PLATFORM_TRANSFER_ALREADY_EXISTS",
                json!({ "transferId": "t-1", "transferGraphqlId": "Njp0LTE=" }),
            ),
            (
                with(order(), json!({ "orderDetail": { "orderLines": [line("A"), line("A")] } })),
                400,
                "PLATFORM_PRODUCT_ID_DUPLICATED",
                json!({ "id": "A" }),
            ),
            (dollars(json!({ "currency": "GBP" })), 400, "PLATFORM_CURRENCY_NOT_SUPPORTED", json!({})),
            (
                with(
                    dollars(json!({ "currency": "USD" })),
                    json!({ "additionalFees": [{ "policyId": "wrap" }] }),
                ),
                400,
                "PLATFORM_ADDITIONAL_FIXED_AMOUNT_FEE_CURRENCY_AND_SETTLEMENT_CURRENCY_MISMATCHED",
                json!({ "id": "wrap", "feeCurrency": "KRW", "settlementCurrency": "USD" }),
            ),
            (
                with(order(), json!({ "discounts": discount(2_001, 0) })),
                400,
                "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
                json!({ "requestedAmount": 2_001, "allowedAmount": 2_000, "amountExceededType": "DISCOUNT_THAN_ORDER" }),
            ),
            (
                with(order(), json!({ "discounts": discount(10, 11) })),
                400,
                "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
                json!({ "amountExceededType": "DISCOUNT_TAX_FREE_THAN_DISCOUNT" }),
            ),
            (
                with(order(), json!({ "discounts": discount(10, 10) })),
                400,
                "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
                json!({ "amountExceededType": "DISCOUNT_TAX_FREE_THAN_ORDER_TAX_FREE" }),
            ),
            (
                with(order(), json!({ "taxFreeAmount": 2_001 })),
                400,
                "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
                json!({ "amountExceededType": "PAYMENT_TAX_FREE_THAN_PAYMENT" }),
            ),
            (
                earns("t-2", "order-1", 2_001),
                400,
                "PLATFORM_SETTLEMENT_PAYMENT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
                json!({ "registeredSettlementPaymentAmount": 8_000, "requestSettlementPaymentAmount": 2_001, "portOnePaymentAmount": 10_000 }),
            ),
            (
                with(order(), json!({ "taxFreeAmount": 1 })),
                400,
                "PLATFORM_SETTLEMENT_TAX_FREE_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
                json!({ "registeredSettlementTaxFreeAmount": 0, "requestSettlementTaxFreeAmount": 1, "portOneTaxFreeAmount": 0 }),
            ),
            (
                with(order(), json!({ "settlementDate": "2027-03-01" })),
                400,
                "PLATFORM_SETTLEMENT_DATE_EARLIER_THAN_SETTLEMENT_START_DATE",
                json!({ "settlementStartDate": "2027-03-02", "settlementDate": "2027-03-01" }),
            ),
            (with(order(), json!({ "discounts": two })), 400, "INVALID_REQUEST", json!({})),
            (with(order(), json!({ "orderDetail": {} })), 400, "INVALID_REQUEST", json!({})),
            (
                with(order(), json!({ "orderDetail": { "orderAmount": -1 } })),
                400,
                "INVALID_REQUEST",
                json!({}),
            ),
            (
                with(order(), json!({ "orderDetail": { "orderAmount": 1, "orderLines": [] } })),
                400,
                "INVALID_REQUEST",
                json!({}),
            ),
            (with(order(), json!({ "memo": "x".repeat(257) })), 400, "INVALID_REQUEST", json!({})),
        ] {
            says(&shop.registers(&body).await.refused(status, kind), members);
        }
        // A payment with a tax-free part: its taxable part bounds, too.
        let mut partly = shop.order(crate::shop::APPROVED, 10_000);
        partly["amount"]["taxFree"] = json!(4_000);
        shop.post("/payments/order-2/instant", &partly).await.succeeds();
        let supply =
            shop.registers(&with(earns("t-3", "order-2", 7_000), json!({ "taxFreeAmount": 0 }))).await;
        says(
            &supply.refused(400, "PLATFORM_SETTLEMENT_SUPPLY_WITH_VAT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT"),
            json!({ "requestSettlementSupplyWithVatAmount": 7_000, "portOneSupplyWithVatAmount": 6_000 }),
        );
        // A contract of a fixed amount charges won.
        let fixed = with(super::contract("fixed"), json!({ "platformFee": { "fixedAmount": 500 } }));
        shop.post("/platform/contracts?test=true", &fixed).await.succeeds();
        let body = with(dollars(json!({ "currency": "USD" })), json!({ "contractId": "fixed" }));
        let refused = shop.registers(&body).await;
        says(
            &refused.refused(
                400,
                "PLATFORM_CONTRACT_PLATFORM_FIXED_AMOUNT_FEE_CURRENCY_AND_SETTLEMENT_CURRENCY_MISMATCHED",
            ),
            json!({ "id": "fixed", "settlementCurrency": "USD" }),
        );
        // A deleted transfer gives its payment back, and keeps its id.
        shop.delete("/platform/transfers/t-1?test=true").await.succeeds();
        shop.registers(&with(order(), json!({ "id": "t-1" })))
            .await
            .refused(409, "PLATFORM_TRANSFER_ID_ALREADY_USED");
        shop.registers(&earns("t-4", "order-1", 10_000)).await.succeeds();
        shop.get("/platform/transfers/t-1?test=true").await.refused(404, "PLATFORM_TRANSFER_NOT_FOUND");
        shop.delete("/platform/transfers/t-1?test=true").await.refused(404, "PLATFORM_TRANSFER_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.is_paid("order-1", 20_000).await;
        let discounts = json!([{ "sharePolicyId": "half", "amount": 1_000, "taxFreeAmount": 100 }]);
        shop.registers(&with(earns("t-1", "order-1", 10_000), json!({ "discounts": discounts, "taxFreeAmount": 2_000, "externalPaymentDetail": { "currency": "KRW" } }))).await.succeeds();
        let lines = json!({ "orderLines": [{ "product": { "id": "A", "name": "a", "amount": 1_000 }, "quantity": 3, "discounts": [], "additionalFees": [] }] });
        shop.registers(&with(earns_outside("t-2", 0), json!({ "orderDetail": lines }))).await.succeeds();
        let mut ours = earns("t-3", "order-1", 5_000);
        ours["partnerId"] = json!("b");
        shop.registers(&ours).await.succeeds();
        let cancelled = shop.cancels("order-1", Some(1_000)).await.succeeds();
        let cancellation = cancelled["cancellation"]["id"].clone();
        let of = |transfer: &str, detail: Value| {
            json!({
                "transferId": transfer, "cancellationId": "x", "externalCancellationDetail": {}, "orderDetail": detail, "discounts": [],
            })
        };
        let amount = |units: i64| json!({ "orderAmount": units });
        let line =
            |id: &str, quantity: i32| json!({ "productId": id, "quantity": quantity, "discounts": [] });
        let taken = |units: i64, tax_free: i64| json!([{ "sharePolicyId": "half", "amount": units, "taxFreeAmount": tax_free }]);
        for (body, status, kind, members) in [
            (
                json!({ "cancellationId": "x", "discounts": [] }),
                400,
                "PLATFORM_CANNOT_SPECIFY_TRANSFER",
                json!({}),
            ),
            (of("none", amount(1)), 404, "PLATFORM_TRANSFER_NOT_FOUND", json!({})),
            (
                with(of("t-1", amount(1)), json!({ "partnerId": "b" })),
                404,
                "PLATFORM_TRANSFER_NOT_FOUND",
                json!({}),
            ),
            (of("t-1", amount(0)), 400, "INVALID_REQUEST", json!({})),
            (
                of("t-1", json!({ "orderLines": [line("A", 1)] })),
                400,
                "PLATFORM_ORDER_DETAIL_MISMATCHED",
                json!({}),
            ),
            (of("t-2", amount(1)), 400, "PLATFORM_ORDER_DETAIL_MISMATCHED", json!({})),
            (of("t-3", amount(1)), 400, "PLATFORM_CANCELLATION_AND_PAYMENT_TYPE_MISMATCHED", json!({})),
            (
                json!({ "transferId": "t-1", "cancellationId": "x", "discounts": [] }),
                400,
                "PLATFORM_CANCELLATION_AND_PAYMENT_TYPE_MISMATCHED",
                json!({}),
            ),
            (
                json!({ "transferId": "t-3", "cancellationId": "x", "discounts": [] }),
                404,
                "PLATFORM_CANCELLATION_NOT_FOUND",
                json!({}),
            ),
            (
                with(
                    of("t-1", amount(1)),
                    json!({ "userDefinedProperties": [{ "key": "x", "value": { "string": "y" } }] }),
                ),
                404,
                "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND",
                json!({}),
            ),
            (
                with(of("t-1", amount(1)), json!({ "id": "t-2" })),
                409,
                "PLATFORM_TRANSFER_ID_ALREADY_USED",
                json!({}),
            ),
            (
                with(
                    of("t-1", amount(100)),
                    json!({ "discounts": [{ "sharePolicyId": "half", "amount": 1 }, { "sharePolicyId": "half", "amount": 1 }] }),
                ),
                400,
                "PLATFORM_DISCOUNT_SHARE_POLICY_ID_DUPLICATED",
                json!({ "id": "half" }),
            ),
            (
                of("t-2", json!({ "orderLines": [line("A", 1), line("A", 1)] })),
                400,
                "PLATFORM_PRODUCT_ID_DUPLICATED",
                json!({ "id": "A" }),
            ),
            (
                of("t-2", json!({ "orderLines": [line("B", 1)] })),
                404,
                "PLATFORM_PRODUCT_ID_NOT_FOUND",
                json!({ "id": "B" }),
            ),
            (
                with(of("t-1", amount(100)), json!({ "discounts": [{ "sharePolicyId": "x", "amount": 1 }] })),
                404,
                "PLATFORM_TRANSFER_DISCOUNT_SHARE_POLICY_NOT_FOUND",
                json!({ "discountSharePolicyId": "x" }),
            ),
            (
                of("t-2", json!({ "orderLines": [line("A", 4)] })),
                400,
                "PLATFORM_CANCELLABLE_PRODUCT_QUANTITY_EXCEEDED",
                json!({ "productId": "A", "cancellableQuantity": 3 }),
            ),
            (
                of("t-1", amount(8_001)),
                400,
                "PLATFORM_CANCELLABLE_AMOUNT_EXCEEDED",
                json!({ "cancellableAmount": 8_000, "requestAmount": 8_001, "amountType": "SUPPLY_WITH_VAT" }),
            ),
            (
                with(of("t-1", amount(5_000)), json!({ "taxFreeAmount": 2_001 })),
                400,
                "PLATFORM_CANCELLABLE_AMOUNT_EXCEEDED",
                json!({ "cancellableAmount": 2_000, "amountType": "TAX_FREE" }),
            ),
            (
                with(of("t-1", amount(5_000)), json!({ "discounts": taken(1_001, 0) })),
                400,
                "PLATFORM_CANCELLABLE_DISCOUNT_AMOUNT_EXCEEDED",
                json!({ "cancellableAmount": 1_000, "requestAmount": 1_001 }),
            ),
            (
                with(of("t-1", amount(5_000)), json!({ "taxFreeAmount": 500, "discounts": taken(500, 101) })),
                400,
                "PLATFORM_CANCELLABLE_DISCOUNT_TAX_FREE_AMOUNT_EXCEEDED",
                json!({ "cancellableAmount": 100 }),
            ),
            (
                with(of("t-1", amount(400)), json!({ "discounts": taken(500, 0) })),
                400,
                "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
                json!({ "amountExceededType": "DISCOUNT_THAN_ORDER" }),
            ),
            (
                with(
                    of("t-1", amount(100)),
                    json!({ "settlementStartDate": "2027-03-02", "settlementDate": "2027-03-01" }),
                ),
                400,
                "PLATFORM_SETTLEMENT_DATE_EARLIER_THAN_SETTLEMENT_START_DATE",
                json!({ "settlementDate": "2027-03-01" }),
            ),
            (
                json!({ "transferId": "t-3", "cancellationId": cancellation, "orderDetail": amount(1_001), "discounts": [] }),
                400,
                "PLATFORM_SETTLEMENT_CANCEL_AMOUNT_EXCEEDED_PORT_ONE_CANCEL",
                json!({ "registeredSettlementCancelAmount": 0, "requestSettlementCancelAmount": 1_001, "portOneCancelAmount": 1_000, "amountType": "SUPPLY_WITH_VAT" }),
            ),
        ] {
            says(&shop.takes_back(&body).await.refused(status, kind), members);
        }
        let once = shop.takes_back(&of("t-2", json!({ "all": {} }))).await.succeeds();
        let twice = shop
            .takes_back(&of("t-2", json!({ "all": {} })))
            .await
            .refused(409, "PLATFORM_TRANSFER_ALREADY_EXISTS");
        assert_eq!(twice["transferId"], once["transfer"]["id"]);
        let again = with(of("t-2", json!({ "all": {} })), json!({ "cancellationId": "y" }));
        shop.takes_back(&again).await.refused(400, "PLATFORM_ORDER_TRANSFER_ALREADY_CANCELLED");
        shop.closes().await;
    });
}

#[test]
fn a_manual_amount_is_refused_for_what_it_names_and_what_it_is() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        let gift = || json!({ "id": "m-1", "partnerId": "p", "settlementAmount": -500, "settlementDate": "2027-03-02" });
        for (body, status, kind) in [
            (with(gift(), json!({ "settlementTaxFreeAmount": 1 })), 400, "INVALID_REQUEST"),
            (with(gift(), json!({ "partnerId": "none" })), 404, "PLATFORM_PARTNER_NOT_FOUND"),
            (
                with(
                    gift(),
                    json!({ "userDefinedProperties": [{ "key": "x", "value": { "string": "y" } }] }),
                ),
                404,
                "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND",
            ),
            (with(gift(), json!({ "settlementCurrency": "GBP" })), 400, "PLATFORM_CURRENCY_NOT_SUPPORTED"),
        ] {
            shop.gives(&body).await.refused(status, kind);
        }
        let made = shop.gives(&gift()).await.succeeds();
        assert_eq!(
            (&made["transfer"]["status"], &made["transfer"]["settlementAmount"]),
            (&json!("SETTLED"), &json!(-500))
        );
        shop.gives(&gift()).await.refused(409, "PLATFORM_TRANSFER_ID_ALREADY_USED");
        shop.patch("/platform/setting?test=true", &json!({ "manualSettlementPerTransfer": true }))
            .await
            .succeeds();
        shop.gives(&with(gift(), json!({ "id": "m-2" })))
            .await
            .refused(400, "PLATFORM_NEGATIVE_AMOUNT_NOT_ALLOWED");
        shop.closes().await;
    });
}
