//! Promotions.

use super::amount;
use crate::app::failure::Failure;
use crate::app::promotion::PromotionView;
use paypier_domain::money::Amount;
use paypier_domain::promotion::{CardCompany, Partition, Recovery, Scheme, Spare, Status};
use paypier_wire::v2;

/// # Errors
/// `Internal`: the promotion's currency is one that the dialect does not know, or it has no partition.
pub fn shown(view: &PromotionView) -> Result<v2::Promotion, Failure> {
    let promotion = &view.promotion;
    let partitions = promotion.policy.partitions();
    let lowest = partitions
        .first()
        .ok_or_else(|| Failure::internal(format!("the promotion {} has no partition", promotion.id)))?;
    Ok(v2::CardPromotion {
        id: promotion.id.as_str().to_owned(),
        store_id: promotion.store.as_str().to_owned(),
        name: promotion.name.clone(),
        discount_policy: v2::PromotionDiscountPolicy {
            partitions: partitions.iter().map(partition).collect(),
        },
        discount_type: discount(lowest.scheme),
        min_payment_amount: Some(lowest.from.minor_units()),
        total_budget: promotion.total_budget.minor_units(),
        max_discount_amount: promotion.policy.max_discount().map(Amount::minor_units),
        spent_amount: promotion.budget.spent.minor_units(),
        currency: amount::currency_shown(promotion.currency)?,
        start_at: promotion.start_at.into(),
        end_at: promotion.end_at.into(),
        terminated_at: promotion.terminated_at.map(Into::into),
        card_company: company(promotion.card_company),
        status: status(view.status),
        created_at: promotion.created_at.into(),
        recover_option: recovery(promotion.recovery),
    }
    .into())
}

fn partition(partition: &Partition) -> v2::PromotionDiscountPartition {
    let scheme = match partition.scheme {
        Scheme::Amount(amount) => v2::PromotionAmountDiscountScheme { amount: amount.minor_units() }.into(),
        Scheme::Percent(percent) => v2::PromotionPercentDiscountScheme { percent: percent.into() }.into(),
    };
    v2::PromotionDiscountPartition { amount_from: partition.from.minor_units(), scheme }
}

fn discount(scheme: Scheme) -> v2::PromotionDiscount {
    match scheme {
        Scheme::Amount(amount) => v2::PromotionAmountDiscount { amount: amount.minor_units() }.into(),
        Scheme::Percent(percent) => v2::PromotionPercentDiscount { percent: percent.into() }.into(),
    }
}

fn recovery(recovery: Recovery) -> v2::PromotionRecoverOption {
    let spare = match recovery {
        Recovery::Recover => return v2::PromotionRecoverOptionRecover {}.into(),
        Recovery::NoRecover { spare } => spare,
    };
    let spare_budget = spare.map(|spare| match spare {
        Spare::Amount(amount) => v2::PromotionSpareBudgetAmount { amount: amount.minor_units() }.into(),
        Spare::Percent(percent) => v2::PromotionSpareBudgetPercent { percent: percent.into() }.into(),
    });
    v2::PromotionRecoverOptionNoRecover { spare_budget }.into()
}

const fn company(company: CardCompany) -> v2::PromotionCardCompany {
    match company {
        CardCompany::Woori => v2::PromotionCardCompany::WooriCard,
        CardCompany::Bc => v2::PromotionCardCompany::BcCard,
        CardCompany::Samsung => v2::PromotionCardCompany::SamsungCard,
        CardCompany::Shinhan => v2::PromotionCardCompany::ShinhanCard,
        CardCompany::Hyundai => v2::PromotionCardCompany::HyundaiCard,
        CardCompany::Lotte => v2::PromotionCardCompany::LotteCard,
        CardCompany::Nh => v2::PromotionCardCompany::NhCard,
        CardCompany::Hana => v2::PromotionCardCompany::HanaCard,
        CardCompany::Kookmin => v2::PromotionCardCompany::KookminCard,
    }
}

const fn status(status: Status) -> v2::PromotionStatus {
    match status {
        Status::Scheduled => v2::PromotionStatus::Scheduled,
        Status::InProgress => v2::PromotionStatus::InProgress,
        Status::Paused => v2::PromotionStatus::Paused,
        Status::BudgetExhausted => v2::PromotionStatus::BudgetExhausted,
        Status::Terminated => v2::PromotionStatus::Terminated,
        Status::Completed => v2::PromotionStatus::Completed,
    }
}
