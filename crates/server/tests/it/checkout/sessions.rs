//! Paying on the page of a payment session: one link, any number of tabs, one payment.

use super::visitor::{BROWSER, Got, card, got, nonce};
use crate::shop::{APPROVED, DECLINED, Shop, both_databases, eventually};
use paypier::cli::dev::demo;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::checkout_profile::{CheckoutMethod, CheckoutProfile, Offer};
use paypier_domain::id::{ChannelKey, PaymentId, PaymentKey, StoreId, TransactionId};
use serde_json::{Value, json};

/// A browser at a session's link. It follows no redirect by itself.
#[derive(Clone)]
struct Link {
    url: String,
    id: String,
}

impl Shop {
    /// The link of a new session, in a buyer's browser.
    async fn sends_link(&self, more: &Value) -> Link {
        let json = PayloadContentType::Json;
        self.has_endpoint(&self.receiver.url, PayloadVersion::V20240425, json).await;
        Link { url: self.url.clone(), id: self.opens_session(more).await }
    }

    /// How many attempts the payment has.
    async fn tries(&self, id: &str) -> usize {
        self.app().storage.payment(&key_of(id)).await.unwrap().map_or(0, |payment| payment.attempts.len())
    }
}

fn key_of(id: &str) -> PaymentKey {
    PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known(id) }
}

impl Link {
    fn path(&self) -> String {
        format!("/checkout/sessions/{}", self.id)
    }

    async fn goes(&self, path: &str) -> Got {
        got(BROWSER.get(format!("{}{path}", self.url))).await
    }

    async fn sees(&self) -> Got {
        self.goes(&self.path()).await
    }

    async fn sends(&self, path: &str, nonce: &str, fields: &[(&str, &str)]) -> Got {
        got(self.form(path, nonce, fields)).await
    }

    fn form(&self, path: &str, nonce: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("nonce", nonce);
        body.extend_pairs(fields);
        BROWSER
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", "Mozilla/5.0 (Linux; Android 16) Mobile")
            .header("accept-language", "en-GB,en;q=0.9")
            .body(body.finish())
    }

    /// Chooses a method on the sheet as it is now; where the window is.
    async fn chooses(&self, method: &str) -> String {
        let sheet = self.sees().await;
        assert_eq!(sheet.status, 200, "{}", sheet.html);
        let window = self.chooses_with(&nonce(&sheet.html), method).await;
        window.goes_to().to_owned()
    }

    async fn chooses_with(&self, nonce: &str, method: &str) -> Got {
        self.sends(&self.path(), nonce, &[("intent", "pay"), ("method", method)]).await
    }

    /// Sends a form of the window's page as it is now.
    async fn submits(&self, window: &str, fields: &[(&str, &str)]) -> Got {
        let page = self.goes(window).await;
        assert_eq!(page.status, 200, "{}", page.html);
        self.sends(window, &nonce(&page.html), fields).await
    }

    /// Pays in a window and goes where that leads.
    async fn pays_by(&self, window: &str, number: &str) -> Got {
        assert_eq!(self.submits(window, &card(number)).await.goes_to(), window);
        let end = self.goes(window).await;
        let back = end.goes_to().to_owned();
        assert!(back.starts_with(&self.path()), "{back}");
        self.goes(&back).await
    }
}

