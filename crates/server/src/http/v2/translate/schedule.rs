//! Payment schedules: what is planned, listed and revoked.

use super::payment_filter::order;
use super::{amount, charge, customer, id, invalid, page, product, range};
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use crate::app::revoke_schedules::{RevokeSchedules, Which};
use crate::app::schedule_payment::SchedulePayment;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, PaymentId, ScheduleId, StoreId};
use paypier_domain::payment::Origin;
use paypier_domain::schedule::{Schedule, ScheduleStatus, State};
use paypier_storage::{PageAsk, ScheduleFilter, ScheduleSortBy};
use paypier_wire::v2;

/// # Errors
/// Whatever the dialect does not accept.
pub fn asked(
    payment_id: PaymentId,
    body: v2::CreatePaymentScheduleBody,
    origin: Origin,
) -> Result<SchedulePayment, Failure> {
    let payment = body.payment;
    let planned = v2::BillingKeyPaymentInput {
        store_id: payment.store_id,
        billing_key: payment.billing_key,
        channel_key: payment.channel_key,
        order_name: payment.order_name,
        customer: payment.customer,
        custom_data: payment.custom_data,
        amount: payment.amount,
        currency: payment.currency,
        installment_month: payment.installment_month,
        use_free_interest_from_merchant: payment.use_free_interest_from_merchant,
        use_card_point: payment.use_card_point,
        cash_receipt: payment.cash_receipt,
        country: payment.country,
        notice_urls: payment.notice_urls,
        products: payment.products,
        product_count: payment.product_count,
        product_type: payment.product_type,
        shipping_address: payment.shipping_address,
        promotion_id: payment.promotion_id,
        locale: payment.locale,
        bypass: payment.bypass,
        // What a schedule brings about is always announced.
        skip_webhook: None,
    };
    Ok(SchedulePayment {
        charge: charge::asked(payment_id, planned, origin)?,
        time_to_pay: body.time_to_pay.get(),
    })
}

/// The members that all schedules have, and those of the state.
macro_rules! body {
    ($body:ident, $schedule:ident $(, $member:ident: $value:expr)*) => {{
        let charge = &$schedule.charge;
        let amounts = charge.amounts()?;
        v2::$body {
            id: $schedule.id.as_str().to_owned(),
            merchant_id: $schedule.merchant.as_str().to_owned(),
            store_id: $schedule.payment.store.as_str().to_owned(),
            payment_id: $schedule.payment.payment.as_str().to_owned(),
            billing_key: charge.billing_key.as_str().to_owned(),
            order_name: charge.order.name.clone(),
            is_cultural_expense: charge.order.is_cultural_expense,
            is_escrow: charge.order.is_escrow,
            customer: customer::shown(&charge.order.customer),
            custom_data: charge.order.custom_data.clone().unwrap_or_default(),
            total_amount: amounts.total.minor_units(),
            tax_free_amount: Some(amounts.tax_free.minor_units()),
            vat_amount: Some(amounts.vat.minor_units()),
            currency: amount::currency_shown(charge.currency)?,
            installment_month: charge.installment.map(|installment| installment.months.into()),
            notice_urls: (!charge.notices.urls.is_empty()).then(|| charge.notices.urls.clone()),
            products: Some(charge.order.products.iter().map(product::shown).collect()),
            created_at: $schedule.created_at.into(),
            time_to_pay: $schedule.time_to_pay.into(),
            $($member: $value.into(),)*
        }
        .into()
    }};
}

/// # Errors
/// What is stored cannot be said in this dialect.
pub fn shown(schedule: &Schedule) -> Result<v2::PaymentSchedule, Failure> {
    Ok(match &schedule.state {
        State::Scheduled => body!(ScheduledPaymentSchedule, schedule),
        State::Started(run) => body!(StartedPaymentSchedule, schedule, started_at: run.started_at),
        State::Pending { run, at } => {
            body!(PendingPaymentSchedule, schedule, started_at: run.started_at, completed_at: *at)
        }
        State::Succeeded { run, at } => {
            body!(SucceededPaymentSchedule, schedule, started_at: run.started_at, completed_at: *at)
        }
        State::Failed { run: _, started_at, at } => {
            body!(FailedPaymentSchedule, schedule, started_at: *started_at, completed_at: *at)
        }
        State::Revoked { at } => body!(RevokedPaymentSchedule, schedule, revoked_at: *at),
    })
}

