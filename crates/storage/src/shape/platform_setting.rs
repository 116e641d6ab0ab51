//! A merchant's settlement settings: rules, formulas as they were written, and the properties it defined.

use super::{Read, Senseless, Text, flag, is, shape, text};
use paypier_domain::money::Rounding;
use paypier_domain::settlement::calculator::{Calculator, Component, Parameter, ParameterValue};
use paypier_domain::settlement::cycle::EarlierDate;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::formula::{Formula, FormulaOf};
use paypier_domain::settlement::property as domain;
use paypier_domain::settlement::property::{PropertyDefinition, Secrecy};
use paypier_domain::settlement::setting as rules;
use paypier_domain::settlement::setting::{AmountType, ManualSettlement, OrdersPerPartner, Withholding};

// What is absent is as it is when nothing was ever set.
shape! { Setting { calculator: CalculatorShape<'a>; many_orders: bool, keeps_earlier_date: bool, not_withheld: bool, net: bool,
manual_each: bool, withdrawal_memo: Text<'a>, deposit_memo: Text<'a>, partner: Vec<Property<'a>>, transfer: Vec<Property<'a>> } }

shape! { Property { key: Text<'a>, name: Text<'a>; secret: bool } }

shape! { ComponentShape { rounding: Text<'a>; formula: Text<'a> } }

