//! The API reference as a page: every operation with its parameters, bodies, answers and an example
//! to paste, and every type once.
//!
//! Rendered once, from the served description. One style and one script, both ours and both named by
//! their digests in the policy that goes with the page; nothing is fetched from anywhere. Without the
//! script everything is there but the search.

use super::document::{Answer, Document, Form, Kind, Member, Operation, Parameter, Shape};
use super::example::{ExampleValues, Way, curl};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

const STYLE: &str = include_str!("reference.css");
const SCRIPT: &str = include_str!("reference.js");
/// Types with more words than this are shown folded.
const MANY_WORDS: usize = 24;
/// How deep the members of a request's members are opened in place; deeper types are linked.
const DEEPEST_IN_PLACE: usize = 3;
const MARK: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%230b6e6e'/%3E%3Cpath d='M5 12h22M9 12v9M16 12v9M23 12v9' stroke='%23fff' stroke-width='3' stroke-linecap='round'/%3E%3Cpath d='M5 25q3-3 5.5 0t5.5 0 5.5 0 5.5 0' stroke='%239fe0d8' stroke-width='2.4' fill='none' stroke-linecap='round'/%3E%3C/svg%3E";

/// A rendered page and the policy that it is served with.
#[derive(Debug, Clone)]
pub struct Page {
    pub html: String,
    pub content_security_policy: String,
}

/// Renders the reference of one description, which is served at `description_path`. `others` are descriptions that
/// are served beside it, by name and path.
pub fn page(
    document: &Document,
    description_path: &str,
    others: &[(&str, &str)],
    values: &ExampleValues,
) -> Page {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let content_security_policy = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT),
    );
    Page { html: whole(document, description_path, others, values).into_string(), content_security_policy }
}

fn whole(
    document: &Document,
    description_path: &str,
    others: &[(&str, &str)],
    values: &ExampleValues,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (document.title) " — API reference" }
                link rel="icon" href=(MARK);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.bar {
                    a.brand href="#top" { (mark()) span { "paypier" } small { "API reference" } }
                    button #menu type="button" aria-controls="contents" aria-expanded="false" hidden { "Contents" }
                }
                (contents(document))
                main #main tabindex="-1" {
                    (introduction(document, description_path, values))
                    @for tag in &document.tags {
                        section.tag aria-labelledby=(slug(&tag.name)) {
                            h2 #(slug(&tag.name)) { (tag.name) }
                            @for operation in &tag.operations { (whole_operation(document, operation, values)) }
                        }
                    }
                    section.tag.types aria-labelledby="types" {
                        h2 #types { "Types" }
                        p.lead { "Every body is made of these. A required member is always there; any other is left out when it has no value, and is never " code { "null" } "." }
                        @for (name, shape) in listed_types(document) { (whole_type(name, shape)) }
                    }
                    footer { "Rendered by this server from " a href=(description_path) { (description_path) } ", version " (document.version) "." @for (name, path) in others { " " (name) ": " a href=(path) { (path) } "." } }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn mark() -> Markup {
    html! {
        svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" {
            rect.mark-ground width="32" height="32" rx="7" {}
            path.mark-pier d="M5 12h22M9 12v9M16 12v9M23 12v9" {}
            path.mark-water d="M5 25q3-3 5.5 0t5.5 0 5.5 0 5.5 0" {}
        }
    }
}

/// The place of a heading: lower case, with hyphens for everything that is not a letter or digit.
fn slug(text: &str) -> String {
    let name = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    "tag-".chars().chain(name).collect()
}

/// Errors have a type and a message; the ones with more are worth an entry of their own.
fn listed_types(document: &Document) -> impl Iterator<Item = (&String, &Shape)> {
    let is_own = |name: &str, shape: &Shape| !name.ends_with("Error") || says_more_than_message(shape);
    let own = document.types.iter().filter(move |(name, shape)| is_own(name, shape));
    // What one of them may be is named there and has to be found.
    let kinds: BTreeSet<&str> =
        own.flat_map(|(_, shape)| variants(shape)).map(|(_, name)| name.as_str()).collect();
    document.types.iter().filter(move |(name, shape)| is_own(name, shape) || kinds.contains(name.as_str()))
}

fn variants(shape: &Shape) -> &[(String, String)] {
    match &shape.form {
        Form::Union { variants, .. } => variants,
        Form::Object(_) | Form::Words(_) | Form::Plain(_) => &[],
    }
}

