//! Handlers of identity verification.

use super::answers::ok;
use super::ask::{Answered, Ask};
use super::translate as to;
use crate::app::failure::Failure;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use paypier_wire::v2::{ConfirmIdentityVerificationBody, GetIdentityVerificationsBody};
use std::sync::Arc;
use zeroize::Zeroizing;

/// `POST /identity-verifications/{identityVerificationId}/send`
pub async fn send(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::identity_verification::asked(ask.identity_verification_id()?, ask.body()?)?;
    ask.app.send_identity_verification(&ask.caller, command, &ticket).await
}

/// `POST /identity-verifications/{identityVerificationId}/confirm`
pub async fn confirm(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let body: ConfirmIdentityVerificationBody = ask.body()?;
    let (store, otp) = (body.store_id, body.otp.map(Zeroizing::new));
    let id = ask.identity_verification_id()?;
    let otp = to::identity_verification::code(otp)?;
    ask.app.confirm_identity_verification(&ask.caller, store.as_deref(), &id, otp, &ticket).await
}

/// `POST /identity-verifications/{identityVerificationId}/resend`
pub async fn resend(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let (store, id) = (ask.store()?, ask.identity_verification_id()?);
    ask.app.resend_identity_verification(&ask.caller, store.as_deref(), &id, &ticket).await
}

/// `GET /identity-verifications/{identityVerificationId}`
pub async fn read(ask: Arc<Ask>) -> Answered {
    let (store, id) = (ask.store()?, ask.identity_verification_id()?);
    let view = ask.app.identity_verification(&ask.caller, store.as_deref(), &id).await?;
    ok(&to::identity_verification::shown(&view)?)
}

/// `GET /identity-verifications`
pub async fn list(ask: Arc<Ask>) -> Answered {
    let criteria: GetIdentityVerificationsBody = ask.criteria()?;
    let named = criteria.filter.as_ref().and_then(|filter| filter.store_id.as_deref());
    let store = ask.caller.reach(&ask.app, named).await?;
    let page = to::page::asked(criteria.page.as_ref(), to::page::Reach::Unbounded)?;
    let now = ask.app.clock.now();
    let Some(filter) = to::identity_verification_filter::asked(&ask.caller, store, criteria, now)? else {
        return ok(&to::identity_verification::page(&[], page, 0)?);
    };
    let found = ask.app.storage.identity_verifications(&filter, page).await?;
    let open = |verification| ask.app.opened_verification(verification);
    let views = found.items.into_iter().map(open).collect::<Result<Vec<_>, Failure>>()?;
    ok(&to::identity_verification::page(&views, page, found.total)?)
}
