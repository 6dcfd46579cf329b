//! Handles what cannot be sent. The last resort takes it. Without one, it is counted, logged, and reported with the
//! next envelope.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::envelope::{Categories, Prepared};
use super::queue::Waiting;
use super::{Delivery, http};
use crate::log;
use crate::options::LastResort;

/// How often drops are logged while the circuit is open.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

impl Delivery {
    /// Hands envelopes to the last resort, or counts them as lost.
    pub(super) fn lose(&self, envelopes: Vec<Waiting>, reason: &str) {
        for waiting in envelopes {
            if self.last_resort.is_none()
                && let Some(categories) = waiting.categories()
            {
                self.count(&categories, reason);
                continue;
            }
            let Some((prepared, _)) = waiting.prepare(&self.sources) else {
                continue;
            };
            self.state().queue.add_losses(prepared.reported.clone());
            if !self.resort(&prepared) {
                prepared.items.iter().for_each(|item| self.count(&item.categories, reason));
            }
        }
    }

    fn resort(&self, prepared: &Prepared) -> bool {
        let Some(last_resort) = &self.last_resort else {
            return false;
        };
        let bytes = prepared.body(None, &http::rfc3339(SystemTime::now()));
        self.to_last_resort.fetch_add(1, Relaxed);
        match last_resort {
            LastResort::Log => log::write(&json!({"sentry_envelope": String::from_utf8_lossy(&bytes)})),
            LastResort::Sink(sink) => sink(bytes),
        }
        true
    }

    pub(super) fn count(&self, categories: &Categories, reason: &str) {
        self.dropped.fetch_add(1, Relaxed);
        let mut state = self.state();
        for (category, quantity) in categories {
            // Sentry itself counts what it refuses.
            if reason != "ratelimited_by_server" {
                state.queue.lose(reason, category, *quantity);
            }
            *state.unlogged.entry((reason.to_owned(), (*category).to_owned())).or_default() += quantity;
        }
    }

    /// Logs drops, but at most once a minute. With an open circuit every invocation may drop something.
    pub(super) fn log_drops_now_and_then(&self) {
        let now = SystemTime::now();
        let due = {
            let mut state = self.state();
            let rests = |last: SystemTime| now.duration_since(last).is_ok_and(|since| since < LOG_INTERVAL);
            let due = !state.unlogged.is_empty() && !state.logged_at.is_some_and(rests);
            if due {
                state.logged_at = Some(now);
            }
            due
        };
        if due {
            self.log_drops();
        }
    }

    pub(super) fn log_drops(&self) {
        let drops = std::mem::take(&mut self.state().unlogged);
        if drops.is_empty() {
            return;
        }
        let drops: Vec<_> = drops
            .into_iter()
            .map(|((reason, category), quantity)| json!({"reason": reason, "category": category, "quantity": quantity}))
            .collect();
        log::line("WARN", "sentry: dropped", json!({ "dropped": drops }));
    }
}
