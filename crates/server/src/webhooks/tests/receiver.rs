//! A merchant's endpoint on a real socket that answers as it is told, and remembers what came byte by byte.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub head: String,
    pub body: String,
}

impl Received {
    /// The value of a header, and proof that it is there once and in lower case.
    pub fn header(&self, name: &str) -> String {
        let found: Vec<&str> = self
            .head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(found, value)| {
                assert_eq!(found, name);
                value
            })
            .collect();
        assert_eq!(found.len(), 1, "{name} in {}", self.head);
        found[0].to_owned()
    }

    pub fn headers(&self) -> http::HeaderMap {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }
}

/// How one request is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16),
    Text(String),
    Redirect(String),
    /// Accepts the request and says nothing.
    Silence,
    /// Answers a byte a moment, forever.
    Drip,
    /// Closes the connection without an answer.
    HangUp,
}

#[derive(Debug, Clone)]
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    reply: Arc<Mutex<Reply>>,
}

impl Receiver {
    /// Listens on a free port and answers with `reply` until it is told something else.
    pub async fn open(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}/webhooks", listener.local_addr().unwrap()),
            received: Arc::default(),
            reply: Arc::new(Mutex::new(reply)),
        };
        tokio::spawn({
            let receiver = receiver.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let receiver = receiver.clone();
                    tokio::spawn(async move { receiver.serve(stream).await });
                }
            }
        });
        receiver
    }

    pub fn answers_from_now_on(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(received) = read(&mut stream).await else { return };
        self.received.lock().unwrap().push(received);
        let reply = self.reply.lock().unwrap().clone();
        let text = match reply {
            Reply::Status(status) => {
                format!("HTTP/1.1 {status} x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
            }
            Reply::Text(text) => {
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                    text.len()
                )
            }
            Reply::Redirect(to) => {
                format!("HTTP/1.1 307 x\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            }
            Reply::Silence => return std::future::pending().await,
            Reply::Drip => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await;
                while stream.write_all(b".").await.is_ok() {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                return;
            }
            Reply::HangUp => return,
        };
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
        // Reads to the end, so that closing does not reset what was written.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.parse().unwrap());
        if body.len() >= length {
            return Some(Received { head: head.to_owned(), body: body.to_owned() });
        }
    }
}
