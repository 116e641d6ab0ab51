//! Properties that a merchant defines for its partners and transfers (v2-platform, sections 7.1 and 22).

use super::definition::PlatformKey;
use super::setting::Setting;
use std::collections::BTreeMap;

/// The most properties of a kind of object.
pub const MAX_PROPERTIES: usize = 10;
/// The longest key, name and value, in characters.
pub const MAX_KEY_CHARS: usize = 64;
pub const MAX_NAME_CHARS: usize = 128;
pub const MAX_VALUE_CHARS: usize = 1_024;

/// What an operator has defined: a key for ever, a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyDefinition {
    pub key: Box<str>,
    pub name: Box<str>,
    pub secrecy: Secrecy,
}

/// Who sees the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Secrecy {
    Open,
    /// Administrators only.
    Secret,
}

/// What has properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PropertyOf {
    Partner,
    Transfer,
}

/// The properties of each kind of object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Properties {
    pub partner: Vec<PropertyDefinition>,
    pub transfer: Vec<PropertyDefinition>,
}

/// Why a definition was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PropertyError {
    #[error("{MAX_PROPERTIES} properties are defined already, which is the most")]
    TooMany,
    #[error("a key has 1 to {MAX_KEY_CHARS} characters, none of them blank or a control character")]
    Key,
    #[error("a name has 1 to {MAX_NAME_CHARS} characters")]
    Name,
}

/// A value under a key that nobody defined (`PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no property {0:?} is defined")]
pub struct UnknownProperty(pub Box<str>);

impl Properties {
    pub fn of(&self, of: PropertyOf) -> &[PropertyDefinition] {
        match of {
            PropertyOf::Partner => &self.partner,
            PropertyOf::Transfer => &self.transfer,
        }
    }

    /// With a definition; one with its key takes the new name and secrecy.
    ///
    /// # Errors
    /// See [`PropertyError`].
    pub fn defined(mut self, of: PropertyOf, definition: PropertyDefinition) -> Result<Self, PropertyError> {
        let key = &*definition.key;
        let fits = (1..=MAX_KEY_CHARS).contains(&key.chars().count());
        if !fits || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(PropertyError::Key);
        }
        let name = definition.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
            return Err(PropertyError::Name);
        }
        let all = match of {
            PropertyOf::Partner => &mut self.partner,
            PropertyOf::Transfer => &mut self.transfer,
        };
        let is_full = all.len() >= MAX_PROPERTIES;
        match all.iter_mut().find(|known| known.key == definition.key) {
            Some(known) => *known = definition,
            None if is_full => return Err(PropertyError::TooMany),
            None => all.push(definition),
        }
        Ok(self)
    }

    /// Whether every key is defined.
    ///
    /// # Errors
    /// The first key, in their order, that is not.
    pub fn check<V>(&self, of: PropertyOf, values: &BTreeMap<Box<str>, V>) -> Result<(), UnknownProperty> {
        let is_known = |key: &str| self.of(of).iter().any(|known| &*known.key == key);
        match values.keys().find(|key| !is_known(key)) {
            Some(unknown) => Err(UnknownProperty(unknown.clone())),
            None => Ok(()),
        }
    }
}

/// A merchant's settings as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformSetting {
    pub platform: PlatformKey,
    /// Counts stored changes; 0 when nothing was ever changed.
    pub revision: u64,
    pub setting: Setting,
    pub properties: Properties,
}

impl PlatformSetting {
    /// What holds when nothing was ever set.
    pub fn standard(platform: PlatformKey) -> Self {
        Self { platform, revision: 0, setting: Setting::default(), properties: Properties::default() }
    }

    #[must_use]
    pub fn with_setting(self, setting: Setting) -> Self {
        Self { revision: self.revision.saturating_add(1), setting, ..self }
    }

    #[must_use]
    pub fn with_properties(self, properties: Properties) -> Self {
        Self { revision: self.revision.saturating_add(1), properties, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(key: &str) -> PropertyDefinition {
        PropertyDefinition { key: key.into(), name: "등급".into(), secrecy: Secrecy::Open }
    }

    #[test]
    fn keys_are_bounded_and_stay_what_they_are() {
        let one = Properties::default().defined(PropertyOf::Partner, definition("grade")).unwrap();
        let renamed =
            PropertyDefinition { name: "level".into(), secrecy: Secrecy::Secret, ..definition("grade") };
        let again = one.clone().defined(PropertyOf::Partner, renamed.clone()).unwrap();
        assert_eq!((again.partner, again.transfer), (vec![renamed], vec![]));
        for key in ["", " ", "a b", "a\nb", &"x".repeat(65)] {
            let refused = one.clone().defined(PropertyOf::Partner, definition(key));
            assert_eq!(refused, Err(PropertyError::Key), "{key:?}");
        }
        let nameless = PropertyDefinition { name: " ".into(), ..definition("a") };
        assert_eq!(one.defined(PropertyOf::Partner, nameless), Err(PropertyError::Name));
        let full = (0..10).fold(Properties::default(), |all, n| {
            all.defined(PropertyOf::Transfer, definition(&format!("k{n}"))).unwrap()
        });
        assert_eq!(
            full.clone().defined(PropertyOf::Transfer, definition("k10")),
            Err(PropertyError::TooMany)
        );
        assert!(full.defined(PropertyOf::Transfer, definition("k9")).is_ok());
    }

    #[test]
    fn the_first_unknown_key_is_named() {
        let all = Properties::default().defined(PropertyOf::Partner, definition("grade")).unwrap();
        let values = |keys: &[&str]| -> BTreeMap<Box<str>, ()> {
            keys.iter().map(|key| (Box::from(*key), ())).collect()
        };
        assert_eq!(all.check(PropertyOf::Partner, &values(&["grade"])), Ok(()));
        assert_eq!(
            all.check(PropertyOf::Partner, &values(&["zone", "grade", "color"])),
            Err(UnknownProperty("color".into()))
        );
        assert!(all.check(PropertyOf::Transfer, &values(&["grade"])).is_err());
    }
}
