//! What is wrong with formulas.

use paypier_domain::settlement::calculator::InvalidFormulas;
use paypier_domain::settlement::formula::{Fault, Position};
use paypier_wire::v2;

pub fn shown(faults: &InvalidFormulas) -> v2::PlatformErrorFormulas {
    v2::PlatformErrorFormulas {
        platform_fee: faults.platform_fee.as_ref().map(fault),
        discount_share: faults.discount_share.as_ref().map(fault),
        additional_fee: faults.additional_fee.as_ref().map(fault),
    }
}

fn position(at: Position) -> v2::PlatformSettlementFormulaPosition {
    // Formulas are at most a thousand characters long.
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    v2::PlatformSettlementFormulaPosition {
        start_line: number(at.start_line),
        start_index: number(at.start_index),
        end_line: number(at.end_line),
        end_index: number(at.end_index),
    }
}

fn fault(fault: &Fault) -> v2::PlatformSettlementFormulaError {
    match fault {
        Fault::Unknown => v2::PlatformSettlementFormulaUnknownError {}.into(),
        Fault::Arguments { name, expected, given, at } => {
            v2::PlatformSettlementFormulaUnexpectedFunctionArguments {
                function_name: name.clone(),
                expected_count: i32::try_from(*expected).unwrap_or(i32::MAX),
                current_count: i32::try_from(*given).unwrap_or(i32::MAX),
                position: position(*at),
            }
            .into()
        }
        Fault::Function { name, at } => {
            v2::PlatformSettlementFormulaInvalidFunction { name: name.clone(), position: position(*at) }
                .into()
        }
        Fault::UnsupportedVariable { name, at } => {
            v2::PlatformSettlementFormulaUnsupportedVariable { name: name.clone(), position: position(*at) }
                .into()
        }
        Fault::Variable { name, at } => {
            v2::PlatformSettlementFormulaInvalidVariable { name: name.clone(), position: position(*at) }
                .into()
        }
        Fault::Operator { operator, at } => v2::PlatformSettlementFormulaInvalidOperator {
            operator: operator.clone(),
            position: position(*at),
        }
        .into(),
        Fault::Syntax { syntax, at } => {
            v2::PlatformSettlementFormulaInvalidSyntax { syntax: syntax.clone(), position: position(*at) }
                .into()
        }
    }
}
