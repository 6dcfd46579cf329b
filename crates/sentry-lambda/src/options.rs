//! The options of [`init`](crate::init).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The settings of the integration. Every field has a default that suits a Lambda function.
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
    /// The DSN. `None` or an empty one disables Sentry. An invalid one logs a warning and disables Sentry.
    pub dsn: Option<String>,
    /// The release. It has at most 200 characters and no slash, backslash, newline or tab. An invalid one is left
    /// out, with a warning. Releases are global in an organisation of Sentry, so use something unique, such as a full
    /// commit SHA.
    pub release: Option<String>,
    /// The environment, such as `production` or a stage's name.
    pub environment: Option<String>,
    /// The server name. The default is the value of `AWS_LAMBDA_FUNCTION_NAME`.
    pub server_name: Option<String>,
    /// The share of errors that are sent, from 0 to 1. The default is 1.
    pub sample_rate: f32,
    /// The share of traces that are sampled, from 0 to 1. The default `None` disables tracing; trace headers still
    /// pass through.
    pub traces_sample_rate: Option<f32>,
    /// The longest time of a flush after an invocation. The default is 2 s.
    pub flush_limit: Duration,
    /// The time that a flush leaves before the invocation's deadline. The default is 100 ms.
    pub margin: Duration,
    /// The most envelopes that are kept while Sentry cannot be reached. The default is 100.
    pub queue_envelopes: usize,
    /// The most bytes of envelopes that are kept. The default is 4 MiB.
    pub queue_bytes: usize,
    /// How long an open circuit waits for its first probe. The wait doubles up to a minute. The default is 5 s.
    pub probe_interval: Duration,
    /// Path prefixes of the application's own code, in addition to the embedded sources.
    pub in_app: Vec<String>,
    /// The workspace's sources, from [`embedded_sources!`](crate::embedded_sources).
    pub sources: &'static [u8],
    /// Where envelopes go that would otherwise be lost. By default they are dropped and counted.
    pub last_resort: Option<LastResort>,
    /// Where a copy of every envelope goes in development. The default is what `SENTRY_SPOTLIGHT` says.
    pub spotlight: Spotlight,
    /// When envelopes are sent.
    pub mode: Mode,
    /// Whether a panic hook reports panics. The default is true.
    pub panics: bool,
    /// Further integrations of the SDK, for every client.
    pub integrations: Vec<Arc<dyn sentry::Integration>>,
    /// The schedule of a scheduled function, for its cron check-ins.
    #[cfg(feature = "lambda")]
    pub cron: Option<crate::Cron>,
    /// The HTTP client that sends. Give it the client of the AWS SDK's configuration. The default is a client of the
    /// same kind.
    #[cfg(feature = "transport")]
    pub http_client: Option<aws_smithy_runtime_api::client::http::SharedHttpClient>,
    /// Another transport instead of this crate's, for tests. `flush` does not wait for it.
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
    /// Only in a flush. For Lambda, where nothing runs between invocations.
    #[default]
    Flush,
    /// As they come, by a task on the running Tokio runtime. For a long-lived process.
    Background,
}

/// Where a copy of every envelope goes in development.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Spotlight {
    /// Where the variable `SENTRY_SPOTLIGHT` says: the default URL for `1` or `true`, a URL, or nowhere.
    #[default]
    FromEnv,
    /// Nowhere.
    Off,
    /// To this URL, such as `http://localhost:8969/stream` for a local Spotlight.
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

    /// The URL that a value of `SENTRY_SPOTLIGHT` stands for, by Sentry's rules for its SDKs. `None` if it means
    /// nowhere.
    pub fn parse(value: &str) -> Option<String> {
        match value.to_ascii_lowercase().as_str() {
            "" | "false" | "f" | "n" | "no" | "off" | "0" => None,
            "true" | "t" | "y" | "yes" | "on" | "1" => Some(Self::DEFAULT_URL.to_owned()),
            _ => Some(value.to_owned()),
        }
    }
}

/// Where envelopes go that would otherwise be lost, because the queue is full, the circuit is open or the process
/// ends.
#[derive(Clone)]
pub enum LastResort {
    /// To standard output as one JSON line, `{"sentry_envelope": "..."}`, scrubbed.
    Log,
    /// To this function, as the scrubbed bytes of an envelope. The function must not block. If it sends to a queue,
    /// let a task do that.
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
