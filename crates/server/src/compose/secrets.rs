//! Where keys come from: the configuration in production, files of our own in local mode.

use super::{Machine, make_folder};
use crate::config::Config;
use crate::config::security::MasterKeys;
use crate::keyring::Keyring;
use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const HOW_TO_GIVE: &str = "Make one with `openssl rand -base64 32`, keep it where backups of the database are not, and \
                           give it by PAYPIER_MASTER_KEY or by the file named in PAYPIER_MASTER_KEY_FILE \
                           (security.master_key_file)";

/// The master keys that the configuration gives, by variable or by file. `None`: it gives none.
///
/// # Errors
/// The file cannot be read, may be read by everybody, or has something else than keys in it.
pub fn configured_keys(config: &Config) -> anyhow::Result<Option<Keyring>> {
    if let Some(keys) = &config.security.master_keys {
        return Ok(Some(Keyring::new(keys.clone().into_keys())));
    }
    let Some(path) = &config.security.master_key_file else { return Ok(None) };
    let text = private_text(path)?.with_context(|| {
        format!("security.master_key_file names {}, which does not exist. {HOW_TO_GIVE}", path.display())
    })?;
    Ok(Some(parsed(path, &text)?))
}

/// The keys of production.
///
/// # Errors
/// There is none, or what [`configured_keys`] refuses.
pub fn required_keys(config: &Config) -> anyhow::Result<Keyring> {
    configured_keys(config)?.with_context(|| {
        format!("there is no master key, and without one credentials cannot be stored safely. {HOW_TO_GIVE}")
    })
}

/// The keys of local mode: configured ones, else the file in the data folder, which is made when it
/// does not exist.
///
/// # Errors
/// The file cannot be read or made.
pub fn local_keys(config: &Config, machine: &Machine) -> anyhow::Result<Keyring> {
    if let Some(keyring) = configured_keys(config)? {
        return Ok(keyring);
    }
    let path = local_key_file(config);
    let text = made_once(&path, machine)?;
    parsed(&path, &text)
}

/// The keys that an administrator's command uses: those of production, else those that local mode
/// has made in this data folder.
///
/// # Errors
/// There is none.
pub fn administrator_keys(config: &Config) -> anyhow::Result<Keyring> {
    if let Some(keyring) = configured_keys(config)? {
        return Ok(keyring);
    }
    let path = local_key_file(config);
    match private_text(&path)? {
        Some(text) => parsed(&path, &text),
        None => required_keys(config),
    }
}

fn local_key_file(config: &Config) -> PathBuf {
    config.server.data_dir.join("master.key")
}

/// Where the simulated PSP's secret of production is kept.
pub fn sandbox_secret_file(config: &Config) -> PathBuf {
    config.sandbox.secret_file.clone().unwrap_or_else(|| config.server.data_dir.join("sandbox-psp.key"))
}

/// What the simulated PSP of production derives its keys from; the file is made when it does not
/// exist.
///
/// # Errors
/// The file cannot be read or made; or several replicas would each make their own.
pub fn sandbox_secret(config: &Config, machine: &Machine) -> anyhow::Result<[u8; 32]> {
    let path = sandbox_secret_file(config);
    if config.server.replicas > 1 && !path.exists() {
        bail!(
            "with several replicas the simulated PSP needs one secret for all of them, and {} does not exist. Make it once \
             with `openssl rand -base64 32`, give every replica the same file and name it in sandbox.secret_file",
            path.display()
        );
    }
    let text = made_once(&path, machine)?;
    let keys = MasterKeys::parse(&text).map(MasterKeys::into_keys).unwrap_or_default();
    match keys.as_slice() {
        [secret] => Ok(*secret),
        _ => bail!("{} must hold one secret of 32 bytes as base64 or hexadecimal", path.display()),
    }
}

fn parsed(path: &Path, text: &str) -> anyhow::Result<Keyring> {
    let keys = MasterKeys::parse(text).with_context(|| {
        format!(
            "{} must hold different keys of 32 bytes as base64 or hexadecimal, one a line, the newest first",
            path.display()
        )
    })?;
    Ok(Keyring::new(keys.into_keys()))
}

