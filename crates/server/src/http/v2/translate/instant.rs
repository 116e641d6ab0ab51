//! `POST /payments/{paymentId}/instant`: a key-in card, or a virtual account.

use super::{card, cash_receipt, channel, invalid, sale};
use crate::app::charging::FixedAccount;
use crate::app::failure::Failure;
use crate::app::pay_instantly::{AccountExpiry, InstantMethod, PayInstantly};
use paypier_domain::id::PaymentId;
use paypier_domain::payment::Origin;
use paypier_wire::v2;

/// # Errors
/// Whatever the dialect does not accept; see the tests.
pub fn asked(
    payment_id: PaymentId,
    body: v2::InstantPaymentInput,
    origin: Origin,
) -> Result<PayInstantly, Failure> {
    let (channel, channel_group) =
        channel::asked(body.channel_key.as_deref(), body.channel_group_id.as_deref())?;
    let (method, receipt) = match (body.method.card, body.method.virtual_account) {
        (Some(card), None) => (by_card(card)?, None),
        (None, Some(mut account)) => {
            let member = "method.virtualAccount.cashReceipt";
            let receipt = cash_receipt::wanted_with_account(member, account.cash_receipt.take())?;
            (by_account(account)?, receipt)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid("method", "must have exactly one of card and virtualAccount"));
        }
    };
    let sale = sale::Asked {
        order_name: body.order_name,
        customer: body.customer,
        custom_data: body.custom_data,
        amount: body.amount,
        currency: body.currency,
        country: body.country,
        locale: None,
        notice_urls: body.notice_urls,
        skip_webhook: body.skip_webhook,
        products: body.products,
        product_count: body.product_count,
        product_type: body.product_type,
        shipping_address: body.shipping_address,
        promotion_id: body.promotion_id,
        bypass: body.bypass,
        is_cultural_expense: body.is_cultural_expense,
        is_escrow: body.is_escrow,
        cash_receipt: receipt,
    };
    let sale = sale::asked(sale, origin)?;
    Ok(PayInstantly { store: body.store_id, payment_id, channel, channel_group, method, sale })
}

fn by_card(card: v2::InstantPaymentMethodInputCard) -> Result<InstantMethod, Failure> {
    let installment = sale::installment(
        "method.card.installmentMonth",
        card.installment_month,
        card.use_free_installment_plan,
        card.use_free_interest_from_merchant,
    )?;
    Ok(InstantMethod::Card {
        card: card::asked(card.credential)?,
        installment,
        is_point_used: card.use_card_point.unwrap_or(false),
    })
}

