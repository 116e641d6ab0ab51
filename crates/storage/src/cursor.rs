//! Cursors: opaque places in a list that is ordered by creation time.

use crate::row::micros;
use jiff::Timestamp;
use paypier_domain::id::{MerchantId, StoreId};
use std::fmt;
use std::str::FromStr;

/// A place in a list. Stays valid whatever is inserted; its text is opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: i64,
    pub(crate) store: String,
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this server has given out")]
pub struct CursorError;

/// What a walk by cursor covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorRange {
    pub merchant: MerchantId,
    /// `None`: all stores of the merchant.
    pub store: Option<StoreId>,
    /// Creation time, inclusive.
    pub from: Timestamp,
    /// Creation time, exclusive.
    pub until: Timestamp,
    /// Continue behind this place.
    pub after: Option<Cursor>,
    pub limit: u32,
}

impl CursorRange {
    pub(crate) fn bounds(&self) -> (i64, i64) {
        (micros(self.from), micros(self.until))
    }
}

const MARK: &str = "c1";

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        f.write_str(MARK)?;
        for byte in plain.bytes() {
            write!(f, "{byte:02x}")?;
        }
        write!(f, "{:08x}", checksum(&plain))
    }
}

impl Cursor {
    fn plain(&self) -> String {
        // Ids hold no control characters, so that this separator cannot occur in them.
        format!("{}\u{1f}{}\u{1f}{}", self.at, self.store, self.id)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix(MARK).ok_or(CursorError)?;
        let (hex, sum) =
            text.len().checked_sub(8).and_then(|at| text.split_at_checked(at)).ok_or(CursorError)?;
        let is_hex = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !is_hex(hex) || !is_hex(sum) {
            return Err(CursorError);
        }
        let bytes = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                let pair = std::str::from_utf8(pair).map_err(|_| CursorError)?;
                if pair.len() != 2 {
                    return Err(CursorError);
                }
                u8::from_str_radix(pair, 16).map_err(|_| CursorError)
            })
            .collect::<Result<Vec<u8>, _>>()?;
        let plain = String::from_utf8(bytes).map_err(|_| CursorError)?;
        if u32::from_str_radix(sum, 16).map_err(|_| CursorError)? != checksum(&plain) {
            return Err(CursorError);
        }
        let mut parts = plain.split('\u{1f}');
        let (Some(at), Some(store), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CursorError);
        };
        Ok(Self { at: at.parse().map_err(|_| CursorError)?, store: store.to_owned(), id: id.to_owned() })
    }
}

/// FNV-1a. Tells typing errors from cursors; it is no protection and needs to be none, because a
/// cursor only says where to continue inside what the caller may see anyway.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_garbage_does_not() {
        let cursor = Cursor { at: 1_700_000_000_000_000, store: "store-1".into(), id: "주문/1".into() };
        let text = cursor.to_string();
        assert_eq!(text.parse(), Ok(cursor));
        let shortened = text.get(..text.len().saturating_sub(1)).unwrap().to_owned();
        let swapped = text.replacen('3', "4", 1);
        for garbage in ["", "c1", "c1zz", "abc", "c100000000", "c1가나다라마바사아자", &shortened, &swapped]
        {
            assert_eq!(garbage.parse::<Cursor>(), Err(CursorError), "{garbage}");
        }
    }
}