#[test]
fn a_buyer_pays_by_link_and_finds_it_paid_whenever_they_look_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop
            .sends_link(&json!({
                "storeName": "Pier Books", "customerName": "Kim", "customerEmail": "kim@example.com",
                "customData": "{\"cart\":7}", "orderImageUrl": "https://shop.example/book.png",
                "colors": { "primary": "rgb(91 63 214)", "primaryLight": "teal" },
                "products": [{ "name": "a book", "unitPrice": 2_500, "quantity": 2, "code": "isbn" }],
            }))
            .await;
        let sheet = link.sees().await;
        assert_eq!(sheet.status, 200);
        for text in [
            "Pier Books",
            "a book",
            "5,000",
            "kim@example.com",
            "value=\"CARD_KR\"",
            "value=\"KAKAO_PAY\"",
            "--brand:#5b3fd6",
            "https://shop.example/book.png",
        ] {
            assert!(sheet.html.contains(text), "{text}: {}", sheet.html);
        }
        assert!(!sheet.html.contains("PAY_PAL") && !sheet.html.contains("teal"), "{}", sheet.html);
        for (header, expected) in [
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-robots-tag", "noindex, nofollow"),
        ] {
            assert_eq!(sheet.header(header), expected);
        }
        let policy = sheet.header("content-security-policy");
        assert!(policy.contains("img-src data: https://shop.example;"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");

        let window = link.chooses("CARD_KR").await;
        assert!(window.starts_with(&format!("{}/", link.path())), "{window}");
        let page = link.goes(&window).await;
        for text in ["Pier Books", "--brand:#5b3fd6", "5,000"] {
            assert!(page.html.contains(text), "{text}: {}", page.html);
        }
        let ready = shop.payment("order-1").await;
        assert_eq!(ready["status"], "READY");
        let end = link.pays_by(&window, APPROVED).await;
        assert_eq!(end.status, 200);
        assert!(end.html.contains("Payment complete") || end.html.contains("결제가 완료"), "{}", end.html);

        let paid = shop.payment("order-1").await;
        assert_eq!(
            (&paid["status"], &paid["customData"], &paid["customer"]["name"], &paid["customer"]["email"]),
            (&json!("PAID"), &json!("{\"cart\":7}"), &json!("Kim"), &json!("kim@example.com"))
        );
        assert_eq!(
            (&paid["origin"]["platformType"], &paid["country"], &paid["channel"]["key"]),
            (&json!("MOBILE"), &json!("KR"), &json!(demo::CARD.key))
        );
        let line = &paid["products"][0];
        assert_eq!(
            (&line["id"], &line["code"], &line["amount"], &line["quantity"]),
            (&json!("isbn"), &json!("isbn"), &json!(2_500), &json!(2))
        );
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        // Again, in another browser, and after the time of the session.
        assert!(link.sees().await.html.contains("verdict"));
        shop.after("P1D").await;
        let late = link.sees().await;
        assert_eq!(late.status, 200, "whoever has paid is not told that nothing was charged");
        assert!(!late.html.contains("a book") && !late.html.contains("5,000"), "{}", late.html);
        assert_eq!(shop.psp().await, (1, 5_000));
        for bytes in shop.stored_bytes() {
            let is_in = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_in(window.rsplit('/').next().unwrap()), "the window's token is not kept");
        }
        shop.closes().await;
    });
}

#[test]
fn a_buyer_who_was_refused_chooses_again_on_the_same_link() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({})).await;
        let window = link.chooses("CARD_KR").await;
        let again = link.pays_by(&window, DECLINED).await;
        assert_eq!(again.status, 200);
        assert!(
            again.html.contains("declined the payment") && again.html.contains("role=\"alert\""),
            "{}",
            again.html
        );
        // The address names an attempt; it says nothing itself.
        let made_up = format!("{}?attempt=other&message=xyzzy", link.path());
        let page = link.goes(&made_up).await;
        assert!(!page.html.contains("xyzzy") && !page.html.contains("role=\"alert\""), "{}", page.html);

        let window = link.chooses("KAKAO_PAY").await;
        link.submits(&window, &[("intent", "cancel")]).await.goes_to();
        let back = link.goes(&window).await.goes_to().to_owned();
        assert!(link.goes(&back).await.html.contains("role=\"alert\""));
        let window = link.chooses("KAKAO_PAY").await;
        link.submits(&window, &[("intent", "approve")]).await.goes_to();
        let paid = shop.payment("order-1").await;
        assert_eq!(
            (&paid["status"], &paid["method"]["type"], &paid["method"]["provider"]),
            (&json!("PAID"), &json!("PaymentMethodEasyPay"), &json!("KAKAOPAY"))
        );
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Failed", "Ready", "Failed", "Ready", "Paid"]);
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn the_shop_is_told_by_the_redirect_and_keeps_its_link() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({ "redirectUrl": "https://shop.example/끝?cart=1" })).await;
        let sheet = link.sees().await;
        assert!(sheet.header("content-security-policy").contains("form-action 'self' https://shop.example;"));
        for (number, code) in [(DECLINED, Some("PGProviderError")), (APPROVED, None)] {
            let window = link.chooses("CARD_KR").await;
            link.submits(&window, &card(number)).await.goes_to();
            let end = link.goes(&window).await;
            let told = url::Url::parse(end.goes_to()).unwrap();
            let of = |name: &str| {
                told.query_pairs().find(|(member, _)| member == name).map(|(_, value)| value.into_owned())
            };
            assert_eq!(told.host_str(), Some("shop.example"));
            assert_eq!((of("paymentId").as_deref(), of("cart").as_deref()), (Some("order-1"), Some("1")));
            assert_eq!(of("code").as_deref(), code);
        }
        assert!(link.sees().await.html.contains("verdict"), "the link shows the result");
        shop.closes().await;
    });
}

