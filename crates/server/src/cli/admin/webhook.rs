//! `paypier admin webhook`: where a store's webhooks go and what they are signed with.

use super::{Desk, Environment, at, changed};
use crate::cli::Misuse;
use crate::cli::dev::demo;
use crate::cli::report::Report;
use crate::compose::secrets;
use crate::webhooks::sign::{new_secret, seal_secret};
use crate::webhooks::target::{self, Targets};
use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use paypier_domain::account::{PayloadContentType, PayloadVersion, WebhookEndpoint, WebhookSecret};
use paypier_domain::change::Write;
use paypier_domain::channel;
use paypier_domain::id::{MerchantId, SecretId};
use serde_json::json;

/// Secrets that sign at the same time, per store and environment: the old one and its successor.
const MOST_ACTIVE: usize = 2;

#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Say where a store's webhooks of one environment go
    SetEndpoint {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        #[arg(long, value_enum)]
        environment: Environment,
        /// An http or https address; public, except in a database of `paypier dev`
        #[arg(long)]
        url: String,
        /// Which published payload version it receives
        #[arg(long, value_enum, default_value_t = Version::V20240425)]
        version: Version,
        /// form only with the older version
        #[arg(long, value_enum, default_value_t = ContentType::Json)]
        content_type: ContentType,
    },
    /// Show a store's endpoints and secrets; never the secrets themselves
    Show {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// What webhooks are signed with: at most two active ones per environment
    #[command(subcommand)]
    Secret(WebhookSecretCommand),
}

#[derive(Debug, Subcommand)]
pub enum WebhookSecretCommand {
    /// Make a signing secret and print it, this one time
    ///
    /// To replace one without a gap: create the second, deploy it at the receiver, expire the first.
    Create {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        #[arg(long, value_enum)]
        environment: Environment,
    },
    /// Show a store's signing secrets; never the secrets themselves
    List {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        /// Expired ones, too
        #[arg(long)]
        all: bool,
    },
    /// Stop signing with a secret
    Expire {
        #[arg(value_name = "SECRET_ID")]
        id: String,
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Version {
    #[value(name = "2024-04-25")]
    V20240425,
    #[value(name = "2024-01-01")]
    V20240101,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ContentType {
    Json,
    Form,
}

/// # Errors
/// No such store or secret, an address that is refused, a third secret, or the database.
pub async fn run(desk: &Desk, command: WebhookCommand) -> anyhow::Result<Report> {
    match command {
        WebhookCommand::SetEndpoint { store, environment, url, version, content_type } => {
            set_endpoint(desk, &store, environment.into(), &url, version, content_type).await
        }
        WebhookCommand::Show { store } => show(desk, &store).await,
        WebhookCommand::Secret(WebhookSecretCommand::Create { store, environment }) => {
            create(desk, &store, environment.into()).await
        }
        WebhookCommand::Secret(WebhookSecretCommand::List { store, all }) => list(desk, &store, all).await,
        WebhookCommand::Secret(WebhookSecretCommand::Expire { id, store }) => expire(desk, &store, &id).await,
    }
}

async fn set_endpoint(
    desk: &Desk,
    store: &str,
    environment: channel::Environment,
    url: &str,
    version: Version,
    content_type: ContentType,
) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let (version, content_type) = match (version, content_type) {
        (Version::V20240425, ContentType::Json) => (PayloadVersion::V20240425, PayloadContentType::Json),
        (Version::V20240101, ContentType::Json) => (PayloadVersion::V20240101, PayloadContentType::Json),
        (Version::V20240101, ContentType::Form) => (PayloadVersion::V20240101, PayloadContentType::Form),
        (Version::V20240425, ContentType::Form) => {
            return Err(
                Misuse("version 2024-04-25 is JSON only; form needs --version 2024-01-01".into()).into()
            );
        }
    };
    let is_local = desk.storage.merchant(&MerchantId::known(demo::MERCHANT_ID)).await?.is_some();
    let url = target::parse(url, &Targets::allowed(is_local, &desk.config.webhooks.internal_networks))
        .map_err(|error| Misuse(format!("--url {url:?} is not accepted: {error}")))?;
    let endpoint =
        WebhookEndpoint { store: store.id.clone(), environment, url: url.into(), version, content_type };
    let before = desk.storage.webhook_endpoints_of(&store.id).await?;
    let before =
        before.into_iter().find(|endpoint| endpoint.environment == environment).map(|endpoint| endpoint.url);
    desk.commit(vec![Write::WebhookEndpoint(endpoint.clone())]).await?;
    let report = changed(
        format!(
            "{} webhooks of the store {} go to {} from now on.",
            environment.as_str(),
            store.name,
            endpoint.url
        ),
        vec![
            ("storeId", json!(store.id.as_str())),
            ("environment", json!(environment.as_str())),
            ("url", json!(endpoint.url)),
            ("version", json!(version_word(version))),
            ("contentType", json!(content_type_word(content_type))),
            ("urlBefore", json!(before)),
        ],
    );
    let signs = active(desk, &store.id, environment).await?.len();
    Ok(if signs == 0 {
        report.noted(format!(
            "They are not signed yet: paypier admin webhook secret create --store {} --environment {}",
            store.id,
            environment.as_str().to_lowercase()
        ))
    } else {
        report
    })
}

async fn show(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let mut rows = Vec::new();
    for endpoint in desk.storage.webhook_endpoints_of(&store.id).await? {
        let secrets = active(desk, &store.id, endpoint.environment).await?;
        rows.push(vec![
            json!(endpoint.environment.as_str()),
            json!(endpoint.url),
            json!(version_word(endpoint.version)),
            json!(content_type_word(endpoint.content_type)),
            json!(secrets.iter().map(|secret| secret.id.as_str()).collect::<Vec<_>>()),
        ]);
    }
    Ok(Report::list(
        vec!["environment", "url", "version", "contentType", "activeSecrets"],
        rows,
        "The store has no webhook endpoint: paypier admin webhook set-endpoint --help",
    ))
}

async fn active(
    desk: &Desk,
    store: &paypier_domain::id::StoreId,
    environment: channel::Environment,
) -> anyhow::Result<Vec<WebhookSecret>> {
    let mut secrets = desk.storage.webhook_secrets_of(store, desk.now()).await?;
    secrets.retain(|secret| secret.environment == environment);
    Ok(secrets)
}

async fn create(desk: &Desk, store: &str, environment: channel::Environment) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let actives = active(desk, &store.id, environment).await?;
    if actives.len() >= MOST_ACTIVE {
        let ids: Vec<&str> = actives.iter().map(|secret| secret.id.as_str()).collect();
        bail!(
            "the store has {MOST_ACTIVE} active {} webhook secrets ({}), and no receiver checks more. Expire one first: \
             paypier admin webhook secret expire SECRET_ID --store {}",
            environment.as_str(),
            ids.join(", "),
            store.id
        );
    }
    let keyring = secrets::administrator_keys(&desk.config)?;
    let id = SecretId::known(desk.ids.uuid().to_string());
    let clear = new_secret(desk.random());
    let secret = WebhookSecret {
        sealed: seal_secret(&keyring, &store.id, &id, &clear, desk.random())?,
        id,
        store: store.id.clone(),
        environment,
        created_at: desk.now(),
        expired_at: None,
    };
    desk.commit(vec![Write::WebhookSecret(secret.clone())]).await?;
    Ok(changed(
        format!(
            "A {} webhook secret of the store {} was made. It is shown this one time:",
            environment.as_str(),
            store.name
        ),
        vec![
            ("id", json!(secret.id.as_str())),
            ("webhookSecret", json!(clear.as_str())),
            ("storeId", json!(store.id.as_str())),
            ("environment", json!(environment.as_str())),
        ],
    ))
}

async fn list(desk: &Desk, store: &str, all: bool) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let now = desk.now();
    // What signed at the beginning of time and later is all that ever signed.
    let since = if all { Timestamp::MIN } else { now };
    let rows = desk
        .storage
        .webhook_secrets_of(&store.id, since)
        .await?
        .into_iter()
        .map(|secret| {
            vec![
                json!(secret.id.as_str()),
                json!(secret.environment.as_str()),
                json!(secret.expired_at.is_none_or(|at| now < at)),
                json!(secret.created_at.to_string()),
                at(secret.expired_at),
            ]
        })
        .collect();
    Ok(Report::list(
        vec!["id", "environment", "isActive", "createdAt", "expiredAt"],
        rows,
        "The store has no webhook secret: paypier admin webhook secret create --help",
    ))
}