shape! { UserFormulaShape { key: Text<'a>, formula: Text<'a>, rounding: Text<'a>; } }

shape! { ParameterShape { key: Text<'a>, name: Text<'a>, decimal: i64, scale: u8; } }

shape! { CalculatorShape { platform_fee: ComponentShape<'a>, discount_share: ComponentShape<'a>,
additional_fee: ComponentShape<'a>, vat: Text<'a>, tax_free: Text<'a>; user_defined: Vec<UserFormulaShape<'a>>,
parameters: Vec<ParameterShape<'a>> } }

const ROUNDINGS: [(Rounding, &str); 3] =
    [(Rounding::Down, "DOWN"), (Rounding::HalfUp, "OFF"), (Rounding::Up, "UP")];

fn word(rounding: Rounding) -> Text<'static> {
    text(ROUNDINGS.iter().find(|(value, _)| *value == rounding).map_or("", |(_, word)| word))
}

fn rounding(word: &str) -> Read<Rounding> {
    let found = ROUNDINGS.iter().find(|(_, known)| *known == word);
    found.map(|(value, _)| *value).ok_or(Senseless("rounding"))
}

impl<'a> ComponentShape<'a> {
    fn of(component: &'a Component) -> Self {
        Self {
            rounding: word(component.rounding),
            formula: component.formula.as_ref().map(|formula| text(formula.text())),
        }
    }

    fn read(self, of: FormulaOf) -> Read<Component> {
        let formula = self.formula.map(|text| Formula::read(&text, of, &[])).transpose();
        Ok(Component {
            formula: formula.map_err(|_| Senseless("formula"))?,
            rounding: rounding(&self.rounding)?,
        })
    }
}

impl<'a> CalculatorShape<'a> {
    pub(crate) fn of(calculator: &'a Calculator) -> Self {
        let own = |formula: &'a paypier_domain::settlement::calculator::UserFormula| UserFormulaShape {
            key: text(&formula.key),
            formula: text(formula.formula.text()),
            rounding: word(formula.rounding),
        };
        let parameter = |parameter: &'a Parameter| ParameterShape {
            key: text(&parameter.key),
            name: text(&parameter.name),
            decimal: parameter.default.decimal(),
            scale: parameter.default.scale(),
        };
        let some = |count: usize| count > 0;
        Self {
            platform_fee: ComponentShape::of(&calculator.platform_fee),
            discount_share: ComponentShape::of(&calculator.discount_share),
            additional_fee: ComponentShape::of(&calculator.additional_fee),
            vat: word(calculator.vat),
            tax_free: word(calculator.tax_free),
            user_defined: some(calculator.user_defined.len())
                .then(|| calculator.user_defined.iter().map(own).collect()),
            parameters: some(calculator.parameters.len())
                .then(|| calculator.parameters.iter().map(parameter).collect()),
        }
    }

    pub(crate) fn read(self) -> Read<Calculator> {
        let parameters = self.parameters.unwrap_or_default().into_iter().map(|parameter| {
            let default = ParameterValue::new(parameter.decimal, parameter.scale);
            Ok(Parameter {
                key: parameter.key.into(),
                name: parameter.name.into(),
                default: default.ok_or(Senseless("parameters"))?,
            })
        });
        let parameters = parameters.collect::<Read<Vec<_>>>()?;
        let own = self.user_defined.unwrap_or_default();
        let own = own
            .iter()
            .map(|one| Ok((&*one.key, &*one.formula, rounding(&one.rounding)?)))
            .collect::<Read<Vec<_>>>()?;
        let calculator = Calculator {
            platform_fee: self.platform_fee.read(FormulaOf::PlatformFee)?,
            discount_share: self.discount_share.read(FormulaOf::DiscountShare)?,
            additional_fee: self.additional_fee.read(FormulaOf::AdditionalFee)?,
            vat: rounding(&self.vat)?,
            tax_free: rounding(&self.tax_free)?,
            ..Calculator::default()
        };
        calculator.with_user_formulas(parameters, &own).map_err(|_| Senseless("user_defined"))
    }
}

impl<'a> Setting<'a> {
    pub(crate) fn of(kept: &'a domain::PlatformSetting) -> Self {
        let properties = |all: &'a [PropertyDefinition]| {
            (!all.is_empty()).then(|| {
                all.iter()
                    .map(|one| Property {
                        key: text(&one.key),
                        name: text(&one.name),
                        secret: flag(one.secrecy == Secrecy::Secret),
                    })
                    .collect()
            })
        };
        let setting = &kept.setting;
        Self {
            calculator: CalculatorShape::of(&setting.calculator),
            many_orders: flag(setting.orders_per_partner == OrdersPerPartner::Many),
            keeps_earlier_date: flag(setting.earlier_date == EarlierDate::Keep),
            not_withheld: flag(setting.withholding == Withholding::NotDeducted),
            net: flag(setting.amount_type == AmountType::Net),
            manual_each: flag(setting.manual_settlement == ManualSettlement::Each),
            withdrawal_memo: setting.withdrawal_memo.as_deref().map(text),
            deposit_memo: setting.deposit_memo.as_deref().map(text),
            partner: properties(&kept.properties.partner),
            transfer: properties(&kept.properties.transfer),
        }
    }

    pub(crate) fn read(self, platform: PlatformKey, revision: u64) -> Read<domain::PlatformSetting> {
        let properties = |all: Option<Vec<Property<'a>>>| {
            let one = |one: Property<'a>| PropertyDefinition {
                key: one.key.into(),
                name: one.name.into(),
                secrecy: if is(one.secret) { Secrecy::Secret } else { Secrecy::Open },
            };
            all.unwrap_or_default().into_iter().map(one).collect()
        };
        let either = |flag: Option<bool>| is(flag);
        Ok(domain::PlatformSetting {
            platform,
            revision,
            properties: domain::Properties {
                partner: properties(self.partner),
                transfer: properties(self.transfer),
            },
            setting: rules::Setting {
                orders_per_partner: if either(self.many_orders) {
                    OrdersPerPartner::Many
                } else {
                    OrdersPerPartner::One
                },
                earlier_date: if either(self.keeps_earlier_date) {
                    EarlierDate::Keep
                } else {
                    EarlierDate::TakeDayAfter
                },
                withholding: if either(self.not_withheld) {
                    Withholding::NotDeducted
                } else {
                    Withholding::Deducted
                },
                amount_type: if either(self.net) { AmountType::Net } else { AmountType::Gross },
                manual_settlement: if either(self.manual_each) {
                    ManualSettlement::Each
                } else {
                    ManualSettlement::Together
                },
                withdrawal_memo: self.withdrawal_memo.map(|text| text.into_owned().into_boxed_str()),
                deposit_memo: self.deposit_memo.map(|text| text.into_owned().into_boxed_str()),
                calculator: self.calculator.read()?,
            },
        })
    }
}
