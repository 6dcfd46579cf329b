//! One POST over the HTTP client of the AWS SDK, and its outcome.

use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::date_time::{DateTime, Format};
use sentry::types::Dsn;

use super::components;

/// The name of this client in Sentry's protocol.
pub(crate) const USER_AGENT: &str = concat!("sentry.rust.lambda/", env!("CARGO_PKG_VERSION"));
/// Bodies of this size (in bytes) or more are compressed. A smaller body takes one packet anyway.
const COMPRESSED_FROM: usize = 1024;

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The server answered.
    Answered { status: u16, limits: Option<String>, retry_after: Option<String> },
    /// The connection was refused, reset, or closed before an answer. One retry at once may help.
    Broken(String),
    /// A retry would change nothing.
    Failed(String),
}

/// The HTTP client. It is made at the first request, because making it reads the certificate store.
#[derive(Debug)]
pub(crate) struct Http {
    given: Option<SharedHttpClient>,
    connector: OnceLock<Option<SharedHttpConnector>>,
    https: bool,
}

impl Http {
    pub(crate) fn new(given: Option<SharedHttpClient>, https: bool) -> Self {
        Self { given, connector: OnceLock::new(), https }
    }

    fn connector(&self) -> Option<&SharedHttpConnector> {
        let make = || {
            let client = self.given.clone().or_else(|| default_client(self.https))?;
            // These timeouts are long, because the flush bounds the whole request.
            let settings = HttpConnectorSettings::builder()
                .connect_timeout(Duration::from_secs(10))
                .read_timeout(Duration::from_secs(30))
                .build();
            let components = components::only_time(TokioSleep::new(), SystemTimeSource::new())?;
            Some(client.http_connector(&settings, &components))
        };
        self.connector.get_or_init(make).as_ref()
    }

    /// Posts an envelope. The caller bounds the time.
    pub(crate) async fn post(&self, url: &str, auth: Option<&str>, body: &Body) -> Outcome {
        let Some(connector) = self.connector() else {
            return Outcome::Failed(
                "no HTTP client for https: set `http_client`, or enable the feature `https`".into(),
            );
        };
        let mut request = HttpRequest::new(SdkBody::from(body.bytes.clone()));
        if let Err(error) = request.set_method("POST").and_then(|()| request.set_uri(url)) {
            return Outcome::Failed(error.to_string());
        }
        let headers = request.headers_mut();
        headers.insert("content-type", "application/x-sentry-envelope");
        headers.insert("user-agent", USER_AGENT);
        headers.insert("content-length", body.bytes.len().to_string());
        if let Some(auth) = auth {
            headers.insert("x-sentry-auth", auth.to_owned());
        }
        if body.gzipped {
            headers.insert("content-encoding", "gzip");
        }
        match connector.call(request).await {
            Ok(mut response) => {
                let header = |name| response.headers().get(name).map(str::to_owned);
                let (limits, retry_after) = (header("x-sentry-rate-limits"), header("retry-after"));
                let status = response.status().as_u16();
                drain(response.body_mut()).await;
                Outcome::Answered { status, limits, retry_after }
            }
            Err(error) if error.is_io() || (error.is_other() && is_broken(&error)) => {
                Outcome::Broken(chain(&error))
            }
            Err(error) => Outcome::Failed(chain(&error)),
        }
    }
}

/// Reads the answer, so that the connection can be used again. Gives up after 50 ms, because the answer may be
/// endless.
async fn drain(body: &mut SdkBody) {
    use aws_smithy_types::body::SdkBody as Body;
    let body = std::mem::replace(body, Body::empty());
    let read = aws_smithy_types::byte_stream::ByteStream::new(body).collect();
    let _ = tokio::time::timeout(Duration::from_millis(50), read).await;
}

/// Whether the connection broke. The SDK has no error kind for a connection that closes midway, so this reads the
/// sources of the error.
fn is_broken(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        let text = error.to_string();
        if error.is::<std::io::Error>() || text.contains("connection closed") || text.contains("SendRequest")
        {
            return true;
        }
        link = error.source();
    }
    false
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut link = error.source();
    while let Some(error) = link {
        text = format!("{text}: {error}");
        link = error.source();
    }
    text
}

fn default_client(https: bool) -> Option<SharedHttpClient> {
    let builder = aws_smithy_http_client::Builder::new();
    if !https {
        return Some(builder.build_http());
    }
    #[cfg(feature = "https")]
    {
        use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
        Some(builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https())
    }
    #[cfg(not(feature = "https"))]
    None
}

/// A request's body.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    gzipped: bool,
}

impl Body {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        if bytes.len() >= COMPRESSED_FROM {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            if let Ok(gzipped) = encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
                return Self { bytes: gzipped, gzipped: true };
            }
        }
        Self { bytes, gzipped: false }
    }
}

/// The URL that a DSN's envelopes go to, and the value of `X-Sentry-Auth`.
pub(crate) fn endpoint(dsn: &Dsn) -> (String, String) {
    (dsn.envelope_api_url().to_string(), dsn.to_auth(Some(USER_AGENT)).to_string())
}

/// The time as envelopes have it, RFC 3339.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    DateTime::from(time).fmt(Format::DateTime).unwrap_or_default()
}
