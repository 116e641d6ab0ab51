use super::*;
use paypier_wire::global::Decimal;
use paypier_wire::global::signed::{
    AccountVerification, Beneficiary, Deduction, LinkWebhook, OnDemandPlan, OnDemandSubscription,
    PaymentRequest, PaymentWebhook, Payout, PayoutApproval, PayoutWebhook, Redirect, RegularPlan,
    RegularSubscription, StatusUpdate, SubscriptionWebhook, Value,
};
use serde_json::Value as Json;
use std::path::PathBuf;

fn secret() -> MerchantSecret {
    MerchantSecret::new("PORTONE_SECRET")
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn payment<'a>(amount_text: &str, currency: &'a str, merchant_order_id: &'a str) -> PaymentRequest<'a> {
    PaymentRequest {
        amount: amount(amount_text),
        client_key: "PORTONE_KEY",
        currency,
        failure_url: "https://checkout.portone.cloud/failure.html",
        merchant_order_id,
        success_url: "https://checkout.portone.cloud/success.html",
    }
}

#[test]
fn the_documented_messages_are_signed_as_documented() {
    let subscription = OnDemandSubscription {
        client_key: "PORTONE_KEY",
        currency: "USD",
        failure_url: "https://subscription.portone.cloud/failure.html",
        merchant_order_ref: "Subscription_1729672233762",
        success_url: "https://subscription.portone.cloud/success.html",
    };
    let deduction = Deduction {
        amount: amount("100"),
        client_key: "PORTONE_KEY",
        currency: "USD",
        merchant_order_ref: "Merchant_1729672233763",
        subscription_order_ref: "2nsRMeHXpSUpe8DZzdyZkKCtI9D",
    };
    let webhook = PaymentWebhook {
        amount: amount("500.00"),
        channel_key: "PAYLETTER",
        channel_order_ref: "20240926HULUNYGP6MA2",
        country_code: "US",
        currency: "USD",
        merchant_order_ref: "2mbbDi9wX3wAgLUDCnRMbQwkwZm_1",
        method_name: "Payletter Credit Card",
        order_ref: "2mbbExY77pp8iC0AQ1ucWymnd3c",
        status: "Success",
    };
    let link = LinkWebhook {
        amount: amount("500"),
        country_code: "JP",
        currency: "JPY",
        link_ref: "2mbaHZ6VVokmHJNtKafVCyIZIxv",
        merchant_order_ref: "1779AA6E40071177",
        status: "Success",
    };
    let redirect = Redirect {
        channel_order_ref: "20240926HULUNYGP6MA2",
        merchant_order_ref: "2mbbDi9wX3wAgLUDCnRMbQwkwZm_1",
        order_ref: "2mbbExY77pp8iC0AQ1ucWymnd3c",
        status: "Success",
    };
    for (signed, documented) in [
        (sign(&secret(), &payment("100.00", "USD", "")), "CF3OkWqM2SG6d5phUe2lLM2RGl3b95n+xdafLmBP0G0="),
        (
            sign(&secret(), &payment("2500", "THB", "011352FD604A301")),
            "fwvUGOaYpv5gUBqpIeomxi48scDbLLJ5ZGvNBW8PcgE=",
        ),
        (sign(&secret(), &payment("10.10", "USD", "TZ-1")), "xKrLxoRpEYxHccmSAuJT4d7FHwtwKXxe1tjO7rw6p/Q="),
        (
            sign(
                &secret(),
                &RegularPlan {
                    amount: amount("1000"),
                    client_key: "PORTONE_KEY",
                    currency: "USD",
                    frequency: 1,
                    merchant_order_ref: "Plan_1729672233765",
                },
            ),
            "zK3/SNm4yg62j++b5958DuuQrkpBvnPb5PL8bBGgqRQ=",
        ),
        (
            sign(
                &secret(),
                &OnDemandPlan {
                    client_key: "PORTONE_KEY",
                    currency: "USD",
                    merchant_order_ref: "Plan_1729672233766",
                },
            ),
            "8+yXl0TfsQXdH8APhLq9Rct6QPRnYm4jejaeri34oTQ=",
        ),
        (
            sign(
                &secret(),
                &RegularSubscription {
                    client_key: subscription.client_key,
                    currency: subscription.currency,
                    failure_url: subscription.failure_url,
                    merchant_order_ref: "Subscription_1729672233761",
                    quantity: 1,
                    success_url: subscription.success_url,
                },
            ),
            "jL64vVzzE7dlpKB+DZ4rXhjUGfjFonumHsZFhiqvMy4=",
        ),
        (sign(&secret(), &subscription), "OupHvJCddgezcCVHiBx7IzJktyp6sq9i1vR4YhJsR60="),
        (sign(&secret(), &deduction), "ZD8NHqL7IxeQuRk/qn078p1tbIUFz7zx/dhn7cC2v7Y="),
        (sign(&secret(), &webhook), "s1WPfsDVVGy/1hBr8ZdcR13GLSYNDEq5oph5ryyOsc8="),
        (sign(&secret(), &link), "+xY6MrdvOiEypOxIwfr1BZLUGOx/qeGhfAlYkft1CAs="),
        (
            sign(
                &secret(),
                &SubscriptionWebhook {
                    currency: "VND",
                    merchant_order_ref: "Subscription_1727351941734",
                    order_ref: "2mbiztAoKWCBpciTKJiqKLjHu7A",
                    status: "Active",
                },
            ),
            "AwmETsvSeS2vN0kl3WjNDIaPQ39ALmVs/cKkiDYnz1k=",
        ),
        (sign(&secret(), &redirect), "ZUmPVJnLlKI2g9IHJ17FeBmRhF0gLlcy2m6+2PbmoFg="),
        (
            sign(
                &secret(),
                &StatusUpdate {
                    client_key: "NPSkZZYefGyKvBxi",
                    merchant_order_ref: "Merchant1655292274163",
                    status: "Success",
                },
            ),
            "09NY4CSksrZ86oicnXqxx3h66vgZXGCqVuRdi6OUcsU=",
        ),
    ] {
        assert_eq!(signed, documented);
    }
}

#[test]
fn every_published_way_of_writing_a_message_is_accepted() {
    let escaped = payment("100", "USD", "a*b~c!d'e(f)g");
    for (written, signature) in [
        ("canonical", "V85xdldlmRVXIWzJtsTtK+5epMJWp64Y79LdcYgr+1g="),
        ("Java", "u8Pq0Uz0uCd0PFuQ8HPOLW11zL6K/gCaLOvUhYQ1/zM="),
        ("PHP", "zGnbEi5POPKupe8VKSxbzWtUsu9vY5goEGq7oNSEtOE="),
        ("encodeURIComponent", "9Xfed+AOQ/9KAU95BTkIJDUoG+i6kyyxy1yabiyGSyI="),
    ] {
        assert!(verify(&secret(), &escaped, signature), "{written}");
    }
    let rounded = payment("12345.678", "KWD", "3DEC");
    assert!(verify(&secret(), &rounded, "2NAVy5hd8N6MMXoK+T3cRmYMvtvDhcXkXx9Ime0XfHs="), "exact");
    assert!(verify(&secret(), &rounded, "5pqohNnF1pQ7tjIkMJBhNOOiasByVlQIQ8ZOKwyxCCE="), "two places");
    assert_eq!(sign(&secret(), &rounded), "2NAVy5hd8N6MMXoK+T3cRmYMvtvDhcXkXx9Ime0XfHs=");
}

#[test]
fn nothing_else_is_accepted() {
    let message = payment("100.25", "USD", "MERCHANT1617366877238");
    let right = "njSPB5DIYE/xSPEmfuZzdqQi9qSSAHpFlxdFLjXPaWA=";
    assert!(verify(&secret(), &message, right));
    for (why, signature) in [
        ("trailing zeros", "zWCEZ+iO8p6lPmATaRnvl2hH7WGDLq/Db1rcL/s9uPI="),
        ("another name of the key", "SJRfw7OQ31Y/Ln2LBR0lOFK7eg4HwZUqOT5b0ebD2Ek="),
        ("not escaped", "P0lZVZ0gPffil8XHXubvtzgmVr4/Bu3+Ss/Z/BV6qSo="),
        ("hexadecimal", "9e348f0790c8604ff148f1267ee67376a422f6a492007a459717452e35cf6960"),
        ("URL-safe", "njSPB5DIYE_xSPEmfuZzdqQi9qSSAHpFlxdFLjXPaWA"),
        ("another secret", "RFcOyxz7pscKJ8W1WE/MOSMb6MZqrLnjAdGRYzHlqcg="),
        ("no key", "TdO5sLXN480CxBdBj1VMPVigF8DCHG3aOCtAfTMQGpE="),
        ("empty", ""),
        ("a blank behind", "njSPB5DIYE/xSPEmfuZzdqQi9qSSAHpFlxdFLjXPaWA= "),
        ("bits that mean nothing", "njSPB5DIYE/xSPEmfuZzdqQi9qSSAHpFlxdFLjXPaWB="),
    ] {
        assert!(!verify(&secret(), &message, signature), "{why}");
    }
    for other in [
        payment("100.26", "USD", "MERCHANT1617366877238"),
        payment("100.25", "usd", "MERCHANT1617366877238"),
        payment("100.25", "USD", "MERCHANT1617366877238 "),
    ] {
        assert!(!verify(&secret(), &other, right), "{other:?}");
    }
    assert!(!verify(&MerchantSecret::new(""), &message, right));
}

#[test]
fn a_secret_does_not_show_itself() {
    assert_eq!(format!("{:?}", secret()), "MerchantSecret(..)");
    assert!(secret().is("PORTONE_SECRET"));
    assert!(!secret().is("PORTONE_SECRE"));
}

// The rest reads the vectors that came with the specification, where they are there.

#[expect(clippy::disallowed_methods, reason = "the test is told by its environment where the vectors are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The file with the vectors, or nothing where it is not there; in CI that is a failure.
pub(in crate::global) fn vectors() -> Option<Json> {
    let shared = match variable("PAYPIER_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let file = shared.join("spec/global-signature-vectors.json");
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) if variable("CI").is_some() => panic!("the vectors cannot be read in CI: {error}"),
        Err(_) => {
            println!("vectors: LEFT OUT, {} is not there", file.display());
            None
        }
    }
}

