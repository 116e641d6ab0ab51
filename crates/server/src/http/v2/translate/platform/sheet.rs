//! The sheet of transfers: its columns, as either revision names them, and how a cell is written.
//!
//! UTF-8 with a byte order mark, without which spreadsheet programs do not show Korean; commas, CRLF, quotes
//! as RFC 4180 has them. A text that such a program would take for a formula is made harmless by an
//! apostrophe before it.

use crate::app::failure::Failure;
use crate::app::platform::transfer_view::TransferView;
use crate::http::v2::translate::invalid;
use paypier_domain::settlement::amount::Member;
use paypier_domain::settlement::partner::PartnerDetails;
use paypier_domain::settlement::property::{PlatformSetting, PropertyOf};
use paypier_domain::settlement::transfer::TransferContent;

/// Columns that one sheet may have.
const MOST_COLUMNS: usize = 200;

/// What makes spreadsheet programs read UTF-8.
pub const MARK: &str = "\u{feff}";

/// What a column shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shows {
    Memo,
    Kind,
    Status,
    Id,
    SettlesOn,
    StartsOn,
    Currency,
    OrderName,
    PaymentId,
    PaymentMethod,
    Amount(Member),
    ContractId,
    ContractName,
    PartnerId,
    PartnerName,
    PartnerKind,
    PartnerTaxation,
    /// What the income of a person is taxed as.
    PartnerIncome,
    PartnerTaxationOrIncome,
    PartnerMemo,
    PartnerTags,
    PartnerBank,
    PartnerAccount,
    PartnerHolder,
    PartnerRegistration,
    Property(String),
    PartnerProperty(String),
    Formula(String),
}

