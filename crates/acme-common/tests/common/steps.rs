//! The steps of an order: what one call sends to the log and to Sentry.

use std::fmt;

use acme_common::id::OrderId;
use acme_common::telemetry::testing::watched;
use acme_common::telemetry::{self, CaptureSuccess, Step};
use sentry::Level;
use sentry::protocol::Event;
use serde_json::{Value, json};

/// An error that has a cause.
#[derive(Debug)]
struct Lost(Option<Box<Lost>>);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "order [3f-1] is lost" } else { "the bus is away" })
    }
}

impl std::error::Error for Lost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_deref().map(|cause| cause as _)
    }
}

/// What the log and Sentry receive when `work` reports something about the order `3f-1`: the events, and the only log
/// line.
fn told(work: impl FnOnce(&OrderId)) -> (Vec<Event<'static>>, String) {
    let (events, log) = watched(CaptureSuccess::default(), || {
        work(&OrderId::parse("3f-1").unwrap());
        sentry::capture_message("the end", Level::Info);
    });
    assert_eq!(log.lines().count(), 1, "{log}");
    for event in &events {
        assert_eq!(event.tags["order.id"], "3f-1");
    }
    (events, log.trim().to_owned())
}

fn text(event: &Event<'_>) -> String {
    event.message.clone().or_else(|| event.exception.last()?.value.clone()).unwrap()
}

#[test]
fn a_step_is_a_breadcrumb_a_tag_a_log_line_and_a_report_where_asked_for() {
    fn data() -> Value {
        json!({"Amount": "73.76", "Success": true})
    }
    fn step(id: &OrderId) -> Step<'_> {
        telemetry::step(id, "ShipmentSent", format_args!("shipped, {}", 1), data())
    }
    fn warning(id: &OrderId) -> Step<'_> {
        telemetry::warning(id, "ShipmentSent", "shipped, 1", data())
    }
    let lost = Lost(None);
    type Row<'a> = (&'a dyn Fn(&OrderId), Level, &'a str, Option<(&'a str, Level, &'a [&'a str])>);
    let rows: [Row<'_>; 5] = [
        (&|id| drop(step(id)), Level::Info, "INFO", None),
        (&|id| drop(warning(id)), Level::Warning, "WARN", None),
        (
            &|id| drop(step(id).capture_success("sent")),
            Level::Info,
            "INFO",
            Some(("sent for order [3f-1]", Level::Info, &["sent"])),
        ),
        (
            &|id| drop(warning(id).capture_warning(&["late", "sent"])),
            Level::Warning,
            "WARN",
            Some(("order [3f-1] shipped, 1", Level::Warning, &["late", "sent"])),
        ),
        (
            &|id| drop(step(id).capture_error(&["lost"], &lost)),
            Level::Info,
            "INFO",
            Some(("the bus is away", Level::Error, &["lost"])),
        ),
    ];
    for (work, level, logged, report) in rows {
        let (events, line) = told(work);
        assert!(line.starts_with(logged) && line.contains("order 3f-1 shipped, 1"), "{line}");
        assert!(line.contains("order_id=3f-1") && line.contains("step=\"ShipmentSent\""), "{line}");
        let [reports @ .., end] = &events[..] else { panic!("{events:?}") };
        let seen: Vec<_> =
            reports.iter().map(|event| (text(event), event.level, &*event.fingerprint)).collect();
        let expected = report.map(|(text, level, fingerprint)| (text.to_owned(), level, fingerprint));
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(seen.len(), expected.len(), "{seen:?}");
        for ((text, level, fingerprint), expected) in seen.iter().zip(&expected) {
            assert_eq!((text, level), (&expected.0, &expected.1));
            assert!(fingerprint.iter().eq(expected.2), "{fingerprint:?}");
        }
        assert_eq!(*end.fingerprint, ["{{ default }}"], "the fingerprint is the report's alone");
        let [crumb] = &end.breadcrumbs.values[..] else { panic!("{:?}", end.breadcrumbs) };
        assert_eq!((crumb.category.as_deref(), crumb.level), (Some("ShipmentSent"), level));
        assert_eq!(crumb.message.as_deref(), Some("shipped, 1"));
        assert_eq!(json!(crumb.data), json!({"Amount": "73.76", "Success": true, "OrderID": "3f-1"}));
    }
}

#[test]
fn a_failure_is_an_error_with_its_causes_and_a_log_line() {
    let (events, line) = told(|id| telemetry::failure(id, &["lost"], &Lost(Some(Box::new(Lost(None))))));
    assert!(line.starts_with("ERROR") && line.contains("order [3f-1] is lost: the bus is away"), "{line}");
    let [event, _] = &events[..] else { panic!("{events:?}") };
    assert_eq!((text(event).as_str(), event.level), ("order [3f-1] is lost", Level::Error));
    assert_eq!((event.exception.len(), &*event.fingerprint), (2, &["lost".into()][..]));
}

#[test]
fn the_place_of_an_error_is_the_line_that_reports_it() {
    let line = line!() + 2;
    let (mut events, _) = told(|id| {
        drop(telemetry::step(id, "Step", "ended", Value::Null).capture_error(&["lost"], &Lost(None)));
    });
    let stack = events.remove(0).exception.values.remove(0).stacktrace.unwrap();
    let frame = stack.frames.last().unwrap();
    assert!(frame.filename.as_ref().unwrap().ends_with("tests/common/steps.rs"), "{frame:?}");
    assert_eq!(frame.lineno, Some(line.into()));
}

#[test]
fn a_success_is_a_message_unless_that_is_switched_off_and_an_error_is_an_event_always() {
    for (value, messages) in [("1", 1), ("true", 1), ("0", 0), ("false", 0)] {
        let (events, log) = watched(value.parse().unwrap(), || {
            let id = OrderId::parse("3f-1").unwrap();
            telemetry::step(&id, "Step", "was made", Value::Null).capture_success("made");
            telemetry::step(&id, "Step", "was lost", Value::Null).capture_error(&["lost"], &Lost(None));
            telemetry::warning(&id, "Step", "is late", Value::Null).capture_warning(&["late"]);
        });
        let levels: Vec<_> = events.iter().map(|event| event.level).collect();
        assert_eq!(levels[..messages], vec![Level::Info; messages], "{value}");
        assert_eq!(levels[messages..], [Level::Error, Level::Warning], "{value}");
        assert_eq!(log.lines().count(), 3, "{log}");
    }
    let without_setting = sentry::test::with_captured_events(|| {
        let id = OrderId::parse("3f-1").unwrap();
        telemetry::step(&id, "Step", "was made", Value::Null).capture_success("made");
    });
    assert_eq!(without_setting.len(), 1);
    for value in ["", "2", "off", "True", " 1"] {
        let error = value.parse::<CaptureSuccess>().unwrap_err().to_string();
        assert_eq!(error, "SENTRY_CAPTURE_SUCCESS: expected 0, 1, false or true", "{value}");
    }
}
