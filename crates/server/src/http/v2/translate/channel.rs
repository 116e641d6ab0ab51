//! Channels: which one is asked for, and which one was used.

use super::{id, invalid};
use crate::app::failure::Failure;
use paypier_domain::channel::{ChannelGroupSnapshot, ChannelSnapshot, Environment};
use paypier_domain::id::{ChannelGroupId, ChannelKey};
use paypier_wire::v2;

/// Where a payment is to go: a channel, or a group. When both are given the channel wins.
///
/// # Errors
/// Neither is given.
pub fn asked(
    key: Option<&str>,
    group: Option<&str>,
) -> Result<(Option<ChannelKey>, Option<ChannelGroupId>), Failure> {
    let key = id("channelKey", key, ChannelKey::parse)?;
    let group = id("channelGroupId", group, ChannelGroupId::parse)?;
    match (key, group) {
        (Some(key), _) => Ok((Some(key), None)),
        (None, Some(group)) => Ok((None, Some(group))),
        (None, None) => Err(invalid("one of channelKey and channelGroupId", "is required")),
    }
}

/// # Errors
/// The channel's PSP has no word in this dialect, which whoever configures channels has to prevent.
pub fn selected(channel: &ChannelSnapshot) -> Result<v2::SelectedChannel, Failure> {
    let pg_provider = v2::PgProvider::parse(&channel.pg_provider).ok_or_else(|| {
        Failure::internal(format!(
            "channel {}: {:?} is no PgProvider of this dialect",
            channel.key, channel.pg_provider
        ))
    })?;
    Ok(v2::SelectedChannel {
        kind: match channel.environment {
            Environment::Live => v2::SelectedChannelType::Live,
            Environment::Test => v2::SelectedChannelType::Test,
        },
        id: Some(channel.id.as_str().to_owned()),
        key: Some(channel.key.as_str().to_owned()),
        name: Some(channel.name.clone()),
        pg_provider,
        pg_merchant_id: channel.pg_merchant_id.clone(),
    })
}

pub fn group(group: &ChannelGroupSnapshot) -> v2::ChannelGroupSummary {
    v2::ChannelGroupSummary {
        id: group.id.as_str().to_owned(),
        name: group.name.clone(),
        is_for_test: group.environment == Environment::Test,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_or_a_group_is_needed_and_the_channel_wins() {
        let (key, group) = asked(Some("channel-key-1"), Some("channel-group-test-1")).unwrap();
        assert_eq!((key.unwrap().as_str(), group), ("channel-key-1", None));
        let (key, group) = asked(None, Some("channel-group-test-1")).unwrap();
        assert_eq!((key, group.unwrap().as_str()), (None, "channel-group-test-1"));
        assert_eq!(
            asked(None, None).unwrap_err().to_string(),
            "one of channelKey and channelGroupId is required"
        );
        assert_eq!(asked(Some(""), None).unwrap_err().to_string(), "channelKey: the id is empty");
    }
}