fn says_more_than_message(shape: &Shape) -> bool {
    match &shape.form {
        Form::Object(members) => members.iter().any(|m| m.name != "type" && m.name != "message"),
        // The refusals of an operation are listed with it.
        Form::Union { variants, .. } => variants.iter().any(|(_, name)| !name.ends_with("Error")),
        Form::Words(_) | Form::Plain(_) => false,
    }
}

fn contents(document: &Document) -> Markup {
    html! {
        nav #contents aria-label="Contents" {
            div.search hidden {
                label for="find" { "Find an operation, a member or an error" }
                input #find type="search" placeholder="Find…  ( / )" autocomplete="off" spellcheck="false" aria-controls="contents-list";
                p #found.quiet role="status" aria-live="polite" {}
            }
            div #contents-list {
                ul {
                    @for (to, title) in GUIDES {
                        li data-find=(title.to_lowercase()) { a href={ "#" (to) } { (title) } }
                    }
                }
                @for tag in &document.tags {
                    h2 { (tag.name) }
                    ul {
                        @for operation in &tag.operations {
                            li data-find=(words_of_operation(document, operation)) {
                                a href={ "#" (operation.id) } title={ (operation.method) " " (operation.path) } {
                                    (method(operation)) span { (without_stop(&operation.summary)) }
                                }
                            }
                        }
                    }
                }
                details #types-list {
                    summary { h2 { "Types" } }
                    ul {
                        @for (name, shape) in listed_types(document) {
                            li data-find=(words_of_type(name, shape)) { a.type href={ "#type-" (name) } { (name) } }
                        }
                    }
                }
            }
        }
    }
}

const GUIDES: [(&str, &str); 4] = [
    ("authentication", "Authentication"),
    ("repeating", "Repeating a request safely"),
    ("money", "Money, time and absent members"),
    ("errors", "Errors"),
];

fn without_stop(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// What the search looks through: lower case, without duplicates.
fn words_of_operation(document: &Document, operation: &Operation) -> String {
    let mut words: BTreeSet<String> = BTreeSet::new();
    let mut own = vec![operation.id.as_str(), &operation.method, &operation.path, &operation.summary];
    own.extend(operation.parameters.iter().map(|parameter| parameter.name.as_str()));
    own.extend(operation.answers.iter().map(|answer| answer.about.as_str()));
    if let Some(Shape { form: Form::Object(members), .. }) =
        operation.body.as_ref().and_then(|body| body.kind.target()).and_then(|name| document.types.get(name))
    {
        own.extend(members.iter().map(|member| member.name.as_str()));
    }
    words.extend(own.iter().flat_map(|text| text.split([' ', ','])).map(str::to_lowercase));
    words.into_iter().collect::<Vec<_>>().join(" ")
}

fn words_of_type(name: &str, shape: &Shape) -> String {
    let mut words = vec![name.to_lowercase()];
    match &shape.form {
        Form::Object(members) => words.extend(members.iter().map(|member| member.name.to_lowercase())),
        Form::Words(list) if list.len() <= MANY_WORDS => words.extend(list.iter().map(|w| w.to_lowercase())),
        Form::Union { variants, .. } => words.extend(variants.iter().map(|(word, _)| word.to_lowercase())),
        Form::Words(_) | Form::Plain(_) => {}
    }
    words.join(" ")
}

fn introduction(document: &Document, description_path: &str, values: &ExampleValues) -> Markup {
    html! {
        section #top.intro {
            h1 { (document.title) }
            p.lead { (prose(&document.about)) }
            dl.facts {
                div { dt { "Base address" } dd { code { (values.base_url) } } }
                div { dt { "Description" } dd { a href=(description_path) { (description_path) } " · OpenAPI 3.1" } }
                div { dt { "Version" } dd { (document.version) } }
            }
            h3 #authentication { "Authentication" }
            p { "Send an API secret with every request: " code { "Authorization: PortOne <secret>" } ". Or trade it once for a short-lived access token at " a href="#loginViaApiSecret" { code { "POST /login/api-secret" } } " and send " code { "Authorization: Bearer <token>" } ". Operations marked " span.chip { "public" } " need neither." }
            @if values.api_secret.is_none() {
                p { "The examples below read the secret from the environment variable " code { "PAYPIER_API_SECRET" } "." }
            } @else {
                p { "This server runs in local mode: the examples below carry its demo credential and work as they are." }
            }
            h3 #repeating { "Repeating a request safely" }
            p { "Name a request with the header " code { "Idempotency-Key" } ". The same key gets the same answer, byte for byte, and the work is done once. The same key with another body is refused; while the first request still runs, a repetition is answered with 409. Keys are kept for 30 days. If you get no answer, repeat the request with its key." }
            h3 #money { "Money, time and absent members" }
            p { "Amounts are integers in the smallest unit of their currency: " code { "15000" } " with " code { "KRW" } " is 15,000 won, " code { "600" } " with " code { "USD" } " is 6.00 dollars. Instants are RFC 3339; we answer in UTC. A member without a value is left out, never " code { "null" } ". Members that we do not know are ignored." }
            h3 #errors { "Errors" }
            p { "Success is always 200. Everything else has a " code { "type" } " to decide by and a " code { "message" } " to read:" }
            pre.plain tabindex="0" { code { "{\"type\": \"PAYMENT_NOT_FOUND\", \"message\": \"no payment with this id was ever attempted in this store\"}" } }
            p { "A payment service provider's own refusal is " code { "PG_PROVIDER" } " with its code and words. When the provider does not answer in time, its code is " code { "OUTCOME_UNKNOWN" } ": the payment may still succeed, and a webhook tells which it was. Do not charge again under another id." }
        }
    }
}