/// # Errors
/// As [`shown`].
pub fn page(
    schedules: &[Schedule],
    asked: PageAsk,
    total: u64,
) -> Result<v2::GetPaymentSchedulesResponse, Failure> {
    let items = schedules.iter().map(shown).collect::<Result<_, _>>()?;
    Ok(v2::GetPaymentSchedulesResponse { items, page: page::shown(asked, total) })
}

/// The filter in storage's words. What is planned lies in the future, so that the usual end of a range,
/// which is now, is an end here.
///
/// # Errors
/// A range that ends before it begins.
pub fn filter(
    caller: &Caller,
    store: Option<StoreId>,
    criteria: v2::GetPaymentSchedulesBody,
    now: Timestamp,
) -> Result<ScheduleFilter, Failure> {
    let filter = criteria.filter.unwrap_or_default();
    let sort = criteria.sort.unwrap_or_default();
    let (from, until) = range::asked("filter", filter.from, Some(filter.until.unwrap_or(now.into())), now)?;
    let statuses = filter.status.unwrap_or_default();
    Ok(ScheduleFilter {
        merchant: caller.merchant.clone(),
        store,
        environment: filter
            .is_for_test
            .map(|is_test| if is_test { Environment::Test } else { Environment::Live }),
        billing_key: filter.billing_key,
        statuses: statuses.into_iter().map(status).collect(),
        from,
        until,
        sort_by: match sort.by {
            Some(v2::PaymentScheduleSortBy::CreatedAt) => ScheduleSortBy::CreatedAt,
            Some(v2::PaymentScheduleSortBy::TimeToPay) | None => ScheduleSortBy::TimeToPay,
            Some(v2::PaymentScheduleSortBy::CompletedAt) => ScheduleSortBy::CompletedAt,
            Some(v2::PaymentScheduleSortBy::StatusTimestamp) => ScheduleSortBy::StatusTimestamp,
        },
        order: order(sort.order),
    })
}

const fn status(status: v2::PaymentScheduleStatus) -> ScheduleStatus {
    match status {
        v2::PaymentScheduleStatus::Scheduled => ScheduleStatus::Scheduled,
        v2::PaymentScheduleStatus::Started => ScheduleStatus::Started,
        v2::PaymentScheduleStatus::Succeeded => ScheduleStatus::Succeeded,
        v2::PaymentScheduleStatus::Failed => ScheduleStatus::Failed,
        v2::PaymentScheduleStatus::Revoked => ScheduleStatus::Revoked,
        v2::PaymentScheduleStatus::Pending => ScheduleStatus::Pending,
    }
}

/// How many schedules may be named in one request.
const MOST_NAMED: usize = 1000;

