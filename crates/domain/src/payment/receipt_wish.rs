//! The cash receipt that a buyer wants with an attempt, while it waits to be issued.

use super::{Decided, Draft, Payment};
use crate::account::Sealed;
use crate::change::RowWrite;
use crate::id::TransactionId;

/// Keeps the buyer's number as it was sealed anew. Nothing that a merchant reads changes, so the payment was
/// not updated, either. `None` when the attempt has no such wish.
pub fn resealed(payment: &Payment, transaction: &TransactionId, identity: Sealed) -> Option<Decided> {
    let mut draft = Draft::of(payment, payment.updated_at);
    let attempt = draft.payment.attempts.iter_mut().find(|attempt| attempt.id == *transaction)?;
    attempt.order.cash_receipt.as_mut()?.identity = identity;
    draft.touched.attempts.push((transaction.clone(), RowWrite::Update));
    Some(draft.decided())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cash_receipt::{Kind, Wanted};
    use crate::change::Write;
    use crate::payment::testing::{at, begun};

    #[test]
    fn a_number_that_is_sealed_anew_is_no_news() {
        let mut payment = begun(None, "t1", 1000, 0);
        let id = payment.attempts[0].id.clone();
        assert_eq!(resealed(&payment, &id, Sealed(vec![2])), None, "no receipt is wanted");
        payment.attempts[0].order.cash_receipt =
            Some(Wanted { kind: Kind::Personal, identity: Sealed(vec![1]) });
        payment.updated_at = at(7);
        let decided = resealed(&payment, &id, Sealed(vec![2])).unwrap();
        let wanted = decided.payment.attempts[0].order.cash_receipt.clone().unwrap();
        assert_eq!((wanted.identity, wanted.kind), (Sealed(vec![2]), Kind::Personal));
        assert_eq!(
            (decided.payment.updated_at, decided.payment.version),
            (at(7), payment.version.saturating_add(1))
        );
        assert_eq!(decided.payment.status_changed_at, payment.status_changed_at);
        assert!(decided.change.events.is_empty() && decided.change.jobs.is_empty());
        let Write::Payment { expects, touched, .. } = &decided.change.writes[0] else { panic!() };
        assert_eq!((*expects, &touched.attempts[..]), (Some(payment.version), &[(id, RowWrite::Update)][..]));
        assert_eq!(resealed(&payment, &TransactionId::known("other"), Sealed(vec![2])), None);
    }
}
