//! The drain at SIGTERM.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::init::Sentry;
use crate::log;

/// What Lambda leaves a function that runs beside an extension, in milliseconds.
const TIME: Duration = Duration::from_millis(300);

impl Sentry {
    /// Starts a task that, at SIGTERM, sends what is left within 300 ms and ends the process with code 0.
    ///
    /// Lambda sends SIGTERM only to functions with an extension. With `lambda_runtime`'s own
    /// `spawn_graceful_shutdown_handler`, which registers one, await [`close`](Self::close) in its hook instead.
    pub fn drain_at_sigterm(&self) {
        if self.inner.is_none() {
            return;
        }
        let mut sigterm = match signal(SignalKind::terminate()) {
            Ok(sigterm) => sigterm,
            Err(error) => {
                log::line(
                    "WARN",
                    "sentry: no drain at SIGTERM",
                    serde_json::json!({"error": error.to_string()}),
                );
                return;
            }
        };
        let sentry = self.clone();
        tokio::spawn(async move {
            sigterm.recv().await;
            // `close` may use its limit twice: for the envelopes, and for what is counted as lost.
            let _ = tokio::time::timeout(TIME, sentry.close(TIME * 2 / 3)).await;
            std::process::exit(0);
        });
    }
}
