//! Work on many partners.

use super::{Kind, graphql_id, is_for_test};
use crate::app::platform::counterparty::{BulkTask, Wish};
use paypier_wire::v2;

pub fn task(task: &BulkTask) -> v2::PlatformBulkTask {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    v2::PlatformBulkTask {
        id: task.id.clone(),
        graphql_id: graphql_id(Kind::BulkTask, &task.id),
        status: if task.processing == 0 {
            v2::PlatformBulkTaskStatus::Completed
        } else {
            v2::PlatformBulkTaskStatus::Processing
        },
        r#type: match task.wish {
            Wish::Connect => v2::PlatformBulkTaskType::ConnectMemberCompanies,
            Wish::Disconnect => v2::PlatformBulkTaskType::DisconnectMemberCompanies,
        },
        progress_stats: v2::PlatformBulkTaskProgressStats {
            prepared_count: 0,
            processing_count: count(task.processing),
            succeeded_count: 0,
            failed_count: count(task.failed),
            canceled_count: 0,
        },
        is_for_test: is_for_test(&task.platform),
        status_updated_at: task.at.into(),
        created_at: task.at.into(),
        updated_at: task.at.into(),
    }
}
