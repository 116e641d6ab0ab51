//! Payment links as they are kept: what the merchant said, what became of it, and whom we told.
//!
//! When a link may be paid, changed or cancelled is decided in [`crate::link`]; here is what each of these
//! writes. Each try to pay a link is a payment of its own, and only the latest one can go on: starting another one
//! ends it, in the same change.

use crate::change::{Change, Write};
use crate::channel::Environment;
use crate::global::{Choice, OrderLine, Person};
use crate::id::{MerchantId, PaymentId, PaymentKey, StoreId};
use crate::job::{Job, JobWrite, Task};
use crate::link::{LinkLife, LinkStatus, ReminderUnit, Sending, reminder};
use crate::money::{Amount, Currency};
use crate::notice::{self, Notice, NoticeKind, Way};
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLink {
    /// 27 characters, made by us. Whoever knows it may pay.
    pub reference: String,
    pub store: StoreId,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; the guard of every write.
    pub version: u64,
    pub status: LinkStatus,
    /// The merchant's own reference; unique in the store and environment.
    pub order_ref: String,
    /// The merchant's own label; unique likewise. Empty when there is none.
    pub label: String,
    pub source: String,
    /// The signature that the link was made with, as it was sent.
    pub signature: String,
    pub creator: Creator,
    pub created_at: Timestamp,
    pub terms: Terms,
    /// What the references of its attempts begin with.
    pub attempt_prefix: String,
    /// How many payments were started.
    pub attempts: u32,
    /// Our reference of the latest one, which its payment has for an id. Empty before the first.
    pub latest: String,
    /// The one that paid it. Empty before.
    pub paid_by: String,
    /// What was sent to the buyer, oldest first.
    pub notices: Vec<Notice>,
}

/// Who made the link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creator {
    pub ip_address: String,
    pub user_agent: String,
}

/// What the merchant may change as long as nothing is decided. Texts are empty where nothing was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the payer pays. Above zero.
    pub amount: Amount,
    pub currency: Currency,
    /// ISO 3166-1 alpha-2, in capital letters.
    pub country: String,
    pub description: String,
    pub face: MerchantFace,
    pub billing: Option<Person>,
    pub shipping: Option<Person>,
    pub lines: Vec<OrderLine>,
    pub success_url: String,
    pub failure_url: String,
    pub pending_url: String,
    pub mobile_redirect_url: String,
    pub expires_at: Option<Timestamp>,
    pub reminder_time: Option<i64>,
    /// As the merchant wrote it: `hour`, `hours`, `day`, `days`.
    pub reminder_unit: String,
    pub sending: Sending,
    pub switches: Switches,
    pub customer: Contact,
    pub notes: Vec<Note>,
    /// The methods that the page may offer; empty for all.
    pub chosen: Vec<Choice>,
    /// Told about the payments of this link beside the merchant's endpoints.
    pub webhook_urls: Vec<String>,
    pub fields: [String; 5],
    pub uses_exchange_rate: bool,
    pub exchange_rate: Option<ExchangeRate>,
}

/// How the page shows the merchant, and what is added to the price of the items. Decimals are exact texts of the
/// major unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MerchantFace {
    pub name: String,
    pub logo: String,
    pub back_url: String,
    pub promo_code: String,
    pub promo_discount: String,
    pub shipping_charges: String,
    pub tax: String,
}

/// What the page shows and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    pub show_shipping_details: bool,
    pub show_back_button: bool,
    pub show_items: bool,
    pub show_saved_cards: bool,
    pub default_guest_checkout: bool,
    pub is_billing_shipping_same: bool,
    /// The page stands in a frame of the merchant's page.
    pub is_checkout_embed: bool,
    /// The page tells its result instead of leading to the merchant.
    pub override_auto_redirect: bool,
    pub notify_by_email: bool,
    pub notify_by_phone: bool,
}

