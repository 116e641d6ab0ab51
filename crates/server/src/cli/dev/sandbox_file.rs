//! `sandbox.json`: where the local server is and how to get in, for people and for their tests.

use super::demo;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub const FILE_NAME: &str = "sandbox.json";

/// The file's content. Members of the console come with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    pub url: String,
    pub v2: V2,
    pub global: Global,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct V2 {
    pub api_secret: String,
    pub store_id: String,
    pub merchant_id: String,
    pub webhook_secret: String,
    pub channels: BTreeMap<String, String>,
    pub channel_group_id: String,
}

/// The same store in the Global dialect. Every channel of its catalogue can be used, with `environment` `sandbox`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Global {
    pub client_key: String,
    pub secret: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxFile(PathBuf);

impl SandboxFile {
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join(FILE_NAME))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// # Errors
    /// The file is there and cannot be removed.
    pub fn remove(&self) -> anyhow::Result<()> {
        match std::fs::remove_file(&self.0) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => {
                Err(anyhow::Error::new(error).context(format!("{} cannot be removed", self.0.display())))
            }
        }
    }

    /// Writes the file at once or not at all: whoever sees it sees all of it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, url: &str) -> anyhow::Result<()> {
        let content = Sandbox {
            url: url.to_owned(),
            v2: V2 {
                api_secret: demo::API_SECRET.into(),
                store_id: demo::STORE_ID.into(),
                merchant_id: demo::MERCHANT_ID.into(),
                webhook_secret: demo::WEBHOOK_SECRET.into(),
                channels: demo::CHANNELS.iter().map(|c| (c.name.to_owned(), c.key.to_owned())).collect(),
                channel_group_id: demo::GROUP_ID.into(),
            },
            global: Global { client_key: demo::GLOBAL_CLIENT_KEY.into(), secret: demo::GLOBAL_SECRET.into() },
        };
        let aside = self.0.with_extension("json.new");
        let written = (|| {
            let mut file = std::fs::File::create(&aside)?;
            file.write_all(format!("{:#}\n", serde_json::to_value(&content)?).as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&aside, &self.0)
        })();
        written.with_context(|| format!("{} cannot be written", self.0.display()))
    }

    /// The content, when a local server has written one.
    ///
    /// # Errors
    /// There is none, or it is not what a local server writes.
    pub fn read(&self) -> anyhow::Result<Sandbox> {
        let text = std::fs::read_to_string(&self.0).with_context(|| {
            format!("{} cannot be read; `paypier dev` writes it when it is ready", self.0.display())
        })?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is not what `paypier dev` writes", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_documented_shape_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = SandboxFile::in_folder(folder.path());
        file.remove().unwrap();
        assert!(file.read().unwrap_err().to_string().contains("paypier dev"));
        file.write("http://127.0.0.1:8080").unwrap();
        file.write("http://127.0.0.1:8081").unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

        let content: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file.path()).unwrap()).unwrap();
        assert_eq!(content["url"], "http://127.0.0.1:8081");
        for name in
            ["card", "billing", "virtualAccount", "easyPay", "transfer", "mobile", "identity", "backup"]
        {
            assert!(content["v2"]["channels"][name].as_str().unwrap().starts_with("channel-key-"), "{name}");
        }
        assert!(content["v2"]["channelGroupId"].as_str().unwrap().starts_with("channel-group-test-"));
        assert!(content["v2"]["webhookSecret"].as_str().unwrap().starts_with("whsec_"));
        assert_eq!(content["global"]["clientKey"].as_str().unwrap().len(), 16);
        assert_eq!(content["global"]["secret"].as_str().unwrap().len(), 64);
        assert_eq!(file.read().unwrap().v2.api_secret, demo::API_SECRET);
        file.remove().unwrap();
        assert!(file.read().is_err());
    }
}