async fn expire(desk: &Desk, store: &str, id: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let secrets = desk.storage.webhook_secrets_of(&store.id, Timestamp::MIN).await?;
    let secret = secrets.into_iter().find(|secret| secret.id.as_str() == id).with_context(|| {
        format!("the store {} has no webhook secret {id:?}; `paypier admin webhook secret list --store {}` shows all", store.id, store.id)
    })?;
    let environment = secret.environment;
    let members = |expired_at| {
        vec![("id", json!(id)), ("environment", json!(environment.as_str())), ("expiredAt", at(expired_at))]
    };
    if secret.expired_at.is_some_and(|expired_at| expired_at <= desk.now()) {
        return Ok(changed(
            "The webhook secret was expired before; nothing was changed.",
            members(secret.expired_at),
        ));
    }
    let expired_at = Some(desk.now());
    desk.commit(vec![Write::WebhookSecret(WebhookSecret { expired_at, ..secret })]).await?;
    let left = active(desk, &store.id, environment).await?.len();
    let report = changed("Webhooks are no longer signed with this secret.", members(expired_at));
    Ok(if left == 0 {
        report.noted(format!("{} webhooks are not signed any more.", environment.as_str()))
    } else {
        report
    })
}

const fn version_word(version: PayloadVersion) -> &'static str {
    match version {
        PayloadVersion::V20240101 => "2024-01-01",
        PayloadVersion::V20240425 => "2024-04-25",
    }
}

const fn content_type_word(content_type: PayloadContentType) -> &'static str {
    match content_type {
        PayloadContentType::Json => "json",
        PayloadContentType::Form => "form",
    }
}
