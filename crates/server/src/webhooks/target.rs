//! Where webhooks may go: web addresses, and outside local mode only public ones.
//!
//! Merchants choose the addresses, so without this guard a merchant could make the server call the
//! services of the operator's own network, or the metadata service of the cloud it runs in. An operator
//! may name networks of their own that are called as well. Names are resolved here, and only the accepted
//! addresses among the answers are connected to: a name that says something else a moment later (DNS
//! rebinding) gains nothing, because nobody asks again.

use super::network::Networks;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Which addresses are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    Public,
    /// And those of these networks, which belong to the operator.
    PublicAnd(Networks),
    /// Local mode: the merchant's server runs on the same machine.
    Any,
}

impl Targets {
    /// `internal` are the networks that the operator has named.
    pub fn allowed(allow_private_targets: bool, internal: &Networks) -> Self {
        if allow_private_targets {
            Self::Any
        } else if *internal == Networks::default() {
            Self::Public
        } else {
            Self::PublicAnd(internal.clone())
        }
    }

    fn accept(&self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::PublicAnd(internal) => is_public(address) || internal.hold(address),
            Self::Any => true,
        }
    }
}

/// Why a URL is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("it is not a URL: {0}")]
    Malformed(url::ParseError),
    #[error("the scheme is {0}; only http and https are called")]
    Scheme(String),
    #[error("the address {0} is not public; this server calls public addresses only")]
    NotPublic(IpAddr),
    #[error("the name resolves to no public address; this server calls public addresses only")]
    NothingPublic,
}

/// Reads a URL and checks what can be checked without asking anybody.
///
/// # Errors
/// See [`TargetError`].
pub fn parse(url: &str, targets: &Targets) -> Result<Url, TargetError> {
    // Odd notations of an IPv4 address (`0x7f.1`, `2130706433`, full-width digits) are addresses
    // afterwards, not names: that is how the URL standard reads them.
    let url = Url::parse(url).map_err(TargetError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(TargetError::Scheme(url.scheme().to_owned()));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(_)) => None,
        None => return Err(TargetError::Malformed(url::ParseError::EmptyHost)),
    };
    match address {
        Some(address) if !targets.accept(address) => Err(TargetError::NotPublic(address)),
        Some(_) | None => Ok(url),
    }
}

/// Resolves names to those of their addresses that are accepted. Addresses in a URL never come here;
/// [`parse`] has looked at them.
#[derive(Debug, Clone)]
pub struct AcceptedOnly(pub Targets);

impl Resolve for AcceptedOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(accepted_ones(found, &targets)?)
        })
    }
}

fn accepted_ones(found: impl Iterator<Item = SocketAddr>, targets: &Targets) -> Result<Addrs, TargetError> {
    let accepted: Vec<SocketAddr> = found.filter(|address| targets.accept(address.ip())).collect();
    if accepted.is_empty() { Err(TargetError::NothingPublic) } else { Ok(Box::new(accepted.into_iter())) }
}

