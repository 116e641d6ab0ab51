//! Contracts.

use super::rule::handlers;
use super::{desk, page, update};
use crate::app::failure::Failure;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::page::shown;
use crate::http::v2::translate::platform as to;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::id::ContractId;
use paypier_wire::v2;
use std::sync::Arc;

handlers! {
    "/platform/contracts", ContractTerms, ContractId, contract,
    CreatePlatformContractBody, UpdatePlatformContractBody, SchedulePlatformContractBody, ReschedulePlatformContractBody, GetPlatformContractsBody, GetPlatformContractsResponse
}
