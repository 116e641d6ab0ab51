//! The rules of settlements, as both revisions know them.

use super::{Kind, graphql_id, is_for_test};
use crate::app::platform::setting::ChangeSetting;
use paypier_domain::money::Rounding;
use paypier_domain::settlement::calculator::Component;
use paypier_domain::settlement::cycle::EarlierDate;
use paypier_domain::settlement::property::PlatformSetting;
use paypier_domain::settlement::setting::{
    AmountType, ManualSettlement, OrdersPerPartner, SettingUpdate, Withholding,
};
use paypier_wire::v2;

/// What the standard formulas are, in the language of formulas.
const FEE: &str = "(ORDER_AMOUNT × FIXED_RATE) + FIXED_AMOUNT";
const SHARE: &str = "DISCOUNT_AMOUNT × FIXED_RATE";

const fn orders(many: bool) -> OrdersPerPartner {
    if many { OrdersPerPartner::Many } else { OrdersPerPartner::One }
}

const fn earlier(adjust: bool) -> EarlierDate {
    if adjust { EarlierDate::TakeDayAfter } else { EarlierDate::Keep }
}

const fn withholding(deduct: bool) -> Withholding {
    if deduct { Withholding::Deducted } else { Withholding::NotDeducted }
}

pub fn asked(body: v2::UpdatePlatformSettingBody) -> ChangeSetting {
    let amount_type = |kind| match kind {
        v2::SettlementAmountType::Gross => AmountType::Gross,
        v2::SettlementAmountType::Net => AmountType::Net,
    };
    let manual = |each| if each { ManualSettlement::Each } else { ManualSettlement::Together };
    let update = SettingUpdate {
        orders_per_partner: body.supports_multiple_order_transfers_per_partner.map(orders),
        earlier_date: body.adjust_settlement_date_after_holiday_if_earlier.map(earlier),
        withholding: body.deduct_wht.map(withholding),
        amount_type: body.settlement_amount_type.map(amount_type),
        manual_settlement: body.manual_settlement_per_transfer.map(manual),
        withdrawal_memo: body.default_withdrawal_memo.map(Into::into),
        deposit_memo: body.default_deposit_memo.map(Into::into),
        calculator: None,
    };
    ChangeSetting { update, ..ChangeSetting::default() }
}

pub fn asked_in_october(body: v2::UpdatePlatformBody) -> ChangeSetting {
    let rule = body.settlement_rule.unwrap_or_default();
    let formula = body.settlement_formula.unwrap_or_default();
    let rounding = |kind| match kind {
        v2::PlatformRoundType::Off => Rounding::HalfUp,
        v2::PlatformRoundType::Down => Rounding::Down,
        v2::PlatformRoundType::Up => Rounding::Up,
    };
    ChangeSetting {
        update: SettingUpdate {
            orders_per_partner: rule.supports_multiple_order_transfers_per_partner.map(orders),
            earlier_date: rule.adjust_settlement_date_after_holiday_if_earlier.map(earlier),
            withholding: rule.subtract_wht_in_payout_amount.map(withholding),
            ..SettingUpdate::default()
        },
        rounding: body.round_type.map(rounding),
        platform_fee: formula.platform_fee,
        discount_share: formula.discount_share,
        additional_fee: formula.additional_fee,
    }
}

pub fn shown(kept: &PlatformSetting) -> v2::PlatformSetting {
    let setting = &kept.setting;
    v2::PlatformSetting {
        default_withdrawal_memo: setting.withdrawal_memo.as_deref().map(str::to_owned),
        default_deposit_memo: setting.deposit_memo.as_deref().map(str::to_owned),
        supports_multiple_order_transfers_per_partner: setting.orders_per_partner == OrdersPerPartner::Many,
        adjust_settlement_date_after_holiday_if_earlier: setting.earlier_date == EarlierDate::TakeDayAfter,
        deduct_wht: setting.withholding == Withholding::Deducted,
        settlement_amount_type: match setting.amount_type {
            AmountType::Gross => v2::SettlementAmountType::Gross,
            AmountType::Net => v2::SettlementAmountType::Net,
        },
        is_for_test: is_for_test(&kept.platform),
        manual_settlement_per_transfer: setting.manual_settlement == ManualSettlement::Each,
    }
}

pub fn shown_in_october(kept: &PlatformSetting) -> v2::Platform {
    let setting = &kept.setting;
    let formula = |component: &Component, standard: &str| {
        component.formula.as_ref().map_or(standard, |formula| formula.text()).to_owned()
    };
    let merchant = kept.platform.merchant.as_str();
    v2::Platform {
        merchant_id: merchant.to_owned(),
        graphql_id: graphql_id(Kind::Platform, merchant),
        round_type: match setting.calculator.platform_fee.rounding {
            Rounding::HalfUp => v2::PlatformRoundType::Off,
            Rounding::Down => v2::PlatformRoundType::Down,
            Rounding::Up => v2::PlatformRoundType::Up,
        },
        settlement_formula: v2::PlatformSettlementFormula {
            platform_fee: formula(&setting.calculator.platform_fee, FEE),
            discount_share: formula(&setting.calculator.discount_share, SHARE),
            additional_fee: formula(&setting.calculator.additional_fee, FEE),
        },
        settlement_rule: v2::PlatformSettlementRule {
            supports_multiple_order_transfers_per_partner: setting.orders_per_partner
                == OrdersPerPartner::Many,
            adjust_settlement_date_after_holiday_if_earlier: setting.earlier_date
                == EarlierDate::TakeDayAfter,
            subtract_wht_in_payout_amount: setting.withholding == Withholding::Deducted,
        },
    }
}
