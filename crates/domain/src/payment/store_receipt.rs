//! Lines on a sales slip that tell what stores below the merchant's have sold.
//!
//! They move no money and are the PSP's to keep: a repeated request replaces what was there, so that
//! nothing has to be remembered here.

use super::{Attempt, Payment, Status};
use crate::money::Currency;
use crate::psp::StoreLine;

/// Why lines are not registered, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreReceiptRefusal {
    #[error("the payment is not paid (its status is {0})")]
    NotPaid(Status),
    #[error("{0} puts no stores on its sales slips; KG Inicis does")]
    NotOffered(String),
    #[error("items[{index}].currency is not {expected}, the currency of the payment")]
    OtherCurrency { index: usize, expected: Currency },
    #[error("items[{index}].{member} is required by KG Inicis")]
    Lacks { index: usize, member: &'static str },
}

/// The attempt whose slip the lines go on.
///
/// # Errors
/// See [`StoreReceiptRefusal`].
pub fn registrable<'a>(
    payment: &'a Payment,
    lines: &[StoreLine],
) -> Result<&'a Attempt, StoreReceiptRefusal> {
    let attempt = match (payment.status(), payment.paid_attempt()) {
        (Status::Paid | Status::PartialCancelled, Some(attempt)) => attempt,
        (status, _) => return Err(StoreReceiptRefusal::NotPaid(status)),
    };
    let provider = attempt.channel.as_ref().map_or("", |channel| channel.pg_provider.as_str());
    if !matches!(provider, "INICIS_V2" | "INICIS" | "HTML5_INICIS") {
        return Err(StoreReceiptRefusal::NotOffered(provider.to_owned()));
    }
    for (index, line) in lines.iter().enumerate() {
        if line.currency != attempt.currency {
            return Err(StoreReceiptRefusal::OtherCurrency { index, expected: attempt.currency });
        }
        let needed = [
            ("taxFreeAmount", line.tax_free.is_some()),
            ("vatAmount", line.vat.is_some()),
            ("supplyAmount", line.supply.is_some()),
        ];
        if let Some((member, _)) = needed.into_iter().find(|(_, is_there)| !is_there) {
            return Err(StoreReceiptRefusal::Lacks { index, member });
        }
    }
    Ok(attempt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ChannelSnapshot;
    use crate::payment::testing::{after, begun, declined, paid, won};

    fn at_inicis(mut payment: Payment) -> Payment {
        let channel = payment.attempts[0].channel.take().unwrap();
        payment.attempts[0].channel = Some(ChannelSnapshot { pg_provider: "INICIS_V2".into(), ..channel });
        payment
    }

    fn line() -> StoreLine {
        StoreLine {
            business_registration_number: "1234567891".into(),
            name: "a stall".into(),
            total: won(1000),
            tax_free: Some(won(0)),
            vat: Some(won(91)),
            supply: Some(won(909)),
            currency: Currency::KRW,
        }
    }

    #[test]
    fn refusals_come_in_their_order() {
        let failed = at_inicis(after(&begun(None, "t1", 1000, 0), "t1", declined()));
        let wrong = StoreLine { currency: Currency::USD, tax_free: None, ..line() };
        for (payment, lines, refusal) in [
            (failed, vec![wrong.clone()], Some(StoreReceiptRefusal::NotPaid(Status::Failed))),
            (
                paid(1000, 0),
                vec![wrong.clone()],
                Some(StoreReceiptRefusal::NotOffered("TOSSPAYMENTS".into())),
            ),
            (
                at_inicis(paid(1000, 0)),
                vec![line(), wrong],
                Some(StoreReceiptRefusal::OtherCurrency { index: 1, expected: Currency::KRW }),
            ),
            (
                at_inicis(paid(1000, 0)),
                vec![line(), StoreLine { vat: None, ..line() }],
                Some(StoreReceiptRefusal::Lacks { index: 1, member: "vatAmount" }),
            ),
            (
                at_inicis(paid(1000, 0)),
                vec![StoreLine { supply: None, ..line() }],
                Some(StoreReceiptRefusal::Lacks { index: 0, member: "supplyAmount" }),
            ),
            (at_inicis(paid(1000, 0)), vec![line(), line()], None),
        ] {
            assert_eq!(registrable(&payment, &lines).err(), refusal);
        }
    }
}