/// # Errors
/// Neither a key nor schedules, an id that is none, too many of them.
pub fn revocation(body: v2::RevokePaymentSchedulesBody) -> Result<RevokeSchedules, Failure> {
    let key = id("billingKey", body.billing_key.as_deref(), BillingKeyId::parse)?;
    // An empty list names nothing, like no list.
    let named = body.schedule_ids.unwrap_or_default();
    if named.len() > MOST_NAMED {
        return Err(invalid("scheduleIds", &format!("must have at most {MOST_NAMED} elements")));
    }
    let mut ids: Vec<ScheduleId> = Vec::with_capacity(named.len());
    for (index, text) in named.iter().enumerate() {
        let member = format!("scheduleIds[{index}]");
        let schedule = id(&member, Some(text), ScheduleId::parse)?;
        ids.extend(schedule.filter(|schedule| !ids.contains(schedule)));
    }
    let which = match (key, ids.is_empty()) {
        (None, true) => return Err(invalid("billingKey", "or scheduleIds is required")),
        (Some(key), true) => Which::OfKey(key),
        (key, false) => Which::Named { ids, key },
    };
    Ok(RevokeSchedules { store: body.store_id, which })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use paypier_domain::id::TransactionId;
    use paypier_domain::schedule::Run;
    use serde_json::{Value, json};

    #[test]
    fn every_state_has_its_variant() {
        let run = || Run { transaction: TransactionId::known("t-1"), started_at: samples::at(100) };
        let states = [
            State::Scheduled,
            State::Started(run()),
            State::Pending { run: run(), at: samples::at(101) },
            State::Succeeded { run: run(), at: samples::at(102) },
            State::Failed { run: Some(run()), started_at: samples::at(100), at: samples::at(103) },
            State::Revoked { at: samples::at(50) },
        ];
        for state in states {
            let schedule = Schedule { state, ..samples::schedule() };
            let name = schedule.status().as_str();
            insta::with_settings!({ snapshot_suffix => name }, {
                insta::assert_json_snapshot!(shown(&schedule).unwrap());
            });
        }
        let mut bare = samples::schedule();
        bare.charge.order.custom_data = None;
        bare.charge.installment = None;
        bare.charge.notices.urls.clear();
        let text = serde_json::to_string(&shown(&bare).unwrap()).unwrap();
        assert!(text.contains(r#""customData":"""#) && !text.contains("noticeUrls"), "{text}");
    }

    #[test]
    fn plans_are_read_and_refused_by_name() {
        for (change, refusal) in [
            (json!({}), None),
            (json!({"timeToPay": null}), Some("timeToPay must be an RFC 3339 date and time with an offset")),
            (
                json!({"timeToPay": "tomorrow"}),
                Some("timeToPay must be an RFC 3339 date and time with an offset"),
            ),
            (json!({"payment": null}), Some("payment must be an object")),
            (json!({"payment": {}}), Some("payment.billingKey is required")),
        ] {
            let mut plan = json!({
                "payment": {
                    "billingKey": "billing-key-1", "orderName": "plan", "amount": {"total": 9_900},
                    "currency": "KRW", "skipWebhook": true,
                },
                "timeToPay": "2027-01-01T00:00:00+09:00",
            });
            for (name, member) in change.as_object().unwrap() {
                plan[name] = member.clone();
            }
            let read = body::read(plan.to_string().as_bytes())
                .and_then(|body| asked(PaymentId::known("order-1"), body, samples::origin()));
            assert_eq!(read.as_ref().err().map(ToString::to_string).as_deref(), refusal, "{plan}");
            if let Ok(read) = read {
                assert!(!read.charge.sale.notices.skip_success, "a schedule hides nothing");
            }
        }
    }

    #[test]
    fn lists_end_now_unless_another_end_is_named() {
        let read = |criteria: Value| {
            let criteria = body::read(criteria.to_string().as_bytes()).unwrap();
            filter(&samples::caller(), None, criteria, samples::at(0)).unwrap()
        };
        assert_eq!(read(json!({})).until, samples::at(0));
        let criteria = json!({
            "sort": {"by": "COMPLETED_AT", "order": "ASC"},
            "filter": {
                "from": "2026-01-01T00:00:00Z", "until": "2028-01-01T00:00:00Z", "billingKey": "billing-key-1",
                "status": ["SCHEDULED", "PENDING"], "isForTest": false,
            },
        });
        insta::assert_debug_snapshot!(read(criteria));
    }

    #[test]
    fn a_revocation_names_something_and_each_once() {
        let read = |body: Value| revocation(body::read(body.to_string().as_bytes()).unwrap());
        for (body, refusal) in [
            (json!({}), "billingKey or scheduleIds is required"),
            (json!({"scheduleIds": []}), "billingKey or scheduleIds is required"),
            (json!({"billingKey": ""}), "billingKey: the id is empty"),
            (json!({"scheduleIds": ["a", ""]}), "scheduleIds[1]: the id is empty"),
            (json!({"scheduleIds": vec!["a"; 1001]}), "scheduleIds must have at most 1000 elements"),
        ] {
            assert_eq!(read(body.clone()).unwrap_err().to_string(), refusal, "{body}");
        }
        let named = read(json!({"billingKey": "b", "scheduleIds": ["s-1", "s-2", "s-1"]})).unwrap();
        let Which::Named { ids, key: Some(_) } = named.which else { panic!("{named:?}") };
        assert_eq!(ids, [ScheduleId::known("s-1"), ScheduleId::known("s-2")]);
        let of_key = read(json!({"billingKey": "b", "scheduleIds": []})).unwrap();
        assert!(matches!(of_key.which, Which::OfKey(_)));
    }
}
