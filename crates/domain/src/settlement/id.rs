//! Ids of the settlement platform. Most are chosen by the merchant; all are unique per merchant,
//! environment and kind, archived ones included.

use crate::id::{IdError, checked, ids};

/// The longest id that a merchant may choose here, in characters.
pub const MAX_PLATFORM_ID_CHARS: usize = 128;

fn platform_id(id: &str) -> Result<&str, IdError> {
    let id = checked(id, MAX_PLATFORM_ID_CHARS)?;
    if id.trim().is_empty() { Err(IdError::Blank) } else { Ok(id) }
}

ids! {
    checked by platform_id;
    /// Who is paid.
    PartnerId;
    ContractId;
    DiscountSharePolicyId;
    AdditionalFeePolicyId;
    /// A product of an order, as the merchant names it.
    ProductId;
    TransferId;
    PartnerSettlementId;
    PayoutId;
    BulkPayoutId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_printable_and_at_most_128_characters_long() {
        for id in ["", " ", "\u{3000}", "a\nb", &"x".repeat(129)] {
            assert!(PartnerId::parse(id).is_err(), "{id:?}");
        }
        for id in ["p", "판매자 1", "a/b", &"가".repeat(128)] {
            assert!(PartnerId::parse(id).is_ok(), "{id:?}");
        }
    }
}