/// The members that each kind of message signs, by the name of the kind in the file.
fn members(message: &str) -> &'static [&'static str] {
    match message {
        "payment_request" | "payment_link_request" => PaymentRequest::MEMBERS,
        "plan_request_regular" => RegularPlan::MEMBERS,
        "plan_request_ondemand" => OnDemandPlan::MEMBERS,
        "subscription_request_regular" => RegularSubscription::MEMBERS,
        "subscription_request_ondemand" => OnDemandSubscription::MEMBERS,
        "ondemand_deduction_request" => Deduction::MEMBERS,
        "payment_webhook" => PaymentWebhook::MEMBERS,
        "payment_link_webhook" => LinkWebhook::MEMBERS,
        "subscription_link_webhook" => SubscriptionWebhook::MEMBERS,
        "payment_redirect" | "subscription_redirect" => Redirect::MEMBERS,
        "refund_request" | "refund_webhook" => &[],
        "transaction_status_update" => StatusUpdate::MEMBERS,
        "payout_create" => Payout::MEMBERS,
        "payout_approve_or_verify" => PayoutApproval::MEMBERS,
        "payout_beneficiary_create" => Beneficiary::MEMBERS,
        "payout_beneficiary_verification" => AccountVerification::MEMBERS,
        "payout_webhook" => PayoutWebhook::MEMBERS,
        other => panic!("no message of ours is called {other}"),
    }
}

