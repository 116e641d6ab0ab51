//! `paypier admin store`.

use super::{Desk, changed, checked_name};
use crate::cli::report::Report;
use clap::{Subcommand, ValueEnum};
use jiff::SignedDuration;
use paypier_domain::account::{ConfirmProcess, LateApproval, Store, StorePolicy};
use paypier_domain::change::Write;
use paypier_domain::id::{MerchantId, StoreId};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Make one more store of a merchant
    Create {
        #[arg(long, value_name = "MERCHANT_ID")]
        merchant: String,
        /// What people call it, 1 to 100 characters
        #[arg(long)]
        name: String,
        /// What happens when a PSP says "paid" about an attempt that it had called failed
        #[arg(long, value_enum, default_value_t = Late::Accept)]
        late_approval: Late,
    },
    /// Change how a store behaves; what is not given stays as it is
    Set {
        #[arg(value_name = "STORE_ID")]
        store: String,
        /// What happens when a PSP says "paid" about an attempt that it had called failed
        #[arg(long, value_enum)]
        late_approval: Option<Late>,
        /// Whether the merchant's server is asked (confirmUrl) before a payment in a window is approved
        #[arg(long, value_enum)]
        confirm_process: Option<Confirm>,
        /// Whether a window tells its result only when the webhook about it was tried once
        #[arg(long, value_name = "true|false")]
        result_waits_for_webhook: Option<bool>,
    },
    /// Show the stores of a merchant, or all
    List {
        #[arg(long, value_name = "MERCHANT_ID")]
        merchant: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Late {
    /// The payment is paid after all
    Accept,
    /// The money is given back at once
    Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Confirm {
    /// A confirmUrl is ignored
    Off,
    /// Asked when the page names a confirmUrl
    Optional,
    /// A window without a confirmUrl is not opened
    Required,
}

impl From<Confirm> for ConfirmProcess {
    fn from(confirm: Confirm) -> Self {
        match confirm {
            Confirm::Off => Self::Off,
            Confirm::Optional => Self::Optional,
            Confirm::Required => Self::Required,
        }
    }
}

impl From<Late> for LateApproval {
    fn from(late: Late) -> Self {
        match late {
            Late::Accept => Self::Accept,
            Late::Cancel => Self::CancelAtOnce,
        }
    }
}

/// # Errors
/// No such merchant, a name that is none, or the database.
pub async fn run(desk: &Desk, command: StoreCommand) -> anyhow::Result<Report> {
    match command {
        StoreCommand::Create { merchant, name, late_approval } => {
            let merchant = desk.merchant(&merchant).await?;
            let mut store = new_store(desk, &merchant.id, checked_name(&name)?, false);
            store.policy.late_approval = late_approval.into();
            desk.commit(vec![Write::Store(store.clone())]).await?;
            Ok(changed(
                format!("The store {} of the merchant {} was made.", store.name, merchant.name),
                vec![
                    ("id", json!(store.id.as_str())),
                    ("merchantId", json!(merchant.id.as_str())),
                    ("name", json!(store.name)),
                    ("lateApproval", json!(late_word(store.policy.late_approval))),
                ],
            ))
        }
        StoreCommand::Set { store, late_approval, confirm_process, result_waits_for_webhook } => {
            let mut store = desk.store(&store).await?;
            let policy = &mut store.policy;
            policy.late_approval = late_approval.map_or(policy.late_approval, Into::into);
            policy.confirm_process = confirm_process.map_or(policy.confirm_process, Into::into);
            policy.result_waits_for_webhook =
                result_waits_for_webhook.unwrap_or(policy.result_waits_for_webhook);
            desk.commit(vec![Write::Store(store.clone())]).await?;
            Ok(changed(
                format!("The store {} behaves so from now on.", store.name),
                vec![
                    ("id", json!(store.id.as_str())),
                    ("name", json!(store.name)),
                    ("lateApproval", json!(late_word(store.policy.late_approval))),
                    ("confirmProcess", json!(store.policy.confirm_process.as_str().to_lowercase())),
                    ("resultWaitsForWebhook", json!(store.policy.result_waits_for_webhook)),
                ],
            ))
        }
        StoreCommand::List { merchant } => list(desk, merchant.as_deref()).await,
    }
}

async fn list(desk: &Desk, merchant: Option<&str>) -> anyhow::Result<Report> {
    let stores = match merchant {
        Some(merchant) => desk.storage.stores_of(&desk.merchant(merchant).await?.id).await?,
        None => desk.stores().await?,
    };
    let rows = stores
        .into_iter()
        .map(|store| {
            vec![
                json!(store.id.as_str()),
                json!(store.merchant.as_str()),
                json!(store.name),
                json!(store.is_representative),
                json!(late_word(store.policy.late_approval)),
                json!(store.created_at.to_string()),
            ]
        })
        .collect();
    Ok(Report::list(
        vec!["id", "merchantId", "name", "isRepresentative", "lateApproval", "createdAt"],
        rows,
        "There is no store yet: paypier admin merchant create --name NAME makes a merchant with its first one",
    ))
}

const fn late_word(late: LateApproval) -> &'static str {
    match late {
        LateApproval::Accept => "accept",
        LateApproval::CancelAtOnce => "cancel",
    }
}

/// A store that is not written yet.
pub fn new_store(desk: &Desk, merchant: &MerchantId, name: String, is_representative: bool) -> Store {
    Store {
        id: StoreId::known(desk.ids.prefixed("store-")),
        merchant: merchant.clone(),
        name,
        is_representative,
        policy: StorePolicy::default(),
        test_clock_offset: SignedDuration::ZERO,
        created_at: desk.now(),
    }
}
