//! `init`, and the handle that it returns.

use std::sync::Arc;
use std::time::Duration;

use sentry::types::Dsn;
use sentry::{Client, ClientOptions, Hub};
use serde_json::json;

use crate::integration::Clients;
use crate::options::Options;
use crate::{log, panic};

/// Starts the integration and binds its client to the main hub. This is cheap: it starts no thread, opens no
/// connection and reads no certificate.
///
/// It never fails. Without a DSN and without Spotlight it does nothing. An invalid DSN logs one warning and disables
/// Sentry.
///
/// ```
/// # async fn example() {
/// let sentry = sentry_lambda::init(sentry_lambda::Options::default());
/// sentry.flush(std::time::Duration::from_secs(2)).await;
/// # }
/// ```
pub fn init(mut options: Options) -> Sentry {
    let spotlight = options.spotlight.url();
    let text = options.dsn.take().filter(|dsn| !dsn.trim().is_empty());
    let dsn = text.and_then(|text| match text.trim().parse::<Dsn>() {
        Ok(dsn) => Some(dsn),
        Err(error) => {
            log::line("WARN", "sentry: invalid DSN, disabled", json!({"error": error.to_string()}));
            None
        }
    });
    // The SDK needs a DSN to be enabled. With Spotlight alone it gets a placeholder, and nothing is sent to it.
    let upstream = dsn.is_some();
    let dsn = dsn.or_else(|| spotlight.as_ref().and_then(|_| "http://spotlight@localhost/0".parse().ok()));
    let Some(dsn) = dsn else {
        return Sentry { inner: None };
    };
    let inner = Inner::new(options, dsn, upstream, spotlight);
    Hub::main().bind_client(Some(inner.client.clone()));
    Hub::current().bind_client(Some(inner.client.clone()));
    Sentry { inner: Some(Arc::new(inner)) }
}

/// The handle to a running integration. It is cheap to clone. Dropping it flushes nothing.
#[derive(Clone, Debug)]
pub struct Sentry {
    pub(crate) inner: Option<Arc<Inner>>,
}

/// The counters of the transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Envelopes that Sentry has accepted.
    pub sent: u64,
    /// Items dropped, for any reason.
    pub dropped: u64,
    /// Envelopes handed to the last resort.
    pub last_resort: u64,
    /// Envelopes that wait or are on their way.
    pub queued: usize,
    /// Whether the circuit is open: Sentry seems unreachable, and envelopes wait for the next probe.
    pub circuit_open: bool,
}

impl Sentry {
    /// Whether there is a client: the DSN is valid, or Spotlight is on.
    pub fn is_enabled(&self) -> bool {
        self.inner.is_some()
    }

    /// Sends what is queued, for at most `limit`. Returns true if nothing is left.
    ///
    /// It returns at once when nothing is queued or the circuit is open. An envelope that could not be sent stays for
    /// the next flush.
    pub async fn flush(&self, limit: Duration) -> bool {
        let Some(inner) = &self.inner else { return true };
        inner.hand_over();
        #[cfg(feature = "transport")]
        if let Some(delivery) = &inner.delivery {
            return delivery.flush(limit).await;
        }
        let _ = limit;
        true
    }

    /// Flushes for at most `limit`, hands what is left to the last resort, and accepts nothing more. Returns true if
    /// the flush left nothing.
    ///
    /// It makes one attempt even with an open circuit. The report of lost items may take as long again, but at most
    /// 200 ms.
    pub async fn close(&self, limit: Duration) -> bool {
        #[cfg(feature = "transport")]
        if let Some(delivery) = self.inner.as_ref().and_then(|inner| inner.delivery.as_ref()) {
            delivery.try_once_more();
        }
        let done = self.flush(limit).await;
        if let Some(inner) = &self.inner {
            inner.close();
            #[cfg(feature = "transport")]
            if let Some(delivery) = &inner.delivery {
                delivery.send_losses(limit.min(Duration::from_millis(200))).await;
            }
        }
        done
    }