impl Default for Switches {
    /// What holds when the merchant says nothing.
    fn default() -> Self {
        Self {
            show_shipping_details: false,
            show_back_button: true,
            show_items: true,
            show_saved_cards: true,
            default_guest_checkout: false,
            is_billing_shipping_same: false,
            is_checkout_embed: false,
            override_auto_redirect: false,
            notify_by_email: false,
            notify_by_phone: false,
        }
    }
}

/// Whom to notify.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    pub name: String,
    pub email: String,
    pub phone: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub key: String,
    pub value: String,
}

/// A rate that the merchant guarantees. Decimals are exact texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExchangeRate {
    pub rate: String,
    pub invoice_amount: String,
    pub invoice_currency: String,
    pub payment_currency: String,
    pub payment_amount: String,
    pub show_conversion: bool,
}

impl Terms {
    /// Whom to notify: the customer, or else who pays.
    pub fn addressee(&self) -> Contact {
        let billing = self.billing.clone().unwrap_or_default();
        let or = |given: &str, else_: String| if given.is_empty() { else_ } else { given.to_owned() };
        Contact {
            name: or(&self.customer.name, billing.name),
            email: or(&self.customer.email, billing.email),
            phone: or(&self.customer.phone, billing.phone),
        }
    }

    /// The ways that the buyer is notified by.
    pub fn ways(&self) -> impl Iterator<Item = Way> {
        let switches = self.switches;
        Way::ALL.into_iter().filter(move |way| match way {
            Way::Email => switches.notify_by_email,
            Way::Sms => switches.notify_by_phone,
        })
    }

    fn reminder_at(&self, created_at: Timestamp) -> Option<Timestamp> {
        let unit = match self.reminder_unit.as_str() {
            word if word.eq_ignore_ascii_case("day") || word.eq_ignore_ascii_case("days") => {
                ReminderUnit::Days
            }
            _ => ReminderUnit::Hours,
        };
        reminder(self.reminder_time?, unit, created_at, self.expires_at)
    }
}

impl PaymentLink {
    /// The payment that was started last.
    pub fn latest_payment(&self) -> Option<PaymentKey> {
        let payment = || PaymentId::known(self.latest.clone());
        (!self.latest.is_empty()).then(|| PaymentKey { store: self.store.clone(), payment: payment() })
    }

    pub const fn life(&self, has_open_attempt: bool) -> LinkLife {
        LinkLife { status: self.status, expires_at: self.terms.expires_at, has_open_attempt }
    }

    /// Whole hours from creation to expiry, 0 without one.
    pub fn expiry_hours(&self) -> i64 {
        self.terms.expires_at.map_or(0, |at| at.duration_since(self.created_at).as_hours().max(0))
    }

    /// The change that stores a new link and queues what is to be done about it.
    pub fn made(mut self) -> Change {
        self.version = 1;
        let jobs = self.jobs();
        Change { writes: vec![self.replacing(None)], jobs, ..Change::default() }
    }

    /// The change that gives the link other terms. What was sent stays sent.
    pub fn changed(&self, terms: Terms) -> (Self, Change) {
        let mut changed = Self { terms, ..self.clone() };
        changed.version = self.version.saturating_add(1);
        let mut jobs: Vec<JobWrite> = changed.no_jobs();
        jobs.extend(changed.jobs());
        let writes = vec![changed.clone().replacing(Some(self.version))];
        (changed, Change { writes, jobs, ..Change::default() })
    }

    /// The change that takes the link to this status; a final one ends what was to be done about it.
    pub fn at(&self, status: LinkStatus) -> (Self, Change) {
        let next = Self { status, version: self.version.saturating_add(1), ..self.clone() };
        let jobs = if status.is_final() { next.no_jobs() } else { Vec::new() };
        let writes = vec![next.clone().replacing(Some(self.version))];
        (next, Change { writes, jobs, ..Change::default() })
    }

    /// The change that counts one more started payment, of this reference, and makes the link `Processing`.
    pub fn started(&self, reference: &str) -> (Self, Change) {
        let counted =
            Self { attempts: self.attempts.saturating_add(1), latest: reference.to_owned(), ..self.clone() };
        let (next, change) = counted.at(LinkStatus::Processing);
        (next, change)
    }

