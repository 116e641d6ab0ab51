//! Accepting connections and serving HTTP/1 and HTTP/2 on them.
//!
//! A connection costs a task, a socket and a few kilobytes. It is closed when it sends half a request
//! and no more, when it sends nothing for long, or when it does not read its answer; so a crowd of
//! idle or hostile connections ends by itself. Requests are never cut off by these rules: while one
//! runs, no deadline runs.

use crate::config::server::ServerConfig;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// Streams of one HTTP/2 connection.
const MAX_STREAMS: u32 = 200;
/// How long accepting rests after it failed, because it fails for lack of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a connection may take to close after it was asked to.
const GOOD_BYE: Duration = Duration::from_secs(1);
/// The whole answer to a connection that is one too many.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Serves `router` until `stop` is cancelled, then lets running requests end for
/// [`ServerConfig::drain_timeout`]. Returns how many connections had to be cut off.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &ServerConfig,
    stop: CancellationToken,
) -> usize {
    let limits =
        Limits { header: config.header_read_timeout, idle: config.keep_alive_timeout, good_bye: GOOD_BYE };
    serve_within(limits, listener, router, config, stop).await
}

async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    config: &ServerConfig,
    stop: CancellationToken,
) -> usize {
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(usize::try_from(config.max_connections).unwrap_or(usize::MAX)));
    let cut = CancellationToken::new();
    let http = Arc::new(builder(config));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_of_the_connection(&error) {
                    tracing::warn!(%error, "a connection cannot be accepted; is the limit of open files too low?");
                    sleep(ACCEPT_PAUSE).await;
                }
                continue;
            }
        };
        let Ok(permit) = permits.clone().try_acquire_owned() else {
            metrics::counter!("paypier_connections_refused_total").increment(1);
            // Whether it can be told is not important: it is closed in either case.
            let _told = stream.try_write(TOO_MANY);
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
        let (router, http, stop, cut) = (router.clone(), http.clone(), stop.clone(), cut.clone());
        connections.spawn(async move {
            let gauge = metrics::gauge!("paypier_connections");
            gauge.increment(1);
            tokio::select! {
                () = connection(stream, peer, router, &http, limits, stop) => {}
                () = cut.cancelled() => {}
            }
            gauge.decrement(1);
            drop(permit);
        });
    }
    drop(listener);
    connections.close();
    if timeout(config.drain_timeout, connections.wait()).await.is_ok() {
        return 0;
    }
    let left = connections.len();
    cut.cancel();
    connections.wait().await;
    left
}

fn builder(config: &ServerConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .max_buf_size(config.max_header_size.in_memory())
        .max_headers(usize::try_from(config.max_headers).unwrap_or(usize::MAX));
    // hyper's own header timeout also runs between two requests and does not run before the first
    // byte; the deadlines of this file take its place. It is off because no timer is set.
    builder
        .http2()
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(config.max_header_size.0).unwrap_or(u32::MAX));
    builder
}

/// The connection was gone before it was accepted; the next one is not affected.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    header: Duration,
    idle: Duration,
    good_bye: Duration,
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    http: &Builder<TokioExecutor>,
    limits: Limits,
    stop: CancellationToken,
) {
    let pace = Arc::new(Pace::new(limits));
    let service = {
        let pace = pace.clone();
        service_fn(move |mut request: hyper::Request<Incoming>| {
            pace.request_begins(request.version());
            let running = Running(pace.clone());
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().call(request);
            async move {
                let answer = answer.await;
                drop(running);
                answer
            }
        })
    };
    let watched = Watched { stream, pace: pace.clone() };
    let mut serving = pin!(http.serve_connection(TokioIo::new(watched), service));
    let mut timer = pin!(sleep_until(pace.deadline()));
    let mut stopping = pin!(stop.cancelled());
    let mut is_closing = false;
    let mut cut_at = None;
    poll_fn(|cx| {
        loop {
            if !is_closing && stopping.as_mut().poll(cx).is_ready() {
                is_closing = true;
                serving.as_mut().graceful_shutdown();
            }
            if let Poll::Ready(result) = serving.as_mut().poll(cx) {
                if let Err(error) = result {
                    tracing::debug!(%error, %peer, "a connection ended with an error");
                }
                return Poll::Ready(());
            }
            // A deadline that moved back is noticed when the timer rings; only an earlier one is set
            // at once, so that a busy connection does not touch its timer.
            let deadline = cut_at.filter(|_| !pace.is_running()).unwrap_or_else(|| pace.deadline());
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            if now < deadline {
                timer.as_mut().reset(deadline);
            } else if cut_at.is_some() {
                return Poll::Ready(());
            } else {
                // HTTP/2 says good-bye, HTTP/1 writes what is left of its answer; then it is over.
                is_closing = true;
                serving.as_mut().graceful_shutdown();
                let until = now.checked_add(limits.good_bye).unwrap_or(now);
                cut_at = Some(until);
                timer.as_mut().reset(until);
            }
        }
    })
    .await;
}

/// What a connection is doing, as far as its deadlines need to know. Times are milliseconds since
/// `start`; 0 means "not".
#[derive(Debug)]
struct Pace {
    limits: Limits,
    start: Instant,
    running: AtomicUsize,
    headers_since: AtomicU64,
    idle_since: AtomicU64,
    /// HTTP/2 also sends frames that belong to no request, so bytes do not begin one.
    is_multiplexed: AtomicBool,
}

