//! Log lines: JSON on standard output, where Lambda takes them, each with the request and the trace it belongs to.

use tracing::Level;

/// Logs the shop's events from now on, at `LOG_LEVEL` (`INFO` by default) and above.
pub(crate) fn install() {
    let level = std::env::var("LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::INFO);
    let json =
        tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // A refusal means that a test has installed its own.
    let _ = json.with_max_level(level).with_ansi(false).try_init();
}