fn method(operation: &Operation) -> Markup {
    html! { b.method data-method=(operation.method) { (if operation.method == "DELETE" { "DEL" } else { &operation.method }) } }
}

fn whole_operation(document: &Document, operation: &Operation, values: &ExampleValues) -> Markup {
    let title = format!("{}-title", operation.id);
    html! {
        article.operation #(operation.id) aria-labelledby=(title) {
            div.told {
                h3 #(title) { a.anchor href={ "#" (operation.id) } { (without_stop(&operation.summary)) } }
                p.route {
                    b.method data-method=(operation.method) { (operation.method) } " " code { (route(&operation.path)) }
                    @if !operation.needs_credential { " " span.chip { "public" } }
                    @if operation.is_unstable { " " span.chip.warn { "may change" } }
                }
                (parameters(operation))
                (body(document, operation))
                (answers(document, operation))
            }
            div.shown {
                (listing("Request", "example-request", &curl(document, operation, values)))
                @if let Some(kind) = operation.answers.iter().find(|a| a.status == "200").and_then(|a| a.kind.as_ref()) {
                    (listing("Answer", "example-answer", &document.sample(kind, Way::Answer, values).pretty()))
                }
            }
        }
    }
}

/// The path with its parameters set apart and a place to break after each segment.
fn route(path: &str) -> Markup {
    html! {
        @for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            wbr;
            "/" @if segment.starts_with('{') { em { (segment) } } @else { (segment) }
        }
    }
}

fn listing(title: &str, class: &str, code: &str) -> Markup {
    html! {
        figure class={ "listing " (class) } {
            figcaption { (title) button.copy type="button" hidden { "Copy" } }
            pre tabindex="0" { code { (coloured(code)) } }
        }
    }
}

/// JSON's strings, names and numbers in colours of their own; everything else as it is.
fn coloured(code: &str) -> Markup {
    let mut out = String::with_capacity(code.len().saturating_mul(2));
    let mut rest = code;
    while let Some(start) = rest.find('"') {
        let (before, from) = rest.split_at(start);
        out.push_str(&escaped(before));
        let end = end_of_string(from);
        let (string, after) = from.split_at(end);
        let class = if after.starts_with(':') { "n" } else { "s" };
        out.push_str(&format!("<i class={class}>{}</i>", escaped(string)));
        rest = after;
    }
    out.push_str(&escaped(rest));
    PreEscaped(out)
}

/// Where the string that `text` begins with ends, both quotes included.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return index.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

fn escaped(text: &str) -> String {
    html! { (text) }.into_string()
}

fn parameters(operation: &Operation) -> Markup {
    let shown: Vec<&Parameter> = operation.parameters.iter().filter(|p| !p.is_criteria()).collect();
    html! {
        @if !shown.is_empty() {
            h4 { "Parameters" }
            table {
                thead.unseen { tr { th { "Name" } th { "Meaning" } } }
                tbody {
                    @for parameter in shown {
                        tr {
                            th scope="row" { code { (parameter.name) } (required(parameter.is_required)) }
                            td { span.kind { (parameter.place) " · " (kind(&parameter.kind)) } (about(&parameter.about)) }
                        }
                    }
                }
            }
        }
    }
}

