//! `paypier admin channel-group`: payments spread over channels by weight.

use super::{Desk, Environment, changed, checked_name};
use crate::cli::Misuse;
use crate::cli::report::Report;
use anyhow::Context;
use clap::{Args, Subcommand};
use paypier_domain::account::Store;
use paypier_domain::change::Write;
use paypier_domain::channel::{self, Channel, ChannelGroup, ChannelUsage, Member};
use paypier_domain::id::{ChannelGroupId, ChannelKey};
use serde_json::{Value, json};

const EXAMPLE: &str = "\
Example, 7 of 10 payments over the first channel:
  paypier admin channel-group create --store store-… --environment live --name 'Cards' \\
      --member channel-key-…=70 --member channel-key-…=30

A member of weight 0 is never drawn for a payment, except for a billing key that no other member holds.
A disabled member keeps its weight and is left out.";

#[derive(Debug, Subcommand)]
pub enum ChannelGroupCommand {
    /// Make a group of 1 to 10 channels of one environment
    #[command(after_help = EXAMPLE)]
    Create {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        #[arg(long, value_enum)]
        environment: Environment,
        /// What people call it, 1 to 100 characters
        #[arg(long)]
        name: String,
        #[command(flatten)]
        members: MembersArgs,
    },
    /// Replace a group's members, its name, or both
    #[command(after_help = EXAMPLE)]
    Update {
        #[arg(value_name = "GROUP_ID")]
        id: String,
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        members: MembersArgs,
    },
    /// Show a store's groups
    List {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// Delete a group for good; requests that still name it are refused
    Delete {
        #[arg(value_name = "GROUP_ID")]
        id: String,
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
}

#[derive(Debug, Clone, Default, Args)]
pub struct MembersArgs {
    /// A channel and its weight, 0 to 100; repeat it, the weights sum to 100
    #[arg(long = "member", value_name = "CHANNEL_KEY=WEIGHT", value_parser = member)]
    pub members: Vec<(String, u8)>,
    /// A member that is left out for now; repeat it
    #[arg(long = "disabled-member", value_name = "CHANNEL_KEY")]
    pub disabled: Vec<String>,
}

fn member(text: &str) -> Result<(String, u8), String> {
    let wrong = || "a member is CHANNEL_KEY=WEIGHT, the weight a whole number from 0 to 100".to_owned();
    let (key, weight) = text.rsplit_once('=').ok_or_else(wrong)?;
    let weight: u8 = weight.parse().map_err(|_| wrong())?;
    if key.is_empty() || weight > 100 { Err(wrong()) } else { Ok((key.to_owned(), weight)) }
}

/// # Errors
/// No such store or group, members that make no group, or the database.
pub async fn run(desk: &Desk, command: ChannelGroupCommand) -> anyhow::Result<Report> {
    match command {
        ChannelGroupCommand::Create { store, environment, name, members } => {
            let store = desk.store(&store).await?;
            let environment = channel::Environment::from(environment);
            let prefix = match environment {
                channel::Environment::Test => "channel-group-test-",
                channel::Environment::Live => "channel-group-live-",
            };
            let group = ChannelGroup {
                id: ChannelGroupId::known(desk.ids.prefixed(prefix)),
                store: store.id.clone(),
                name: checked_name(&name)?,
                environment,
                members: as_members(&members)?,
                is_deleted: false,
            };
            written(desk, &store, group, "was made").await
        }
        ChannelGroupCommand::Update { id, store, name, members } => {
            let store = desk.store(&store).await?;
            let mut group = existing(desk, &store, &id).await?;
            if name.is_none() && members.members.is_empty() && members.disabled.is_empty() {
                return Err(Misuse(
                    "give --name, --member or --disabled-member: there is nothing to change".into(),
                )
                .into());
            }
            if let Some(name) = name {
                group.name = checked_name(&name)?;
            }
            if !members.members.is_empty() {
                group.members = as_members(&members)?;
            } else if !members.disabled.is_empty() {
                disable(&mut group.members, &members.disabled)?;
            }
            written(desk, &store, group, "was changed").await
        }
        ChannelGroupCommand::List { store } => list(desk, &store).await,
        ChannelGroupCommand::Delete { id, store } => {
            let store = desk.store(&store).await?;
            let group = existing(desk, &store, &id).await?;
            desk.commit(vec![Write::ChannelGroup(ChannelGroup { is_deleted: true, ..group.clone() })])
                .await?;
            Ok(changed(format!("The group {} was deleted.", group.name), described(&group)))
        }
    }
}

fn as_members(args: &MembersArgs) -> anyhow::Result<Vec<Member>> {
    let mut members: Vec<Member> = args
        .members
        .iter()
        .map(|(key, weight)| Member {
            channel: ChannelKey::known(key.as_str()),
            weight: *weight,
            is_enabled: true,
        })
        .collect();
    disable(&mut members, &args.disabled)?;
    Ok(members)
}

fn disable(members: &mut [Member], keys: &[String]) -> anyhow::Result<()> {
    for key in keys {
        let member = members.iter_mut().find(|member| member.channel.as_str() == key);
        let member =
            member.ok_or_else(|| Misuse(format!("--disabled-member names {key}, which is no member")))?;
        member.is_enabled = false;
    }
    Ok(())
}

async fn existing(desk: &Desk, store: &Store, id: &str) -> anyhow::Result<ChannelGroup> {
    let groups = desk.storage.channel_groups_of(&store.id).await?;
    groups.into_iter().find(|group| group.id.as_str() == id && !group.is_deleted).with_context(|| {
        format!(
            "the store {} has no group {id:?}; `paypier admin channel-group list --store {}` shows all",
            store.id, store.id
        )
    })
}

async fn written(desk: &Desk, store: &Store, group: ChannelGroup, what: &str) -> anyhow::Result<Report> {
    check(&group, &desk.storage.channels_of(&store.id).await?)?;
    desk.commit(vec![Write::ChannelGroup(group.clone())]).await?;
    Ok(changed(format!("The group {} {what}.", group.name), described(&group)))
}

/// Whether these channels can be a group: the weights, and that each member is a payment channel of
/// the store and of the group's environment.
fn check(group: &ChannelGroup, channels: &[Channel]) -> Result<(), Misuse> {
    group.check().map_err(|error| Misuse(error.to_string()))?;
    for member in &group.members {
        let channel = channels
            .iter()
            .find(|channel| channel.key == member.channel)
            .ok_or_else(|| Misuse(format!("the store {} has no channel {}", group.store, member.channel)))?;
        if channel.environment != group.environment {
            return Err(Misuse(format!(
                "the channel {} is {}, and a {} group takes {} channels only",
                channel.key,
                channel.environment.as_str(),
                group.environment.as_str(),
                group.environment.as_str()
            )));
        }
        match channel.usage {
            ChannelUsage::Payment => {}
            ChannelUsage::IdentityVerification => {
                return Err(Misuse(format!(
                    "the channel {} verifies identities; a group takes payment channels only",
                    channel.key
                )));
            }
        }
    }
    Ok(())
}

async fn list(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let groups = desk.storage.channel_groups_of(&store.id).await?;
    let rows = groups
        .iter()
        .filter(|group| !group.is_deleted)
        .map(|group| described(group).into_iter().map(|(_, value)| value).collect())
        .collect();
    Ok(Report::list(
        vec!["id", "name", "environment", "members"],
        rows,
        "The store has no channel group: paypier admin channel-group create --help",
    ))
}

fn described(group: &ChannelGroup) -> Vec<(&'static str, Value)> {
    let members: Vec<Value> = group
        .members
        .iter()
        .map(|member| {
            json!({ "channelKey": member.channel.as_str(), "weight": member.weight, "isEnabled": member.is_enabled })
        })
        .collect();
    vec![
        ("id", json!(group.id.as_str())),
        ("name", json!(group.name)),
        ("environment", json!(group.environment.as_str())),
        ("members", json!(members)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::account::Sealed;
    use paypier_domain::id::{ChannelId, StoreId};

    fn channel(key: &str, environment: channel::Environment, usage: ChannelUsage) -> Channel {
        Channel {
            key: ChannelKey::known(key),
            id: ChannelId::known(format!("id-{key}")),
            store: StoreId::known("s"),
            name: key.into(),
            environment,
            usage,
            connector: "sandbox".into(),
            pg_provider: "NICE_V2".into(),
            pg_merchant_id: "m".into(),
            manual_capture: false,
            manual_approval: false,
            is_enabled: true,
            credentials: Sealed(Vec::new()),
        }
    }

    fn group(members: &[(&str, u8)], disabled: &[&str]) -> ChannelGroup {
        let args = MembersArgs {
            members: members.iter().map(|(key, weight)| ((*key).to_owned(), *weight)).collect(),
            disabled: disabled.iter().map(|key| (*key).to_owned()).collect(),
        };
        ChannelGroup {
            id: ChannelGroupId::known("g"),
            store: StoreId::known("s"),
            name: "g".into(),
            environment: channel::Environment::Test,
            members: as_members(&args).unwrap(),
            is_deleted: false,
        }
    }

    #[test]
    fn a_group_is_of_payment_channels_of_its_store_and_environment() {
        use channel::Environment::{Live, Test};
        let channels = [
            channel("a", Test, ChannelUsage::Payment),
            channel("b", Test, ChannelUsage::Payment),
            channel("live", Live, ChannelUsage::Payment),
            channel("identity", Test, ChannelUsage::IdentityVerification),
        ];
        for (members, refusal) in [
            (&[("a", 70), ("b", 30)][..], None),
            (&[("a", 100), ("b", 0)], None),
            (&[("a", 70), ("b", 29)], Some("the weights of a group sum to 100, not 99")),
            (&[], Some("a group has 1 to 10 channels, not 0")),
            (&[("a", 50), ("a", 50)], Some("the channel a is named twice")),
            (&[("elsewhere", 100)], Some("the store s has no channel elsewhere")),
            (&[("live", 100)], Some("the channel live is LIVE, and a TEST group takes TEST channels only")),
            (
                &[("identity", 100)],
                Some("the channel identity verifies identities; a group takes payment channels only"),
            ),
        ] {
            let checked = check(&group(members, &[]), &channels).map_err(|misuse| misuse.to_string());
            assert_eq!(checked.err().as_deref(), refusal, "{members:?}");
        }
    }

    #[test]
    fn members_are_disabled_by_name() {
        let group = group(&[("a", 70), ("b", 30)], &["b"]);
        assert_eq!(group.members.iter().map(|member| member.is_enabled).collect::<Vec<_>>(), [true, false]);
        assert!(
            as_members(&MembersArgs { members: vec![("a".into(), 100)], disabled: vec!["c".into()] })
                .is_err()
        );
    }

    #[test]
    fn a_member_is_a_key_and_a_weight() {
        assert_eq!(member("channel-key-1=70"), Ok(("channel-key-1".into(), 70)));
        for wrong in ["channel-key-1", "channel-key-1=", "=5", "a=101", "a=-1", "a=7.5"] {
            assert!(member(wrong).is_err(), "{wrong}");
        }
    }
}
