//! Every page with every sample: what it runs, what it loads and what it says.

use super::model::*;
use super::*;
use crate::http::pages::checkout::model::{Figure, Language};

fn figure(digits: &str) -> Figure {
    Figure { digits: digits.into(), currency: "THB".into() }
}

fn page(language: Language, step: LinkStep) -> LinkPage {
    LinkPage {
        language,
        merchant: "Pier Coffee".into(),
        logo: Some("https://cdn.example/logo.png".into()),
        is_test: true,
        order: Some(LinkOrder {
            description: "Two bags of beans".into(),
            items: vec![
                LinkItem { name: "Beans".into(), quantity: 4, price: figure("50.00"), image: None },
                LinkItem {
                    name: "Grinder".into(),
                    quantity: 1,
                    price: figure("200.00"),
                    image: Some("https://img.example/grinder.png".into()),
                },
            ],
            sums: vec![
                (Sum::Subtotal, figure("400.00")),
                (Sum::Shipping, figure("100.00")),
                (Sum::Discount("SPRING".into()), figure("200.00")),
            ],
            total: figure("300.00"),
            until: Some("2026-01-10 00:00 UTC".into()),
            code: code("https://pay.example.com?ref=2BEemUknaImTq5ljmoNQQV2tSll"),
        }),
        action: "/pay/2BEemUknaImTq5ljmoNQQV2tSll".into(),
        back: Some("https://shop.example/cart".into()),
        framed_by: Vec::new(),
        step,
    }
}

fn pay() -> PayStep {
    PayStep {
        groups: vec![
            MethodGroup {
                category: "CARD".into(),
                methods: vec![("GBPRIMEPAY:GBPRIMEPAY_CREDIT_CARD".into(), "Credit or debit card".into())],
            },
            MethodGroup {
                category: "WALLET".into(),
                methods: vec![("GBPRIMEPAY:GBPRIMEPAY_TRUEMONEY_WALLET".into(), "TrueMoney".into())],
            },
        ],
        payer: Payer { name: "Kim".into(), email: "kim@example.com".into(), phone: "+82".into() },
        delivery: Some(Delivery::default()),
        problem: Some(Problem::Failed("declined".into())),
    }
}

fn steps() -> Vec<LinkStep> {
    vec![
        LinkStep::Pay(pay()),
        LinkStep::Pay(PayStep { groups: Vec::new(), delivery: None, problem: None, ..pay() }),
        LinkStep::Waiting,
        LinkStep::Paid,
        LinkStep::Expired,
        LinkStep::Cancelled,
        LinkStep::Missing,
        LinkStep::Unavailable,
        LinkStep::Result(ResultPage::Success),
        LinkStep::Result(ResultPage::Failure),
        LinkStep::Result(ResultPage::Pending),
    ]
}

#[test]
fn no_page_runs_anything_and_each_loads_only_what_its_policy_names() {
    for language in [Language::Korean, Language::English] {
        for step in steps() {
            let Rendered { html, policy } = render(&page(language, step.clone()));
            assert!(html.len() <= 60_000, "{step:?} has {} bytes", html.len());
            assert!(!html.contains("<script") && !policy.contains("script-src"), "{step:?}");
            for word in ["unsafe-inline", "unsafe-eval", " *", "https:;"] {
                assert!(!policy.contains(word), "{policy}");
            }
            assert!(policy.contains("img-src data: https://cdn.example https://img.example;"), "{policy}");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
            let body = html.split("<body").nth(1).unwrap();
            for word in [" style=", " onclick=", " onload=", "<iframe", "<link"] {
                assert!(!body.contains(word), "{step:?} contains {word}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_method_a_name() {
    let Rendered { html, .. } = render(&page(Language::English, LinkStep::Pay(pay())));
    for input in html.split("<input ").skip(1) {
        let tag = input.split('>').next().unwrap();
        if tag.contains("type=\"radio\"") {
            continue;
        }
        let id = tag.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(html.contains(&format!("label for=\"{id}\"")), "{id}");
    }
    assert_eq!(html.matches("type=\"radio\"").count(), 2);
    assert_eq!(html.matches(" checked").count(), 1, "the first method is chosen");
    assert!(html.contains("role=\"alert\""));
}

#[test]
fn what_merchants_and_payers_type_is_never_markup() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=1>";
    let mut page = page(Language::English, LinkStep::Pay(pay()));
    page.merchant = evil.into();
    if let Some(order) = &mut page.order {
        order.description = evil.into();
        order.items[0].name = evil.into();
        order.sums.push((Sum::Discount(evil.into()), figure("1")));
    }
    if let LinkStep::Pay(step) = &mut page.step {
        step.payer.name = evil.into();
        step.problem = Some(Problem::Failed(evil.into()));
        step.groups[0].methods[0].1 = evil.into();
    }
    let Rendered { html, .. } = render(&page);
    assert!(!html.contains("<script") && !html.contains("<img src=x"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn only_the_merchants_own_pages_may_frame_it() {
    let mut page = page(Language::English, LinkStep::Pay(pay()));
    page.framed_by = vec![
        "https://shop.example/ok?a=1".into(),
        "https://shop.example".into(),
        "https://a.example; x".into(),
    ];
    let html = render(&page).html;
    assert!(html.contains("target=\"_top\""), "going back leaves the frame");
    let form = html.split("<form").nth(1).unwrap().split('>').next().unwrap();
    assert!(!form.contains("target"), "paying does not: {form}");
    assert!(
        render(&page).policy.ends_with("frame-ancestors https://shop.example"),
        "{}",
        render(&page).policy
    );
}

#[test]
fn a_code_is_square_with_room_around_it() {
    let code = code("https://pay.example.com?ref=2BEemUknaImTq5ljmoNQQV2tSll").unwrap();
    assert!(code.width >= 29 && (code.width - 8 - 17).is_multiple_of(4), "{}", code.width);
    assert!(code.path.starts_with("M4 4h1v1h-1z"), "the corner of the first finder");
    assert_eq!(super::code(&"x".repeat(4_000)), None);
}

#[test]
fn a_page_in_a_frame_tells_the_one_around_it_and_that_one_alone() {
    let page = page(Language::English, LinkStep::Paid);
    let told = Told {
        result: "{\"message\":\"</script><script>alert(1)</script>\"}".into(),
        origin: "https://shop.example".into(),
    };
    let Rendered { html, policy } = render_telling(&page, &told);
    assert!(html.contains("data-origin=\"https://shop.example\""), "{html}");
    assert!(!html.contains("<script>alert") && html.contains("\\u003c/script>"), "{html}");
    assert_eq!(policy.matches("script-src 'sha256-").count(), 1, "{policy}");
    let document = include_str!("../../../../../../docs/checkout-scripts.md");
    assert!(
        document.contains(policy::digest(TELL).trim_matches('\'')),
        "docs/checkout-scripts.md lacks tell.js"
    );
    assert!(!render(&page).policy.contains("script-src") && !render(&page).html.contains("<script"));
}