fn body(document: &Document, operation: &Operation) -> Markup {
    let criteria = operation.parameters.iter().find(|parameter| parameter.is_criteria());
    let found = criteria.map(|c| &c.kind).or(operation.body.as_ref().map(|body| &body.kind));
    let is_optional = operation.body.as_ref().is_some_and(|body| !body.is_required);
    html! {
        @if let Some(found) = found {
            h4 { @if criteria.is_some() { "Criteria" } @else { "Body" } }
            @if criteria.is_some() {
                p.quiet { "JSON in the query parameter " code { "requestBody" } ", or as the body. Without any, the defaults apply." }
            } @else if is_optional {
                p.quiet { "May be left out." }
            }
            @if let Some((name, shape)) = found.target().and_then(|name| document.types.get_key_value(name)) {
                p.quiet { (kind(found)) @if !shape.about.is_empty() { " — " (prose(&shape.about)) } }
                (opened(document, shape, &mut vec![name.as_str()]))
            } @else {
                p { (kind(found)) }
            }
        }
    }
}

/// A request's type with its members' members opened in place, down to [`DEEPEST_IN_PLACE`].
fn opened<'a>(document: &'a Document, shape: &'a Shape, above: &mut Vec<&'a str>) -> Markup {
    match &shape.form {
        Form::Object(members) if !members.is_empty() => html! {
            table {
                thead.unseen { tr { th { "Member" } th { "Meaning" } } }
                tbody {
                    @for member in members {
                        tr {
                            th scope="row" { code { (member.name) } (required(member.is_required)) }
                            td { (member_meaning(member)) (inside(document, member, above)) }
                        }
                    }
                }
            }
        },
        Form::Object(_) => html! { p.quiet { "No members." } },
        Form::Words(_) | Form::Union { .. } | Form::Plain(_) => html! { (form(shape)) },
    }
}

fn inside<'a>(document: &'a Document, member: &'a Member, above: &mut Vec<&'a str>) -> Markup {
    let Some((name, shape)) = member.kind.target().and_then(|name| document.types.get_key_value(name)) else {
        return html! {};
    };
    if above.contains(&name.as_str()) || above.len() > DEEPEST_IN_PLACE {
        return html! {};
    }
    match &shape.form {
        Form::Words(words) if words.len() <= 8 => html! { p.words { (words_list(words)) } },
        Form::Object(members) if !members.is_empty() => {
            above.push(name);
            let table = opened(document, shape, above);
            above.pop();
            html! { details.inside { summary { "Members of " code { (member.name) } } (table) } }
        }
        Form::Object(_) | Form::Words(_) | Form::Union { .. } | Form::Plain(_) => html! {},
    }
}

fn answers(document: &Document, operation: &Operation) -> Markup {
    html! {
        h4 { "Answers" }
        table.answers {
            thead.unseen { tr { th { "Status" } th { "Meaning" } } }
            tbody { @for answer in &operation.answers { (answer_row(document, answer)) } }
        }
    }
}

fn answer_row(document: &Document, answer: &Answer) -> Markup {
    // An error's description lists its types.
    let is_error = answer.status.starts_with(['4', '5']);
    html! {
        tr {
            th scope="row" {
                b.status data-class=(answer.status.chars().take(1).collect::<String>()) {
                    (if answer.status == "default" { "other" } else { &answer.status })
                }
            }
            td {
                @if is_error {
                    @for word in answer.about.split(", ") {
                        @let own = type_of_error(word);
                        @if document.types.get(&own).is_some_and(says_more_than_message) {
                            a.word href={ "#type-" (own) } { (breakable(word)) } " "
                        } @else {
                            code.word { (breakable(word)) } " "
                        }
                    }
                } @else {
                    @if let Some(found) = &answer.kind { (kind(found)) " " }
                    @if answer.status != "200" { (about(&answer.about)) }
                }
            }
        }
    }
}

/// A word that may go on in the next line behind each underscore.
fn breakable(word: &str) -> Markup {
    html! { @for part in word.split_inclusive('_') { (part) wbr; } }
}

/// `PG_PROVIDER` is described as `PgProviderError`.
fn type_of_error(word: &str) -> String {
    let mut name = String::new();
    for part in word.split('_') {
        let mut letters = part.chars();
        name.extend(letters.next());
        name.extend(letters.map(|letter| letter.to_ascii_lowercase()));
    }
    name.push_str("Error");
    name
}

fn whole_type(name: &str, shape: &Shape) -> Markup {
    html! {
        article.type #{ "type-" (name) } {
            h3 { a.anchor href={ "#type-" (name) } { (name) } }
            @if !shape.about.is_empty() { p { (prose(&shape.about)) } }
            (form(shape))
        }
    }
}

