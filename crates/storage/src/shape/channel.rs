//! Channels and groups, and what payments keep of them.

use super::{Read, Senseless, Text, flag, is, shape, text};
use paypier_domain::account::Sealed;
use paypier_domain::channel as domain;
use paypier_domain::channel::{ChannelUsage, Environment};
use paypier_domain::id::{ChannelGroupId, ChannelId, ChannelKey, StoreId};

shape! { Snapshot { key: Text<'a>, id: Text<'a>, name: Text<'a>, environment: Text<'a>, connector: Text<'a>,
pg_provider: Text<'a>, pg_merchant_id: Text<'a>; } }

impl<'a> Snapshot<'a> {
    pub(crate) fn of(channel: &'a domain::ChannelSnapshot) -> Self {
        Self {
            key: text(channel.key.as_str()),
            id: text(channel.id.as_str()),
            name: text(&channel.name),
            environment: text(channel.environment.as_str()),
            connector: text(&channel.connector),
            pg_provider: text(&channel.pg_provider),
            pg_merchant_id: text(&channel.pg_merchant_id),
        }
    }

    pub(crate) fn read(self) -> Read<domain::ChannelSnapshot> {
        Ok(domain::ChannelSnapshot {
            key: ChannelKey::known(self.key),
            id: ChannelId::known(self.id),
            name: self.name.into_owned(),
            environment: environment(&self.environment)?,
            connector: self.connector.into_owned(),
            pg_provider: self.pg_provider.into_owned(),
            pg_merchant_id: self.pg_merchant_id.into_owned(),
        })
    }
}

shape! { GroupSnapshot { id: Text<'a>, name: Text<'a>, environment: Text<'a>; } }

impl<'a> GroupSnapshot<'a> {
    pub(crate) fn of(group: &'a domain::ChannelGroupSnapshot) -> Self {
        Self {
            id: text(group.id.as_str()),
            name: text(&group.name),
            environment: text(group.environment.as_str()),
        }
    }

    pub(crate) fn read(self) -> Read<domain::ChannelGroupSnapshot> {
        Ok(domain::ChannelGroupSnapshot {
            id: ChannelGroupId::known(self.id),
            name: self.name.into_owned(),
            environment: environment(&self.environment)?,
        })
    }
}

pub(crate) fn environment(word: &str) -> Read<Environment> {
    Environment::parse(word).ok_or(Senseless("environment"))
}

shape! { Channel { id: Text<'a>, name: Text<'a>, environment: Text<'a>, usage: Text<'a>, connector: Text<'a>,
pg_provider: Text<'a>, pg_merchant_id: Text<'a>; manual_capture: bool, manual_approval: bool,
is_enabled: bool } }

impl<'a> Channel<'a> {
    pub(crate) fn of(channel: &'a domain::Channel) -> Self {
        Self {
            id: text(channel.id.as_str()),
            name: text(&channel.name),
            environment: text(channel.environment.as_str()),
            usage: text(match channel.usage {
                ChannelUsage::Payment => "PAYMENT",
                ChannelUsage::IdentityVerification => "IDENTITY_VERIFICATION",
            }),
            connector: text(&channel.connector),
            pg_provider: text(&channel.pg_provider),
            pg_merchant_id: text(&channel.pg_merchant_id),
            manual_capture: flag(channel.manual_capture),
            manual_approval: flag(channel.manual_approval),
            is_enabled: flag(channel.is_enabled),
        }
    }

    pub(crate) fn read(self, store: StoreId, key: ChannelKey, credentials: Sealed) -> Read<domain::Channel> {
        Ok(domain::Channel {
            key,
            id: ChannelId::known(self.id),
            store,
            name: self.name.into_owned(),
            environment: environment(&self.environment)?,
            usage: match self.usage.as_ref() {
                "PAYMENT" => ChannelUsage::Payment,
                "IDENTITY_VERIFICATION" => ChannelUsage::IdentityVerification,
                _ => return Err(Senseless("usage")),
            },
            connector: self.connector.into_owned(),
            pg_provider: self.pg_provider.into_owned(),
            pg_merchant_id: self.pg_merchant_id.into_owned(),
            manual_capture: is(self.manual_capture),
            manual_approval: is(self.manual_approval),
            is_enabled: is(self.is_enabled),
            credentials,
        })
    }
}

shape! { Group { name: Text<'a>, environment: Text<'a>, members: Vec<Member<'a>>; is_deleted: bool } }
shape! { Member { channel: Text<'a>, weight: u8; is_enabled: bool } }

impl<'a> Group<'a> {
    pub(crate) fn of(group: &'a domain::ChannelGroup) -> Self {
        Self {
            name: text(&group.name),
            environment: text(group.environment.as_str()),
            members: group
                .members
                .iter()
                .map(|member| Member {
                    channel: text(member.channel.as_str()),
                    weight: member.weight,
                    is_enabled: flag(member.is_enabled),
                })
                .collect(),
            is_deleted: flag(group.is_deleted),
        }
    }

    pub(crate) fn read(self, store: StoreId, id: ChannelGroupId) -> Read<domain::ChannelGroup> {
        Ok(domain::ChannelGroup {
            id,
            store,
            name: self.name.into_owned(),
            environment: environment(&self.environment)?,
            members: self
                .members
                .into_iter()
                .map(|member| domain::Member {
                    channel: ChannelKey::known(member.channel),
                    weight: member.weight,
                    is_enabled: is(member.is_enabled),
                })
                .collect(),
            is_deleted: is(self.is_deleted),
        })
    }
}
