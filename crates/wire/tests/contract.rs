//! Compares what we describe with what the dialect publishes, in both of its revisions.
//!
//! The published documents are not part of this repository. They are looked for in `contract/` of the folder
//! `PAYPIER_SHARED` names, or of `shared` beside the workspace. Without them the comparison is left out and
//! says so; in CI that is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use paypier_wire::v2::ErrorType;
use paypier_wire::v2::openapi::{openapi, schemas_of_october};
use serde_json::{Map, Value, json};

const CURRENT: &str = "portone-v2-current.json";
const OCTOBER_2024: &str = "portone-v2-2024-10.json";

/// How much more than the published document ours may say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Revision {
    /// The one we serve: unions have the same variants.
    Current,
    /// One we also accept and satisfy: unions have these variants and more.
    Earlier,
}

/// An OpenAPI document.
struct Document(Value);

impl Document {
    fn ours() -> Self {
        Self(serde_json::to_value(openapi()).expect("a description is JSON"))
    }

    fn published(file: &str) -> Option<Self> {
        let text = match std::fs::read_to_string(folder().join(file)) {
            Ok(text) => text,
            Err(error) if variable("CI").is_some() => panic!("{file} cannot be read in CI: {error}"),
            Err(_) => return None,
        };
        Some(Self(serde_json::from_str(&text).expect("a published document is JSON")))
    }

    fn schemas(&self) -> &Map<String, Value> {
        object(&self.0["components"]["schemas"])
    }

    /// Operations by method and path.
    fn operations(&self) -> BTreeMap<(&str, &str), &Value> {
        let mut operations = BTreeMap::new();
        for (path, item) in object(&self.0["paths"]) {
            for method in ["get", "post", "put", "patch", "delete"] {
                if let Some(operation) = item.get(method) {
                    operations.insert((method, path.as_str()), operation);
                }
            }
        }
        operations
    }

    /// The schemas reachable from a part of the document.
    fn reachable<'a>(&self, parts: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next = Vec::new();
        parts.into_iter().for_each(|part| references(part, &mut next));
        while let Some(name) = next.pop() {
            if let Some(schema) = self.schemas().get(&name)
                && found.insert(name)
            {
                references(schema, &mut next);
            }
        }
        found
    }
}

#[expect(clippy::disallowed_methods, reason = "the test is told by its environment where the documents are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn folder() -> PathBuf {
    let shared = match variable("PAYPIER_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    shared.join("contract")
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

fn words(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("$ref", Value::String(reference)) => found.push(last(reference).to_owned()),
                    ("mapping", Value::Object(mapping)) => {
                        found
                            .extend(mapping.values().filter_map(Value::as_str).map(|to| last(to).to_owned()));
                    }
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// What a member holds, in a word: `string:date-time`, `[Payment]`.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return last(reference).to_owned();
    }
    let name = schema["type"].as_str().unwrap_or("anything");
    match (name, schema.get("format").and_then(Value::as_str)) {
        ("array", _) => format!("[{}]", kind(&schema["items"])),
        (_, Some(format)) => format!("{name}:{format}"),
        (_, None) => name.to_owned(),
    }
}

/// Whether `ours` is `what` with a form, or a list of such.
fn is_form_of(what: &str, ours: &str) -> bool {
    match (what.strip_prefix('['), ours.strip_prefix('[')) {
        (Some(what), Some(ours)) => is_form_of(what.trim_end_matches(']'), ours),
        _ => ours.starts_with(&format!("{what}:")),
    }
}

fn discriminator(schema: &Value) -> Option<(&str, BTreeSet<(&str, &str)>)> {
    let discriminator = schema.get("discriminator")?;
    let mapping = object(&discriminator["mapping"]).iter();
    let mapping =
        mapping.map(|(value, to)| (value.as_str(), last(to.as_str().unwrap_or_default()))).collect();
    Some((discriminator["propertyName"].as_str()?, mapping))
}

/// A union of the errors of an operation. Ours hold those of all revisions.
fn is_error_union(schema: &Value) -> bool {
    discriminator(schema).is_some_and(|(_, mapping)| mapping.iter().all(|(_, to)| to.ends_with("Error")))
}

/// Refusals whose published type belongs to another refusal. Generated clients read the type, so it is what we
/// write; with us the schema has the type's own name.
const MISLED: [(&str, &str); 1] =
    [("PLATFORM_CURRENCY_NOT_SUPPORTED", "PlatformNegativePayoutAmountPartnersError")];

