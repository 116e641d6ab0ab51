//! Pages by number.

use super::invalid;
use crate::app::failure::Failure;
use paypier_storage::PageAsk;
use paypier_wire::v2;

/// The largest page, here and by cursor.
pub const LARGEST: u32 = 1000;
/// How many to a page when the caller does not say.
pub const USUAL: u32 = 10;

/// How far into a list pages lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// `GET /payments`: behind its sixty-thousandth element a list is read by cursor.
    SixtyThousand,
    Unbounded,
}

/// # Errors
/// A negative number, a size that is not 1 to [`LARGEST`], a page out of reach.
pub fn asked(page: Option<&v2::PageInput>, reach: Reach) -> Result<PageAsk, Failure> {
    let number = page.and_then(|page| page.number).unwrap_or(0);
    let number = u32::try_from(number).map_err(|_| invalid("page.number", "must not be negative"))?;
    let size = size("page.size", page.and_then(|page| page.size))?;
    let end = u64::from(number).saturating_add(1).saturating_mul(u64::from(size));
    match reach {
        Reach::SixtyThousand if end > 60_000 => {
            Err(invalid("page", "leads behind the 60000th element; use the list by cursor"))
        }
        Reach::SixtyThousand | Reach::Unbounded => Ok(PageAsk { number, size }),
    }
}

/// # Errors
/// Not 1 to [`LARGEST`].
pub fn size(member: &str, size: Option<i32>) -> Result<u32, Failure> {
    let Some(size) = size else { return Ok(USUAL) };
    let accepted = u32::try_from(size).ok().filter(|size| (1..=LARGEST).contains(size));
    accepted.ok_or_else(|| invalid(member, &format!("must be from 1 to {LARGEST}")))
}

pub fn shown(asked: PageAsk, total: u64) -> v2::PageInfo {
    v2::PageInfo {
        number: i32::try_from(asked.number).unwrap_or(i32::MAX),
        size: i32::try_from(asked.size).unwrap_or(i32::MAX),
        total_count: i32::try_from(total).unwrap_or(i32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_bounded() {
        for (number, size, reach, found) in [
            (None, None, Reach::SixtyThousand, Some((0, 10))),
            (Some(5999), None, Reach::SixtyThousand, Some((5999, 10))),
            (Some(59), Some(1000), Reach::SixtyThousand, Some((59, 1000))),
            (Some(60), Some(1000), Reach::SixtyThousand, None),
            (Some(6000), None, Reach::SixtyThousand, None),
            (Some(6000), None, Reach::Unbounded, Some((6000, 10))),
            (Some(i32::MAX), Some(1000), Reach::SixtyThousand, None),
            (Some(-1), None, Reach::Unbounded, None),
            (None, Some(0), Reach::Unbounded, None),
            (None, Some(-1), Reach::Unbounded, None),
            (None, Some(1001), Reach::Unbounded, None),
        ] {
            let input = v2::PageInput { number, size };
            let asked = asked(Some(&input), reach).ok().map(|page| (page.number, page.size));
            assert_eq!(asked, found, "{number:?} {size:?}");
        }
        assert_eq!(asked(None, Reach::Unbounded).unwrap(), PageAsk { number: 0, size: 10 });
    }
}
