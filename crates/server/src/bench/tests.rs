//! Short runs of the real thing.

use super::*;

fn short(scenario: Scenario) -> BenchOptions {
    BenchOptions {
        scenario,
        clients: 4,
        // Long enough for one of everything on a machine that is busy with other things.
        duration: Duration::from_millis(1_500),
        warm_up: Duration::from_millis(100),
        comparison: Comparison::None,
        ..BenchOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_runs_without_an_error() {
    for scenario in Scenario::ALL {
        let report = measure(short(scenario)).await.unwrap();
        assert_eq!(report.error_count(), 0, "{}: {:?}", scenario.as_str(), report.errors);
        assert!(report.done > 0, "{}", scenario.as_str());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_arrivals_keep_to_their_rate_and_existing_payments_can_be_read() {
    let options = BenchOptions {
        pace: Pace::Open { per_second: 200 },
        existing: 100,
        duration: Duration::from_millis(300),
        ..short(Scenario::Read)
    };
    let report = measure(options).await.unwrap();
    assert_eq!(report.error_count(), 0, "{:?}", report.errors);
    assert!((55..=61).contains(&report.done), "{} of 60", report.done);
}

#[tokio::test]
async fn what_cannot_be_measured_is_refused() {
    for options in [
        BenchOptions { clients: 0, ..short(Scenario::KeyIn) },
        BenchOptions { duration: Duration::ZERO, ..short(Scenario::KeyIn) },
        BenchOptions { pace: Pace::Open { per_second: 0 }, ..short(Scenario::KeyIn) },
    ] {
        assert!(measure(options).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overload_is_measured_in_all_its_parts() {
    let options = BenchOptions { duration: Duration::from_millis(500), ..short(Scenario::KeyIn) };
    let report = measure_overloaded(options, 2).await.unwrap();
    assert!(report.capacity_per_second > 0);
    assert!(report.arrivals_per_second >= 2 * u32::try_from(report.capacity_per_second).unwrap());
    assert_eq!(report.errors, std::collections::BTreeMap::new());
    assert_eq!(report.refused_without_advice, 0);
    assert!(report.accepted_latency_micros.max > 0);
    assert_eq!(report.probes.len(), 4);
    for probe in &report.probes {
        assert!(probe.asked > 0 && probe.failed == 0, "{probe:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marketplace_is_measured_from_its_orders_to_money_at_the_bank() {
    let platform = PlatformOptions { transfers: 60, partners: 6, existing: 100 };
    let report = measure_platform(short(Scenario::KeyIn), platform).await.unwrap();
    assert_eq!(report.stages.len(), 9);
    let pages: std::collections::BTreeMap<&str, (u64, u64)> =
        report.pages.iter().map(|page| (page.name, (page.items, page.total_count))).collect();
    assert_eq!(pages["everything"], (10, 160));
    assert_eq!(pages["paid out"], (10, 60));
    // Of the hundred before, five were made by hand; of the orders, the first of each fifty has not started.
    assert_eq!(pages["by hand"], (5, 5));
    assert_eq!(pages["in process"], (10, 99));
    assert_eq!(pages["scheduled"], (1, 1));
    assert_eq!(pages["settled"], (0, 0));
}
