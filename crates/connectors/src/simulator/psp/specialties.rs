//! What only some PSPs offer, as the simulated one plays it for channels of theirs: KakaoPay's own look at an
//! order, KCP's discounts on cards, Paymentwall's record of deliveries.
//!
//! The rules: an order is shown to KakaoPay's callers in KakaoPay's form, with its cancellations; one that
//! it does not know is answered with an error in that form, too. The discounts are always the same four. A
//! delivery is recorded with an order that was paid, and the latest word counts.

use super::api::answer;
use super::code::Code;
use super::order::Order;
use super::{Asking, Done, Psp, PspAnswer, Trouble};
use http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `POST /v1/charges/{reference}/delivery-proof`: the parts that are looked at; the rest is kept as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryBody {
    delivery_type: String,
    delivery_status: String,
    #[serde(default)]
    carrier_tracking_id: Option<String>,
}

/// The latest word about a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryProof {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_id: Option<String>,
    at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Confirmed<'a> {
    reference: &'a str,
    confirmed_at: Timestamp,
}

/// One discount: id, company, what is taken off, from which amount on. Won.
const DISCOUNTS: [(&str, &str, i64, i64); 4] = [
    ("SBX-CARD-1", "BC_CARD", 500, 5_000),
    ("SBX-CARD-2", "SHINHAN_CARD", 1_000, 10_000),
    ("SBX-CARD-3", "HYUNDAI_CARD", 3_000, 30_000),
    ("SBX-CARD-4", "KAKAO_BANK", 5_000, 50_000),
];

impl Psp {
    /// `GET /v1/kakaopay/orders/{tid}/{reference}`. Callers that know no reference ask about `-`.
    pub(super) async fn kakaopay_order(
        &self,
        asking: &Asking<'_>,
        tid: &str,
        reference: &str,
    ) -> Result<Done, Trouble> {
        let found = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |_| Ok(((), Vec::new())))
            .await;
        let order = match found {
            Ok(changed) if changed.order.id == tid => changed.order,
            Ok(_) | Err(Trouble::Refused(_)) => {
                let unknown = json!({ "error_code": -721, "error_message": "invalid tid" });
                return Ok(Done::with(PspAnswer::Answer(answer(StatusCode::BAD_REQUEST, &unknown))));
            }
            Err(trouble @ Trouble::Books(_)) => return Err(trouble),
        };
        Ok(Done::answering(&kakaopay_view(&order, reference)))
    }

    /// `GET /v1/card-discounts/{amount}`.
    pub(super) fn card_discounts(amount: &str) -> Result<Done, Trouble> {
        let amount: i64 = amount.parse().map_err(|_| Code::InvalidRequest)?;
        let discounts: Vec<Value> = DISCOUNTS
            .iter()
            .filter(|(_, _, _, minimum)| amount >= *minimum)
            .map(|(id, company, discount, minimum)| {
                json!({ "id": id, "company": company, "discount": discount, "minimum": minimum })
            })
            .collect();
        Ok(Done::answering(&json!({ "discounts": discounts })))
    }

    pub(super) async fn confirm_delivery(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        body: DeliveryBody,
    ) -> Result<Done, Trouble> {
        let is_known = matches!(body.delivery_type.as_str(), "DIGITAL" | "PHYSICAL")
            && matches!(body.delivery_status.as_str(), "ORDER_PLACED" | "ORDER_SHIPPED" | "DELIVERED");
        if !is_known || (body.delivery_type == "PHYSICAL" && body.carrier_tracking_id.is_none()) {
            return Err(Code::InvalidRequest.into());
        }
        let proof = DeliveryProof {
            kind: body.delivery_type,
            status: body.delivery_status,
            tracking_id: body.carrier_tracking_id,
            at: asking.now,
        };
        self.change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
            order.is_proven(proof.clone())?;
            Ok(((), Vec::new()))
        })
        .await?;
        Ok(Done::answering(&Confirmed { reference, confirmed_at: asking.now }))
    }
}

/// The order as KakaoPay writes it: names with underscores, times of Seoul without a zone.
fn kakaopay_view(order: &Order, reference: &str) -> Value {
    let (total, back) = (order.amount.minor_units(), order.refunded_amount().minor_units());
    let status = match (order.approved_at(), back) {
        (None, _) => "FAIL_PAYMENT",
        (Some(_), 0) => "SUCCESS_PAYMENT",
        (Some(_), back) if back < total => "PART_CANCEL_PAYMENT",
        (Some(_), _) => "CANCEL_PAYMENT",
    };
    let seoul = |at: Timestamp| {
        at.to_zoned(TimeZone::fixed(jiff::tz::offset(9))).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    };
    let amount = |of: i64| json!({ "total": of, "tax_free": 0, "vat": 0, "point": 0, "discount": 0 });
    json!({
        "tid": order.id,
        "cid": "TC0ONETIME",
        "status": status,
        "partner_order_id": reference,
        "payment_method_type": "CARD",
        "item_name": order.order_name,
        "amount": amount(total),
        "canceled_amount": amount(back),
        "cancel_available_amount": amount(total.saturating_sub(back)),
        "created_at": seoul(order.created_at),
        "approved_at": order.approved_at().map(seoul),
    })
}
