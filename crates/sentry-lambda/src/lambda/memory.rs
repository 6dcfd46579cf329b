//! Memory: the peak of the process, and a warning near the limit.

use std::sync::atomic::Ordering::Relaxed;

use sentry::protocol::{Event, Level};

use crate::init::Inner;

/// The share of the limit at which the warning is sent. Above it the next allocation may be the last.
const NEAR: f64 = 0.9;

/// The peak resident memory of the process in MiB, as the kernel counts it. `None` if the kernel does not say.
pub(super) fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// Warns once per execution environment when the peak is near the limit (in MiB). Call it in the unit of work.
pub(super) fn warn_near_limit(shared: &Inner, function: &str, limit: u64) {
    let Some(peak) = peak_mib() else { return };
    #[expect(clippy::cast_precision_loss, reason = "MiB are few")]
    if limit == 0 || (peak as f64) < limit as f64 * NEAR || shared.memory_warned.swap(true, Relaxed) {
        return;
    }
    let event = Event {
        message: Some(format!("Function {function} is near its memory limit: {peak} of {limit} MiB")),
        level: Level::Warning,
        fingerprint: vec!["aws_lambda.memory".into(), function.to_owned().into()].into(),
        ..Default::default()
    };
    sentry::Hub::current().capture_event(event);
}