#[test]
fn two_tabs_on_one_session_pay_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({})).await;
        let (first, second) = (link.sees().await, link.sees().await);
        let (one, two) = (nonce(&first.html), nonce(&second.html));
        assert_ne!(one, two, "every page has its own number");
        let here = link.chooses_with(&one, "CARD_KR").await.goes_to().to_owned();
        let there = link.chooses_with(&two, "KAKAO_PAY").await.goes_to().to_owned();
        assert_ne!(here, there);
        let (page, other) = (link.goes(&here).await, link.goes(&there).await);
        // Both forms are sent at the same time.
        let (fields, approve) = (card(APPROVED), [("intent", "approve")]);
        let (of_page, of_other) = (nonce(&page.html), nonce(&other.html));
        let (left, right) =
            tokio::join!(link.sends(&here, &of_page, &fields), link.sends(&there, &of_other, &approve));
        assert_eq!((left.status, right.status), (303, 303));
        shop.jobs_run().await;
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.psp().await, (1, 5_000));
        for window in [&here, &there] {
            let back = link.goes(window).await.goes_to().to_owned();
            let end = link.goes(&back).await;
            assert!(end.html.contains("sign good"), "both tabs see that it is paid: {}", end.html);
        }
        // The sheet that a third tab still shows opens nothing any more.
        let stale = link.chooses_with(&one, "KAKAO_PAY").await;
        assert_eq!(stale.goes_to(), link.path());
        assert_eq!(shop.tries("order-1").await, 2);
        shop.closes().await;
    });
}

