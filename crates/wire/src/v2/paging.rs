//! Pages by number, and the direction of a sort. Cursors are in [`payment::list`](super::payment::list).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

/// Which page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageInput {
    /// Counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i32>,
    /// How many to a page; 10 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i32>,
}

/// Which page this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Counted from 0.
    pub number: i32,
    /// How many at most; 10 when absent.
    pub size: i32,
    /// How many there are on all pages.
    pub total_count: i32,
}

words! {
    /// The direction of a sort.
    pub enum SortOrder {
        Desc = "DESC",
        Asc = "ASC",
    }
}
