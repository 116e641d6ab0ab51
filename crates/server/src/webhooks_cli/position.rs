//! Where a listener stopped, in a file, so that it goes on there.

use anyhow::Context;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One file for each pair of what is listened to and where it is forwarded: two listeners do not
/// take events from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position(PathBuf);

impl Position {
    pub fn new(folder: &Path, server: &str, store: Option<&str>, forward_to: Option<&str>) -> Self {
        let name = format!("{server}\n{}\n{}", store.unwrap_or_default(), forward_to.unwrap_or_default());
        let digest = hex::encode(Sha256::digest(name.as_bytes()));
        Self(folder.join(format!("webhooks-listen-{}.cursor", digest.get(..16).unwrap_or(&digest))))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn read(&self) -> anyhow::Result<Option<String>> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(anyhow::Error::new(error).context(format!("{} cannot be read", self.0.display())))
            }
        }
    }

    /// Replaces the file at once: a listener that is killed leaves the old place or the new one.
    pub fn write(&self, cursor: &str) -> anyhow::Result<()> {
        let aside = self.0.with_extension("new");
        let written = (|| {
            if let Some(folder) = self.0.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = std::fs::File::create(&aside)?;
            writeln!(file, "{cursor}")?;
            std::fs::rename(&aside, &self.0)
        })();
        written.with_context(|| {
            format!(
                "the place in the events cannot be kept in {}; choose another folder with --data-dir",
                self.0.display()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listener_has_a_place_of_its_own_that_survives() {
        let folder = tempfile::tempdir().unwrap();
        let place =
            |forward_to| Position::new(&folder.path().join("new"), "http://127.0.0.1:8080", None, forward_to);
        assert_eq!(place(None).read().unwrap(), None);
        place(None).write("cursor-1").unwrap();
        place(Some("http://localhost:3000/")).write("cursor-2").unwrap();
        place(None).write("cursor-3").unwrap();
        assert_eq!(place(None).read().unwrap().as_deref(), Some("cursor-3"));
        assert_eq!(place(Some("http://localhost:3000/")).read().unwrap().as_deref(), Some("cursor-2"));
    }
}