/// Name in the revision of October 2024, name today, title, what is shown.
const COLUMNS: &[(Option<&str>, Option<&str>, &str, Shows)] = &[
    (Some("STATUS"), Some("TRANSFER_STATUS"), "상태", Shows::Status),
    (Some("TRANSFER_ID"), Some("TRANSFER_ID"), "정산건 아이디", Shows::Id),
    (Some("PARTNER_NAME"), Some("PARTNER_NAME"), "파트너 이름", Shows::PartnerName),
    (Some("SETTLEMENT_DATE"), Some("TRANSFER_SETTLEMENT_DATE"), "정산일", Shows::SettlesOn),
    (Some("SETTLEMENT_START_DATE"), Some("TRANSFER_SETTLEMENT_START_DATE"), "정산 시작일", Shows::StartsOn),
    (Some("TYPE"), Some("TRANSFER_TYPE"), "구분", Shows::Kind),
    (Some("PAYMENT_ID"), Some("TRANSFER_PAYMENT_ID"), "결제 아이디", Shows::PaymentId),
    (Some("ORDER_NAME"), Some("TRANSFER_ORDER_NAME"), "주문명", Shows::OrderName),
    (Some("PAYMENT_METHOD"), Some("TRANSFER_PAYMENT_METHOD"), "결제 수단", Shows::PaymentMethod),
    (
        Some("SETTLEMENT_AMOUNT"),
        Some("TRANSFER_SETTLEMENT_AMOUNT"),
        "정산 금액",
        Shows::Amount(Member::Settlement),
    ),
    (
        None,
        Some("TRANSFER_SETTLEMENT_TAX_FREE_AMOUNT"),
        "정산 면세 금액",
        Shows::Amount(Member::SettlementTaxFree),
    ),
    (
        Some("SETTLEMENT_ORDER_AMOUNT"),
        Some("TRANSFER_ORDER_AMOUNT"),
        "주문 금액",
        Shows::Amount(Member::Order),
    ),
    (
        Some("SETTLEMENT_ORDER_TAX_FREE_AMOUNT"),
        Some("TRANSFER_ORDER_TAX_FREE_AMOUNT"),
        "주문 면세 금액",
        Shows::Amount(Member::OrderTaxFree),
    ),
    (
        Some("SETTLEMENT_PAYMENT_AMOUNT"),
        Some("TRANSFER_PAYMENT_AMOUNT"),
        "결제 금액",
        Shows::Amount(Member::Payment),
    ),
    (
        Some("SETTLEMENT_PAYMENT_VAT_AMOUNT"),
        Some("TRANSFER_PAYMENT_VAT_AMOUNT"),
        "결제 금액 부가세",
        Shows::Amount(Member::PaymentVat),
    ),
    (
        Some("SETTLEMENT_PAYMENT_VAT_BURDEN_AMOUNT"),
        Some("TRANSFER_PAYMENT_VAT_BURDEN_AMOUNT"),
        "결제 금액 부가세 부담금",
        Shows::Amount(Member::PaymentVatBurden),
    ),
    (
        Some("SETTLEMENT_PAYMENT_SUPPLY_AMOUNT"),
        Some("TRANSFER_PAYMENT_SUPPLY_AMOUNT"),
        "결제 공급가액",
        Shows::Amount(Member::PaymentSupply),
    ),
    (
        Some("SETTLEMENT_PAYMENT_TAX_FREE_AMOUNT"),
        Some("TRANSFER_PAYMENT_TAX_FREE_AMOUNT"),
        "결제 면세 금액",
        Shows::Amount(Member::PaymentTaxFree),
    ),
    (
        Some("SETTLEMENT_PLATFORM_FEE_AMOUNT"),
        Some("TRANSFER_PLATFORM_FEE"),
        "중개 수수료",
        Shows::Amount(Member::PlatformFee),
    ),
    (
        Some("SETTLEMENT_PLATFORM_FEE_VAT_AMOUNT"),
        Some("TRANSFER_PLATFORM_FEE_VAT"),
        "중개 수수료 부가세 부담금",
        Shows::Amount(Member::PlatformFeeVat),
    ),
    (
        Some("SETTLEMENT_DISCOUNT_AMOUNT"),
        Some("TRANSFER_DISCOUNT_AMOUNT"),
        "할인 금액",
        Shows::Amount(Member::Discount),
    ),
    (
        Some("SETTLEMENT_DISCOUNT_TAX_FREE_AMOUNT"),
        Some("TRANSFER_DISCOUNT_TAX_FREE_AMOUNT"),
        "할인 면세 금액",
        Shows::Amount(Member::DiscountTaxFree),
    ),
    (
        Some("SETTLEMENT_DISCOUNT_SHARE_AMOUNT"),
        Some("TRANSFER_DISCOUNT_SHARE_AMOUNT"),
        "할인 분담금",
        Shows::Amount(Member::DiscountShare),
    ),
    (
        Some("SETTLEMENT_DISCOUNT_SHARE_TAX_FREE_AMOUNT"),
        Some("TRANSFER_DISCOUNT_SHARE_TAX_FREE_AMOUNT"),
        "할인 분담 면세 금액",
        Shows::Amount(Member::DiscountShareTaxFree),
    ),
    (
        Some("SETTLEMENT_ADDITIONAL_FEE_AMOUNT"),
        Some("TRANSFER_ADDITIONAL_FEE"),
        "추가 수수료",
        Shows::Amount(Member::AdditionalFee),
    ),
    (
        Some("SETTLEMENT_ADDITIONAL_FEE_VAT_AMOUNT"),
        Some("TRANSFER_ADDITIONAL_FEE_VAT"),
        "추가 수수료 부가세 부담금",
        Shows::Amount(Member::AdditionalFeeVat),
    ),
    (Some("SETTLEMENT_CURRENCY"), Some("TRANSFER_SETTLEMENT_CURRENCY"), "정산 통화", Shows::Currency),
    (None, Some("TRANSFER_MEMO"), "메모", Shows::Memo),
    (None, Some("TRANSFER_CONTRACT_ID"), "계약 아이디", Shows::ContractId),
    (None, Some("TRANSFER_CONTRACT_NAME"), "계약 이름", Shows::ContractName),
    (None, Some("PARTNER_ID"), "파트너 아이디", Shows::PartnerId),
    (Some("PARTNER_TYPE"), Some("PARTNER_TYPE"), "파트너 유형", Shows::PartnerKind),
    (Some("TAXATION_TYPE"), Some("PARTNER_TAXATION_TYPE"), "과세 유형", Shows::PartnerTaxation),
    (Some("INCOME_TYPE"), None, "소득 유형", Shows::PartnerIncome),
    (Some("TAXATION_TYPE_OR_INCOME_TYPE"), None, "과세 또는 소득 유형", Shows::PartnerTaxationOrIncome),
    // Deprecated in October 2024: the same as those of the payment.
    (Some("SETTLEMENT_SUPPLY_AMOUNT"), None, "공급가액", Shows::Amount(Member::PaymentSupply)),
    (Some("SETTLEMENT_TAX_FREE_AMOUNT"), None, "면세 금액", Shows::Amount(Member::PaymentTaxFree)),
    (None, Some("PARTNER_MEMO"), "파트너 메모", Shows::PartnerMemo),
    (None, Some("PARTNER_TAGS"), "파트너 태그", Shows::PartnerTags),
    (None, Some("PARTNER_ACCOUNT_BANK"), "은행", Shows::PartnerBank),
    (None, Some("PARTNER_ACCOUNT_NUMBER"), "계좌번호", Shows::PartnerAccount),
    (None, Some("PARTNER_ACCOUNT_HOLDER"), "예금주", Shows::PartnerHolder),
    (None, Some("PARTNER_BUSINESS_REGISTRATION_NUMBER"), "사업자등록번호", Shows::PartnerRegistration),
];

