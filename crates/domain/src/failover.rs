//! What is tried next when an attempt fails on a route of several channels.

/// Why an attempt failed, as far as the next one is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The payer mistyped, was too slow or had no money: the same channel may work.
    Payer,
    /// The PSP or the bank is at fault: another channel may work.
    Psp,
    /// Nothing will work.
    Final,
}

/// How often the payer may try one channel again.
pub const MAX_RETRIES: usize = 3;

/// What may be tried next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The channel at this place of the route, counted from zero.
    Try(usize),
    /// The payer can only go back.
    GiveUp,
}

/// A route that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RouteRefusal {
    #[error("the rank {0} is given twice")]
    SameRank(i64),
    #[error("the route has no channel")]
    Empty,
}

/// The choices by rank, the lowest first.
///
/// # Errors
/// Two have the same rank, or there are none.
pub fn ranked<T>(mut choices: Vec<(i64, T)>) -> Result<Vec<T>, RouteRefusal> {
    choices.sort_by_key(|(rank, _)| *rank);
    let mut last = None;
    for (rank, _) in &choices {
        if last == Some(*rank) {
            return Err(RouteRefusal::SameRank(*rank));
        }
        last = Some(*rank);
    }
    if choices.is_empty() {
        return Err(RouteRefusal::Empty);
    }
    Ok(choices.into_iter().map(|(_, choice)| choice).collect())
}

/// What may be tried after these attempts, each at a place of a route with this many channels.
pub fn next(channels: usize, attempts: &[(usize, Blame)]) -> Next {
    let Some((place, blame)) = attempts.last().copied() else {
        return if channels > 0 { Next::Try(0) } else { Next::GiveUp };
    };
    match blame {
        Blame::Payer => {
            let tried = attempts.iter().filter(|(at, _)| *at == place).count();
            // The first try is no retry.
            if tried <= MAX_RETRIES { Next::Try(place) } else { Next::GiveUp }
        }
        Blame::Psp => {
            let following = place.saturating_add(1);
            if following < channels { Next::Try(following) } else { Next::GiveUp }
        }
        Blame::Final => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blame_decides_what_is_tried() {
        use Blame::{Final, Payer, Psp};
        for (channels, attempts, then) in [
            (2, vec![], Next::Try(0)),
            (0, vec![], Next::GiveUp),
            (2, vec![(0, Psp)], Next::Try(1)),
            (2, vec![(0, Psp), (1, Psp)], Next::GiveUp),
            (2, vec![(0, Payer)], Next::Try(0)),
            (2, vec![(0, Payer), (0, Psp)], Next::Try(1)),
            (2, vec![(0, Payer), (0, Payer), (0, Payer)], Next::Try(0)),
            (2, vec![(0, Payer), (0, Payer), (0, Payer), (0, Payer)], Next::GiveUp),
            (2, vec![(0, Payer), (0, Payer), (0, Psp), (1, Payer)], Next::Try(1)),
            (3, vec![(0, Final)], Next::GiveUp),
        ] {
            assert_eq!(next(channels, &attempts), then, "{attempts:?} of {channels}");
        }
    }

    #[test]
    fn ranks_are_an_order() {
        assert_eq!(ranked(vec![(2, "b"), (1, "a")]), Ok(vec!["a", "b"]));
        assert_eq!(ranked(vec![(1, "a"), (3, "b"), (1, "c")]), Err(RouteRefusal::SameRank(1)));
        assert_eq!(ranked::<&str>(vec![]), Err(RouteRefusal::Empty));
    }
}