    /// The reference of the attempt with this number, counted from 1.
    pub fn attempt_reference(&self, number: u32) -> String {
        format!("{}_{number}", self.attempt_prefix)
    }

    /// The ways by which this is still to be sent.
    pub fn outstanding(&self, kind: NoticeKind) -> Vec<Way> {
        notice::outstanding(&self.notices, kind, self.terms.ways())
    }

    /// The change that writes down how a notice stands, in place of what was known of it.
    pub fn noticed(&self, notice: Notice) -> (Self, Change) {
        let mut next = Self { version: self.version.saturating_add(1), ..self.clone() };
        notice::write_down(&mut next.notices, notice);
        let writes = vec![next.clone().replacing(Some(self.version))];
        (next, Change { writes, ..Change::default() })
    }

    fn replacing(self, expects: Option<u64>) -> Write {
        Write::PaymentLink { link: Box::new(self), expects }
    }

    fn job(&self, task: Task, due_at: Timestamp) -> JobWrite {
        JobWrite::Put(Job { task, store: self.store.clone(), environment: self.environment, due_at, runs: 0 })
    }

    /// What is to be done later, as the terms stand. What was done is not done again: each job looks.
    fn jobs(&self) -> Vec<JobWrite> {
        let link = || self.reference.clone();
        let notifies = self.terms.ways().next().is_some();
        let send = self.terms.sending.at(self.created_at).filter(|_| notifies);
        let remind = self.terms.reminder_at(self.created_at).filter(|_| notifies);
        let mut jobs = Vec::new();
        jobs.extend(send.map(|at| self.job(Task::SendLink { link: link() }, at)));
        jobs.extend(remind.map(|at| self.job(Task::RemindOfLink { link: link() }, at)));
        jobs.extend(self.terms.expires_at.map(|at| self.job(Task::ExpireLink { link: link() }, at)));
        jobs
    }

