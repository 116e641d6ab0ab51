//! Statements of the settlement platform.

use super::{Plan, Step};
use crate::row::{Value, optional, text};
use crate::shape::document;
use crate::shape::platform::{Kept, Rule, Stored, kind_word, taxation_word};
use crate::shape::platform_setting::Setting;
use crate::sql::Statement;
use paypier_domain::id::MerchantId;
use paypier_domain::settlement::definition::{Connection, Definition, Partner, PlatformKey};
use paypier_domain::settlement::partner::PartnerDetails;
use paypier_domain::settlement::property::PlatformSetting;
use paypier_domain::settlement::verification::{Verification, VerificationOf};
use std::collections::BTreeSet;

const EMPTYING: [Statement; 6] = [
    Statement::EmptyPlatformSettings,
    Statement::EmptyRules,
    Statement::EmptyPartners,
    Statement::EmptyPartnerTags,
    Statement::EmptyVersions,
    Statement::EmptyVerifications,
];

fn owner(platform: &PlatformKey) -> Vec<Value> {
    vec![text(platform.merchant.as_str()), platform.environment.as_str().into()]
}

impl Plan {
    pub(super) fn platform_setting(&mut self, setting: &PlatformSetting, expects: u64) {
        let mut values = owner(&setting.platform);
        let statement = if expects == 0 {
            Statement::PlatformSettingInsert
        } else {
            values.push(expects.into());
            Statement::PlatformSettingUpdate
        };
        values.push(setting.revision.into());
        values.push(document(&Setting::of(setting)).into());
        self.step(statement, values);
    }

    pub(super) fn rule<T: Rule>(&mut self, rule: &Definition<T>, expects: Option<u64>) {
        let mut values = owner(&rule.platform);
        let id = T::name_of(rule.id());
        values.push(T::WORD.into());
        values.push(text(id));
        let statement = match expects {
            None => {
                values.push(rule.created_at.into());
                values.push(id.to_lowercase().into());
                Statement::RuleInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::RuleUpdate
            }
        };
        standing(rule, &mut values);
        rule.terms().columns().values(&mut values);
        values.push(Kept::of(&rule.of).into());
        self.step(statement, values);
        self.versions(rule);
    }

    pub(super) fn partner(&mut self, partner: &Partner, expects: Option<u64>) {
        let definition = &partner.definition;
        let terms = definition.terms();
        let id = definition.id().as_str();
        let mut key = owner(&definition.platform);
        key.push(text(id));
        let mut values = key.clone();
        let statement = match expects {
            None => {
                values.push(definition.created_at.into());
                values.push(id.to_lowercase().into());
                Statement::PartnerInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::PartnerUpdate
            }
        };
        standing(definition, &mut values);
        values.push(partner.approval.as_str().into());
        values.push(partner.connection.as_str().into());
        let (since, note) = match &partner.connection {
            Connection::ConnectPending { since } | Connection::DisconnectPending { since } => {
                (Some(*since), None)
            }
            Connection::ConnectFailed { reason } => (None, Some(&**reason)),
            Connection::NotConnected | Connection::Connected => (None, None),
        };
        values.push(since.into());
        values.push(optional(note));
        values.push(terms.name.to_lowercase().into());
        values.push(terms.contact.email.to_lowercase().into());
        values.push(terms.memo.as_deref().map(str::to_lowercase).into());
        values.push(kind_word(&terms.details).into());
        values.push(optional(taxation_word(&terms.details)));
        let business = match &terms.details {
            PartnerDetails::Business(business) => Some(business),
            PartnerDetails::WhtPayer(_) | PartnerDetails::NonWhtPayer(_) => None,
        };
        values.push(business.map(|business| business.registration_number.to_lowercase()).into());
        values.push(business.map(|business| business.status.as_str()).into());
        values.push(text(terms.default_contract.as_str()));
        values.push(terms.default_contract.as_str().to_lowercase().into());
        values.push(text(&terms.account.bank));
        values.push(text(terms.account.currency.code()));
        values.push(text(terms.account.number()));
        values.push(terms.account.holder.to_lowercase().into());
        values.push(terms.account.status.as_str().into());
        values.push(Kept::of(&definition.of).into());
        self.step(statement, values);
        // Its own tags only: a tag that is named twice is one.
        if expects.is_some() {
            self.step(Statement::PartnerTagsRemove, key.clone());
        }
        let tags: BTreeSet<&str> = terms.tags.iter().map(|tag| &**tag).collect();
        self.rows(
            Statement::PartnerTagInsert,
            tags.into_iter().map(|tag| {
                let mut row = key.clone();
                row.push(text(tag));
                row
            }),
        );
        self.versions(definition);
    }

    fn versions<T: Stored>(&mut self, definition: &Definition<T>) {
        let rows: Vec<_> = definition
            .unrecorded()
            .map(|(number, version)| {
                let mut row = owner(&definition.platform);
                row.push(T::WORD.into());
                row.push(text(T::name_of(definition.id())));
                row.push(number.into());
                row.push(version.applied_at.into());
                row.push(version.terms.document().to_string().into());
                row
            })
            .collect();
        self.rows(Statement::VersionInsert, rows.into_iter());
    }

    pub(super) fn verification(&mut self, verification: &Verification) {
        let mut values = owner(&verification.platform);
        values.push(text(&verification.id));
        let (kind, digest, status) = match &verification.of {
            VerificationOf::Account { digest } => ("ACCOUNT", digest, None),
            VerificationOf::Company { digest, status } => ("COMPANY", digest, Some(status.as_str())),
        };
        values.push(kind.into());
        values.push(digest.to_vec().into());
        values.push(status.into());
        values.push(verification.made_at.into());
        values.push(verification.used_at.into());
        self.step(Statement::VerificationInsert, values);
    }

    pub(super) fn verification_used(&mut self, platform: &PlatformKey, id: &str, at: jiff::Timestamp) {
        let mut values = owner(platform);
        values.push(text(id));
        values.push(at.into());
        self.step(Statement::VerificationUse, values);
    }

    pub(super) fn empty_platform(&mut self, merchant: &MerchantId) {
        let emptying =
            EMPTYING.map(|statement| Step { statement, rows: 1, values: vec![text(merchant.as_str())] });
        self.steps.extend(emptying);
    }
}

/// What every thing with versions has, revision first.
fn standing<T: Stored>(definition: &Definition<T>, values: &mut Vec<Value>) {
    values.push(definition.revision.into());
    values.push(definition.recorded().into());
    values.push(definition.of.archived.into());
    values.push(definition.of.reserved().map(|reserved| reserved.applied_at).into());
}
