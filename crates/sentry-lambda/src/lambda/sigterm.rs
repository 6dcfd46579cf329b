//! Sends what is left at SIGTERM.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::init::Sentry;
use crate::log;

/// The time that Lambda gives a function with an extension after SIGTERM.
const TIME: Duration = Duration::from_millis(300);

impl Sentry {
    /// Starts a task that waits for SIGTERM, sends what is left within 300 ms, and ends the process with code 0.
    ///
    /// Lambda sends SIGTERM only to functions with an extension. `spawn_graceful_shutdown_handler` of
    /// `lambda_runtime` registers an extension. If you use it, await [`close`](Self::close) in its hook instead of
    /// calling this.
    pub fn drain_at_sigterm(&self) {
        if self.inner.is_none() {
            return;
        }
        let mut sigterm = match signal(SignalKind::terminate()) {
            Ok(sigterm) => sigterm,
            Err(error) => {
                log::line(
                    "WARN",
                    "sentry: cannot listen for SIGTERM",
                    serde_json::json!({"error": error.to_string()}),
                );
                return;
            }
        };
        let sentry = self.clone();
        tokio::spawn(async move {
            sigterm.recv().await;
            // `close` may use its limit twice: for the envelopes, and for the report of lost items.
            let _ = tokio::time::timeout(TIME, sentry.close(TIME * 2 / 3)).await;
            std::process::exit(0);
        });
    }
}
