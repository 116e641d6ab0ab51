//! Nothing that can be asked is forgotten.

use paypier::http::{global, v2};
use paypier_simulation::operations::{LEFT_OUT, OPERATIONS};
use paypier_wire::global::operation::operations as operations_of_global;
use paypier_wire::v2::operation::operations;
use std::collections::BTreeSet;

type Route = (String, String);

fn issued() -> BTreeSet<Route> {
    let issued = OPERATIONS.iter().map(|operation| operation.route);
    let left_out = LEFT_OUT.iter().map(|(method, path, _)| (*method, *path));
    issued.chain(left_out).map(|(method, path)| (method.to_owned(), path.to_owned())).collect()
}

#[test]
fn every_operation_of_both_dialects_is_issued_or_left_out_with_a_reason() {
    let issued = issued();
    for operation in operations() {
        let route = (operation.method.as_str().to_owned(), operation.path.to_owned());
        assert!(
            issued.contains(&route),
            "{} {} ({}) is not in crates/simulation/src/operations.rs: add a line to the table, or name it in LEFT_OUT with the reason",
            route.0,
            route.1,
            operation.id
        );
    }
    for operation in operations_of_global() {
        let route = (operation.method.as_str().to_owned(), operation.path.to_owned());
        assert!(issued.contains(&route), "{} {} ({}) is not simulated", route.0, route.1, operation.id);
    }
    for (method, path, id) in v2::ROUTES.iter().chain(global::ROUTES) {
        let route = (method.to_uppercase(), (*path).to_owned());
        assert!(issued.contains(&route), "{id} is routed and not simulated");
    }
}

/// The routes that stand beside the dialects, as their modules name them.
#[test]
fn every_route_beside_the_dialects_is_issued_or_left_out_with_a_reason() {
    const SOURCES: [&str; 7] = [
        include_str!("../../../server/src/http/sandbox/mod.rs"),
        include_str!("../../../server/src/http/events.rs"),
        include_str!("../../../server/src/http/checkout/mod.rs"),
        include_str!("../../../server/src/http/link/mod.rs"),
        include_str!("../../../server/src/http/global/mod.rs"),
        include_str!("../../../server/src/http/global/page.rs"),
        include_str!("../../../server/src/http/global/subscription/page.rs"),
    ];
    let issued = issued();
    let mut count = 0;
    for source in SOURCES {
        for line in source.lines() {
            let Some((_, rest)) = line.split_once(".route(\"") else { continue };
            let (path, handlers) = rest.split_once('"').unwrap();
            for (word, method) in
                [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE"), ("any(", "ANY")]
            {
                let names =
                    |text: &str| text.contains(&format!(" {word}")) || text.contains(&format!(".{word}"));
                if names(handlers) {
                    count += 1;
                    assert!(
                        issued.contains(&(method.to_owned(), path.to_owned())),
                        "{method} {path} is not in crates/simulation/src/operations.rs"
                    );
                }
            }
        }
    }
    assert!(count >= 27, "{count} routes were found; were they moved to another file?");
}

#[test]
fn what_is_left_out_has_a_reason_and_is_not_issued() {
    for (method, path, reason) in LEFT_OUT {
        assert!(reason.len() > 20, "{path}");
        assert!(!OPERATIONS.iter().any(|operation| operation.route == (*method, *path)), "{path}");
    }
}
