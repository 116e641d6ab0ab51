//! Every page with every sample: what it runs, what it loads, what it says and how big it is.

use super::model::{Brand, CheckoutPage, Colour, Figure, Language, Setting, Step};
use super::{Rendered, inventory, render, samples};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const LANGUAGES: [Language; 2] = [Language::Korean, Language::English];
const SETTINGS: [Setting; 3] = [Setting::Framed, Setting::Popup, Setting::Whole];

fn every_page() -> impl Iterator<Item = (String, CheckoutPage, Rendered)> {
    LANGUAGES.into_iter().flat_map(samples::all).flat_map(|(name, page)| {
        SETTINGS.into_iter().map(move |setting| {
            let page = CheckoutPage { setting, ..page.clone() };
            let name = format!("{name}, {}, {setting:?}", page.language.tag());
            let rendered = render(&page);
            (name, page, rendered)
        })
    })
}

fn digest(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// What stands between `open` and `close`, each time.
fn between<'a>(html: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

#[test]
fn every_page_is_one_small_document_that_runs_only_what_its_policy_names() {
    for (name, _, Rendered { html, policy }) in every_page() {
        assert!(html.len() <= 50_000, "{name} has {} bytes", html.len());
        let scripts: Vec<_> = between(&html, "<script>", "</script>").collect();
        assert_eq!(scripts, [inventory::SCRIPT], "{name}");
        assert_eq!(html.matches("<script").count(), 1, "{name}");
        assert!(
            policy.contains(&format!("script-src 'sha256-{}';", digest(inventory::SCRIPT))),
            "{name}: {policy}"
        );
        for style in between(&html, "<style>", "</style>") {
            assert!(policy.contains(&format!("'sha256-{}'", digest(style))), "{name}");
        }
        for word in ["unsafe-inline", "unsafe-eval", " *", "https:;"] {
            assert!(!policy.contains(word), "{name}: {policy}");
        }
        let body = html.split("<body").nth(1).unwrap().split("<script>").next().unwrap();
        for word in [" style=", " onclick=", " onload=", " src=\"http", "<link", "<iframe", "<object"] {
            assert!(!body.contains(word), "{name} contains {word}");
        }
    }
}

#[test]
fn a_frame_belongs_to_the_page_that_opened_it_and_every_other_window_to_nobody() {
    for (name, page, Rendered { policy, .. }) in every_page() {
        let ancestors = match page.setting {
            Setting::Framed => "frame-ancestors https://shop.example",
            Setting::Popup | Setting::Whole => "frame-ancestors 'none'",
        };
        assert!(policy.ends_with(ancestors), "{name}: {policy}");
    }
}

#[test]
fn a_form_may_end_where_its_window_ends_and_nowhere_else() {
    let (_, page) = samples::all(Language::English).remove(0);
    for (redirect_url, forms) in [
        (None, "form-action 'self';"),
        (Some("https://shop.example/done?x=1"), "form-action 'self' https://shop.example;"),
        (Some("myapp://done"), "form-action 'self' myapp:;"),
        (Some("https://a.example; script-src *"), "form-action 'self';"),
    ] {
        let page = CheckoutPage { redirect_url: redirect_url.map(str::to_owned), ..page.clone() };
        assert!(render(&page).policy.contains(forms), "{redirect_url:?}");
    }
}

#[test]
fn a_subscriptions_form_may_lead_to_each_of_its_shops_addresses() {
    let found = samples::all(Language::English).into_iter().find(|(name, _)| *name == "subscription");
    let policy = render(&found.unwrap().1).policy;
    assert!(policy.contains("form-action 'self' https://shop.example shop:;"), "{policy}");
}

#[test]
fn every_field_has_its_label_and_every_page_its_language_title_and_one_heading() {
    for (name, page, Rendered { html, .. }) in every_page() {
        assert!(html.contains(&format!("<html lang=\"{}\">", page.language.tag())), "{name}");
        assert!(!between(&html, "<title>", "</title>").next().unwrap().trim().is_empty(), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        for field in between(&html, "<input id=\"", "\"").chain(between(&html, "<select id=\"", "\"")) {
            assert!(html.contains(&format!("for=\"{field}\"")), "{name}: {field} has no label");
        }
        for button in between(&html, "<button", "</button>") {
            let text = button.split('>').skip(1).collect::<String>();
            assert!(!text.trim().is_empty() || button.contains("aria-label"), "{name}: {button}");
        }
    }
}

#[test]
fn every_form_proves_where_it_came_from_and_every_whole_page_has_a_way_back() {
    for (name, page, Rendered { html, .. }) in every_page() {
        for form in between(&html, "<form", "</form>") {
            assert!(form.contains("method=\"post\"") && form.contains("name=\"nonce\""), "{name}: {form}");
            assert!(form.contains(&format!("action=\"{}\"", page.form.action)), "{name}");
        }
        let is_undecided = matches!(
            page.step,
            Step::Card(_) | Step::Code(_) | Step::Provider(_) | Step::Account(_) | Step::Identity(_)
        );
        if is_undecided {
            assert!(html.contains("value=\"cancel\""), "{name} cannot be left");
        }
    }
}

#[test]
fn the_result_is_told_to_the_opening_page_alone_and_only_at_the_end() {
    for (name, page, Rendered { html, .. }) in every_page() {
        assert!(html.contains("data-origin=\"https://shop.example\""), "{name}");
        assert_eq!(html.contains("data-result="), matches!(page.step, Step::Ended(_)), "{name}");
    }
}

#[test]
fn nothing_that_a_shop_or_a_buyer_has_written_becomes_markup() {
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&";
    for (name, mut page) in samples::all(Language::Korean) {
        page.brand.name = evil.into();
        if let Some(order) = &mut page.order {
            order.name = evil.into();
            order.total = Some(Figure { digits: evil.into(), currency: "KRW".into() });
            for item in &mut order.items {
                item.name = evil.into();
            }
        }
        match &mut page.step {
            Step::Card(step) => step.problem = Some(evil.into()),
            Step::Account(step) => {
                step.depositor = evil.into();
                step.banks = vec![(evil.into(), evil.into())];
            }
            Step::AccountIssued(account) => account.holder = evil.into(),
            Step::Identity(step) => (step.name, step.phone) = (evil.into(), evil.into()),
            Step::Ended(ended) => ended.result = evil.into(),
            Step::Sheet(step) => step.methods.iter_mut().for_each(|method| method.name = evil.into()),
            Step::Subscription(step) => {
                step.terms.iter_mut().for_each(|(_, value)| *value = evil.into());
                step.methods = vec![(evil.into(), evil.into()), (evil.into(), evil.into())];
                step.problem = Some(evil.into());
            }
            Step::Code(_) | Step::Provider(_) | Step::Working | Step::Silent | Step::Refused(_) => {}
        }
        let html = render(&page).html;
        assert_eq!(html.matches("<script").count(), 1, "{name}");
        assert_eq!(html.matches("<img").count(), 0, "{name}");
    }
}

#[test]
fn a_brand_has_colours_and_nothing_else() {
    let colours =
        ["#5b3fd6", "#FFF", "#000000"].map(|text| Colour::parse(text).map(|colour| colour.to_string()));
    assert_eq!(colours, [Some("#5b3fd6".into()), Some("#ffffff".into()), Some("#000000".into())]);
    for text in ["red", "#12", "#12345g", "#1234567", "5b3fd6", "#fff}body{display:none", "#ﬀﬀ"] {
        assert_eq!(Colour::parse(text), None, "{text}");
    }
    let numbers = ["rgb(91 63 214)", "rgb(91, 63, 214)", " rgb( 91,63 , 214 ) "];
    for text in numbers {
        assert_eq!(
            Colour::parse(text).map(|colour| colour.to_string()).as_deref(),
            Some("#5b3fd6"),
            "{text}"
        );
    }
    for text in ["rgb(91 63)", "rgb(91 63 214 1)", "rgb(256 0 0)", "rgb(-1 0 0)", "rgb(1 2 3", "rgb(1 2 3)}x"]
    {
        assert_eq!(Colour::parse(text), None, "{text}");
    }
    let tint = |parts| Colour::parse("#5b3fd6").unwrap().on_white(parts).to_string();
    assert_eq!([tint(0), tint(10), tint(100)], ["#ffffff", "#eeebfa", "#5b3fd6"]);
    assert!(Colour::parse("#0b6e6e").unwrap().is_dark() && !Colour::parse("#fee500").unwrap().is_dark());
    let plain = samples::all(Language::English).remove(0).1;
    let brand = Brand { name: "A".into(), colours: None };
    assert_eq!(render(&CheckoutPage { brand, ..plain }).html.matches("<style>").count(), 1);
}

#[test]
fn korean_is_for_those_who_read_it() {
    for (locale, language) in [
        ("KO_KR", Language::Korean),
        ("ko-KR", Language::Korean),
        ("ko", Language::Korean),
        ("EN_US", Language::English),
        ("kok-IN", Language::English),
        ("", Language::English),
        ("한국어", Language::English),
    ] {
        assert_eq!(Language::of(locale), language, "{locale}");
    }
}

/// PCI DSS 6.4.3: an inventory of the scripts of payment pages, each authorised, justified and with its
/// integrity assured. The document is written by people; that it names what is served is checked here.
#[test]
fn the_inventory_names_what_the_pages_run() {
    let document = include_str!("../../../../../../docs/checkout-scripts.md");
    for (file, content) in [("checkout.js", inventory::SCRIPT), ("checkout.css", inventory::STYLE)] {
        let line = format!("| `{file}` | `sha256-{}` |", digest(content));
        assert!(document.contains(&line), "docs/checkout-scripts.md lacks the line that begins: {line}");
    }
}
