//! What is sold: the members that every way of paying shares.

use super::{amount, customer, id, invalid, product};
use crate::app::cash_receipt::WantedReceipt;
use crate::app::failure::Failure;
use crate::app::pay_instantly::Sale;
use paypier_domain::id::PromotionId;
use paypier_domain::payment::{Installment, Notices, Order, Origin};
use paypier_wire::v2;
use serde_json::{Map, Value};
use url::Url;

/// The members of a body that describe the sale, whichever body it is.
#[derive(Debug)]
pub struct Asked {
    pub order_name: String,
    pub customer: Option<v2::CustomerInput>,
    pub custom_data: Option<String>,
    pub amount: v2::PaymentAmountInput,
    pub currency: v2::Currency,
    pub country: Option<v2::Country>,
    pub locale: Option<v2::Locale>,
    pub notice_urls: Option<Vec<String>>,
    pub skip_webhook: Option<bool>,
    pub products: Option<Vec<v2::PaymentProduct>>,
    pub product_count: Option<i32>,
    pub product_type: Option<v2::PaymentProductType>,
    pub shipping_address: Option<v2::SeparatedAddressInput>,
    pub promotion_id: Option<String>,
    pub bypass: Option<Map<String, Value>>,
    pub is_cultural_expense: Option<bool>,
    pub is_escrow: Option<bool>,
    pub cash_receipt: Option<WantedReceipt>,
}

/// # Errors
/// An empty order name, amounts out of range, a name in both forms, a negative count, a notice URL
/// that is not HTTP.
pub fn asked(sale: Asked, origin: Origin) -> Result<Sale, Failure> {
    if sale.order_name.trim().is_empty() {
        return Err(invalid("orderName", "must not be empty"));
    }
    if sale.product_count.is_some_and(|count| count < 0) {
        return Err(invalid("productCount", "must not be negative"));
    }
    let promotion = id("promotionId", sale.promotion_id.as_deref(), PromotionId::parse)?;
    Ok(Sale {
        order: Order {
            name: sale.order_name,
            customer: customer::asked(sale.customer)?,
            products: product::asked(sale.products)?,
            product_count: sale.product_count,
            product_type: sale.product_type.map(|kind| kind.as_str().to_owned()),
            shipping_address: sale.shipping_address.map(customer::address_asked),
            custom_data: sale.custom_data,
            country: sale.country.map(|country| country.as_str().to_owned()),
            locale: sale.locale.map(|locale| locale.as_str().to_owned()),
            is_cultural_expense: sale.is_cultural_expense.unwrap_or(false),
            is_escrow: sale.is_escrow.unwrap_or(false),
            // Set where it can be sealed.
            cash_receipt: None,
        },
        amounts: amount::asked_in_parts(&sale.amount)?,
        currency: amount::currency(sale.currency)?,
        origin,
        notices: notices(sale.notice_urls, sale.skip_webhook)?,
        receipt: sale.cash_receipt,
        promotion: promotion.map(|promotion| promotion.as_str().to_owned()),
        bypass: sale
            .bypass
            .filter(|bypass| !bypass.is_empty())
            .map(|bypass| Value::Object(bypass).to_string()),
    })
}

/// Every event of a payment goes to each of these, so there must not be many.
const MOST_NOTICE_URLS: usize = 20;
const LONGEST_NOTICE_URL: usize = 2048;

/// # Errors
/// A URL that is not HTTP or HTTPS, or too many of them.
pub fn notices(urls: Option<Vec<String>>, skip_webhook: Option<bool>) -> Result<Notices, Failure> {
    let urls = urls.unwrap_or_default();
    if urls.len() > MOST_NOTICE_URLS {
        return Err(invalid("noticeUrls", &format!("must have at most {MOST_NOTICE_URLS} elements")));
    }
    for (index, url) in urls.iter().enumerate() {
        if !is_http(url) {
            let accepted = format!("must be an http or https URL of at most {LONGEST_NOTICE_URL} characters");
            return Err(invalid(&format!("noticeUrls[{index}]"), &accepted));
        }
    }
    Ok(Notices { urls, skip_success: skip_webhook.unwrap_or(false) })
}

fn is_http(text: &str) -> bool {
    text.len() <= LONGEST_NOTICE_URL
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The most months that any issuer offers, with room.
const MOST_MONTHS: i32 = 60;

/// `None` when nothing was said about installments; 0 months is a lump sum.
///
/// # Errors
/// Months out of range.
pub fn installment(
    member: &str,
    months: Option<i32>,
    is_interest_free: Option<bool>,
    is_interest_free_from_merchant: Option<bool>,
) -> Result<Option<Installment>, Failure> {
    if months.is_none() && is_interest_free.is_none() && is_interest_free_from_merchant.is_none() {
        return Ok(None);
    }
    let months = months.unwrap_or(0);
    let accepted = u8::try_from(months).ok().filter(|_| months <= MOST_MONTHS);
    let months = accepted.ok_or_else(|| invalid(member, &format!("must be from 0 to {MOST_MONTHS}")))?;
    let from_merchant = is_interest_free_from_merchant.unwrap_or(false);
    Ok(Some(Installment {
        months,
        // Interest that the merchant bears is none to the buyer.
        is_interest_free: is_interest_free.unwrap_or(false) || from_merchant,
        is_interest_free_from_merchant: from_merchant,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notice_urls_are_http() {
        for (urls, refused) in [
            (None, false),
            (Some(vec![]), false),
            (Some(vec!["https://example.com/hook?x=1", "http://127.0.0.1:9000"]), false),
            (Some(vec!["https://example.com", "ftp://example.com/hook"]), true),
            (Some(vec![""]), true),
            (Some(vec!["/hook"]), true),
            (Some(vec!["javascript:alert(1)"]), true),
            (Some(vec!["http://"]), true),
            (Some(vec!["https://example.com"; 21]), true),
        ] {
            let asked = urls.clone().map(|urls| urls.into_iter().map(str::to_owned).collect());
            assert_eq!(notices(asked, None).is_err(), refused, "{urls:?}");
        }
    }

    #[test]
    fn months_are_bounded_and_silence_is_kept() {
        let made = |months, plan, merchant| installment("installmentMonth", months, plan, merchant);
        assert_eq!(made(None, None, None).unwrap(), None);
        for (months, accepted) in
            [(0, true), (2, true), (60, true), (61, false), (-1, false), (i32::MAX, false)]
        {
            assert_eq!(made(Some(months), None, None).is_ok(), accepted, "{months}");
        }
        let borne = made(Some(3), None, Some(true)).unwrap().unwrap();
        assert!(borne.is_interest_free && borne.is_interest_free_from_merchant);
    }
}