fn is_misled(value: &str, to: &str) -> bool {
    MISLED.contains(&(value, to))
}

/// What only the revision of October 2024 has.
const ONLY_EARLIER: [(&str, &str); 2] = [("get", "/platform"), ("patch", "/platform")];

/// Which way a body travels.
#[derive(Clone, Copy)]
struct Ways {
    input: bool,
    output: bool,
}

/// A member whose schema has another name in the earlier revision. There schedules shared the schema of
/// payments, one member of which has no meaning in a schedule and is passed over.
fn renamed(name: &str, member: &str) -> Option<(&'static str, &'static str)> {
    match (name, member) {
        ("CreatePaymentScheduleBody", "payment") => {
            Some(("BillingKeyPaymentInput", "BillingKeyPaymentScheduleInput"))
        }
        ("DownloadPlatformTransferSheetBody", "fields") => Some(("[PlatformTransferSheetField]", "[string]")),
        _ => None,
    }
}

/// What two revisions have in two ways that cannot both be had. October 2024 called a body by another name, and
/// had a list of columns where today has texts.
const SUPERSEDED: [&str; 2] = ["GetAccountTransfersBody", "PlatformTransferSheetField"];

/// October 2024 told three kinds of movements of an account apart where today tells two. Our description shows
/// today's; a setting of the server offers these.
fn of_october() -> BTreeMap<String, Value> {
    let json = |schema| serde_json::to_value(schema).expect("a description is JSON");
    schemas_of_october().into_iter().map(|(name, schema)| (name, json(schema))).collect()
}

/// The reason of an error, which is published as a second member of the name `type`; ours has a name of its
/// own.
const REASON: [&str; 2] = ["PlatformAmountExceededType", "AmountExceededType"];

fn is_superseded(name: &str, revision: Revision) -> bool {
    REASON.contains(&name) || (revision == Revision::Earlier && SUPERSEDED.contains(&name))
}

/// What is wrong with our schema of this name.
fn compare_schema(
    name: &str,
    published: &Value,
    ours: &Value,
    ways: Ways,
    revision: Revision,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut complain = |what: String| wrong.push(format!("{name}: {what}"));

    if let Some(values) = published.get("enum") {
        for value in words(values).difference(&words(&ours["enum"])) {
            complain(format!("{value} is not a word of ours"));
        }
        return wrong;
    }
    if let Some((tag, variants)) = discriminator(published) {
        let Some((our_tag, our_variants)) = discriminator(ours) else {
            complain("is a union".to_owned());
            return wrong;
        };
        if tag != our_tag {
            complain(format!("is told apart by {tag}, ours by {our_tag}"));
        }
        for (value, to) in variants.difference(&our_variants).filter(|(value, to)| !is_misled(value, to)) {
            complain(format!("{value} leads to {to}, not with us"));
        }
        if revision == Revision::Current && !is_error_union(published) {
            for (value, to) in our_variants.difference(&variants) {
                complain(format!("{value} leads to {to} with us only"));
            }
        }
        return wrong;
    }
    if ours["type"] != "object" {
        complain("is an object".to_owned());
        return wrong;
    }
    if let Some(members) = published.get("properties") {
        for (member, schema) in object(members) {
            let what = kind(schema);
            match ours["properties"].get(member) {
                None => complain(format!("{member} is missing")),
                Some(_) if REASON.contains(&what.as_str()) => {}
                // What was any text once may have a form by now.
                Some(ours) if revision == Revision::Earlier && is_form_of(&what, &kind(ours)) => {}
                Some(ours) if renamed(name, member) == Some((what.as_str(), kind(ours).as_str())) => {}
                Some(ours) if kind(ours) != what => {
                    complain(format!("{member} is {what}, ours is {}", kind(ours)));
                }
                Some(_) => {}
            }
        }
    }
    let (required, our_required) = (words(&published["required"]), words(&ours["required"]));
    if ways.output {
        for member in required.difference(&our_required) {
            complain(format!("{member} is always there, not with us"));
        }
    }
    if ways.input {
        for member in our_required.difference(&required) {
            complain(format!("{member} may be absent, not with us"));
        }
    }
    wrong
}

