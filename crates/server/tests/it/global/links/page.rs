//! The page of a link.

use super::{link, signed};
use crate::checkout::visitor::got;
use crate::shop::{Shop, both_databases};
use serde_json::json;

#[test]
fn the_page_shows_everything_and_runs_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = link("ORDER-1");
        body["merchant_details"] = json!({ "name": "<script>alert(1)</script>", "logo": "https://cdn.example/l.png",
            "promo_code": "SPRING", "promo_discount": 200, "shipping_charges": 100 });
        body["description"] = json!("\"><img src=x onerror=alert(1)>");
        body["order_details"] = json!([
            { "id": "1", "name": "beans <b>", "price": 50, "quantity": 4, "image": "https://img.example/b.png" },
            { "id": "2", "name": "grinder", "price": 200, "quantity": 1, "image": "http://img.example/plain.png" },
        ]);
        body["show_shipping_details"] = json!(true);
        body["notes"] = json!([{ "key": "secret", "value": "for the merchant alone" }]);
        let reference = shop.has_link(&signed(body)).await;
        let page = shop.payer_of(&reference).sees().await;
        assert_eq!(page.status, 200);
        assert!(
            !page.html.contains("<script") && !page.html.contains("<img src=x") && !page.html.contains("<b>")
        );
        assert!(!page.html.contains("for the merchant alone"));
        for words in [
            "beans &lt;b&gt;",
            "Subtotal",
            "400.00",
            "Discount (SPRING)",
            "Shipping",
            "Delivery address",
            "QR code of this payment link",
            "TrueMoney",
            "name=\"line_1\"",
            "lang=\"en\"",
        ] {
            assert!(page.html.contains(words), "{words}: {}", page.html);
        }
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
        assert!(policy.contains("img-src data: https://cdn.example https://img.example;"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        shop.closes().await;
    });
}

#[test]
fn a_page_speaks_the_language_that_the_browser_asks_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let page = got(reqwest::Client::new()
            .get(format!("{}/pay/{reference}", shop.url))
            .header("accept-language", "ko-KR,ko;q=0.9"))
        .await;
        assert!(page.html.contains("lang=\"ko\"") && page.html.contains("결제 수단"), "{}", page.html);
        shop.closes().await;
    });
}

#[test]
fn what_is_no_link_is_not_found_and_results_have_pages() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for reference in ["", "nonsense", "2BEemUknaImTq5ljmoNQQV2tSll", "%00", "'--"] {
            let page = shop.payer_of(reference).sees().await;
            assert_eq!(page.status, 404, "{reference}");
            assert!(page.html.contains("There is no such payment link"));
        }
        for (name, words) in
            [("success", "went through"), ("failure", "did not go through"), ("pending", "being confirmed")]
        {
            let page =
                got(reqwest::Client::new().get(format!("{}/{name}.html?message=<script>", shop.url))).await;
            assert_eq!(page.status, 200);
            assert!(page.html.contains(words) && !page.html.contains("<script"), "{}", page.html);
        }
        shop.closes().await;
    });
}

#[test]
fn forms_that_are_not_the_pages_start_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let payer = shop.payer_of(&reference);
        for method in ["OMISE:OMISE_PAYNOW", "CHILLPAY:CHILLPAY_QRCODE", "NOWHERE:X", "card", ""] {
            let page = payer.submits(&[("intent", "pay"), ("method", method)]).await;
            assert_eq!(page.status, 200, "{method}");
            assert!(page.html.contains("This method is not on offer"), "{method}: {}", page.html);
        }
        let page = payer
            .submits(&[
                ("intent", "pay"),
                ("method", "OMISE:OMISE_CREDIT_CARD"),
                ("billing_email", "nonsense"),
            ])
            .await;
        assert!(page.html.contains("Please check what you have typed"), "{}", page.html);
        let foreign = got(reqwest::Client::new()
            .post(format!("{}/pay/{reference}", shop.url))
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("method=OMISE%3AOMISE_CREDIT_CARD"))
        .await;
        assert_eq!(foreign.status, 403);
        assert_eq!(shop.link_stands(&reference).await["transactionsList"], json!([]));
        shop.closes().await;
    });
}

#[test]
fn only_a_link_that_is_to_be_embedded_may_be_framed_and_only_by_its_merchant() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = link("ORDER-1");
        body["is_checkout_embed"] = json!(true);
        let reference = shop.has_link(&signed(body)).await;
        let page = shop.payer_of(&reference).sees().await;
        let policy = page.header("content-security-policy");
        assert!(policy.ends_with("frame-ancestors https://shop.example"), "{policy}");
        shop.closes().await;
    });
}