/// The columns of one sheet.
#[derive(Debug, Clone)]
pub struct Sheet(Vec<(String, Shows)>);

/// Which columns are asked for.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// As either revision names them; `None` is all of today's.
    pub named: Option<Vec<String>>,
    /// Keys of properties, behind the others.
    pub properties: Vec<String>,
    pub partner_properties: Vec<String>,
}

impl Sheet {
    /// # Errors
    /// A column that nobody knows, or too many.
    pub fn asked(fields: &Fields, setting: &PlatformSetting) -> Result<Self, Failure> {
        let mut columns = Vec::new();
        match &fields.named {
            None => columns.extend(
                COLUMNS
                    .iter()
                    .filter(|(_, today, ..)| today.is_some())
                    .map(|(.., title, shows)| ((*title).to_owned(), shows.clone())),
            ),
            Some(named) => {
                for name in named {
                    columns.push(column(name, setting)?);
                }
            }
        }
        for key in &fields.properties {
            columns.push(property(key, PropertyOf::Transfer, setting)?);
        }
        for key in &fields.partner_properties {
            columns.push(property(key, PropertyOf::Partner, setting)?);
        }
        match columns.len() {
            0 => Err(invalid("fields", "must not be empty")),
            count if count > MOST_COLUMNS => {
                Err(invalid("fields", &format!("has {count} elements; at most {MOST_COLUMNS} are accepted")))
            }
            _ => Ok(Self(columns)),
        }
    }

    /// The first line, behind the mark.
    pub fn header(&self) -> String {
        let mut line = MARK.to_owned();
        written(&mut line, self.0.iter().map(|(title, _)| Cell::Text(title.clone())));
        line
    }

    /// A transfer's line.
    pub fn row(&self, view: &TransferView) -> String {
        let mut line = String::with_capacity(256);
        written(&mut line, self.0.iter().map(|(_, shows)| shows.cell(view)));
        line
    }
}

