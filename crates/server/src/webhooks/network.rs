//! Networks that an operator names: an address and how many of its leading bits count.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// `10.1.0.0/16`, or one address without its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u32,
}

/// The bits of an address, from the left of 128.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl Network {
    fn mask(self) -> u128 {
        u128::MAX.checked_shl(128_u32.saturating_sub(self.length)).unwrap_or(0)
    }

    pub fn holds(self, address: IpAddr) -> bool {
        // The same address in IPv6 notation is the same place.
        let address = address.to_canonical();
        width(address) == width(self.address) && (bits(address) ^ bits(self.address)) & self.mask() == 0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// Not a network. Bits behind the length are refused as well: one of the two was a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let length = match length {
            Some(length) => length.parse().map_err(|_| NotANetwork)?,
            None => width(address),
        };
        let network = Self { address, length };
        let is_network = length <= width(address) && bits(address) & !network.mask() == 0;
        is_network.then_some(network).ok_or(NotANetwork)
    }
}

/// Some networks, separated by commas; often none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Networks(Arc<[Network]>);

impl Networks {
    pub fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            write!(f, "{}{network}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl FromStr for Networks {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Self(words.map(str::parse).collect::<Result<Vec<_>, _>>()?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let networks: Networks = "10.1.0.0/16, 192.168.7.9,fd00:5::/32".parse().unwrap();
        assert_eq!(networks.to_string(), "10.1.0.0/16, 192.168.7.9/32, fd00:5::/32");
        for (address, is_inside) in [
            ("10.1.0.0", true),
            ("10.1.255.255", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.0", false),
            ("192.168.7.9", true),
            ("192.168.7.8", false),
            ("fd00:5:1::1", true),
            ("fd00:6::1", false),
            ("a01::", false),
        ] {
            assert_eq!(networks.hold(address.parse().unwrap()), is_inside, "{address}");
        }
        assert!(!Networks::default().hold("127.0.0.1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Networks>().unwrap().hold("127.0.0.1".parse().unwrap()));
        assert!(!"0.0.0.0/0".parse::<Networks>().unwrap().hold("::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in
            ["10.1.2.3/16", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "localhost", "10.0.0", "::/129"]
        {
            assert!(text.parse::<Networks>().is_err(), "{text}");
        }
    }
}
