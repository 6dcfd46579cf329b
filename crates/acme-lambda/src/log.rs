//! Log lines: JSON on standard output, which Lambda collects. Each line has the request and the trace that it belongs
//! to.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Logs the shop's own lines from now on, from `LOG_LEVEL` (`INFO` by default) upwards. Of the libraries it logs only
/// warnings and errors, because their other lines show whole requests, with cards and passwords.
pub(crate) fn install() {
    let level = std::env::var("LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::INFO);
    let ours = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_targets([("acme", level), ("sentry_lambda", level)]);
    let json = tracing_subscriber::fmt::layer().json().flatten_event(true);
    let json = json.with_current_span(true).with_span_list(false).with_ansi(false);
    // This fails if a test has installed its own subscriber.
    let _ = tracing_subscriber::registry().with(json.with_filter(ours)).try_init();
}
