//! A mail server and a gateway for text messages, on this machine.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail that was taken in.
#[derive(Debug, Clone)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body, as they were sent.
    pub text: String,
}

impl Mail {
    /// A header as it was sent, without its name.
    pub fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        self.text.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default()
    }
}

/// A mail server that speaks as much of SMTP (RFC 5321) as clients need.
#[derive(Clone)]
pub struct MailServer {
    pub url: String,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    mails: Mutex<Vec<Mail>>,
    is_closed: AtomicBool,
    refuses: AtomicBool,
}

impl MailServer {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner::default());
        let server = Self { url, inner: inner.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, inner.clone()));
            }
        });
        server
    }

    /// Says that it does not serve now (421), until it is opened again.
    pub fn closes(&self, is_closed: bool) {
        self.inner.is_closed.store(is_closed, Ordering::SeqCst);
    }

    /// Takes no recipient (550).
    pub fn refuses(&self) {
        self.inner.refuses.store(true, Ordering::SeqCst);
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.inner.mails.lock().unwrap().clone()
    }

    /// Waits until so many mails have come.
    pub async fn gets(&self, count: usize) -> Vec<Mail> {
        for _ in 0..300 {
            if self.mails().len() >= count {
                return self.mails();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("got {:#?}", self.mails());
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let greeting =
        if inner.is_closed.load(Ordering::SeqCst) { "421 closed\r\n" } else { "220 mail.test\r\n" };
    if writer.write_all(greeting.as_bytes()).await.is_err() {
        return;
    }
    let mut mail = Mail { from: String::new(), to: Vec::new(), text: String::new() };
    while let Ok(Some(line)) = lines.next_line().await {
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" | "HELO" => "250-mail.test\r\n250 8BITMIME\r\n".to_owned(),
            "MAIL" => {
                mail.from = line;
                "250 ok\r\n".to_owned()
            }
            "RCPT" if inner.refuses.load(Ordering::SeqCst) => "550 no such mailbox\r\n".to_owned(),
            "RCPT" => {
                mail.to.push(line);
                "250 ok\r\n".to_owned()
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    mail.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.text.push('\n');
                }
                let done = std::mem::replace(
                    &mut mail,
                    Mail { from: String::new(), to: Vec::new(), text: String::new() },
                );
                inner.mails.lock().unwrap().push(done);
                "250 taken\r\n".to_owned()
            }
            "NOOP" | "RSET" => "250 ok\r\n".to_owned(),
            "QUIT" => {
                let _ = writer.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "502 what?\r\n".to_owned(),
        };
        if writer.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A gateway for text messages.
#[derive(Clone)]
pub struct Gateway {
    pub url: String,
    messages: Arc<Mutex<Vec<(String, Value)>>>,
    status: Arc<AtomicU16>,
}

impl Gateway {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/messages", listener.local_addr().unwrap());
        let gateway = Self { url, messages: Arc::default(), status: Arc::new(AtomicU16::new(202)) };
        let router = Router::new().route("/messages", post(take)).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        gateway
    }

    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The token and the body of each message.
    pub fn messages(&self) -> Vec<(String, Value)> {
        self.messages.lock().unwrap().clone()
    }
}

async fn take(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let token = headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
    gateway.messages.lock().unwrap().push((token, serde_json::from_slice(&body).unwrap()));
    StatusCode::from_u16(gateway.status.load(Ordering::SeqCst)).unwrap()
}
