//! The settlement platform: a marketplace, its rules, its partners and what banks and the tax office say.

mod account_transfers;
mod bulk_payouts;
mod connections;
mod contracts;
mod environments;
mod error_types;
mod lookups;
mod many_partners;
mod partners;
mod policies;
mod reserved_updates;
mod settings;
mod settling;
mod transfer_refusals;
mod transfers;
mod withdrawals;

use crate::shop::{Answer, Shop};
use serde_json::{Value, json};

/// A registration number whose business goes on, has closed, is suspended; and one that nobody has.
pub(super) const GOING: &str = "120-81-47521";
pub(super) const CLOSED: &str = "1208000039";
pub(super) const SUSPENDED: &str = "1208000058";
pub(super) const NOBODYS: &str = "1208147522";

impl Shop {
    pub(super) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("PATCH", path).body(body.to_string())).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("PUT", path).body(body.to_string())).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    /// A contract of this id, TEST: 10 %, weekly on Fridays.
    pub(super) async fn has_contract(&self, id: &str) -> Value {
        self.post("/platform/contracts?test=true", &contract(id)).await.succeeds()["contract"].clone()
    }

    /// A partner of this id, TEST, under the contract `c`.
    pub(super) async fn has_partner(&self, id: &str, kind: Value) -> Value {
        self.post("/platform/partners?test=true", &partner(id, kind)).await.succeeds()["partner"].clone()
    }

    /// The time by the shop's own clock.
    pub(super) async fn time(&self) -> jiff::Timestamp {
        self.get("/sandbox/clock").await.succeeds()["now"].as_str().unwrap().parse().unwrap()
    }

    /// A moment of the shop's clock, so many hours from now.
    pub(super) async fn in_hours(&self, hours: i64) -> String {
        // Whole seconds, which are written as they are read.
        let now = jiff::Timestamp::from_second(self.time().await.as_second()).unwrap();
        (now + jiff::SignedDuration::from_hours(hours)).to_string()
    }

    /// What an operator defines for partners.
    pub(super) async fn defines_property(&self, key: &str) {
        use paypier_domain::change::{Change, Write};
        use paypier_domain::channel::Environment;
        use paypier_domain::id::MerchantId;
        use paypier_domain::settlement::definition::PlatformKey;
        use paypier_domain::settlement::property::{PropertyDefinition, PropertyOf, Secrecy};
        let merchant = MerchantId::known(paypier::cli::dev::demo::MERCHANT_ID);
        let platform = PlatformKey { merchant, environment: Environment::Test };
        let kept = self.app().storage.platform_setting(&platform).await.unwrap();
        let expects = kept.revision;
        let definition = PropertyDefinition { key: key.into(), name: key.into(), secrecy: Secrecy::Open };
        let properties = kept.properties.clone().defined(PropertyOf::Partner, definition).unwrap();
        let setting = Box::new(kept.with_properties(properties));
        let write = Write::PlatformSetting { setting, expects };
        self.app().storage.commit(Change { writes: vec![write], ..Change::default() }).await.unwrap();
    }
}

pub(super) fn contract(id: &str) -> Value {
    json!({
        "id": id, "name": "bakers", "platformFee": { "fixedRate": 10_000 },
        "settlementCycle": {
            "lagDays": 2, "datePolicy": "HOLIDAY_BEFORE", "method": { "weekly": { "daysOfWeek": ["FRI"] } },
        },
        "platformFeeVatPayer": "PARTNER", "subtractPaymentVatAmount": false,
    })
}

pub(super) fn business(number: &str) -> Value {
    json!({ "business": {
        "companyName": "Bread Inc.", "businessRegistrationNumber": number, "representativeName": "Hong",
    }})
}

pub(super) fn person() -> Value {
    json!({ "whtPayer": { "birthdate": "1990-01-02" } })
}

pub(super) fn partner(id: &str, kind: Value) -> Value {
    json!({
        "id": id, "name": "a bakery", "contact": { "name": "Hong", "email": "hong@example.com" },
        "account": { "bank": "KOOKMIN", "currency": "KRW", "number": "110-123-456781", "holder": "홍길동" },
        "defaultContractId": "c", "tags": ["bread"], "type": kind,
    })
}

/// The ids of a list, in its order.
pub(super) fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}