fn by_account(account: v2::InstantPaymentMethodInputVirtualAccount) -> Result<InstantMethod, Failure> {
    let refuse = |member: &str, accepted: &str| invalid(&format!("method.virtualAccount.{member}"), accepted);
    let expiry = match (account.expiry.valid_hours, account.expiry.due_date) {
        (Some(hours), None) => {
            let hours = u32::try_from(hours).ok().filter(|hours| *hours > 0);
            AccountExpiry::ValidHours(hours.ok_or_else(|| refuse("expiry.validHours", "must be above 0"))?)
        }
        // That it is in the future is checked where the store's clock is known.
        (None, Some(due_date)) => AccountExpiry::DueDate(due_date.get()),
        (Some(_), Some(_)) | (None, None) => {
            return Err(refuse("expiry", "must have exactly one of validHours and dueDate"));
        }
    };
    let fixed_account = match (account.option.kind, account.option.fixed) {
        (v2::InstantPaymentMethodInputVirtualAccountOptionType::Normal, None) => None,
        (v2::InstantPaymentMethodInputVirtualAccountOptionType::Normal, Some(_)) => {
            return Err(refuse("option.fixed", "belongs to the type FIXED only"));
        }
        (v2::InstantPaymentMethodInputVirtualAccountOptionType::Fixed, fixed) => {
            let one = fixed.and_then(|fixed| match (fixed.pg_account_id, fixed.account_number) {
                (Some(id), None) if !id.trim().is_empty() => Some(FixedAccount::PgAccountId(id)),
                (None, Some(number)) if !number.trim().is_empty() => Some(FixedAccount::Number(number)),
                (Some(_), _) | (_, Some(_)) | (None, None) => None,
            });
            Some(one.ok_or_else(|| {
                refuse("option.fixed", "must have exactly one of pgAccountId and accountNumber")
            })?)
        }
    };
    Ok(InstantMethod::VirtualAccount {
        bank: account.bank.as_str().to_owned(),
        expiry,
        fixed_account,
        remittee_name: account.remittee_name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::{Value, json};

    fn order(change: Value) -> Value {
        let mut order = json!({
            "channelKey": "channel-key-1",
            "orderName": "우산",
            "amount": {"total": 10_000},
            "currency": "KRW",
            "method": {"card": {"credential": {"number": "4242424242424242", "expiryYear": "30", "expiryMonth": "12"}}},
        });
        for (name, member) in change.as_object().unwrap() {
            order[name] = member.clone();
        }
        order
    }

    fn account(change: Value) -> Value {
        let mut account =
            json!({"bank": "SHINHAN", "expiry": {"validHours": 24}, "option": {"type": "NORMAL"}});
        for (name, member) in change.as_object().unwrap() {
            account[name] = member.clone();
        }
        order(json!({"method": {"virtualAccount": account}}))
    }

    fn read(order: &Value) -> Result<PayInstantly, Failure> {
        let body = body::read(order.to_string().as_bytes())?;
        asked(PaymentId::known("order-1"), body, samples::origin())
    }

    #[test]
    fn an_order_is_read_whole() {
        let asked = read(&order(json!({
            "storeId": "store-1",
            "customer": {"id": "c-1", "name": {"full": "홍길동"}, "gender": "MALE", "country": "KR",
                "address": {"addressLine1": "왕십리로 83", "addressLine2": "3층", "city": "성동구"}},
            "customData": "{}", "country": "KR", "noticeUrls": ["https://example.com/hook"],
            "products": [{"id": "p", "name": "표", "amount": 5000, "quantity": 2}], "productCount": 2,
            "productType": "PHYSICAL", "isCulturalExpense": true, "isEscrow": true, "skipWebhook": true,
            "bypass": {"tosspayments": {"a": [1]}}, "promotionId": "promotion-1",
        })))
        .unwrap();
        insta::assert_debug_snapshot!((asked.store, asked.channel, asked.channel_group, asked.sale));
    }

    #[test]
    fn what_the_dialect_does_not_accept_is_refused_by_name() {
        let hours = |hours: Value| account(json!({"expiry": hours}));
        for (order, refusal) in [
            (order(json!({})), None),
            (account(json!({})), None),
            (account(json!({"expiry": {"dueDate": "2099-01-01T00:00:00+09:00"}})), None),
            (account(json!({"option": {"type": "FIXED", "fixed": {"accountNumber": "110"}}})), None),
            (account(json!({"cashReceipt": {"type": "NO_RECEIPT", "customerIdentityNumber": ""}})), None),
            (
                account(
                    json!({"cashReceipt": {"type": "PERSONAL", "customerIdentityNumber": "010-1234-5678"}}),
                ),
                None,
            ),
            (
                account(json!({"cashReceipt": {"type": "PERSONAL", "customerIdentityNumber": ""}})),
                Some(
                    "method.virtualAccount.cashReceipt.customerIdentityNumber must be 1 to 30 digits; hyphens between them are passed over",
                ),
            ),
            (
                account(json!({"cashReceipt": {"type": "CORPORATE", "customerIdentityNumber": "12a"}})),
                Some(
                    "method.virtualAccount.cashReceipt.customerIdentityNumber must be 1 to 30 digits; hyphens between them are passed over",
                ),
            ),
            (
                account(json!({"cashReceipt": {"type": "PERSONAL"}})),
                Some("method.virtualAccount.cashReceipt.customerIdentityNumber is required"),
            ),
            (order(json!({"channelKey": null})), Some("one of channelKey and channelGroupId is required")),
            (
                order(json!({"channelKey": "x".repeat(256)})),
                Some("channelKey: the id has 256 characters; at most 255 are accepted"),
            ),
            (order(json!({"method": {}})), Some("method must have exactly one of card and virtualAccount")),
            (order(json!({"orderName": " "})), Some("orderName must not be empty")),
            (order(json!({"productCount": -1})), Some("productCount must not be negative")),
            (
                order(json!({"products": [{"id": "p", "name": "n", "amount": -1, "quantity": 1}]})),
                Some("products[0] must have an amount and a quantity that are not negative"),
            ),
            (order(json!({"currency": "ABC"})), Some("currency must be one of the words of Currency")),
            (order(json!({"amount": {"total": 0}})), Some("amount.total must be above 0")),
            (
                order(json!({"noticeUrls": ["ftp://x"]})),
                Some("noticeUrls[0] must be an http or https URL of at most 2048 characters"),
            ),
            (order(json!({"promotionId": ""})), Some("promotionId: the id is empty")),
            (
                hours(json!({})),
                Some("method.virtualAccount.expiry must have exactly one of validHours and dueDate"),
            ),
            (
                hours(json!({"validHours": 0})),
                Some("method.virtualAccount.expiry.validHours must be above 0"),
            ),
            (
                hours(json!({"validHours": -1})),
                Some("method.virtualAccount.expiry.validHours must be above 0"),
            ),
            (
                hours(json!({"validHours": 1, "dueDate": "2099-01-01T00:00:00Z"})),
                Some("method.virtualAccount.expiry must have exactly one of validHours and dueDate"),
            ),
            (
                hours(json!({"dueDate": "2099-01-01"})),
                Some("method.virtualAccount.expiry.dueDate must be an RFC 3339 date and time with an offset"),
            ),
            (
                account(json!({"bank": "GRINGOTTS"})),
                Some("method.virtualAccount.bank must be one of the words of Bank"),
            ),
            (
                account(json!({"option": {"type": "FIXED"}})),
                Some(
                    "method.virtualAccount.option.fixed must have exactly one of pgAccountId and accountNumber",
                ),
            ),
            (
                account(
                    json!({"option": {"type": "FIXED", "fixed": {"pgAccountId": "a", "accountNumber": "b"}}}),
                ),
                Some(
                    "method.virtualAccount.option.fixed must have exactly one of pgAccountId and accountNumber",
                ),
            ),
            (
                account(json!({"option": {"type": "NORMAL", "fixed": {"pgAccountId": "a"}}})),
                Some("method.virtualAccount.option.fixed belongs to the type FIXED only"),
            ),
        ] {
            let refused = read(&order).err().map(|failure| failure.to_string());
            assert_eq!(refused.as_deref(), refusal, "{order}");
        }
        let mut both = account(json!({}));
        both["method"]["card"] = order(json!({}))["method"]["card"].clone();
        assert_eq!(
            read(&both).unwrap_err().to_string(),
            "method must have exactly one of card and virtualAccount"
        );
    }
}
