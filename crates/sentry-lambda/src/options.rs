//! The options of [`init`](crate::init).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How the integration is set up. Every field has a default that suits a Lambda function.
///
/// ```
/// let options = sentry_lambda::Options {
///     dsn: std::env::var("SENTRY_DSN").ok(),
///     release: option_env!("VERSION").map(str::to_owned),
///     environment: std::env::var("STAGE").ok(),
///     ..Default::default()
/// };
/// ```
#[derive(Clone)]
pub struct Options {
    /// The DSN; `None` or empty disables everything. A bad one logs a warning and disables.
    pub dsn: Option<String>,
    /// The release. Sentry's releases are global in an organisation, hold no slash, newline or tab, have at most
    /// 200 characters; a full commit SHA is unique by itself. Anything else is left out, with a warning.
    pub release: Option<String>,
    /// The environment, such as `production` or a stage's name.
    pub environment: Option<String>,
    /// The server name; by default `AWS_LAMBDA_FUNCTION_NAME`.
    pub server_name: Option<String>,
    /// The share of errors sent, 0 to 1.
    pub sample_rate: f32,
    /// The share of traces sampled, 0 to 1; `None` switches tracing off, and trace headers still pass through.
    pub traces_sample_rate: Option<f32>,
    /// The longest a flush after an invocation takes; 2 s by default.
    pub flush_limit: Duration,
    /// What a flush leaves of the time before the invocation's deadline; 100 ms by default.
    pub margin: Duration,
    /// The most envelopes kept while Sentry cannot be reached; 100 by default.
    pub queue_envelopes: usize,
    /// The most bytes of envelopes kept; 4 MiB by default.
    pub queue_bytes: usize,
    /// How long an open circuit waits for its first probe; doubles up to a minute; 5 s by default.
    pub probe_interval: Duration,
    /// Path prefixes that are the application's own code, besides the embedded sources.
    pub in_app: Vec<String>,
    /// The workspace's sources: [`embedded_sources!`](crate::embedded_sources).
    pub sources: &'static [u8],
    /// Where envelopes go that would be lost.
    pub last_resort: Option<LastResort>,
    /// Where a copy goes in development; by default what `SENTRY_SPOTLIGHT` says.
    pub spotlight: Spotlight,
    /// When envelopes are sent.
    pub mode: Mode,
    /// Whether panics are reported by a panic hook; true by default.
    pub panics: bool,
    /// Further integrations of the SDK, for every client.
    pub integrations: Vec<Arc<dyn sentry::Integration>>,
    /// The schedule of a scheduled function, for its cron check-ins.
    #[cfg(feature = "lambda")]
    pub cron: Option<crate::Cron>,
    /// The HTTP client to send with, best the one of the AWS SDK's configuration; by default one of its kind.
    #[cfg(feature = "transport")]
    pub http_client: Option<aws_smithy_runtime_api::client::http::SharedHttpClient>,
    /// Another transport than this crate's, for tests; `flush` then leaves it alone.
    pub transport: Option<Arc<dyn sentry::TransportFactory>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dsn: None,
            release: None,
            environment: None,
            server_name: std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok(),
            sample_rate: 1.0,
            traces_sample_rate: None,
            flush_limit: Duration::from_secs(2),
            margin: Duration::from_millis(100),
            queue_envelopes: 100,
            queue_bytes: 4 << 20,
            probe_interval: Duration::from_secs(5),
            in_app: Vec::new(),
            sources: &[],
            last_resort: None,
            spotlight: Spotlight::FromEnv,
            mode: Mode::Flush,
            panics: true,
            integrations: Vec::new(),
            #[cfg(feature = "lambda")]
            cron: None,
            #[cfg(feature = "transport")]
            http_client: None,
            transport: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("release", &self.release)
            .field("environment", &self.environment)
            .field("server_name", &self.server_name)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// When envelopes are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Only within a flush: for Lambda, where nothing runs between invocations.
    #[default]
    Flush,
    /// As they come, by a task on the Tokio runtime that is running: for a long-lived process.
    Background,
}

/// Where a copy of every envelope goes in development.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Spotlight {
    /// What the variable `SENTRY_SPOTLIGHT` says: `1` or `true` for the default URL, a URL, or nothing.
    #[default]
    FromEnv,
    /// Nowhere.
    Off,
    /// To this URL, `http://localhost:8969/stream` for a local Spotlight.
    Url(String),
}

impl Spotlight {
    /// The URL of a local Spotlight.
    pub const DEFAULT_URL: &'static str = "http://localhost:8969/stream";

    /// The URL to send to, if any.
    pub fn url(&self) -> Option<String> {
        match self {
            Self::FromEnv => Self::parse(&std::env::var("SENTRY_SPOTLIGHT").ok()?),
            Self::Off => None,
            Self::Url(url) => Some(url.clone()),
        }
    }

    /// What a value of `SENTRY_SPOTLIGHT` means, by Sentry's rules for its SDKs.
    pub fn parse(value: &str) -> Option<String> {
        match value.to_ascii_lowercase().as_str() {
            "" | "false" | "f" | "n" | "no" | "off" | "0" => None,
            "true" | "t" | "y" | "yes" | "on" | "1" => Some(Self::DEFAULT_URL.to_owned()),
            _ => Some(value.to_owned()),
        }
    }
}

/// Where envelopes go that would be lost: the queue is full, the circuit is open, the process ends.
#[derive(Clone)]
pub enum LastResort {
    /// As one JSON line on standard output, `{"sentry_envelope": "..."}`, scrubbed.
    Log,
    /// To this function, scrubbed, as the bytes of an envelope. It must not block: for a queue, hand it to a task.
    Sink(Arc<dyn Fn(Vec<u8>) + Send + Sync>),
}

impl fmt::Debug for LastResort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log => "Log",
            Self::Sink(_) => "Sink",
        })
    }
}
