//! Addresses that callers send: split, decoded, and read as an id.
//!
//! Besides not panicking: whatever a segment or a parameter decodes to is read back when it is
//! encoded anew, and nothing that came out of one segment was in another.

#![no_main]

use http::Uri;
use libfuzzer_sys::fuzz_target;
use paypier::http::address::{parameter, segment};
use paypier_domain::id::PaymentId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

fuzz_target!(|data: &[u8]| {
    // As the handlers see it: what hyper lets through.
    if let Ok(uri) = Uri::try_from(data) {
        look(uri.path(), uri.query());
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        look(path, Some(query));
    }
});

fn look(path: &str, query: Option<&str>) {
    let count = path.strip_prefix('/').unwrap_or(path).split('/').count();
    for index in 0..count {
        let Ok(decoded) = segment(path, index) else { continue };
        let encoded = utf8_percent_encode(&decoded, NON_ALPHANUMERIC).to_string();
        assert_eq!(segment(&format!("/x/{encoded}/y"), 1).as_deref(), Ok(decoded.as_str()));
        if let Ok(id) = PaymentId::parse(&decoded) {
            assert_eq!(id.as_str(), decoded);
        }
    }
    assert!(segment(path, count).is_err(), "there is no such segment");
    for name in ["storeId", "requestBody", "", "%"] {
        let Ok(Some(value)) = parameter(query, name) else { continue };
        let encoded = utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string();
        assert_eq!(parameter(Some(&format!("a=b&n={encoded}&c")), "n"), Ok(Some(value)));
    }
}
