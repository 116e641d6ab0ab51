//! Compares the catalogue with the one it was made from.
//!
//! That file is not part of this repository. It is looked for in the folder that `PAYPIER_SHARED` names, or in
//! `shared` beside the workspace. Without it the comparison is left out and says so; in CI that is a failure.

use std::path::PathBuf;

use paypier_domain::catalogue::{Currencies, PspSandbox, methods};
use serde_json::{Value, json};

#[expect(clippy::disallowed_methods, reason = "the test is told by its environment where the file is")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
fn the_catalogue_says_what_its_source_says() {
    let shared = match variable("PAYPIER_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let file = shared.join("spec/global-channels.json");
    let source: Value = match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(error) if variable("CI").is_some() => {
            panic!("the catalogue's source cannot be read in CI: {error}")
        }
        Err(_) => return println!("catalogue: LEFT OUT, {} is not there", file.display()),
    };
    let source = source["methods"].as_array().unwrap();
    assert_eq!(source.len(), methods().len());
    for method in methods() {
        let row = source
            .iter()
            .find(|row| row["channel"] == method.channel && row["method"] == method.key)
            .unwrap_or_else(|| panic!("{} is not in the source", method.key));
        assert_eq!(row["category"], method.category.as_str(), "{}", method.key);
        assert_eq!(row["countries"], json!(method.countries), "{}", method.key);
        let currencies = match &method.currencies {
            Currencies::Of(codes) => json!(codes),
            Currencies::Local => json!([]),
        };
        assert_eq!(row["currencies"], currencies, "{}", method.key);
        let [full, partial, multiple] = method.refunds;
        assert_eq!(
            row["refund"],
            json!({"full": full, "partial": partial, "multiple": multiple}),
            "{}",
            method.key
        );
        let sandbox = match method.sandbox {
            PspSandbox::Yes => json!(true),
            PspSandbox::No => json!(false),
            PspSandbox::NotKnown => Value::Null,
        };
        assert_eq!(row["sandbox"], sandbox, "{}", method.key);
        assert_eq!(row["available"], method.available, "{}", method.key);
    }
}
