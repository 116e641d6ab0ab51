//! Stores on a sales slip.

use super::{amount, invalid};
use crate::app::failure::Failure;
use crate::app::register_store_receipt::RegisterStoreReceipt;
use paypier_domain::id::PaymentId;
use paypier_domain::psp::StoreLine;
use paypier_wire::v2;

/// A slip is read by people.
const MOST_ITEMS: usize = 100;
const LONGEST_NAME: usize = 100;

/// # Errors
/// No item or too many, a number that is no business registration number, a name that is empty, amounts
/// out of range.
pub fn asked(
    payment_id: PaymentId,
    body: v2::RegisterStoreReceiptBody,
) -> Result<RegisterStoreReceipt, Failure> {
    if body.items.is_empty() || body.items.len() > MOST_ITEMS {
        return Err(invalid("items", "must have 1 to 100 elements"));
    }
    let lines = body.items.into_iter().enumerate().map(line).collect::<Result<_, _>>()?;
    Ok(RegisterStoreReceipt { store: body.store_id, payment_id, lines })
}

fn line((index, item): (usize, v2::RegisterStoreReceiptBodyItem)) -> Result<StoreLine, Failure> {
    let member = |name: &str| format!("items[{index}].{name}");
    let number: String = item.store_business_registration_number.chars().filter(|c| *c != '-').collect();
    if number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(&member("storeBusinessRegistrationNumber"), "must have 10 digits"));
    }
    let name = item.store_name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(invalid(&member("storeName"), "must have 1 to 100 characters"));
    }
    Ok(StoreLine {
        business_registration_number: number,
        name: name.to_owned(),
        total: amount::asked_above_zero(&member("totalAmount"), item.total_amount)?,
        tax_free: amount::asked_if_any(&member("taxFreeAmount"), item.tax_free_amount)?,
        vat: amount::asked_if_any(&member("vatAmount"), item.vat_amount)?,
        supply: amount::asked_if_any(&member("supplyAmount"), item.supply_amount)?,
        currency: amount::currency(item.currency)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::body;
    use serde_json::{Value, json};

    #[test]
    fn items_are_read_and_refused_by_name() {
        let item = |change: Value| {
            let mut item = json!({
                "storeBusinessRegistrationNumber": "123-45-67891", "storeName": " 가게 ", "totalAmount": 1000,
                "currency": "KRW",
            });
            for (name, member) in change.as_object().unwrap() {
                item[name] = member.clone();
            }
            json!({ "items": [item] })
        };
        let read = |asked: &Value| {
            body::read(asked.to_string().as_bytes())
                .and_then(|body| super::asked(PaymentId::known("o"), body))
        };
        let asked = read(&item(json!({ "vatAmount": 91 }))).unwrap();
        assert_eq!(asked.lines[0].business_registration_number, "1234567891");
        assert_eq!(asked.lines[0].name, "가게");
        for (body, refusal) in [
            (json!({}), "items is required"),
            (json!({ "items": [] }), "items must have 1 to 100 elements"),
            (
                item(json!({ "storeBusinessRegistrationNumber": "12345" })),
                "items[0].storeBusinessRegistrationNumber must have 10 digits",
            ),
            (item(json!({ "storeName": " " })), "items[0].storeName must have 1 to 100 characters"),
            (item(json!({ "totalAmount": 0 })), "items[0].totalAmount must be above 0"),
            (
                item(json!({ "vatAmount": -1 })),
                "items[0].vatAmount must be from 0 to 1000000000000000, in minor units",
            ),
            (item(json!({ "currency": "ABC" })), "items[0].currency must be one of the words of Currency"),
        ] {
            assert_eq!(read(&body).unwrap_err().to_string(), refusal, "{body}");
        }
    }
}
