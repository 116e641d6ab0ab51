//! Chance: one number decides everything that is drawn from it.

use std::time::Duration;

/// A sequence of numbers that look random and repeat exactly for the same seed (SplitMix64; Steele,
/// Lea and Flood 2014). Our own, because a run must still repeat after a library was updated.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another sequence for each purpose, so that drawing for one does not shift another.
    pub const fn for_purpose(seed: u64, purpose: u64) -> Self {
        Self(mixed(seed ^ mixed(purpose)))
    }

    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// From 0 to `bound`, without it; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number().checked_rem(bound).unwrap_or(0)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// Whether something happens that happens this often in a thousand cases.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(from.len()).unwrap_or(u64::MAX));
        from.get(usize::try_from(index).unwrap_or(usize::MAX))
    }

    /// One of several, each with its weight.
    pub fn weighted<'a, T>(&mut self, from: &'a [T], weight: impl Fn(&T) -> u32) -> Option<(usize, &'a T)> {
        let sum = from.iter().fold(0u64, |sum, item| sum.saturating_add(weight(item).into()));
        let mut left = self.below(sum);
        for (index, item) in from.iter().enumerate() {
            match left.checked_sub(weight(item).into()) {
                Some(rest) => left = rest,
                None => return Some((index, item)),
            }
        }
        None
    }

    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.between(least, most))
    }
}

const fn mixed(seed: u64) -> u64 {
    let z = seed;
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_repeats_and_purposes_differ() {
        let draw = |mut dice: Dice| (0..50).map(|_| dice.number()).collect::<Vec<_>>();
        assert_eq!(draw(Dice::new(7)), draw(Dice::new(7)));
        assert_ne!(draw(Dice::new(7)), draw(Dice::new(8)));
        assert_ne!(draw(Dice::for_purpose(7, 1)), draw(Dice::for_purpose(7, 2)));
    }

    #[test]
    fn weights_are_met() {
        let mut dice = Dice::new(1);
        let mut counts = [0u32; 3];
        for _ in 0..10_000 {
            let (index, _) = dice.weighted(&[1u32, 0, 3], |weight| *weight).unwrap();
            counts[index] += 1;
        }
        assert!((2_300..2_700).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
    }
}