/// What is wrong with our operation.
fn compare_operation(id: &str, published: &Value, ours: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differ = |what: &str, published: &Value, ours: &Value| {
        if published != ours {
            wrong.push(format!("{id}: {what} is {published}, ours is {ours}"));
        }
    };
    let body = |value: &Value| value["content"]["application/json"]["schema"]["$ref"].clone();

    differ("operationId", &published["operationId"], &ours["operationId"]);
    differ("the mark of instability", &published["x-portone-unstable"], &ours["x-portone-unstable"]);
    differ("security", &published["security"], &ours["security"]);
    differ("the request", &body(&published["requestBody"]), &body(&ours["requestBody"]));
    differ(
        "whether a request must be there",
        &published["requestBody"]["required"],
        &ours["requestBody"]["required"],
    );
    for (status, response) in object(&published["responses"]) {
        differ(&format!("the answer of {status}"), &body(response), &body(&ours["responses"][status]));
    }
    for parameter in published["parameters"].as_array().into_iter().flatten() {
        let named = |other: &&Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
        let ours = ours["parameters"].as_array().and_then(|all| all.iter().find(named));
        let ours = ours.unwrap_or(&Value::Null);
        let name = parameter["name"].as_str().unwrap_or_default();
        let required = |of: &Value| json!(of["required"] == true);
        differ(&format!("presence of {name}"), &json!(true), &json!(!ours.is_null()));
        differ(&format!("need for {name}"), &required(parameter), &required(ours));
        differ(&format!("type of {name}"), &json!(kind(&parameter["schema"])), &json!(kind(&ours["schema"])));
        differ(&format!("JSON in {name}"), &body(parameter), &body(ours));
        let mark = "x-portone-query-or-body";
        differ(&format!("the mark of {name}"), &parameter[mark], &ours[mark]);
    }
    wrong
}

/// Everything that is wrong with ours, and how many schemas were compared.
fn compare(published: &Document, ours: &Document, revision: Revision) -> (Vec<String>, usize) {
    let operations = published.operations();
    let mut wrong = Vec::new();
    let mut covered = Vec::new();
    for ((method, path), operation) in ours.operations() {
        match operations.get(&(method, path)) {
            // Its body had another name then.
            Some(theirs) if revision == Revision::Earlier && path == "/platform/account-transfers" => {
                covered.push(*theirs);
            }
            Some(theirs) => {
                wrong.extend(compare_operation(&format!("{method} {path}"), theirs, operation));
                covered.push(*theirs);
            }
            None if revision == Revision::Current && !ONLY_EARLIER.contains(&(method, path)) => {
                wrong.push(format!("{method} {path} is not published"));
            }
            None => {}
        }
    }
    let asked = covered.iter().flat_map(|operation| [&operation["requestBody"], &operation["parameters"]]);
    let asked = published.reachable(asked);
    let answered = published.reachable(covered.iter().map(|operation| &operation["responses"]));
    let names: BTreeSet<_> = asked.union(&answered).collect();
    let earlier = if revision == Revision::Earlier { of_october() } else { BTreeMap::new() };
    for name in names.iter().filter(|name| !is_superseded(name, revision)) {
        let ways = Ways { input: asked.contains(*name), output: answered.contains(*name) };
        match earlier.get(*name).or_else(|| ours.schemas().get(*name)) {
            Some(schema) => {
                wrong.extend(compare_schema(name, &published.schemas()[*name], schema, ways, revision));
            }
            None if MISLED.iter().any(|(_, to)| to == *name) => {}
            None => wrong.push(format!("{name} is missing")),
        }
    }
    (wrong, names.len())
}

fn is_payment_side(path: &str) -> bool {
    !path.starts_with("/platform") && !path.starts_with("/b2b")
}