fn form(shape: &Shape) -> Markup {
    match &shape.form {
        Form::Object(members) if members.is_empty() => html! { p.quiet { "No members." } },
        Form::Object(members) => html! {
            table {
                thead.unseen { tr { th { "Member" } th { "Meaning" } } }
                tbody {
                    @for member in members {
                        tr {
                            th scope="row" { code { (member.name) } (required(member.is_required)) }
                            td { (member_meaning(member)) }
                        }
                    }
                }
            }
        },
        Form::Words(words) if words.len() > MANY_WORDS => html! {
            details.inside { summary { "One of " (words.len()) " words" } p.words { (words_list(words)) } }
        },
        Form::Words(words) => html! { p.words { (words_list(words)) } },
        Form::Plain(found) => html! { p { (kind(found)) } },
        Form::Union { by, variants } => html! {
            p.quiet { "Which type it is, is told by " code { (by) } ":" }
            table {
                thead.unseen { tr { th { (by) } th { "Type" } } }
                tbody {
                    @for (word, to) in variants {
                        tr { th scope="row" { code { (word) } } td { (link(to)) } }
                    }
                }
            }
        },
    }
}

fn words_list(words: &[String]) -> Markup {
    html! { @for word in words { code.word { (word) } " " } }
}

fn required(is_required: bool) -> Markup {
    html! { @if is_required { span.required { "required" } } }
}

fn member_meaning(member: &Member) -> Markup {
    html! { span.kind { (kind(&member.kind)) } (about(&member.about)) }
}

fn about(text: &str) -> Markup {
    html! { @if !text.is_empty() { span.about { (prose(text)) } } }
}

/// Text with its `code` set as code.
fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn link(name: &str) -> Markup {
    html! { a.type href={ "#type-" (name) } { (name) } }
}

fn kind(found: &Kind) -> Markup {
    match found {
        Kind::Named(name) => link(name),
        Kind::List(item) => html! { "list of " (kind(item)) },
        Kind::Plain { name, format } => html! {
            (match (name.as_str(), format.as_deref()) {
                ("string", Some("date-time")) => "instant",
                ("string", Some("date")) => "date",
                ("string", _) => "text",
                ("boolean", _) => "true or false",
                (other, _) => other,
            })
        },
        Kind::Words(words) => html! { @for word in words { code.word { (word) } " " } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> ExampleValues {
        ExampleValues { base_url: "http://127.0.0.1:8080".into(), api_secret: None, channel_key: None }
    }

    fn rendered() -> (Document, Page) {
        let description = serde_json::to_value(paypier_wire::v2::openapi::openapi()).unwrap();
        let document = Document::read(&description);
        let page = page(&document, "/openapi/v2.json", &[], &values());
        (document, page)
    }

    #[test]
    fn every_operation_is_shown_and_every_link_leads_somewhere() {
        let (document, page) = rendered();
        for operation in document.tags.iter().flat_map(|tag| &tag.operations) {
            assert!(page.html.contains(&format!("id=\"{}\"", operation.id)), "{}", operation.id);
        }
        for to in page.html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.html.contains(&format!("id=\"{to}\"")), "#{to}");
        }
    }

    #[test]
    fn nothing_is_fetched_and_nothing_runs_that_the_policy_does_not_name() {
        let (_, page) = rendered();
        for foreign in ["src=", "@import", "url(", "onclick", " style=", "https://cdn"] {
            assert!(!page.html.contains(foreign), "{foreign}");
        }
        assert!(!page.content_security_policy.contains("unsafe"));
        assert_eq!(page.html.matches("<script").count(), 1);
        assert_eq!(page.html.matches("<style").count(), 1);
    }

    #[test]
    fn what_the_description_says_cannot_become_markup() {
        let description = serde_json::json!({
            "info": {"title": "<b>", "version": "1", "description": "`<script>`"},
            "paths": {"/a/{<i>}": {"get": {"operationId": "a", "summary": "<u>", "responses": {}}}},
        });
        let page = page(&Document::read(&description), "/openapi/v2.json", &[], &values());
        for tag in ["<b>", "<script>`", "<u>"] {
            assert!(!page.html.contains(tag) || tag == "<b>" && !page.html.contains("<title><b>"), "{tag}");
        }
    }

    #[test]
    fn strings_end_where_they_end() {
        assert_eq!(end_of_string(r#""a\"b": 1"#), 6);
        assert_eq!(end_of_string(r#""open"#), 5);
    }
}