/// A message of the file.
struct Message<'a> {
    members: &'static [&'static str],
    values: &'a Json,
}

impl<'a> Message<'a> {
    /// The vector with this id.
    fn find(vectors: &'a Json, id: &Json) -> Self {
        let vector =
            vectors["vectors"].as_array().unwrap().iter().find(|vector| vector["id"] == *id).unwrap();
        Self { members: members(vector["message"].as_str().unwrap()), values: &vector["param_strings"] }
    }
}

impl Signed for Message<'_> {
    fn members(&self) -> Vec<(&'static str, Value<'_>)> {
        let value = |member: &&'static str| {
            let text = self.values[*member].as_str().unwrap();
            let is_number = ["amount", "frequency", "quantity"].contains(member);
            (*member, if is_number { Value::Number(amount(text)) } else { Value::Text(text) })
        };
        self.members.iter().map(value).collect()
    }
}

#[test]
fn the_signed_members_are_those_of_the_specification() {
    let Some(vectors) = vectors() else { return };
    let sets = vectors["parameter_sets"].as_object().unwrap();
    assert!(sets.len() >= 20);
    for (message, set) in sets {
        let message = message.trim_end_matches(" (proposed)");
        assert_eq!(serde_json::json!(members(message)), *set, "{message}");
    }
}

#[test]
fn all_vectors_verify_and_the_canonical_ones_are_what_we_sign() {
    let Some(vectors) = vectors() else { return };
    let mut seen = 0u32;
    for vector in vectors["vectors"].as_array().unwrap() {
        let id = &vector["id"];
        let variant = vector["status"] == "accepted_variant";
        let message = Message::find(&vectors, if variant { &vector["variant_of"] } else { id });
        let secret = MerchantSecret::new(vector["secret"].as_str().unwrap());
        let (text, signature) =
            (vector["string_to_sign"].as_str().unwrap(), vector["signature"].as_str().unwrap());
        if variant {
            assert!(message.accepted_texts().iter().any(|accepted| accepted == text), "{id}: {text}");
            assert_ne!(sign(&secret, &message), signature, "{id}");
        } else {
            assert_eq!(message.text(), text, "{id}");
            assert_eq!(sign(&secret, &message), signature, "{id}");
        }
        assert!(verify(&secret, &message, signature), "{id}");
        seen = seen.saturating_add(1);
    }
    assert!(seen >= 34, "{seen}");
}

#[test]
fn no_negative_vector_verifies() {
    let Some(vectors) = vectors() else { return };
    let negative = vectors["negative_vectors"].as_array().unwrap();
    assert!(negative.len() >= 7);
    for vector in negative {
        let message = Message::find(&vectors, &vector["of"]);
        assert!(!verify(&secret(), &message, vector["signature"].as_str().unwrap()), "{vector}");
    }
}