    /// Captures an error of the start-up and sends it within the flush limit. Returns the error, for `main` to
    /// return.
    #[track_caller]
    pub fn startup_error<E>(&self, error: E) -> impl Future<Output = E> + use<E>
    where
        E: AsRef<dyn std::error::Error + Send + Sync>,
    {
        let location = std::panic::Location::caller();
        let sentry = self.clone();
        if self.inner.is_some() {
            crate::capture::Capture::unhandled().level(sentry::Level::Fatal).error(error.as_ref(), location);
        }
        async move {
            let limit = sentry.inner.as_ref().map_or(Duration::ZERO, |inner| inner.options.flush_limit);
            sentry.flush(limit).await;
            error
        }
    }

    /// The counters of the transport so far.
    pub fn stats(&self) -> Stats {
        #[cfg(feature = "transport")]
        if let Some(delivery) = self.inner.as_ref().and_then(|inner| inner.delivery.as_ref()) {
            return delivery.stats();
        }
        Stats::default()
    }
}

/// The state that all handles share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) client: Arc<Client>,
    clients: Arc<Clients>,
    #[cfg(feature = "transport")]
    pub(crate) delivery: Option<Arc<crate::transport::Delivery>>,
    /// Whether this process had an invocation before.
    #[cfg(feature = "lambda")]
    pub(crate) warm: std::sync::atomic::AtomicBool,
    #[cfg(feature = "lambda")]
    pub(crate) memory_warned: std::sync::atomic::AtomicBool,
    /// Where the handler was wrapped, by `Sentry::handler`.
    #[cfg(feature = "lambda")]
    pub(crate) handler_at: std::sync::OnceLock<&'static std::panic::Location<'static>>,
}

impl Inner {
    fn new(options: Options, dsn: Dsn, upstream: bool, spotlight: Option<String>) -> Self {
        let mut sdk = ClientOptions::new()
            .default_integrations(false)
            .sample_rate(rate(options.sample_rate))
            .maybe_release(options.release.clone().and_then(valid_release))
            .shutdown_timeout(Duration::ZERO);
        sdk.dsn = Some(dsn.clone());
        sdk.environment = options.environment.clone().map(Into::into);
        sdk.server_name = options.server_name.clone().map(Into::into);
        if let Some(share) = options.traces_sample_rate {
            sdk = sdk.traces_sample_rate(rate(share));
        }
        sdk.integrations = options.integrations.clone();
        sdk.transport = options.transport.clone();
        #[cfg(feature = "transport")]
        let delivery = options.transport.is_none().then(|| {
            let delivery = crate::transport::Delivery::new(&options, upstream.then_some(&dsn), spotlight);
            sdk.transport = Some(Arc::new(delivery.clone()));
            delivery
        });
        #[cfg(not(feature = "transport"))]
        let _ = (upstream, spotlight);
        let (clients, client) = Clients::new(sdk);
        if options.panics {
            panic::install();
        }
        Self {
            options,
            client,
            clients,
            #[cfg(feature = "transport")]
            delivery,
            #[cfg(feature = "lambda")]
            warm: false.into(),
            #[cfg(feature = "lambda")]
            memory_warned: false.into(),
            #[cfg(feature = "lambda")]
            handler_at: std::sync::OnceLock::new(),
        }
    }

    /// Hands the SDK's batches (logs, metrics) to the transport, which does not block.
    fn hand_over(&self) {
        self.client.flush(Some(Duration::ZERO));
        for client in self.clients.all() {
            client.flush(Some(Duration::ZERO));
        }
    }

    fn close(&self) {
        #[cfg(feature = "transport")]
        if let Some(delivery) = &self.delivery {
            delivery.close();
        }
        self.client.close(Some(Duration::ZERO));
    }
}

fn rate(rate: f32) -> f32 {
    if rate.is_nan() { 0.0 } else { rate.clamp(0.0, 1.0) }
}

fn valid_release(release: String) -> Option<String> {
    let bad = release.contains(['/', '\\', '\n', '\r', '\t']) || release.chars().count() > 200;
    if bad || release.trim().is_empty() || release == "." || release == ".." {
        log::line("WARN", "sentry: invalid release, left out", json!({"release": release}));
        return None;
    }
    Some(release)
}
