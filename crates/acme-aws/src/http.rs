//! The HTTP client of all AWS clients. It does not read the machine's certificates.
//!
//! To read them would take most of the start of a small function. Amazon's own roots sign the certificates of AWS's
//! endpoints (<https://www.amazontrust.com/repository>). So the client trusts only these roots, from Mozilla's list.

use std::fs;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// The names in the subjects of Amazon's roots.
const AMAZON: [&[u8]; 2] = [b"Amazon Root CA", b"Starfield Services Root"];

/// An HTTP client for a region, or for a stand-in at `endpoint`. `AWS_CA_BUNDLE`, a PEM file, replaces the trusted
/// roots.
pub(crate) fn client(region: &str, endpoint: Option<&str>) -> SharedHttpClient {
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        return Builder::new().build_http();
    }
    let bundle = std::env::var("AWS_CA_BUNDLE").ok().and_then(|path| fs::read(path).ok());
    let trusted = match bundle {
        Some(pem) => TrustStore::empty().with_pem_certificate(pem),
        // Any root that the machine trusts may sign for a stand-in, and for the AWS partitions that Amazon does not run
        // itself.
        None if endpoint.is_some() || !is_amazons(region) => TrustStore::default(),
        None => amazon_roots().fold(TrustStore::empty(), TrustStore::with_pem_certificate),
    };
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(context) => https.tls_context(context).build_https(),
        Err(_) => https.build_https(),
    }
}

fn is_amazons(region: &str) -> bool {
    !["cn-", "us-iso", "eu-isoe", "eusc-"].iter().any(|prefix| region.starts_with(prefix))
}

/// Amazon's roots in PEM.
fn amazon_roots() -> impl Iterator<Item = String> {
    let amazons = |der: &&[u8]| AMAZON.iter().any(|name| der.windows(name.len()).any(|part| part == *name));
    let roots = TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref).filter(amazons);
    roots.map(|der| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64.encode(der))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_roots_are_known() {
        assert_eq!(amazon_roots().count(), 5);
    }
}
