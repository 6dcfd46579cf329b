//! The background mode: a task that sends envelopes as they come, for a process that is never frozen.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::Delivery;

/// The bound of one flush of this task. It may be long, because nobody waits for it.
const LIMIT: Duration = Duration::from_secs(15);

/// Starts the task in background mode, if a Tokio runtime is running.
pub(super) fn start(delivery: &Arc<Delivery>) {
    let Some(wake) = delivery.worker.clone() else {
        return;
    };
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        crate::log::line(
            "WARN",
            "sentry: background mode needs a running Tokio runtime at init; sending only on flush",
            serde_json::json!({}),
        );
        return;
    };
    if delivery.worker_started.swap(true, Relaxed) {
        return;
    }
    let weak = Arc::downgrade(delivery);
    let pause = delivery.probe_interval.clamp(Duration::from_millis(10), Duration::from_secs(5));
    runtime.spawn(async move {
        loop {
            wake.notified().await;
            // Until everything is sent. The handle may be dropped meanwhile.
            loop {
                let Some(delivery) = weak.upgrade() else { return };
                if delivery.flush(LIMIT).await {
                    break;
                }
                if delivery.closed.load(Relaxed) {
                    return;
                }
                drop(delivery);
                tokio::time::sleep(pause).await;
            }
            if weak.upgrade().is_none_or(|delivery| delivery.closed.load(Relaxed)) {
                return;
            }
        }
    });
}
