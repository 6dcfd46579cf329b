//! The panic hook. It reports a panic once, and waits for nothing.

use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

use sentry::protocol::{Event, Exception, Level, SpanStatus};

use crate::{capture, stack, unit_state};

/// Installs the hook, once per process. It runs before the hook that is already there.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            report(info);
            before(info);
        }));
    });
}

/// Queues the event on the panicking thread's hub. The flush sends it later.
fn report(info: &PanicHookInfo<'_>) {
    let Some(hub) = unit_state::active_hub() else { return };
    let unit = unit_state::current();
    let addresses = stack::addresses(1);
    let mut event = Event {
        exception: vec![Exception {
            ty: "panic".into(),
            value: Some(info.payload_as_str().unwrap_or("panic").to_owned()),
            stacktrace: info.location().map(|location| stack::of_location(location, &addresses)),
            ..Default::default()
        }]
        .into(),
        level: if unit.as_ref().is_some_and(|unit| unit.retried) { Level::Warning } else { Level::Fatal },
        ..Default::default()
    };
    let mechanism = unit.as_ref().map_or("panic", |unit| unit.mechanism);
    capture::mechanisms(&mut event, if mechanism == "generic" { "panic" } else { mechanism }, false);
    if let Some(unit) = &unit {
        unit.set_status(SpanStatus::InternalError);
    }
    hub.capture_event(event);
}
