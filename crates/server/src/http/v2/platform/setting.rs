//! The rules of settlements, as both revisions know them.

use super::{desk, update};
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::platform::setting as to;
use paypier_wire::v2;
use std::sync::Arc;

/// `GET /platform/setting`
pub(in crate::http::v2) async fn read(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    ok(&to::shown(&ask.app.platform_setting(&desk).await?))
}

/// `PATCH /platform/setting`
pub(in crate::http::v2) async fn change(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::UpdatePlatformSettingBody = update(&ask)?;
    ask.app.change_setting(&desk, &to::asked(body), &ticket).await
}

/// `GET /platform`
pub(in crate::http::v2) async fn read_in_october(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    ok(&to::shown_in_october(&ask.app.platform_setting(&desk).await?))
}

/// `PATCH /platform`
pub(in crate::http::v2) async fn change_in_october(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::UpdatePlatformBody = update(&ask)?;
    ask.app.change_setting(&desk, &to::asked_in_october(body), &ticket).await
}
