//! The numbers that this process keeps about itself, in the form that Prometheus reads.
//!
//! Every metric is declared here with its unit and meaning, whoever records it; a test compares the
//! declarations with what is recorded. Labels have few values: connectors, operations, routes and
//! statuses, never ids.

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

struct Declared {
    name: &'static str,
    kind: Kind,
    unit: Unit,
    about: &'static str,
}

const fn counter(name: &'static str, about: &'static str) -> Declared {
    Declared { name, kind: Kind::Counter, unit: Unit::Count, about }
}

const fn gauge(name: &'static str, unit: Unit, about: &'static str) -> Declared {
    Declared { name, kind: Kind::Gauge, unit, about }
}

const fn seconds(name: &'static str, about: &'static str) -> Declared {
    Declared { name, kind: Kind::Histogram, unit: Unit::Seconds, about }
}

const DECLARED: &[Declared] = &[
    gauge("paypier_connections", Unit::Count, "Open connections"),
    counter("paypier_connections_refused_total", "Connections that were one too many"),
    counter("paypier_http_requests_total", "Requests answered, by route, method and status"),
    counter(
        "paypier_http_requests_shed_total",
        "Requests that were refused before anything of them was done, by what was lacking (places, work, line)",
    ),
    seconds("paypier_http_request_seconds", "Time from a request's head to its answer, by route and method"),
    counter(
        "paypier_psp_calls_total",
        "Calls to PSPs, by connector, operation and outcome (done, declined, pending, not_sent, unknown)",
    ),
    seconds("paypier_psp_call_seconds", "Time that a call to a PSP took, by connector and operation"),
    counter(
        "paypier_attempts_settled_total",
        "Answers about attempts that changed a payment, by the payment's status after it",
    ),
    counter(
        "paypier_notifications_refused_total",
        "PSP notifications that were refused before anything in them was used, by connector and reason",
    ),
    gauge(
        "paypier_unknown_outcomes",
        Unit::Count,
        "Outcomes that no PSP has told yet, in the whole database, by subject (payment, cancellation, capture)",
    ),
    gauge(
        "paypier_unknown_outcome_oldest_seconds",
        Unit::Seconds,
        "Age of the oldest of them, 0 when there is none, by subject",
    ),
    counter("paypier_commit_total", "Changes handed to the database, by result"),
    seconds("paypier_commit_seconds", "Time from handing over a change to knowing that it is durable"),
    Declared {
        name: "paypier_commit_batch_size",
        kind: Kind::Histogram,
        unit: Unit::Count,
        about: "Changes that shared one flush",
    },
    counter(
        "paypier_commit_batches_repeated_total",
        "Batches that were written once more, each change by itself, because one of them failed",
    ),
    seconds("paypier_checkpoint_seconds", "Time for moving SQLite's log into its file"),
    counter(
        "paypier_database_retries_total",
        "Transactions that were tried again: the database asked for it, or a connection was lost; by work (commit, queue, read)",
    ),
    gauge("paypier_commit_queue_depth", Unit::Count, "Changes that wait to be written"),
    counter("paypier_jobs_run_total", "Jobs run, by kind and result (done, queued, later, failed)"),
    gauge("paypier_queue_age_seconds", Unit::Seconds, "How long what was taken last had been due, by queue"),
    counter("paypier_notices_total", "Links that were to be sent to buyers, by way and result"),
    counter("paypier_webhook_deliveries_total", "Executions of webhook deliveries, by result"),
    seconds("paypier_webhook_delivery_seconds", "Time that an execution of a webhook delivery took"),
    gauge(
        "paypier_webhook_deliveries_under_way",
        Unit::Count,
        "Webhooks that wait for their receiver's answer",
    ),
    gauge(
        "paypier_webhook_dead",
        Unit::Count,
        "Deliveries that used up their tries since this process started",
    ),
];

/// From half a millisecond (a key-in payment in process) to the longest wait that a caller is given.
const SECONDS: [f64; 16] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
const BATCHES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Histograms hold single values until they are tidied.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Makes this process keep its numbers. There is one recorder in a process: every further call gives
/// the same one.
pub fn install() -> PrometheusHandle {
    static INSTALLED: OnceLock<PrometheusHandle> = OnceLock::new();
    INSTALLED
        .get_or_init(|| {
            let recorder = buckets(PrometheusBuilder::new()).build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics is installed; /metrics stays empty");
            }
            declare();
            handle
        })
        .clone()
}

fn buckets(builder: PrometheusBuilder) -> PrometheusBuilder {
    // The only error is an empty list of buckets.
    DECLARED.iter().filter(|declared| declared.kind == Kind::Histogram).fold(builder, |builder, declared| {
        let bounds: &[f64] = if declared.unit == Unit::Seconds { &SECONDS } else { &BATCHES };
        builder
            .set_buckets_for_metric(Matcher::Full(declared.name.to_owned()), bounds)
            .unwrap_or_else(|_| PrometheusBuilder::new())
    })
}

fn declare() {
    for Declared { name, kind, unit, about } in DECLARED {
        match kind {
            Kind::Counter => metrics::describe_counter!(*name, *unit, *about),
            Kind::Gauge => metrics::describe_gauge!(*name, *unit, *about),
            Kind::Histogram => metrics::describe_histogram!(*name, *unit, *about),
        }
    }
}

/// Runs as long as somebody serves.
pub async fn keep_up(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn recorded(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                recorded(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for kind in ["counter!(", "gauge!(", "histogram!("] {
                    for rest in text.split(kind).skip(1) {
                        let name =
                            rest.trim_start().strip_prefix("\"paypier_").and_then(|r| r.split('"').next());
                        found.extend(name.map(|name| format!("paypier_{name}")));
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_recorded_is_declared_and_what_is_declared_is_recorded() {
        let mut found = BTreeSet::new();
        recorded(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut found);
        assert!(!found.is_empty());
        let declared: BTreeSet<String> = DECLARED.iter().map(|declared| declared.name.to_owned()).collect();
        let missing: Vec<_> = found.difference(&declared).collect();
        assert!(missing.is_empty(), "recorded but not declared in {}: {missing:?}", file!());
        let idle: Vec<_> = declared.difference(&found).collect();
        assert!(idle.is_empty(), "declared in {} but never recorded: {idle:?}", file!());
    }

    #[test]
    fn durations_are_counted_in_buckets() {
        let recorder = buckets(PrometheusBuilder::new()).build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("paypier_psp_call_seconds", "connector" => "sandbox").record(0.002);
        });
        let text = handle.render();
        assert!(
            text.contains(r#"paypier_psp_call_seconds_bucket{connector="sandbox",le="0.0025"} 1"#),
            "{text}"
        );
    }
}