#[test]
fn a_sheet_that_is_sent_twice_opens_one_window() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({})).await;
        let nonce = nonce(&link.sees().await.html);
        let answers = tokio::join!(
            link.chooses_with(&nonce, "CARD_KR"),
            link.chooses_with(&nonce, "CARD_KR"),
            link.chooses_with(&nonce, "CARD_KR"),
            link.chooses_with(&nonce, "CARD_KR")
        );
        let window = answers.0.goes_to().to_owned();
        for answer in [&answers.1, &answers.2, &answers.3] {
            assert_eq!(answer.goes_to(), window);
        }
        assert_eq!(shop.webhooks("order-1").await, ["Ready"]);
        assert_eq!(shop.tries("order-1").await, 1);
        // Going back and choosing the same leads to the same window, also when it has ended.
        link.pays_by(&window, APPROVED).await;
        assert_eq!(link.chooses_with(&nonce, "CARD_KR").await.goes_to(), window);
        let back = link.goes(&window).await.goes_to().to_owned();
        assert!(link.goes(&back).await.html.contains("sign good"));
        // The card form that the back button shows again is of an earlier step.
        link.sends(&window, "guessed", &card(APPROVED)).await.goes_to();
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn a_tampered_form_begins_no_payment() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let agreements = json!([
            { "name": "terms", "url": "https://shop.example/terms" },
            { "name": "privacy", "url": "https://shop.example/privacy" },
        ]);
        let link = shop.sends_link(&json!({ "agreements": agreements })).await;
        let other = shop.sends_link(&json!({ "paymentId": "order-2" })).await;
        let sheet = link.sees().await;
        assert!(sheet.html.contains("https://shop.example/terms") && sheet.html.contains("agreement-1"));
        let right = nonce(&sheet.html);
        let foreign = nonce(&other.sees().await.html);
        let all = [("intent", "pay"), ("method", "CARD_KR"), ("agreement-0", "yes"), ("agreement-1", "yes")];
        for (fields, said) in [
            (&all[..3], "role=\"alert\""),
            (&all[..2], "role=\"alert\""),
            (&[("method", "DANA"), all[2], all[3]][..], "role=\"alert\""),
            (&[("method", "PAY_PAL"), all[2], all[3]][..], "role=\"alert\""),
            (&[("method", "CASH"), all[2], all[3]][..], "role=\"alert\""),
            (&[all[2], all[3]][..], "role=\"alert\""),
        ] {
            let page = link.sends(&link.path(), &right, fields).await;
            assert_eq!(page.status, 200, "{fields:?}");
            assert!(page.html.contains(said), "{fields:?}: {}", page.html);
        }
        for nonce in ["", "guessed", foreign.as_str(), &format!("{}.{right}", "a".repeat(43))] {
            assert_eq!(link.sends(&link.path(), nonce, &all).await.goes_to(), link.path(), "{nonce}");
        }
        for (header, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let foreign = got(link.form(&link.path(), &right, &all).header(header, value)).await;
            assert_eq!(foreign.status, 403, "{header}: {value}");
        }
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        let window = link.sends(&link.path(), &right, &all).await.goes_to().to_owned();
        // Below another session there is no such window, whatever is asked of it.
        let token = window.rsplit('/').next().unwrap();
        let elsewhere = format!("{}/{token}", other.path());
        assert_eq!(link.goes(&elsewhere).await.status, 404);
        for path in
            ["/checkout/sessions/short", &format!("{}x", link.path()), &format!("{}/short", link.path())]
        {
            assert_eq!(link.goes(path).await.status, 404, "{path}");
            assert_eq!(link.sends(path, &right, &all).await.status, 404, "{path}");
        }
        // What the form says of the amount does not count.
        link.submits(&window, &[&card(APPROVED)[..], &[("totalAmount", "1"), ("amount", "1")]].concat())
            .await
            .goes_to();
        assert_eq!(shop.payment("order-1").await["amount"]["paid"], 5_000);
        shop.closes().await;
    });
}

#[test]
fn an_ended_session_is_refused_and_a_window_that_is_open_goes_on() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let expiring = shop.sends_link(&json!({ "ttlSeconds": 60 })).await;
        let closing = shop.sends_link(&json!({ "paymentId": "order-2", "customerName": "Kim" })).await;
        let (sheet, other) = (expiring.sees().await, closing.sees().await);
        let (here, there) = (expiring.chooses("CARD_KR").await, closing.chooses("CARD_KR").await);
        shop.after("PT60S").await;
        shop.send(shop.request("POST", &format!("/payment-sessions/{}/close", closing.id))).await.succeeds();
        for (link, sheet) in [(&expiring, &sheet), (&closing, &other)] {
            let over = link.sees().await;
            assert_eq!(over.status, 410);
            assert!(over.html.contains("role=\"alert\"") && !over.html.contains("Kim"), "{}", over.html);
            assert!(!over.html.contains("a book"), "{}", over.html);
            let late = link.chooses_with(&nonce(&sheet.html), "CARD_KR").await;
            assert_eq!(late.goes_to(), link.path());
        }
        for (link, window, id) in [(&expiring, &here, "order-1"), (&closing, &there, "order-2")] {
            let end = link.pays_by(window, APPROVED).await;
            assert_eq!(end.status, 200);
            assert!(end.html.contains("sign good"), "{}", end.html);
            assert_eq!(shop.status(id).await, "PAID");
            assert_eq!(shop.tries(id).await, 1);
        }
        shop.closes().await;
    });
}

