//! Splitting without loss: the parts always add up to the whole.

use super::Amount;

/// Splits `whole` in proportion to `weights`; what rounding down leaves over goes, one minor unit
/// each, to the parts with the largest remainders, the earlier part first. All weights zero gives
/// everything to the first part. No weights give no parts.
pub fn split_by_weight(whole: Amount, weights: &[u64]) -> Vec<Amount> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if weights.is_empty() {
        return Vec::new();
    }
    let units = u128::try_from(whole.minor_units()).unwrap_or(0);
    let mut parts: Vec<(u128, u128, usize)> = weights
        .iter()
        .enumerate()
        .map(|(index, weight)| {
            let scaled = units.saturating_mul(u128::from(*weight));
            match (scaled.checked_div(sum), scaled.checked_rem(sum)) {
                (Some(quotient), Some(remainder)) => (quotient, remainder, index),
                _ => (if index == 0 { units } else { 0 }, 0, index),
            }
        })
        .collect();
    let given: u128 = parts.iter().map(|part| part.0).sum();
    let mut left = units.saturating_sub(given);
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|index| parts.get(*index).map(|part| (std::cmp::Reverse(part.1), part.2)));
    for index in order {
        if left == 0 {
            break;
        }
        if let Some(part) = parts.get_mut(index) {
            part.0 = part.0.saturating_add(1);
            left = left.saturating_sub(1);
        }
    }
    parts
        .into_iter()
        .map(|part| Amount::new(i64::try_from(part.0).unwrap_or(0)).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(whole in 0i64..=super::super::MAX_AMOUNT, weights in prop::collection::vec(0u64..1_000_000, 1..40)) {
            let whole = Amount::new(whole).unwrap();
            let parts = split_by_weight(whole, &weights);
            prop_assert_eq!(parts.iter().map(|part| part.minor_units()).sum::<i64>(), whole.minor_units());
        }
    }

    #[test]
    fn a_won_that_does_not_divide_goes_to_the_largest_remainder() {
        let parts = split_by_weight(Amount::new(100).unwrap(), &[1, 1, 1]);
        assert_eq!(parts.iter().map(|part| part.minor_units()).collect::<Vec<_>>(), [34, 33, 33]);
    }
}
