//! Master keys and the lifetimes of bearer tokens.

use super::setting::{Given, Readable, Setting, quoted, setting};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityConfig {
    /// From the environment only; wins over the file.
    pub master_keys: Option<MasterKeys>,
    pub master_key_file: Option<PathBuf>,
    pub access_token_lifetime: Duration,
    pub refresh_token_lifetime: Duration,
}

impl Default for SecurityConfig {
    fn default() -> Self {
        Self {
            master_keys: None,
            master_key_file: None,
            access_token_lifetime: Duration::from_secs(30 * 60),
            refresh_token_lifetime: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// Keys of 32 bytes, the newest first. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKeys(Zeroizing<Vec<[u8; 32]>>);

impl MasterKeys {
    /// Reads keys that are separated by commas, blanks or lines, each 32 bytes as base64 or as 64
    /// hexadecimal digits. `None` when one of them is something else, when one is given twice, or
    /// when there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let keys = words.map(key).collect::<Option<Vec<_>>>()?;
        let is_distinct = keys
            .iter()
            .enumerate()
            .all(|(index, key)| !keys.iter().take(index).any(|earlier| earlier == key));
        (!keys.is_empty() && is_distinct).then(|| Self(Zeroizing::new(keys)))
    }

    pub fn into_keys(self) -> Vec<[u8; 32]> {
        self.0.to_vec()
    }
}

fn key(word: &str) -> Option<[u8; 32]> {
    // 64 hexadecimal digits are also base64, of 48 bytes; the length tells them apart.
    if word.len() == 64 {
        return hex::decode(word).ok()?.try_into().ok();
    }
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(word).ok())?
        .try_into()
        .ok()
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKeys({}, ..)", self.0.len())
    }
}

impl Readable for MasterKeys {
    fn read(given: &Given<'_>) -> Option<Self> {
        match given {
            // A key in the configuration file would be read by everybody who may read settings.
            Given::Typed(_) => None,
            Given::Text(text) => Self::parse(text),
        }
    }
    fn show(&self) -> String {
        quoted("")
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "security.master_key",
        "PAYPIER_MASTER_KEY",
        security.master_keys,
        "different keys of 32 bytes as base64 or hexadecimal, separated by commas, the newest first, and only from the environment; in the file use security.master_key_file (make a key with: openssl rand -base64 32)",
        Withheld
    ),
    setting!(
        "security.master_key_file",
        "PAYPIER_MASTER_KEY_FILE",
        security.master_key_file,
        "the path of a file with one key of 32 bytes a line, base64 or hexadecimal, the newest first, or nothing"
    ),
    setting!(
        "security.access_token_lifetime",
        "PAYPIER_ACCESS_TOKEN_LIFETIME",
        security.access_token_lifetime,
        "a time from 1m to 1d, with its unit (m, h, d)",
        Duration::from_secs(60)..=Duration::from_secs(86_400)
    ),
    setting!(
        "security.refresh_token_lifetime",
        "PAYPIER_REFRESH_TOKEN_LIFETIME",
        security.refresh_token_lifetime,
        "a time from 10m to 30d, with its unit (m, h, d)",
        Duration::from_secs(600)..=Duration::from_secs(30 * 86_400)
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn master_keys_are_32_bytes_in_base64_or_hexadecimal() {
        let base64 = STANDARD.encode([7; 32]);
        let hex = hex::encode([8; 32]);
        assert_eq!(MasterKeys::parse(&base64).unwrap().into_keys(), [[7; 32]]);
        assert_eq!(MasterKeys::parse(&format!("{hex}, {base64}\n")).unwrap().into_keys(), [[8; 32], [7; 32]]);
        for wrong in [
            "",
            ",",
            "short",
            &hex[..62],
            &STANDARD.encode([7; 31]),
            &format!("{hex},nonsense"),
            &format!("{hex},{hex}"),
        ] {
            assert_eq!(MasterKeys::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", MasterKeys::parse(&hex)), "Some(MasterKeys(1, ..))");
    }
}