#[test]
fn a_session_for_one_method_goes_on_by_itself_where_nothing_is_to_be_chosen() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({ "paymentMethod": "KAKAO_PAY" })).await;
        let sheet = link.sees().await;
        assert!(sheet.html.contains(" data-go") && !sheet.html.contains("CARD_KR"), "{}", sheet.html);
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        // The sheet has one method, and so does the session.
        let refused = link.chooses_with(&nonce(&sheet.html), "CARD_KR").await;
        assert_eq!(refused.status, 200);
        let window = link.chooses("KAKAO_PAY").await;
        link.submits(&window, &[("intent", "decline")]).await.goes_to();
        let back = link.goes(&window).await.goes_to().to_owned();
        assert!(!link.goes(&back).await.html.contains(" data-go"), "a buyer who was refused is asked");
        let agrees = json!({ "paymentId": "order-2", "paymentMethod": "KAKAO_PAY",
            "agreements": [{ "name": "terms", "url": "https://shop.example/terms" }] });
        let sheet = shop.sends_link(&agrees).await.sees().await;
        assert!(!sheet.html.contains(" data-go") && sheet.html.contains("agreement-0"), "{}", sheet.html);
        let abroad = shop.sends_link(&json!({ "paymentId": "order-3", "paymentMethod": "PAY_PAL" })).await;
        let none = abroad.sees().await;
        assert_eq!(none.status, 409);
        assert!(none.html.contains("role=\"alert\"") && !none.html.contains("<form"), "{}", none.html);
        shop.closes().await;
    });
}

#[test]
fn every_method_of_a_profile_is_paid_in_its_own_window() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.changes_profile(|profile| CheckoutProfile {
            offers: CheckoutMethod::ALL
                .iter()
                .map(|method| Offer {
                    method: *method,
                    channel: ChannelKey::known(demo::EASY_PAY.key),
                    is_enabled: true,
                    countries: Vec::new(),
                    currencies: Vec::new(),
                    least: None,
                    most: None,
                })
                .collect(),
            ..profile
        })
        .await;
        for method in CheckoutMethod::ALL {
            let id = format!("order-{method}");
            let link = shop.sends_link(&json!({ "paymentId": id, "country": "JP", "currency": "JPY" })).await;
            let window = link.chooses(method.as_str()).await;
            let page = link.goes(&window).await;
            let fields = if page.html.contains("name=\"number\"") {
                card(APPROVED).to_vec()
            } else {
                vec![("intent", "approve")]
            };
            link.submits(&window, &fields).await.goes_to();
            let paid = shop.payment(&id).await;
            assert!(matches!(paid["status"].as_str(), Some("PAID" | "PAY_PENDING")), "{method}: {paid}");
            if let (_, Some(wallet)) = method.in_window() {
                assert_eq!(paid["method"]["provider"], wallet, "{method}");
            }
        }
        shop.closes().await;
    });
}

