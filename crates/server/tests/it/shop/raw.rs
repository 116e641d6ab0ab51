//! Requests that no decent client would send, byte by byte.

use super::{Answer, Shop};
use paypier::cli::dev::demo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

impl Shop {
    pub async fn connects(&self) -> TcpStream {
        TcpStream::connect(self.url.trim_start_matches("http://")).await.unwrap()
    }

    /// `head` is everything before the empty line but `Host`, `Connection` and the length.
    pub async fn says(&self, head: &[u8], body: &[u8]) -> Answer {
        let mut bytes = head.to_vec();
        bytes.extend_from_slice(b"\r\nHost: shop\r\nConnection: close\r\n");
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        self.answers_bytes(&bytes).await
    }

    /// With the shop's secret; `target` is sent as it is.
    pub async fn asks(&self, method: &str, target: &[u8], body: &[u8]) -> Answer {
        let mut head = format!("{method} ").into_bytes();
        head.extend_from_slice(target);
        head.extend_from_slice(
            format!(" HTTP/1.1\r\nAuthorization: PortOne {}", demo::API_SECRET).as_bytes(),
        );
        self.says(&head, body).await
    }

    pub async fn answers_bytes(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connects().await;
        // The server may refuse before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer with a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let bytes = answer[end + 4..].to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, bytes, body }
    }
}
