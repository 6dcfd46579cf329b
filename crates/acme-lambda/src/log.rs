//! Log lines: JSON on standard output, where Lambda takes them, each with the request and the trace it belongs to.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Logs the shop's own lines from now on, at `LOG_LEVEL` (`INFO` by default) and above. Of the libraries only what goes
/// wrong: their finer lines show whole requests, cards and passwords in them.
pub(crate) fn install() {
    let level = std::env::var("LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::INFO);
    let ours = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_targets([("acme", level), ("sentry_lambda", level)]);
    let json = tracing_subscriber::fmt::layer().json().flatten_event(true);
    let json = json.with_current_span(true).with_span_list(false).with_ansi(false);
    // A refusal means that a test has installed its own.
    let _ = tracing_subscriber::registry().with(json.with_filter(ours)).try_init();
}
