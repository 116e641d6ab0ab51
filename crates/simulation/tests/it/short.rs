//! A few short runs, for every build; long ones are the business of the `simulate` binary.

use paypier_simulation::{Plan, Town, shrink};
use std::collections::BTreeMap;

type Answers = BTreeMap<(&'static str, u16), u64>;

/// How often everything was answered with what, and how often the process died.
fn played(seeds: impl IntoIterator<Item = u64>, steps: u32) -> (Answers, u64) {
    let town = Town::new().unwrap();
    let (mut answers, mut kills) = (Answers::new(), 0u64);
    for seed in seeds {
        let plan = Plan::new(seed, steps);
        match town.run(&plan, false) {
            Ok(report) => {
                kills = kills.saturating_add(report.kills);
                for (key, count) in report.answers {
                    let known = answers.entry(key).or_default();
                    *known = known.saturating_add(count);
                }
            }
            Err(failure) => {
                let (plan, failure) = shrink::shrink(&town, &plan, &failure, |_| {});
                let numbers: Vec<_> = plan.steps.iter().map(|step| step.number.to_string()).collect();
                panic!(
                    "{}\n\n{}: {}\ncargo run --release -p paypier-simulation --bin simulate -- --seed {seed} --steps {steps} --only {} --no-shrink --trace",
                    failure.lines.join("\n"),
                    failure.finding.law,
                    failure.finding.what,
                    numbers.join(",")
                );
            }
        }
    }
    (answers, kills)
}

fn count(answers: &Answers, operation: &str, status: u16) -> u64 {
    answers
        .iter()
        .filter(|((name, got), _)| name.starts_with(operation) && *got == status)
        .map(|(_, count)| count)
        .sum()
}

/// A world in which nothing succeeds would break no law either.
#[test]
fn some_short_runs_break_no_law() {
    let (answers, kills) = played(40..50, 120);
    assert!(count(&answers, "payInstantly", 200) > 30, "{answers:?}");
    assert!(count(&answers, "cancelPayment", 200) > 10, "{answers:?}");
    assert!(count(&answers, "payInstantly", 502) > 10, "{answers:?}");
    assert!(count(&answers, "issueBillingKey", 200) > 5, "{answers:?}");
    assert!(kills > 5, "{kills} kills");
}

#[test]
fn some_runs_of_marketplaces_break_no_law() {
    // These seeds are mostly about the settlement platform.
    let (answers, _) = played([1, 13, 22], 400);
    for (operation, least) in [
        ("createOrderTransfer", 10),
        ("createOrderCancelTransfer", 2),
        ("createManualTransfer", 10),
        ("completePayout", 1),
        ("operatorCreateBulkPayout", 3),
        ("operatorGeneratePayouts", 2),
        ("operatorApproveBulkPayout", 1),
        ("operatorWithdraw", 3),
        ("operatorApproveWithdrawal", 1),
    ] {
        assert!(count(&answers, operation, 200) >= least, "{operation}: {answers:?}");
    }
}

#[test]
fn some_runs_of_the_global_dialect_break_no_law() {
    // These are mostly about it.
    let (answers, _) = played([2, 5, 8], 400);
    for (operation, status, least) in [
        ("initiatePayment", 200, 5),
        ("createPaymentLink", 200, 5),
        ("link form", 303, 3),
        ("createRefund", 200, 1),
        ("createSubscription", 200, 3),
        ("enrolment form", 303, 1),
    ] {
        assert!(count(&answers, operation, status) >= least, "{operation}: {answers:?}");
    }
}
