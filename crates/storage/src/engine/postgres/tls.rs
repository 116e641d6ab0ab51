//! TLS to PostgreSQL: when it is spoken, and whose certificate is believed.
//!
//! - `sslmode=disable`: in the clear.
//! - `sslmode=prefer`, the default: encrypted when the server can. As with libpq, whoever answers is
//!   believed, since whoever can stand in between could as well say that the server cannot.
//! - `sslmode=require`: encrypted, and the server's certificate must be valid for its name. That is
//!   more than libpq checks under this word and the same as its `verify-full`, which is accepted too.
//! - `sslrootcert=FILE`: believe the certificates of this PEM file instead of the system's
//!   authorities, and nobody else.

use crate::error::OpenError;
use percent_encoding::percent_decode_str;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    System,
    File(PathBuf),
}

/// Understands a URL with what libpq knows about TLS and the library does not.
pub(super) fn parse(url: &str) -> Result<(Config, Trust), OpenError> {
    // A careless password may hold a '?': the query begins behind the credentials.
    let place = url.find('@').map_or(0, |at| at.saturating_add(1));
    let query = url.get(place..).and_then(|rest| rest.find('?')).map(|at| place.saturating_add(at));
    let (start, query) = match query.and_then(|at| url.split_at_checked(at)) {
        Some((start, query)) => (start, query.trim_start_matches('?')),
        None => (url, ""),
    };
    let mut trust = Trust::System;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslrootcert", "system")) => trust = Trust::System,
            Some(("sslrootcert", path)) => {
                let path = percent_decode_str(path)
                    .decode_utf8()
                    .map_err(|_| OpenError::Unreachable("sslrootcert in the URL is not UTF-8".into()))?;
                trust = Trust::File(PathBuf::from(path.as_ref()));
            }
            Some(("sslmode", "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(pair),
        }
    }
    let rest = if kept.is_empty() { start.to_owned() } else { format!("{start}?{}", kept.join("&")) };
    let config = rest.parse().map_err(|error| OpenError::Unreachable(super::access::told(&error)))?;
    Ok((config, trust))
}

/// What speaks TLS, as the mode and the trust demand.
pub(super) fn connector(mode: SslMode, trust: Trust) -> Result<MakeRustlsConnect, OpenError> {
    let wrong = |error: rustls::Error| OpenError::Unreachable(format!("TLS cannot be set up: {error}"));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let builder = match (mode, trust) {
        (SslMode::Disable, _) | (SslMode::Prefer, Trust::System) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody { provider }))
        }
        (_, Trust::File(path)) => builder.with_root_certificates(roots(&path)?),
        (_, Trust::System) => builder.with_platform_verifier().map_err(wrong)?,
    };
    let mut config = builder.with_no_client_auth();
    // PostgreSQL 17 insists on it when TLS is spoken from the first byte.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn roots(path: &Path) -> Result<RootCertStore, OpenError> {
    let wrong = |why: String| {
        OpenError::Unreachable(format!(
            "the certificates of sslrootcert {} cannot be used: {why}",
            path.display()
        ))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))? {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("it holds none".into())) } else { Ok(roots) }
}

/// Whether a connection failed because nobody who is believed stands behind the certificate.
pub(super) fn is_distrust(reason: &(dyn std::error::Error + 'static)) -> bool {
    let tls = reason
        .downcast_ref::<std::io::Error>()
        .and_then(|error| error.get_ref())
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)))
}

/// Believes whoever answers; that whoever it is holds the key of the certificate is still checked.
#[derive(Debug)]
struct Anybody {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_how_tls_is_spoken() {
        for (url, mode, trust) in [
            ("postgres://db/pay", SslMode::Prefer, Trust::System),
            ("postgres://db/pay?sslmode=disable", SslMode::Disable, Trust::System),
            ("postgres://u:p@db/pay?sslmode=require&connect_timeout=3", SslMode::Require, Trust::System),
            ("postgres://db/pay?sslmode=verify-full&sslrootcert=system", SslMode::Require, Trust::System),
            (
                "postgres://u:p?ss@db/pay?sslrootcert=/etc/our%20ca.pem&sslmode=require",
                SslMode::Require,
                Trust::File("/etc/our ca.pem".into()),
            ),
        ] {
            let (config, found) = parse(url).unwrap();
            assert_eq!((config.get_ssl_mode(), found), (mode, trust), "{url}");
            assert_eq!(config.get_dbname(), Some("pay"), "{url}");
        }
        let (config, _) = parse("postgres://u:p?ss@db/pay?sslrootcert=/ca.pem").unwrap();
        assert_eq!(config.get_password(), Some(&b"p?ss"[..]));
        assert_eq!(config.get_user(), Some("u"));
        for url in ["postgres://db/pay?sslmode=verify-ca", "postgres://db/pay?sslmode=always"] {
            let refused = parse(url).unwrap_err().to_string();
            assert!(refused.contains("sslmode"), "{refused}");
        }
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_named() {
        let missing = connector(SslMode::Require, Trust::File("/nowhere/ca.pem".into()));
        let text = missing.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains("sslrootcert /nowhere/ca.pem"), "{text}");
        assert!(connector(SslMode::Disable, Trust::System).is_ok());
    }
}
