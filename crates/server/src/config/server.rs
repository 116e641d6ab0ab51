//! Where the server listens, where it keeps its files, and how it treats connections.

use super::quantity::Bytes;
use super::setting::{Setting, setting};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// As clients reach the server; derived from the address that it listens on when not set.
    pub public_url: Option<Url>,
    pub data_dir: PathBuf,
    /// How many processes serve the same database.
    pub replicas: u32,
    pub max_connections: u32,
    /// From the first byte of a request to the end of its headers.
    pub header_read_timeout: Duration,
    /// How long a connection without a request stays open.
    pub keep_alive_timeout: Duration,
    /// The request line and all headers of one request.
    pub max_header_size: Bytes,
    pub max_headers: u32,
    /// Whether one proxy in front is believed when it names the caller in `X-Forwarded-For`.
    pub trusted_proxy: bool,
    /// How long `/readyz` says no, while requests are still served, before connections are refused.
    pub drain_delay: Duration,
    /// How long running requests may take to end after that.
    pub drain_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            data_dir: PathBuf::from("./paypier-data"),
            replicas: 1,
            max_connections: 15_000,
            header_read_timeout: Duration::from_secs(10),
            // Above the 60 s after which common load balancers stop using a connection: the side
            // that reuses connections has to close them first, or requests meet a closed one.
            keep_alive_timeout: Duration::from_secs(75),
            max_header_size: Bytes::kib(32),
            max_headers: 100,
            trusted_proxy: false,
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(30),
        }
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "server.listen",
        "PAYPIER_LISTEN",
        server.listen,
        "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080"
    ),
    setting!(
        "server.public_url",
        "PAYPIER_PUBLIC_URL",
        server.public_url,
        "an http or https address without query, such as https://pay.example.com, or nothing to derive it from server.listen"
    ),
    setting!("server.data_dir", "PAYPIER_DATA_DIR", server.data_dir, "the path of a folder"),
    setting!(
        "server.replicas",
        "PAYPIER_REPLICAS",
        server.replicas,
        "a whole number from 1 to 1000",
        1..=1_000
    ),
    setting!(
        "server.max_connections",
        "PAYPIER_MAX_CONNECTIONS",
        server.max_connections,
        "a whole number from 10 to 1000000",
        10..=1_000_000
    ),
    setting!(
        "server.header_read_timeout",
        "PAYPIER_HEADER_READ_TIMEOUT",
        server.header_read_timeout,
        "a time from 1s to 5m, with its unit (ms, s, m)",
        Duration::from_secs(1)..=Duration::from_secs(300)
    ),
    setting!(
        "server.keep_alive_timeout",
        "PAYPIER_KEEP_ALIVE_TIMEOUT",
        server.keep_alive_timeout,
        "a time from 1s to 1h, with its unit (s, m, h)",
        Duration::from_secs(1)..=Duration::from_secs(3_600)
    ),
    setting!(
        "server.max_header_size",
        "PAYPIER_MAX_HEADER_SIZE",
        server.max_header_size,
        "a size from 8KiB to 1MiB, with its unit (KiB, MiB)",
        Bytes::kib(8)..=Bytes::mib(1)
    ),
    setting!(
        "server.max_headers",
        "PAYPIER_MAX_HEADERS",
        server.max_headers,
        "a whole number from 20 to 1000",
        20..=1_000
    ),
    setting!("server.trusted_proxy", "PAYPIER_TRUSTED_PROXY", server.trusted_proxy, "true or false"),
    setting!(
        "server.drain_delay",
        "PAYPIER_DRAIN_DELAY",
        server.drain_delay,
        "a time from 0s to 5m, with its unit (s, m)",
        Duration::ZERO..=Duration::from_secs(300)
    ),
    setting!(
        "server.drain_timeout",
        "PAYPIER_DRAIN_TIMEOUT",
        server.drain_timeout,
        "a time from 0s to 10m, with its unit (s, m)",
        Duration::ZERO..=Duration::from_secs(600)
    ),
];
