//! The settings of a merchant's platform (v2-platform, section 3). A change counts for what is
//! computed after it; what is frozen or confirmed keeps the values it was made with.

use super::calculator::Calculator;
use super::cycle::EarlierDate;

/// The longest default text of a passbook, in characters.
pub const MAX_MEMO_CHARS: usize = 50;

/// The settings of a merchant's platform, one set for each environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub orders_per_partner: OrdersPerPartner,
    pub earlier_date: EarlierDate,
    pub withholding: Withholding,
    pub amount_type: AmountType,
    pub manual_settlement: ManualSettlement,
    pub withdrawal_memo: Option<Box<str>>,
    pub deposit_memo: Option<Box<str>>,
    pub calculator: Calculator,
}

/// `supportsMultipleOrderTransfersPerPartner`: order transfers of one partner for one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrdersPerPartner {
    One,
    Many,
}

/// `deductWht`: whether withholding tax is taken off payouts to those who pay it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Withholding {
    Deducted,
    NotDeducted,
}

/// `settlementAmountType`: whether settlement amounts contain the partner's VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmountType {
    Gross,
    Net,
}

/// `manualSettlementPerTransfer`: what manual transfers are added up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ManualSettlement {
    /// One partner settlement for a partner's manual transfers of a day.
    Together,
    /// A partner settlement and a payout for every one.
    Each,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            orders_per_partner: OrdersPerPartner::One,
            earlier_date: EarlierDate::TakeDayAfter,
            withholding: Withholding::Deducted,
            amount_type: AmountType::Gross,
            manual_settlement: ManualSettlement::Together,
            withdrawal_memo: None,
            deposit_memo: None,
            calculator: Calculator::default(),
        }
    }
}

/// What an update names; an absent member keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingUpdate {
    pub orders_per_partner: Option<OrdersPerPartner>,
    pub earlier_date: Option<EarlierDate>,
    pub withholding: Option<Withholding>,
    pub amount_type: Option<AmountType>,
    pub manual_settlement: Option<ManualSettlement>,
    /// Empty: taken away.
    pub withdrawal_memo: Option<Box<str>>,
    /// Empty: taken away.
    pub deposit_memo: Option<Box<str>>,
    pub calculator: Option<Calculator>,
}

/// A passbook text that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the memo has {0} characters; at most {MAX_MEMO_CHARS} are accepted")]
pub struct MemoTooLong(pub usize);

impl Setting {
    /// # Errors
    /// Memos that are too long.
    pub fn updated(&self, update: SettingUpdate) -> Result<Self, MemoTooLong> {
        Ok(Self {
            orders_per_partner: update.orders_per_partner.unwrap_or(self.orders_per_partner),
            earlier_date: update.earlier_date.unwrap_or(self.earlier_date),
            withholding: update.withholding.unwrap_or(self.withholding),
            amount_type: update.amount_type.unwrap_or(self.amount_type),
            manual_settlement: update.manual_settlement.unwrap_or(self.manual_settlement),
            withdrawal_memo: memo(update.withdrawal_memo, self.withdrawal_memo.as_deref())?,
            deposit_memo: memo(update.deposit_memo, self.deposit_memo.as_deref())?,
            calculator: update.calculator.unwrap_or_else(|| self.calculator.clone()),
        })
    }
}

fn memo(update: Option<Box<str>>, current: Option<&str>) -> Result<Option<Box<str>>, MemoTooLong> {
    match update {
        None => Ok(current.map(Into::into)),
        Some(text) if text.is_empty() => Ok(None),
        Some(text) => match text.chars().count() {
            chars if chars > MAX_MEMO_CHARS => Err(MemoTooLong(chars)),
            _ => Ok(Some(text)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_changes_what_it_names() {
        let text = |text: &str| Some(Box::from(text));
        let first = SettingUpdate {
            amount_type: Some(AmountType::Net),
            withholding: Some(Withholding::NotDeducted),
            withdrawal_memo: text("정산"),
            deposit_memo: text(&"가".repeat(50)),
            ..Default::default()
        };
        let setting = Setting::default().updated(first).unwrap();
        let expected = Setting {
            amount_type: AmountType::Net,
            withholding: Withholding::NotDeducted,
            withdrawal_memo: text("정산"),
            deposit_memo: text(&"가".repeat(50)),
            ..Setting::default()
        };
        assert_eq!(setting, expected);
        let second = SettingUpdate {
            withdrawal_memo: text(""),
            manual_settlement: Some(ManualSettlement::Each),
            earlier_date: Some(EarlierDate::Keep),
            orders_per_partner: Some(OrdersPerPartner::Many),
            ..Default::default()
        };
        let expected = Setting {
            withdrawal_memo: None,
            manual_settlement: ManualSettlement::Each,
            earlier_date: EarlierDate::Keep,
            orders_per_partner: OrdersPerPartner::Many,
            ..expected
        };
        assert_eq!(setting.updated(second).unwrap(), expected);
        let long = SettingUpdate { deposit_memo: text(&"가".repeat(51)), ..Default::default() };
        assert_eq!(setting.updated(long), Err(MemoTooLong(51)));
    }
}