    fn no_jobs(&self) -> Vec<JobWrite> {
        let link = || self.reference.clone();
        [
            Task::SendLink { link: link() },
            Task::RemindOfLink { link: link() },
            Task::ExpireLink { link: link() },
        ]
        .iter()
        .map(|task| JobWrite::Remove(task.key()))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::NoticeResult;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-01-02T00:00:00Z";

    fn link() -> PaymentLink {
        PaymentLink {
            reference: "2BEemUknaImTq5ljmoNQQV2tSll".into(),
            store: StoreId::known("store-1"),
            merchant: MerchantId::known("merchant-1"),
            environment: Environment::Test,
            version: 0,
            status: LinkStatus::Created,
            order_ref: "ORDER-1".into(),
            label: String::new(),
            source: "api".into(),
            signature: String::new(),
            creator: Creator::default(),
            created_at: at(NOW),
            terms: Terms {
                amount: Amount::new(250_000).unwrap(),
                currency: Currency::USD,
                country: "TH".into(),
                description: String::new(),
                face: MerchantFace::default(),
                billing: Some(Person {
                    name: "Payer".into(),
                    email: "payer@example.com".into(),
                    ..Person::default()
                }),
                shipping: None,
                lines: Vec::new(),
                success_url: "https://shop.example/ok".into(),
                failure_url: "https://shop.example/ko".into(),
                pending_url: String::new(),
                mobile_redirect_url: String::new(),
                expires_at: Some(at("2026-01-10T00:00:00Z")),
                reminder_time: Some(1),
                reminder_unit: "hours".into(),
                sending: Sending { immediately: Some(false), scheduled_at: Some(at("2026-01-05T00:00:00Z")) },
                switches: Switches { notify_by_email: true, ..Switches::default() },
                customer: Contact { phone: "+8200".into(), ..Contact::default() },
                notes: Vec::new(),
                chosen: Vec::new(),
                webhook_urls: Vec::new(),
                fields: <[String; 5]>::default(),
                uses_exchange_rate: false,
                exchange_rate: None,
            },
            attempt_prefix: "2mbbDi9wX3wAgLUDCnRMbQwkwZm".into(),
            attempts: 0,
            latest: String::new(),
            paid_by: String::new(),
            notices: Vec::new(),
        }
    }

    fn due(change: &Change) -> Vec<(&'static str, String)> {
        change
            .jobs
            .iter()
            .filter_map(|write| match write {
                JobWrite::Put(job) => Some((job.task.kind(), job.due_at.to_string())),
                JobWrite::PutOff(_) | JobWrite::Done(_) | JobWrite::Remove(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_new_link_has_its_work_queued() {
        let change = link().made();
        assert_eq!(
            due(&change),
            [
                ("send_link", "2026-01-05T00:00:00Z".to_owned()),
                ("remind_of_link", "2026-01-09T23:00:00Z".to_owned()),
                ("expire_link", "2026-01-10T00:00:00Z".to_owned()),
            ]
        );
        let mut silent = link();
        silent.terms.switches.notify_by_email = false;
        silent.terms.expires_at = None;
        assert!(due(&silent.made()).is_empty(), "nobody to notify, no end");
    }

    #[test]
    fn other_terms_have_other_work() {
        let link = link();
        let mut terms = link.terms.clone();
        terms.expires_at = None;
        terms.sending = Sending { immediately: Some(false), scheduled_at: None };
        let (changed, change) = link.changed(terms);
        assert_eq!((changed.version, due(&change).len()), (1, 0));
        assert_eq!(change.jobs.len(), 3, "what was queued is removed");
    }

    #[test]
    fn what_is_final_leaves_nothing_to_do() {
        for status in [LinkStatus::Success, LinkStatus::Expired, LinkStatus::Cancelled] {
            let (next, change) = link().at(status);
            assert_eq!((next.status, change.jobs.len()), (status, 3));
        }
        let (next, change) = link().started("2mbbExY77pp8iC0AQ1ucWymnd3c");
        assert_eq!(link().latest_payment(), None);
        assert_eq!(next.latest_payment().unwrap().payment.as_str(), "2mbbExY77pp8iC0AQ1ucWymnd3c");
        assert_eq!((next.status, next.attempts, change.jobs.len()), (LinkStatus::Processing, 1, 0));
        assert_eq!(next.attempt_reference(1), "2mbbDi9wX3wAgLUDCnRMbQwkwZm_1");
    }

    #[test]
    fn a_notice_is_sent_by_each_way_once() {
        let mut link = link();
        link.terms.switches.notify_by_phone = true;
        assert_eq!(link.outstanding(NoticeKind::Invitation), [Way::Email, Way::Sms]);
        let notice =
            |way, result| Notice { kind: NoticeKind::Invitation, way, at: at(NOW), tries: 1, result };
        let (link, _) = link.noticed(notice(Way::Email, NoticeResult::Sending));
        let (link, _) = link.noticed(notice(Way::Sms, NoticeResult::Waiting("no connection".into())));
        assert_eq!(link.outstanding(NoticeKind::Invitation), [Way::Sms], "what is in doubt is not repeated");
        let (link, _) = link.noticed(notice(Way::Sms, NoticeResult::Sent));
        assert!(link.outstanding(NoticeKind::Invitation).is_empty());
        assert_eq!((link.notices.len(), link.version), (2, 3));
        assert_eq!(link.outstanding(NoticeKind::Reminder).len(), 2, "a reminder is another notice");
    }

    #[test]
    fn who_pays_is_notified_where_no_customer_is_named() {
        let addressee = link().terms.addressee();
        assert_eq!(
            (addressee.name.as_str(), addressee.email.as_str(), addressee.phone.as_str()),
            ("Payer", "payer@example.com", "+8200")
        );
    }

    #[test]
    fn hours_to_the_expiry_are_whole() {
        let mut link = link();
        assert_eq!(link.expiry_hours(), 192);
        link.terms.expires_at = Some(at("2026-01-02T01:59:59Z"));
        assert_eq!(link.expiry_hours(), 1);
        link.terms.expires_at = Some(at("2024-01-02T01:59:59Z"));
        assert_eq!(link.expiry_hours(), 0, "expired before it was made");
    }
}