fn column(name: &str, setting: &PlatformSetting) -> Result<(String, Shows), Failure> {
    let known = COLUMNS.iter().find(|(october, today, ..)| *today == Some(name) || *october == Some(name));
    if let Some((.., title, shows)) = known {
        return Ok(((*title).to_owned(), shows.clone()));
    }
    if let Some(key) = name.strip_prefix("FORMULA_")
        && setting.setting.calculator.user_defined.iter().any(|own| &*own.key == key)
    {
        return Ok((key.to_owned(), Shows::Formula(key.to_owned())));
    }
    if let Some(key) = name.strip_prefix("TRANSFER_")
        && let Ok(found) = property(key, PropertyOf::Transfer, setting)
    {
        return Ok(found);
    }
    if let Some(key) = name.strip_prefix("PARTNER_")
        && let Ok(found) = property(key, PropertyOf::Partner, setting)
    {
        return Ok(found);
    }
    Err(invalid(
        "fields",
        &format!("names the column {}, which does not exist", crate::app::caller::shown(name)),
    ))
}

fn property(key: &str, of: PropertyOf, setting: &PlatformSetting) -> Result<(String, Shows), Failure> {
    let defined = setting.properties.of(of).iter().find(|defined| &*defined.key == key).ok_or_else(|| {
        invalid(
            "fields",
            &format!("names the property {}, which is not defined", crate::app::caller::shown(key)),
        )
    })?;
    let shows = match of {
        PropertyOf::Transfer => Shows::Property(key.to_owned()),
        PropertyOf::Partner => Shows::PartnerProperty(key.to_owned()),
    };
    Ok((defined.name.to_string(), shows))
}

/// A cell: figures are figures, and everything else is text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Empty,
    Figure(i64),
    Text(String),
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn maybe(of: Option<impl Into<String>>) -> Cell {
    of.map_or(Cell::Empty, text)
}

const WITHHELD_INCOME: &str = "WHT_PAYER";

