//! Whose account it is, how a business stands, and partners that refer to what was looked up.

use super::{CLOSED, GOING, NOBODYS, business, partner};
use crate::shop::{Shop, both_databases};
use serde_json::json;

const PARTNERS: &str = "/platform/partners?test=true";

#[test]
fn a_bank_names_the_holder_or_why_it_does_not() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let holder = |bank: &str, number: &str, query: &str| {
            format!("/platform/bank-accounts/{bank}/{number}/holder?{query}")
        };
        let found = shop.get(&holder("KOOKMIN", "110123456781", "test=true")).await.succeeds();
        assert_eq!(found["holderName"].as_str().unwrap().chars().count(), 3);
        let again = shop.get(&holder("KOOKMIN", "110123456781", "test=true")).await.succeeds();
        assert_eq!(again["holderName"], found["holderName"]);
        assert_ne!(again["accountVerificationId"], found["accountVerificationId"]);
        for query in [
            "birthdate=900102",
            "birthdate=19900102",
            "birthdate=1990-01-02",
            "businessRegistrationNumber=1208147521",
        ] {
            shop.get(&holder("KOOKMIN", "110123456781", &format!("test=true&{query}"))).await.succeeds();
        }
        for (bank, number, query) in [
            ("NO_BANK", "110", ""),
            ("KOOKMIN", "110-123", ""),
            ("KOOKMIN", "110", "birthdate=tomorrow"),
            ("KOOKMIN", "110", "businessRegistrationNumber=1"),
            ("KOOKMIN", "110", "birthdate=900102&businessRegistrationNumber=1208147521"),
            ("KOOKMIN", "110", "test=yes"),
        ] {
            shop.get(&holder(bank, number, query)).await.refused(400, "INVALID_REQUEST");
        }
        for (bank, number, status, kind) in [
            ("BANK_OF_KOREA", "110123456781", 400, "PLATFORM_NOT_SUPPORTED_BANK"),
            ("KOOKMIN", "110123456700", 503, "PLATFORM_EXTERNAL_API_FAILED"),
            ("KOOKMIN", "110123456799", 503, "PLATFORM_EXTERNAL_API_TEMPORARILY_FAILED"),
        ] {
            shop.get(&holder(bank, number, "test=true")).await.refused(status, kind);
        }
        // Nobody answers for LIVE accounts yet.
        shop.get(&holder("KOOKMIN", "110123456781", "")).await.refused(503, "PLATFORM_EXTERNAL_API_FAILED");
        shop.closes().await;
    });
}

#[test]
fn the_tax_office_tells_how_a_business_stands() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let state = |number: &str, query: &str| format!("/platform/companies/{number}/state?{query}");
        let going = shop.get(&state(GOING, "test=true")).await.succeeds();
        assert_eq!(
            going["companyState"],
            json!({ "taxationType": "NORMAL", "taxationTypeDate": "2020-01-01", "businessStatus": "IN_BUSINESS" })
        );
        let closed = shop.get(&state(CLOSED, "test=true")).await.succeeds();
        assert_eq!(closed["companyState"]["businessStatus"], "CLOSED");
        assert_eq!(closed["companyState"]["closedSuspendedDate"], "2024-01-31");
        shop.get(&state(NOBODYS, "test=true")).await.refused(404, "PLATFORM_COMPANY_NOT_FOUND");
        shop.get(&state("12345", "test=true")).await.refused(400, "INVALID_REQUEST");
        shop.get(&state(GOING, "")).await.refused(503, "PLATFORM_EXTERNAL_API_FAILED");
        shop.closes().await;
    });
}

#[test]
fn a_look_up_vouches_once_for_what_was_looked_up_and_for_a_day() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        let account = "/platform/bank-accounts/KOOKMIN/110123456781/holder?test=true";
        let company = format!("/platform/companies/{GOING}/state?test=true");
        let (account_found, company_found) =
            (shop.get(account).await.succeeds(), shop.get(&company).await.succeeds());
        let mut asked = partner("a", business(GOING));
        asked["account"]["accountVerificationId"] = account_found["accountVerificationId"].clone();
        asked["type"]["business"]["companyVerificationId"] = company_found["companyVerificationId"].clone();
        // The account's holder is another; nothing is used up by that.
        shop.post(PARTNERS, &asked).await.refused(400, "PLATFORM_ACCOUNT_VERIFICATION_FAILED");
        asked["account"]["holder"] = account_found["holderName"].clone();
        let made = shop.post(PARTNERS, &asked).await.succeeds()["partner"].clone();
        assert_eq!(made["account"]["status"], "VERIFIED");
        assert_eq!(made["type"]["businessStatus"], "IN_BUSINESS");

        asked["id"] = "b".into();
        shop.post(PARTNERS, &asked).await.refused(409, "PLATFORM_ACCOUNT_VERIFICATION_ALREADY_USED");
        asked["account"].as_object_mut().unwrap().remove("accountVerificationId");
        shop.post(PARTNERS, &asked).await.refused(409, "PLATFORM_COMPANY_VERIFICATION_ALREADY_USED");
        // The dialect has no words for a look-up of another business, or one that is not there.
        let other = shop.get(&format!("/platform/companies/{CLOSED}/state?test=true")).await.succeeds();
        for id in [
            other["companyVerificationId"].clone(),
            json!("none"),
            account_found["accountVerificationId"].clone(),
        ] {
            asked["type"]["business"]["companyVerificationId"] = id;
            shop.post(PARTNERS, &asked).await.refused(400, "INVALID_REQUEST");
        }
        asked["type"]["business"].as_object_mut().unwrap().remove("companyVerificationId");
        let found = shop.get(account).await.succeeds();
        asked["account"]["accountVerificationId"] = found["accountVerificationId"].clone();
        shop.after("PT24H").await;
        shop.post(PARTNERS, &asked).await.refused(404, "PLATFORM_ACCOUNT_VERIFICATION_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn of_many_who_show_one_look_up_one_may_use_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        let found =
            shop.get("/platform/bank-accounts/KOOKMIN/110123456781/holder?test=true").await.succeeds();
        let ask = |n: u32| {
            let mut asked = partner(&format!("p{n}"), super::person());
            asked["account"]["holder"] = found["holderName"].clone();
            asked["account"]["accountVerificationId"] = found["accountVerificationId"].clone();
            shop.request("POST", PARTNERS).body(asked.to_string())
        };
        let answers = crate::shop::at_once((0..8).map(ask).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "PLATFORM_ACCOUNT_VERIFICATION_ALREADY_USED");
        }
        shop.closes().await;
    });
}