/// A file's text; `None` when there is no file.
fn private_text(path: &Path) -> anyhow::Result<Option<Zeroizing<String>>> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            refuse_public(path)?;
            Ok(Some(Zeroizing::new(text)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(anyhow::Error::new(error).context(format!("the key file {} cannot be read", path.display())))
        }
    }
}

fn refuse_public(path: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)
            .with_context(|| format!("{} cannot be looked at", path.display()))?
            .permissions()
            .mode();
        if mode & 0o007 != 0 {
            bail!(
                "everybody on this machine may use the key file {}; run `chmod 600 {}`",
                path.display(),
                path.display()
            );
        }
    }
    Ok(())
}

/// The text of the file, which is made with a new random key when it does not exist. Of two processes
/// that make it at the same time, both use what the first has made.
fn made_once(path: &Path, machine: &Machine) -> anyhow::Result<Zeroizing<String>> {
    if let Some(text) = private_text(path)? {
        return Ok(text);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder)?;
    }
    let mut key = Zeroizing::new([0; 32]);
    machine.random.fill(key.as_mut_slice());
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(key.as_slice())));
    // Written aside and linked into place, so that the file is never there without its content.
    let mut name = [0; 8];
    machine.random.fill(&mut name);
    let aside = path.with_extension(format!("{}.new", hex::encode(name)));
    let written = write_private(&aside, text.as_bytes()).and_then(|()| std::fs::hard_link(&aside, path));
    let removed = std::fs::remove_file(&aside);
    match written {
        Ok(()) => {
            removed.with_context(|| format!("{} cannot be removed", aside.display()))?;
            Ok(text)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            private_text(path)?.with_context(|| format!("the key file {} came and went", path.display()))
        }
        Err(error) => {
            Err(anyhow::Error::new(error).context(format!("the key file {} cannot be made", path.display())))
        }
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandom;
    use std::os::unix::fs::PermissionsExt;

    fn in_folder(folder: &Path) -> Config {
        let mut config = Config::default();
        config.server.data_dir = folder.to_owned();
        config
    }

    #[test]
    fn production_needs_a_master_key_and_says_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = in_folder(folder.path());
        let refusal = format!("{:#}", required_keys(&config).unwrap_err());
        assert!(
            refusal.contains("openssl rand -base64 32") && refusal.contains("PAYPIER_MASTER_KEY"),
            "{refusal}"
        );

        config.security.master_key_file = Some(folder.path().join("missing"));
        assert!(format!("{:#}", required_keys(&config).unwrap_err()).contains("does not exist"));

        config.security.master_keys = MasterKeys::parse(&hex::encode([1; 32]));
        required_keys(&config).unwrap();
    }

    #[test]
    fn the_local_key_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let config = in_folder(&folder.path().join("data"));
        assert!(administrator_keys(&config).is_err());
        let made = local_keys(&config, &Machine::real()).unwrap();
        let sealed = made.seal("here", b"clear", &SystemRandom).unwrap();
        assert_eq!(local_keys(&config, &Machine::real()).unwrap().open("here", &sealed).unwrap(), b"clear");
        assert_eq!(administrator_keys(&config).unwrap().open("here", &sealed).unwrap(), b"clear");

        let file = folder.path().join("data/master.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(folder.path().join("data")).unwrap().count(),
            1,
            "nothing is left behind"
        );
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(format!("{:#}", administrator_keys(&config).unwrap_err()).contains("chmod 600"));
    }

    #[test]
    fn replicas_do_not_each_make_their_own_sandbox_secret() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = in_folder(folder.path());
        config.server.replicas = 2;
        assert!(sandbox_secret(&config, &Machine::real()).is_err());
        config.server.replicas = 1;
        let secret = sandbox_secret(&config, &Machine::real()).unwrap();
        config.server.replicas = 2;
        assert_eq!(sandbox_secret(&config, &Machine::real()).unwrap(), secret);
    }
}
