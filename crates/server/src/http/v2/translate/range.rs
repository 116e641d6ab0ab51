//! Ranges of time, and walks by cursor.

use super::{invalid, page};
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::id::StoreId;
use paypier_storage::{Cursor, CursorRange};
use paypier_wire::{time, v2};

/// How far back a list goes when the caller does not say.
const USUAL: SignedDuration = SignedDuration::from_hours(90 * 24);

/// From, inclusive, and until, exclusive. Without an end the range is open: nothing is younger than
/// now, except in a store whose test clock runs ahead, and its owner wants to see that.
///
/// # Errors
/// A range that ends before it begins.
pub fn asked(
    member: &str,
    from: Option<time::Timestamp>,
    until: Option<time::Timestamp>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Failure> {
    let until = until.map(time::Timestamp::get);
    let from = match from {
        Some(from) => from.get(),
        None => until.unwrap_or(now).checked_sub(USUAL).unwrap_or(Timestamp::MIN),
    };
    let until = until.unwrap_or(Timestamp::MAX);
    if from > until {
        return Err(invalid(member, "must begin (from) before it ends (until)"));
    }
    Ok((from, until))
}

/// The members of a walk by cursor, whatever it walks over.
#[derive(Debug)]
pub struct Walk {
    from: Option<time::Timestamp>,
    until: Option<time::Timestamp>,
    cursor: Option<String>,
    size: Option<i32>,
}

impl From<v2::GetAllPaymentsByCursorBody> for Walk {
    fn from(body: v2::GetAllPaymentsByCursorBody) -> Self {
        Self { from: body.from, until: body.until, cursor: body.cursor, size: body.size }
    }
}

impl From<v2::GetAllPaymentEventsByCursorBody> for Walk {
    fn from(body: v2::GetAllPaymentEventsByCursorBody) -> Self {
        Self { from: body.from, until: body.until, cursor: body.cursor, size: body.size }
    }
}

/// # Errors
/// A range that ends before it begins, a size out of bounds, a cursor that was not given out here.
pub fn by_cursor(
    caller: &Caller,
    store: Option<StoreId>,
    walk: Walk,
    now: Timestamp,
) -> Result<CursorRange, Failure> {
    let (from, until) = asked("the range", walk.from, walk.until, now)?;
    let after =
        walk.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(str::parse::<Cursor>).transpose();
    Ok(CursorRange {
        merchant: caller.merchant.clone(),
        store,
        from,
        until,
        after: after.map_err(|_| invalid("cursor", "must be one that an earlier answer contained"))?,
        limit: page::size("size", walk.size)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::samples;

    fn instant(text: &str) -> time::Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_has_an_order_and_a_usual_beginning() {
        let now = instant("2026-05-01T00:00:00Z").get();
        let usual = instant("2026-01-31T00:00:00Z").get();
        assert_eq!(asked("r", None, None, now).unwrap(), (usual, Timestamp::MAX));
        let (a, b) = (instant("2026-01-01T00:00:00Z"), instant("2026-02-01T00:00:00Z"));
        assert_eq!(asked("r", Some(a), Some(b), now).unwrap(), (a.get(), b.get()));
        assert_eq!(asked("r", Some(a), Some(a), now).unwrap(), (a.get(), a.get()));
        assert_eq!(asked("r", None, Some(b), now).unwrap().0, instant("2025-11-03T00:00:00Z").get());
        assert!(asked("r", Some(b), Some(a), now).is_err());
        assert_eq!(asked("r", None, Some(Timestamp::MIN.into()), now).unwrap().0, Timestamp::MIN);
    }

    #[test]
    fn walks_are_bounded_and_made_up_cursors_refused() {
        let walk = |cursor: Option<&str>, size| Walk {
            from: None,
            until: None,
            cursor: cursor.map(Into::into),
            size,
        };
        for (walk, accepted) in [
            (walk(None, None), true),
            (walk(Some(""), Some(1000)), true),
            (walk(None, Some(1001)), false),
            (walk(None, Some(0)), false),
            (walk(Some("made-up"), None), false),
            (walk(Some("c1ffff"), None), false),
        ] {
            let text = format!("{walk:?}");
            assert_eq!(by_cursor(&samples::caller(), None, walk, samples::at(0)).is_ok(), accepted, "{text}");
        }
    }
}
