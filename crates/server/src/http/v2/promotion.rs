//! Promotions.

use super::answers::ok;
use super::ask::{Answered, Ask};
use super::translate as to;
use std::sync::Arc;

/// `GET /promotions/{promotionId}`
pub(super) async fn get_promotion(ask: Arc<Ask>) -> Answered {
    let view = ask.app.promotion(&ask.caller, &ask.promotion_id()?).await?;
    ok(&to::promotion::shown(&view)?)
}