impl Shows {
    fn cell(&self, view: &TransferView) -> Cell {
        let transfer = &view.transfer;
        let terms = view.partner.definition.terms();
        let business = match &terms.details {
            PartnerDetails::Business(business) => Some(business),
            PartnerDetails::WhtPayer(_) | PartnerDetails::NonWhtPayer(_) => None,
        };
        let taxation = business.map(|business| super::partner::taxation_shown(business.taxation).as_str());
        let income = match &terms.details {
            PartnerDetails::WhtPayer(_) => Some(WITHHELD_INCOME),
            PartnerDetails::Business(_) | PartnerDetails::NonWhtPayer(_) => None,
        };
        match self {
            Self::Memo => maybe(transfer.memo.as_deref()),
            Self::Kind => text(transfer.kind()),
            Self::Status => text(view.status.as_str()),
            Self::Id => text(transfer.id.as_str()),
            Self::SettlesOn => text(transfer.settles_on.to_string()),
            Self::StartsOn => maybe(transfer.starts_on().map(|day| day.to_string())),
            Self::Currency => text(transfer.currency.code()),
            Self::OrderName => maybe(transfer.payment().and_then(|payment| payment.order_name.as_deref())),
            Self::PaymentId => maybe(transfer.payment().map(|payment| payment.id.as_str())),
            Self::PaymentMethod => maybe(
                transfer.payment().and_then(|payment| payment.method.as_ref()).map(|method| method.kind()),
            ),
            Self::Amount(member) => amount(view, *member),
            Self::ContractId => maybe(view.contract.as_ref().map(|contract| contract.id().as_str())),
            Self::ContractName => {
                maybe(view.contract.as_ref().map(|contract| contract.terms().name.to_string()))
            }
            Self::PartnerId => text(view.partner.definition.id().as_str()),
            Self::PartnerName => text(&*terms.name),
            Self::PartnerKind => text(match &terms.details {
                PartnerDetails::Business(_) => "BUSINESS",
                PartnerDetails::WhtPayer(_) => "WHT_PAYER",
                PartnerDetails::NonWhtPayer(_) => "NON_WHT_PAYER",
            }),
            Self::PartnerTaxation => maybe(taxation),
            Self::PartnerIncome => maybe(income),
            Self::PartnerTaxationOrIncome => maybe(taxation.or(income)),
            Self::PartnerMemo => maybe(terms.memo.as_deref()),
            Self::PartnerTags => {
                text(terms.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::PartnerBank => text(&*terms.account.bank),
            Self::PartnerAccount => text(terms.account.number()),
            Self::PartnerHolder => text(&*terms.account.holder),
            Self::PartnerRegistration => {
                maybe(business.map(|business| business.registration_number.to_string()))
            }
            Self::Property(key) => {
                let own = transfer.properties.iter().find(|(own, _)| **own == **key);
                maybe(own.map(|(_, value)| value.to_string()))
            }
            Self::PartnerProperty(key) => {
                maybe(terms.properties.get(key.as_str()).map(|value| value.to_string()))
            }
            Self::Formula(key) => {
                let figure = transfer.amount().and_then(|amount| amount.user_defined.get(key.as_str()));
                figure.map_or(Cell::Empty, |figure| Cell::Figure(figure.minor_units()))
            }
        }
    }
}

fn amount(view: &TransferView, member: Member) -> Cell {
    match &view.transfer.content {
        TransferContent::Order(order) => Cell::Figure(order.calculation.amount.member(member).minor_units()),
        TransferContent::OrderCancel(cancel) => {
            Cell::Figure(cancel.calculation.amount.member(member).minor_units())
        }
        TransferContent::Manual(manual) => match member {
            Member::Settlement => Cell::Figure(manual.settlement.minor_units()),
            Member::SettlementTaxFree => Cell::Figure(manual.tax_free.minor_units()),
            _ => Cell::Empty,
        },
    }
}

fn written(line: &mut String, cells: impl Iterator<Item = Cell>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            line.push(',');
        }
        match cell {
            Cell::Empty => {}
            Cell::Figure(figure) => line.push_str(&figure.to_string()),
            Cell::Text(text) => quoted(line, &text),
        }
    }
    line.push_str("\r\n");
}

/// Spreadsheet programs run what begins like this.
fn is_like_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn quoted(line: &mut String, text: &str) {
    let needs_quotes = text.contains(['"', ',', '\n', '\r']);
    if needs_quotes {
        line.push('"');
    }
    if is_like_a_formula(text) {
        line.push('\'');
    }
    for letter in text.chars() {
        if letter == '"' {
            line.push('"');
        }
        line.push(letter);
    }
    if needs_quotes {
        line.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_run() {
        for (cell, expected) in [
            (Cell::Empty, ""),
            (Cell::Figure(-500), "-500"),
            (text("한글"), "한글"),
            (text("a,b"), "\"a,b\""),
            (text("say \"hi\""), "\"say \"\"hi\"\"\""),
            (text("two\nlines"), "\"two\nlines\""),
            (text("=1+1"), "'=1+1"),
            (text("+82"), "'+82"),
            (text("-1"), "'-1"),
            (text("@SUM(A1)"), "'@SUM(A1)"),
            (text("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\""),
        ] {
            let mut line = String::new();
            written(&mut line, std::iter::once(cell));
            assert_eq!(line, format!("{expected}\r\n"));
        }
    }

    #[test]
    fn every_column_has_one_name_in_each_revision() {
        let mut names = std::collections::BTreeSet::new();
        for (october, today, title, _) in COLUMNS {
            assert!(october.is_some() || today.is_some());
            assert!(!title.is_empty());
            assert!(today.is_none_or(|name| names.insert(name)), "{today:?}");
        }
        let october: Vec<_> = COLUMNS.iter().filter_map(|(october, ..)| *october).collect();
        assert_eq!(october.len(), 32);
    }
}
