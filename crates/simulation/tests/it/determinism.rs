//! One seed, one run: the same requests, answers, commits, webhooks and times, byte by byte.

use paypier_simulation::{Plan, Town};

#[test]
fn a_seed_repeats_itself_exactly() {
    let town = Town::new().unwrap();
    let mut digests = Vec::new();
    for seed in 1..=6 {
        let plan = Plan::new(seed, 80);
        let first = town.run(&plan, false).unwrap_or_else(|failure| panic!("{:#?}", failure.finding));
        let second = town.run(&plan, false).unwrap_or_else(|failure| panic!("{:#?}", failure.finding));
        assert_eq!(first, second, "seed {seed}");
        digests.push(first.digest);
    }
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 6, "different seeds are different runs");
}

#[test]
fn watching_a_run_does_not_change_it() {
    let town = Town::new().unwrap();
    let plan = Plan::new(3, 60);
    let unwatched = town.run(&plan, false).unwrap_or_else(|failure| panic!("{:#?}", failure.finding));
    let watched = town.run(&plan, true).unwrap_or_else(|failure| panic!("{:#?}", failure.finding));
    assert!(!watched.lines.is_empty());
    assert_eq!(unwatched.digest, watched.digest);
    assert_eq!(unwatched.answers, watched.answers);
}
