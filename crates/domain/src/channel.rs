//! Channels (a store's configured use of a connector), groups of them, and the weighted draw.

use crate::account::Sealed;
use crate::id::{ChannelGroupId, ChannelId, ChannelKey, StoreId};

/// TEST and LIVE data never meet; the channel decides the environment of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    Test,
    Live,
}

impl Environment {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "TEST",
            Self::Live => "LIVE",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "TEST" => Some(Self::Test),
            "LIVE" => Some(Self::Live),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub key: ChannelKey,
    pub id: ChannelId,
    pub store: StoreId,
    pub name: String,
    pub environment: Environment,
    pub usage: ChannelUsage,
    /// Which connector serves it, by the connector's name (`sandbox`, `stripe`, …).
    pub connector: String,
    /// The PSP as the V2 dialect names it (`TOSSPAYMENTS`, …).
    pub pg_provider: String,
    /// The merchant's id at the PSP.
    pub pg_merchant_id: String,
    /// Capture is asked for separately (manual acquisition).
    pub manual_capture: bool,
    /// What a buyer authenticates in a window is approved by the merchant's server.
    pub manual_approval: bool,
    pub is_enabled: bool,
    /// The PSP credentials, a JSON object, sealed.
    pub credentials: Sealed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelUsage {
    Payment,
    IdentityVerification,
}

impl Channel {
    /// What a payment keeps of the channel, so that later changes of the channel do not rewrite
    /// past payments.
    pub fn snapshot(&self) -> ChannelSnapshot {
        ChannelSnapshot {
            key: self.key.clone(),
            id: self.id.clone(),
            name: self.name.clone(),
            environment: self.environment,
            connector: self.connector.clone(),
            pg_provider: self.pg_provider.clone(),
            pg_merchant_id: self.pg_merchant_id.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSnapshot {
    pub key: ChannelKey,
    pub id: ChannelId,
    pub name: String,
    pub environment: Environment,
    pub connector: String,
    pub pg_provider: String,
    pub pg_merchant_id: String,
}

/// One to ten channels of one environment, whose weights sum to exactly 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelGroup {
    pub id: ChannelGroupId,
    pub store: StoreId,
    pub name: String,
    pub environment: Environment,
    pub members: Vec<Member>,
    pub is_deleted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub channel: ChannelKey,
    pub weight: u8,
    pub is_enabled: bool,
}

/// Why a group cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    #[error("a group has 1 to 10 channels, not {0}")]
    MemberCount(usize),
    #[error("the weights of a group sum to 100, not {0}")]
    WeightSum(u32),
    #[error("the channel {0} is named twice")]
    Duplicate(ChannelKey),
}

impl ChannelGroup {
    /// # Errors
    /// Not 1 to 10 members, weights that do not sum to 100, a channel named twice.
    pub fn check(&self) -> Result<(), GroupError> {
        if self.members.is_empty() || self.members.len() > 10 {
            return Err(GroupError::MemberCount(self.members.len()));
        }
        let sum: u32 = self.members.iter().map(|member| u32::from(member.weight)).sum();
        if sum != 100 {
            return Err(GroupError::WeightSum(sum));
        }
        for (index, member) in self.members.iter().enumerate() {
            if self.members.iter().take(index).any(|earlier| earlier.channel == member.channel) {
                return Err(GroupError::Duplicate(member.channel.clone()));
            }
        }
        Ok(())
    }

    pub fn snapshot(&self) -> ChannelGroupSnapshot {
        ChannelGroupSnapshot { id: self.id.clone(), name: self.name.clone(), environment: self.environment }
    }

    /// Draws one enabled member for which `is_usable` holds, in proportion to the weights. `random`
    /// is any uniformly distributed number. Members of weight 0 are drawn only when
    /// `zero_weights` allows it and nothing else is left.
    pub fn draw(
        &self,
        random: u64,
        zero_weights: ZeroWeights,
        is_usable: impl Fn(&ChannelKey) -> bool,
    ) -> Option<&ChannelKey> {
        let usable: Vec<&Member> =
            self.members.iter().filter(|m| m.is_enabled && is_usable(&m.channel)).collect();
        let sum: u64 = usable.iter().map(|member| u64::from(member.weight)).sum();
        let Some(mut rest) = random.checked_rem(sum) else {
            return match zero_weights {
                ZeroWeights::Never => None,
                ZeroWeights::WhenNothingElse => {
                    let count = u64::try_from(usable.len()).ok()?;
                    let index = usize::try_from(random.checked_rem(count)?).ok()?;
                    usable.get(index).map(|member| &member.channel)
                }
            };
        };
        for member in usable {
            let weight = u64::from(member.weight);
            if rest < weight {
                return Some(&member.channel);
            }
            rest = rest.saturating_sub(weight);
        }
        None
    }
}

/// Whether a member of weight 0 may be drawn. Paying with a super billing key may fall back to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroWeights {
    Never,
    WhenNothingElse,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelGroupSnapshot {
    pub id: ChannelGroupId,
    pub name: String,
    pub environment: Environment,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(weights: &[(u8, bool)]) -> ChannelGroup {
        ChannelGroup {
            id: ChannelGroupId::known("channel-group-test-1"),
            store: StoreId::known("store-1"),
            name: "cards".into(),
            environment: Environment::Test,
            members: weights
                .iter()
                .enumerate()
                .map(|(i, (weight, is_enabled))| Member {
                    channel: ChannelKey::known(format!("c{i}")),
                    weight: *weight,
                    is_enabled: *is_enabled,
                })
                .collect(),
            is_deleted: false,
        }
    }

    #[test]
    fn the_draw_follows_the_weights_exactly() {
        let group = group(&[(70, true), (30, true), (0, true)]);
        let mut counts = [0; 3];
        for random in 0..1000 {
            let key = group.draw(random, ZeroWeights::Never, |_| true).unwrap().as_str().to_owned();
            counts[key[1..].parse::<usize>().unwrap()] += 1;
        }
        assert_eq!(counts, [700, 300, 0]);
    }

    #[test]
    fn disabled_and_unusable_members_are_left_out_whatever_their_weight() {
        let group = group(&[(100, false), (0, true)]);
        assert_eq!(group.draw(7, ZeroWeights::Never, |_| true), None);
        assert_eq!(group.draw(7, ZeroWeights::WhenNothingElse, |_| true).unwrap().as_str(), "c1");
        assert_eq!(group.draw(7, ZeroWeights::WhenNothingElse, |_| false), None);
    }

    #[test]
    fn weights_sum_to_one_hundred() {
        assert_eq!(group(&[(50, true), (49, true)]).check(), Err(GroupError::WeightSum(99)));
        assert_eq!(group(&[]).check(), Err(GroupError::MemberCount(0)));
        assert_eq!(group(&[(100, true)]).check(), Ok(()));
    }
}