#[test]
fn what_cannot_be_paid_is_said_and_what_is_under_way_is_waited_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        // The amount was registered otherwise.
        let registered = json!({ "totalAmount": 7_000, "currency": "KRW" });
        shop.post("/payments/order-1/pre-register", &registered).await.succeeds();
        let link = shop.sends_link(&json!({})).await;
        let nonce_of = nonce(&link.sees().await.html);
        let refused = link.chooses_with(&nonce_of, "CARD_KR").await;
        assert_eq!(refused.status, 409);
        assert!(
            !refused.html.contains("7,000") && refused.html.contains("role=\"alert\""),
            "{}",
            refused.html
        );

        // Paid by other means, then taken back.
        let paid = shop.sends_link(&json!({ "paymentId": "order-2" })).await;
        shop.is_paid("order-2", 5_000).await;
        assert!(paid.sees().await.html.contains("sign good"));
        shop.cancels("order-2", None).await.succeeds();
        assert_eq!(paid.sees().await.status, 410);

        // A channel that is switched off while the buyer reads.
        let link = shop.sends_link(&json!({ "paymentId": "order-3" })).await;
        let nonce_of = nonce(&link.sees().await.html);
        shop.changes_profile(|profile| CheckoutProfile { is_deleted: true, ..profile }).await;
        let gone = link.chooses_with(&nonce_of, "CARD_KR").await;
        assert!(gone.html.contains("role=\"alert\""), "{}", gone.html);
        assert!(!link.sees().await.html.contains("CARD_KR"));
        shop.get("/payments/order-3").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn a_crash_while_a_sessions_window_pays_is_mended() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({})).await;
        let window = link.chooses("CARD_KR").await;
        let page = link.goes(&window).await;
        let form = link.form(&window, &nonce(&page.html), &card(crate::shop::SILENT_BUT_CHARGED));
        let sending = tokio::spawn(form.send());
        eventually("the attempt is sent", || async { shop.status("order-1").await == "PAY_PENDING" }).await;
        let waits = link.sees().await;
        assert!(waits.html.contains("http-equiv=\"refresh\""), "{}", waits.html);
        let shop = shop.loses_power_and_opens_again().await;
        let _ = sending.await;
        shop.jobs_run().await;
        shop.after("PT10S").await;
        assert_eq!(shop.status("order-1").await, "PAID");
        let link = Link { url: shop.url.clone(), ..link };
        assert!(link.sees().await.html.contains("sign good"));
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn whoever_reads_the_link_makes_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let link = shop.sends_link(&json!({ "paymentMethod": "CARD_KR" })).await;
        for _ in 0..3 {
            link.sees().await;
        }
        assert_eq!(shop.webhooks("order-1").await, [""; 0]);
        let view =
            shop.app().session_view(&link.id, Some(&TransactionId::known("t"))).await.unwrap().unwrap();
        assert_eq!(view.session.order_name, "a book");
        assert!(shop.app().session_view("other", None).await.unwrap().is_none());
        shop.closes().await;
    });
}

#[test]
fn a_shop_that_approves_itself_gets_the_token_by_the_redirect_or_the_method_is_not_offered() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let manual = demo::CHANNELS.iter().find(|channel| channel.manual_approval).unwrap();
        shop.changes_profile(|profile| CheckoutProfile {
            offers: profile
                .offers
                .into_iter()
                .map(|offer| match offer.method {
                    CheckoutMethod::CardKr => Offer { channel: ChannelKey::known(manual.key), ..offer },
                    _ => offer,
                })
                .collect(),
            ..profile
        })
        .await;
        let without = shop.sends_link(&json!({})).await;
        let sheet = without.sees().await;
        assert!(!sheet.html.contains("CARD_KR") && sheet.html.contains("KAKAO_PAY"), "{}", sheet.html);
        let forged = without.chooses_with(&nonce(&sheet.html), "CARD_KR").await;
        assert!(forged.html.contains("role=\"alert\""));
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");

        let link = shop.sends_link(&json!({ "redirectUrl": "https://shop.example/paid" })).await;
        let window = link.chooses("CARD_KR").await;
        link.submits(&window, &card(APPROVED)).await.goes_to();
        let end = link.goes(&window).await;
        let told = url::Url::parse(end.goes_to()).unwrap();
        let token = told.query_pairs().find(|(name, _)| name == "paymentToken").unwrap().1.into_owned();
        assert_eq!(shop.status("order-1").await, "READY");
        shop.post("/payments/order-1/confirm", &json!({ "paymentToken": token })).await.succeeds();
        assert!(link.sees().await.html.contains("sign good"));
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}