/// Whether an address is one of the public internet. What is not known to be public is not.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// IPv4 networks that are not the public internet (IANA special-purpose registry), and the one
/// public address behind which a cloud keeps its machines' secrets.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10), // carrier-grade NAT; Alibaba's metadata service
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's metadata service
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local; the metadata service of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24), // protocol assignments; Oracle's metadata service
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4), // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4), // reserved, broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4.iter().any(|(network, length)| {
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(*length)).unwrap_or(0);
        address.to_bits() & mask == network.to_bits() & mask
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64: the public way to an IPv4 address, and as public as that one.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(joined(high, low)),
        // Protocol assignments (Teredo, ORCHID, benchmarking).
        [0x2001, ..=0x01ff, ..] => false,
        // Documentation.
        [0x2001, 0x0db8, ..] | [0x3fff, ..=0x0fff, ..] => false,
        // 6to4, which wraps any IPv4 address.
        [0x2002, ..] => false,
        // Global unicast is this range and no other: loopback, unspecified, mapped and compatible
        // IPv4, unique local, link-local, site-local and multicast addresses all lie outside.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called_however_they_are_written() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://%31%32%37.0.0.1/",
            "http://127。0。0。1/",
            "http://127.0.0.1.:8080/",
            "https://user:password@127.0.0.1/",
            "http://0.0.0.0/",
            "http://0/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.168.0.1/",
            "http://100.64.0.1/",
            "http://100.100.100.200/latest/meta-data/",
            "http://100.127.255.255/",
            "http://169.254.169.254/latest/meta-data/",
            "http://168.63.129.16/",
            "http://192.0.0.192/",
            "http://198.18.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::]/",
            "http://[::1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::ffff:8.8.8.8]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[64:ff9b::169.254.169.254]/",
            "http://[64:ff9b:1::808:808]/",
            "http://[2001::1]/",
            "http://[2001:db8::1]/",
            "http://[2002:7f00:1::]/",
            "http://[3fff::1]/",
            "http://[fc00::1]/",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://[fec0::1]/",
            "http://[ff02::1]/",
        ] {
            assert!(matches!(parse(url, &Targets::Public), Err(TargetError::NotPublic(_))), "{url}");
            assert!(parse(url, &Targets::Any).is_ok(), "{url}");
        }
        for url in [
            "http://8.8.8.8/",
            "https://52.78.5.241:8443/webhook?x=1",
            "http://172.15.255.255/",
            "http://172.32.0.1/",
            "http://100.63.255.255/",
            "http://100.128.0.1/",
            "http://[2606:4700:4700::1111]/",
            "http://[2a00:1450::1]/",
            "http://[64:ff9b::8.8.8.8]/",
            "https://shop.example/webhook",
        ] {
            assert!(parse(url, &Targets::Public).is_ok(), "{url}");
        }
    }

    #[test]
    fn only_the_web_is_called() {
        for url in [
            "",
            "shop.example/webhook",
            "/webhook",
            "ftp://shop.example/",
            "file:///etc/passwd",
            "unix:/run/x",
            "gopher://shop.example/",
            "http://",
            "http://[::1",
            "http://a b/",
            "data:,x",
        ] {
            for targets in [Targets::Public, Targets::Any] {
                assert!(parse(url, &targets).is_err(), "{url}");
            }
        }
    }

    #[test]
    fn of_what_a_name_says_only_the_public_part_is_used() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let mixed =
            [address("127.0.0.1:0"), address("8.8.8.8:0"), address("[::1]:0"), address("[2606:4700::1]:0")];
        let used = |targets: &Targets| accepted_ones(mixed.into_iter(), targets).unwrap().collect::<Vec<_>>();
        assert_eq!(used(&Targets::Public), [address("8.8.8.8:0"), address("[2606:4700::1]:0")]);
        let internal = Targets::PublicAnd("::1".parse().unwrap());
        assert_eq!(used(&internal), [address("8.8.8.8:0"), address("[::1]:0"), address("[2606:4700::1]:0")]);
        let private = [address("127.0.0.1:0"), address("192.168.1.1:0")];
        let refused = accepted_ones(private.into_iter(), &internal).err();
        assert_eq!(refused, Some(TargetError::NothingPublic));
    }

    #[test]
    fn an_operators_own_network_is_called_and_its_neighbours_are_not() {
        let targets = Targets::allowed(false, &"10.1.0.0/16, fd00:5::/32".parse().unwrap());
        for (url, is_called) in [
            ("http://10.1.2.3/", true),
            ("http://0x0a010203/", true),
            ("http://[fd00:5::7]:8080/", true),
            ("http://8.8.8.8/", true),
            ("http://10.2.0.1/", false),
            ("http://127.0.0.1/", false),
            ("http://169.254.169.254/latest/meta-data/", false),
            ("http://[fd00:6::7]/", false),
        ] {
            assert_eq!(parse(url, &targets).is_ok(), is_called, "{url}");
        }
        assert_eq!(Targets::allowed(false, &Networks::default()), Targets::Public);
        assert_eq!(Targets::allowed(true, &Networks::default()), Targets::Any);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_resolved() {
        for name in ["localhost", "localhost.", "LOCALHOST"] {
            assert!(AcceptedOnly(Targets::Public).resolve(name.parse().unwrap()).await.is_err(), "{name}");
        }
    }
}
