//! Stores on the sales slip of an order.

use super::api::{currency_code, minor_units};
use super::code::Code;
use super::{Asking, Done, Psp, Trouble};
use paypier_domain::money::{Amount, Currency};
use serde::{Deserialize, Serialize};

/// A slip is read by people.
const MOST: usize = 200;

/// `PUT /v1/charges/{reference}/store-lines`
#[derive(Deserialize)]
pub(super) struct StoreLinesBody {
    lines: Vec<StoreLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoreLine {
    business_registration_number: String,
    name: String,
    #[serde(with = "minor_units")]
    total: Amount,
    #[serde(with = "currency_code")]
    currency: Currency,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoreLinesView<'a> {
    reference: &'a str,
    receipt_url: String,
    count: usize,
}

/// Korean business numbers end in a check digit.
fn is_business_number(number: &str) -> bool {
    const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let digits: Vec<u32> = number.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let ([.., before_last, last], 10) = (digits.as_slice(), number.chars().count()) else { return false };
    let sum = digits
        .iter()
        .zip(WEIGHTS)
        .fold(0u32, |sum, (digit, weight)| sum.saturating_add(digit.saturating_mul(weight)))
        .saturating_add(before_last.saturating_mul(5).checked_div(10).unwrap_or(0));
    let rest = sum.checked_rem(10).unwrap_or(0);
    10u32.saturating_sub(rest).checked_rem(10) == Some(*last)
}

impl Psp {
    pub(super) async fn register_store_lines(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        body: StoreLinesBody,
    ) -> Result<Done, Trouble> {
        if body.lines.is_empty() || body.lines.len() > MOST {
            return Err(Code::InvalidRequest.into());
        }
        if body.lines.iter().any(|line| !is_business_number(&line.business_registration_number)) {
            return Err(Code::StoreUnknown.into());
        }
        let changed = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                if order.approved_at().is_none() {
                    return Err(Code::NotApproved.into());
                }
                order.store_lines.clone_from(&body.lines);
                Ok(((), Vec::new()))
            })
            .await?;
        Ok(Done::answering(&StoreLinesView {
            reference,
            receipt_url: self.receipt_url(asking.store, reference),
            count: changed.order.store_lines.len(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_numbers_have_a_check_digit() {
        for (number, is_right) in [
            ("1208147521", true),
            ("2208162517", true),
            ("1208147522", false),
            ("120814752", false),
            ("", false),
            ("12081475211", false),
        ] {
            assert_eq!(is_business_number(number), is_right, "{number}");
        }
    }
}