#[test]
fn ours_says_all_that_the_current_revision_says() {
    let Some(published) = Document::published(CURRENT) else {
        println!("contract: LEFT OUT, {} is not there", folder().join(CURRENT).display());
        return;
    };
    let ours = Document::ours();
    let (wrong, compared) = compare(&published, &ours, Revision::Current);

    let (all, covered) = (published.operations(), ours.operations());
    let payment_side: Vec<_> = all.iter().filter(|((_, path), _)| is_payment_side(path)).collect();
    let side = published.reachable(payment_side.iter().map(|(_, operation)| **operation));
    let have =
        |names: &BTreeSet<String>| names.iter().filter(|name| ours.schemas().contains_key(*name)).count();
    let names: BTreeSet<_> = published.schemas().keys().cloned().collect();
    let served = |side: &dyn Fn(&str) -> bool| {
        all.keys().filter(|operation| side(operation.1) && covered.contains_key(*operation)).count()
    };
    println!(
        "contract coverage: operations {} of {}, schemas {} of {}",
        served(&|_| true),
        all.len(),
        have(&names),
        names.len()
    );
    println!(
        "contract coverage, payment side: operations {} of {}, schemas {} of {} ({compared} compared)",
        served(&is_payment_side),
        payment_side.len(),
        have(&side),
        side.len()
    );
    // Tax invoices (`/b2b`) are the only part that is not served.
    let missing =
        all.keys().filter(|operation| !operation.1.starts_with("/b2b") && !covered.contains_key(*operation));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&(&str, &str)>::new());
    assert!(compared > 200, "only {compared} schemas were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ours_accepts_and_satisfies_october_2024() {
    let Some(published) = Document::published(OCTOBER_2024) else {
        println!("contract: LEFT OUT, {} is not there", folder().join(OCTOBER_2024).display());
        return;
    };
    for operation in ONLY_EARLIER {
        assert!(published.operations().contains_key(&operation), "{operation:?}");
    }
    let (wrong, compared) = compare(&published, &Document::ours(), Revision::Earlier);
    assert!(compared > 150, "only {compared} schemas were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_error_of_the_payment_side_has_its_status_and_its_name() {
    for file in [CURRENT, OCTOBER_2024] {
        let Some(published) = Document::published(file) else {
            println!("contract: LEFT OUT, {} is not there", folder().join(file).display());
            continue;
        };
        let mut seen = 0_usize;
        for ((_, path), operation) in published.operations() {
            let union = operation["x-portone-error"]["$ref"].as_str().map(last).unwrap_or_default();
            if !is_payment_side(path) {
                continue;
            }
            let (_, variants) = discriminator(&published.schemas()[union]).unwrap();
            for (value, to) in variants {
                let error = ErrorType::parse(value).unwrap_or_else(|| panic!("{value} is not in the list"));
                assert_eq!(error.schema_name(), to);
                assert_eq!(
                    json!(error.status()),
                    published.schemas()[to]["x-portone-status-code"],
                    "{value}"
                );
                seen = seen.saturating_add(1);
            }
        }
        assert!(seen > 100, "only {seen} errors were seen in {file}");
    }
}

/// The comparison would notice: each change makes ours worse than what is published.
#[test]
fn a_worse_description_is_noticed() {
    let Some(published) = Document::published(CURRENT) else {
        println!("contract: LEFT OUT, {} is not there", folder().join(CURRENT).display());
        return;
    };
    let components = "/components/schemas";
    let cancel = "/paths/~1payments~1{paymentId}~1cancel/post";
    for (place, worse) in [
        (format!("{components}/PaidPayment/properties"), json!({})),
        (format!("{components}/PaidPayment/properties/paidAt/format"), json!("date")),
        (format!("{components}/PaidPayment/required"), json!([])),
        (format!("{components}/PaymentAmount/properties/total/type"), json!("string")),
        (format!("{components}/PaymentAmount/properties/total/format"), json!("int32")),
        (format!("{components}/CancelPaymentBody/required"), json!(["reason", "amount"])),
        (format!("{components}/CardBrand/enum"), json!(["LOCAL"])),
        (format!("{components}/Payment/discriminator/propertyName"), json!("type")),
        (format!("{components}/Payment/discriminator/mapping/PAID"), json!("ReadyPayment")),
        (format!("{components}/Address/discriminator/mapping/OTHER"), json!("OtherAddress")),
        (format!("{components}/CancelPaymentError/discriminator/mapping"), json!({})),
        (format!("{cancel}/operationId"), json!("cancel")),
        (format!("{cancel}/security"), json!([])),
        (format!("{cancel}/parameters"), json!([])),
        (format!("{cancel}/requestBody/content"), json!({})),
        (format!("{cancel}/responses/502"), json!({})),
    ] {
        let mut ours = Document::ours();
        let (parent, member) = place.rsplit_once('/').unwrap();
        ours.0.pointer_mut(parent).unwrap()[member] = worse;
        let (wrong, _) = compare(&published, &ours, Revision::Current);
        assert!(!wrong.is_empty(), "{place} was not noticed");
    }
}
