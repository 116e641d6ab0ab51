//! A document that never changes while the process lives: made once, sent with a tag, and not sent
//! again to a reader whose copy is still right.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

#[derive(Debug, Clone)]
pub struct FixedDocument {
    body: Bytes,
    tag: HeaderValue,
    headers: HeaderMap,
}

impl FixedDocument {
    pub fn new(body: impl Into<Bytes>, content_type: &'static str) -> Self {
        let body = body.into();
        let digest = hex::encode(Sha256::digest(&body));
        let tag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
        let fixed = HeaderValue::from_static;
        let headers = HeaderMap::from_iter([
            (header::CACHE_CONTROL, fixed("no-cache")),
            (header::CONTENT_TYPE, fixed(content_type)),
            (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (header::REFERRER_POLICY, fixed("no-referrer")),
        ]);
        Self { body, tag: HeaderValue::from_str(&tag).unwrap_or_else(|_| fixed("\"\"")), headers }
    }

    /// With one more header, or another value of one that every document has.
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    pub fn under_policy(mut self, content_security_policy: &str) -> Self {
        if let Ok(policy) = HeaderValue::from_str(content_security_policy) {
            self.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        self
    }

    /// The document, or that the reader's copy is still right.
    pub fn response(&self, asked: &HeaderMap) -> Response {
        let is_known = asked.get_all(header::IF_NONE_MATCH).iter().any(|known| *known == self.tag);
        let (status, body) = if is_known {
            (StatusCode::NOT_MODIFIED, Body::empty())
        } else {
            (StatusCode::OK, Body::from(self.body.clone()))
        };
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_with_the_current_copy_is_not_sent_it_again() {
        let document = FixedDocument::new("text", "text/plain").with(header::CACHE_CONTROL, "public");
        let first = document.response(&HeaderMap::new());
        assert_eq!(
            (first.status(), &first.headers()[header::CACHE_CONTROL]),
            (StatusCode::OK, &"public".parse().unwrap())
        );
        let tag = first.headers()[header::ETAG].clone();
        let asks = |tag: HeaderValue| {
            document.response(&HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)])).status()
        };
        assert_eq!(asks(tag), StatusCode::NOT_MODIFIED);
        assert_eq!(asks(HeaderValue::from_static("\"another\"")), StatusCode::OK);
    }
}