impl Pace {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            start: Instant::now(),
            running: AtomicUsize::new(0),
            headers_since: AtomicU64::new(0),
            idle_since: AtomicU64::new(1),
            is_multiplexed: AtomicBool::new(false),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    fn bytes_arrived(&self) {
        if !self.is_multiplexed.load(Ordering::Acquire)
            && !self.is_running()
            && self.headers_since.load(Ordering::Acquire) == 0
        {
            self.headers_since.store(self.now(), Ordering::Release);
        }
    }

    fn request_begins(&self, version: hyper::Version) {
        if version == hyper::Version::HTTP_2 {
            self.is_multiplexed.store(true, Ordering::Release);
        }
        self.running.fetch_add(1, Ordering::AcqRel);
        self.headers_since.store(0, Ordering::Release);
    }

    fn idle_again(&self) {
        self.headers_since.store(0, Ordering::Release);
        self.idle_since.store(self.now(), Ordering::Release);
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire) > 0
    }

    /// When the connection has to be looked at next.
    fn deadline(&self) -> Instant {
        let after = |since: u64, limit: Duration| {
            self.start.checked_add(Duration::from_millis(since).saturating_add(limit)).unwrap_or(self.start)
        };
        match (self.running.load(Ordering::Acquire), self.headers_since.load(Ordering::Acquire)) {
            (0, 0) => after(self.idle_since.load(Ordering::Acquire), self.limits.idle),
            (0, since) => after(since, self.limits.header),
            _ => after(self.now(), self.limits.idle),
        }
    }
}

/// A request that runs; the last one to end makes the connection idle.
struct Running(Arc<Pace>);

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle_again();
        }
    }
}

/// The stream, telling the connection's [`Pace`] when bytes arrive.
struct Watched {
    stream: TcpStream,
    pace: Arc<Pace>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.pace.bytes_arrived();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::quantity::Bytes;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        task: tokio::task::JoinHandle<usize>,
    }

    async fn served(adjust: impl FnOnce(&mut ServerConfig)) -> Server {
        let mut config = ServerConfig {
            drain_timeout: Duration::from_secs(5),
            max_header_size: Bytes::kib(8),
            ..ServerConfig::default()
        };
        let limits = Limits {
            header: Duration::from_millis(200),
            idle: Duration::from_millis(1_000),
            good_bye: Duration::from_millis(50),
        };
        adjust(&mut config);
        let router =
            Router::new()
                .route(
                    "/",
                    get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
                        format!("hello {}", peer.ip())
                    }),
                )
                .route(
                    "/slow",
                    get(|| async {
                        sleep(Duration::from_millis(1_500)).await;
                        "done"
                    }),
                );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let task =
            tokio::spawn(async move { serve_within(limits, listener, router, &config, stopping).await });
        Server { address, stop, task }
    }

    impl Server {
        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }
    }

    async fn rest(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes))
            .await
            .expect("closed in time")
            .unwrap_or(0);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn some(stream: &mut TcpStream) -> String {
        let mut bytes = [0; 4096];
        let count = timeout(Duration::from_secs(5), stream.read(&mut bytes)).await.unwrap().unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    #[tokio::test]
    async fn half_a_request_is_cut_off_and_the_others_are_not() {
        let server = served(|_| {}).await;
        let mut half = server.connect().await;
        half.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        let mut whole = server.connect().await;
        whole.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(some(&mut whole).await.contains("hello 127.0.0.1"));
        assert_eq!(rest(&mut half).await, "");
        // The connection that was idle for longer than a header may take still works.
        whole.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(some(&mut whole).await.contains("hello"));
        assert_eq!(rest(&mut whole).await, "", "and is closed when it stays idle");
    }

    #[tokio::test]
    async fn a_connection_that_never_says_anything_is_closed() {
        let server = served(|_| {}).await;
        let mut silent = server.connect().await;
        assert_eq!(rest(&mut silent).await, "");
    }

    #[tokio::test]
    async fn a_slow_request_outlives_the_deadlines_and_a_stop() {
        let server = served(|_| {}).await;
        let mut stream = server.connect().await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut idle = server.connect().await;
        sleep(Duration::from_millis(300)).await;
        server.stop.cancel();
        assert!(rest(&mut stream).await.ends_with("done"));
        assert_eq!(rest(&mut idle).await, "");
        assert_eq!(server.task.await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_does_not_end_in_time_is_cut_off_and_counted() {
        let server = served(|config| config.drain_timeout = Duration::from_millis(50)).await;
        let mut stream = server.connect().await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        sleep(Duration::from_millis(100)).await;
        server.stop.cancel();
        assert_eq!(server.task.await.unwrap(), 1);
        assert_eq!(rest(&mut stream).await, "");
    }

    #[tokio::test]
    async fn one_connection_too_many_is_told_so() {
        let server = served(|config| config.max_connections = 1).await;
        let mut first = server.connect().await;
        first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(some(&mut first).await.contains("hello"));
        let mut second = server.connect().await;
        assert!(rest(&mut second).await.starts_with("HTTP/1.1 503 "));
    }

    #[tokio::test]
    async fn oversize_headers_are_refused() {
        let server = served(|_| {}).await;
        let mut stream = server.connect().await;
        let request = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(20_000));
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(some(&mut stream).await.starts_with("HTTP/1.1 431 "));
    }
}
