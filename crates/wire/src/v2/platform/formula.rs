//! What is wrong with a formula.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;

union! {
    /// The first fault of a formula.
    pub enum PlatformSettlementFormulaError by "type" {
        "INVALID_FUNCTION" => InvalidFunction(PlatformSettlementFormulaInvalidFunction),
        "INVALID_OPERATOR" => InvalidOperator(PlatformSettlementFormulaInvalidOperator),
        "INVALID_SYNTAX" => InvalidSyntax(PlatformSettlementFormulaInvalidSyntax),
        "INVALID_VARIABLE" => InvalidVariable(PlatformSettlementFormulaInvalidVariable),
        "UNEXPECTED_FUNCTION_ARGUMENTS" => UnexpectedFunctionArguments(PlatformSettlementFormulaUnexpectedFunctionArguments),
        "UNKNOWN_ERROR" => UnknownError(PlatformSettlementFormulaUnknownError),
        "UNSUPPORTED_VARIABLE" => UnsupportedVariable(PlatformSettlementFormulaUnsupportedVariable),
    }
}

/// There is no such function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaInvalidFunction {
    pub name: String,
    pub position: PlatformSettlementFormulaPosition,
}

/// There is no such operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaInvalidOperator {
    pub operator: String,
    pub position: PlatformSettlementFormulaPosition,
}

/// Not expected here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaInvalidSyntax {
    pub syntax: String,
    pub position: PlatformSettlementFormulaPosition,
}

/// There is no such variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaInvalidVariable {
    pub name: String,
    pub position: PlatformSettlementFormulaPosition,
}

/// The variable cannot be used in this formula.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaUnsupportedVariable {
    pub name: String,
    pub position: PlatformSettlementFormulaPosition,
}

/// The function takes another number of arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaUnexpectedFunctionArguments {
    pub function_name: String,
    pub expected_count: i32,
    pub current_count: i32,
    pub position: PlatformSettlementFormulaPosition,
}

/// Too long, or nested too deep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformSettlementFormulaUnknownError {}

/// Where the fault is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormulaPosition {
    /// Counted from 1.
    pub start_line: i32,
    /// In characters, counted from 0.
    pub start_index: i32,
    pub end_line: i32,
    /// Not included.
    pub end_index: i32,
}
