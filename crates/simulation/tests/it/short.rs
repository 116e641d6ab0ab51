//! A few short runs, for every build; long ones are the business of the `simulate` binary.

use paypier_simulation::{Plan, Town, shrink};
use std::collections::BTreeMap;

#[test]
fn some_short_runs_break_no_law() {
    let town = Town::new().unwrap();
    let (mut answers, mut kills) = (BTreeMap::<(&str, u16), u64>::new(), 0);
    for seed in 0..10 {
        let plan = Plan::new(seed, 120);
        match town.run(&plan, false) {
            Ok(report) => {
                kills += report.kills;
                for (key, count) in report.answers {
                    *answers.entry(key).or_default() += count;
                }
            }
            Err(failure) => {
                let (plan, failure) = shrink::shrink(&town, &plan, &failure, |_| {});
                let steps: Vec<_> = plan.steps.iter().map(|step| step.number.to_string()).collect();
                panic!(
                    "{}\n\n{}: {}\ncargo run --release -p paypier-simulation --bin simulate -- --seed {seed} --steps 120 --only {} --no-shrink --trace",
                    failure.lines.join("\n"),
                    failure.finding.law,
                    failure.finding.what,
                    steps.join(",")
                );
            }
        }
    }
    // A world in which nothing succeeds would break no law either.
    let count = |operation: &str, status: u16| {
        answers
            .iter()
            .filter(|((name, got), _)| name.starts_with(operation) && *got == status)
            .map(|(_, count)| count)
            .sum::<u64>()
    };
    assert!(count("payInstantly", 200) > 50, "{answers:?}");
    assert!(count("cancelPayment", 200) > 10, "{answers:?}");
    assert!(count("payInstantly", 502) > 10, "{answers:?}");
    assert!(count("issueBillingKey", 200) > 5, "{answers:?}");
    assert!(kills > 5, "{kills} kills");
}
