//! The timeout warning. It is sent before Lambda kills the process, because nothing can be sent afterwards.

use std::panic::Location;
use std::time::Duration;

use sentry::protocol::{Event, Exception, Level, SpanStatus};

use super::facts::Facts;
use crate::unit::RunningUnit;
use crate::{capture, stack};

/// The part of the given time for the warning and its delivery: a tenth, but at least 100 ms and at most 1.5 s.
const SHARE: u32 = 10;
const BOUNDS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(1500));
/// A shorter time than this gets no warning.
const SHORTEST: Duration = Duration::from_millis(200);

/// How long after the start of an invocation the warning is due. `given` is the invocation's time. `None` for no
/// warning.
pub(super) fn due_after(given: Duration) -> Option<Duration> {
    if given < SHORTEST {
        return None;
    }
    Some(given.saturating_sub((given / SHARE).clamp(BOUNDS.0, BOUNDS.1)))
}

/// Captures the warning and ends the transaction as `deadline_exceeded`. `handler` is where the handler was wrapped.
pub(super) fn warn(started: &mut RunningUnit, facts: &Facts, handler: Option<&'static Location<'static>>) {
    started.unit.set_status(SpanStatus::DeadlineExceeded);
    started.enter(|| {
        let given = facts.given.unwrap_or_default();
        let left = facts.left().unwrap_or_default();
        let mut value = format!("{} will be killed in {left:.1?}, after {given:.1?}", facts.function);
        if let Some(doing) = started.unit.doing() {
            value.push_str(", waiting for ");
            value.push_str(&doing);
        }
        let mut event = Event {
            exception: vec![Exception {
                ty: "LambdaTimeout".into(),
                value: Some(value),
                // Nobody can tell where a suspended future waits. So the event shows where the handler was wrapped.
                stacktrace: handler.map(|location| stack::of_location(location, &[])),
                ..Default::default()
            }]
            .into(),
            level: Level::Warning,
            fingerprint: vec!["aws_lambda.timeout".into(), facts.function.clone().into()].into(),
            ..Default::default()
        };
        capture::mechanisms(&mut event, "aws_lambda", false);
        sentry::Hub::current().capture_event(event);
    });
    started.finish();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_scales_with_the_time_given() {
        for (given, due) in [
            (100, None),
            (300, Some(200)),
            (3_000, Some(2_700)),
            (15_000, Some(13_500)),
            (900_000, Some(898_500)),
        ] {
            assert_eq!(due_after(Duration::from_millis(given)), due.map(Duration::from_millis), "{given}");
        }
    }
}
