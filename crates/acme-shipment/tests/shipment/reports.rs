//! What Sentry and the log hear of a shipment.

use std::io::Write;
use std::sync::{Arc, Mutex};

use acme_common::messaging::Consumer;
use sentry::Level;
use sentry::protocol::Event as Reported;
use serde_json::{Value, json};

use super::{Carrier, requested};

#[test]
fn each_step_is_reported_once() {
    let carrier = Carrier::new();
    let send = async || carrier.send.consume(requested()).await.unwrap();
    let deliver = async || {
        let (later, _) = carrier.bus.delayed().remove(0);
        carrier.deliver.consume(later).await.unwrap();
    };
    let number = |log: &str| log.trim().rsplit(' ').nth(1).unwrap_or_default().to_owned();

    let (sent, log) = watched(send());
    let number = number(&log);
    let data = json!({"OrderID": "3f-1", "TrackingNumber": number, "Delivery": "UPS/FedEx"});
    check(&sent, "shipment sent for order [3f-1]", "ShipmentSent", &data);
    check_line(&log, &format!("order 3f-1 shipped, tracking number {number}"));

    let (again, log) = watched(send());
    check(&again, "the end", "ShipmentSent", &data);
    check_line(&log, &format!("order 3f-1 is shipped already, tracking number {number}"));

    let data = json!({"OrderID": "3f-1", "TrackingNumber": number});
    let (delivered, log) = watched(deliver());
    check(&delivered, "shipment delivered for order [3f-1]", "ShipmentDelivered", &data);
    check_line(&log, &format!("order 3f-1 delivered, tracking number {number}"));

    let (again, log) = watched(deliver());
    check(&again, "the end", "ShipmentDelivered", &data);
    check_line(&log, &format!("order 3f-1 is delivered already, tracking number {number}"));
}

/// The first report of `reported` is `message`, about the order, after one breadcrumb with `data`.
#[track_caller]
fn check(reported: &[Reported<'static>], message: &str, category: &str, data: &Value) {
    let event = &reported[0];
    assert_eq!(event.message.as_deref(), Some(message));
    assert_eq!(event.level, Level::Info);
    assert_eq!(event.tags["order.id"], "3f-1");
    assert_eq!(event.breadcrumbs.len(), 1);
    assert_eq!(event.breadcrumbs[0].category.as_deref(), Some(category));
    assert_eq!(json!(event.breadcrumbs[0].data), *data);
}

#[track_caller]
fn check_line(log: &str, line: &str) {
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains(line) && log.contains("order_id=3f-1"), "{log}");
}

/// Runs `work` and then reports `the end`; returns what Sentry and the log were told.
fn watched(work: impl Future<Output = ()>) -> (Vec<Reported<'static>>, String) {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().without_time().with_ansi(false);
    let subscriber = subscriber.with_writer(move || writer.clone()).finish();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let reported = sentry::test::with_captured_events(|| {
        tracing::subscriber::with_default(subscriber, || runtime.block_on(work));
        sentry::capture_message("the end", Level::Info);
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (reported, log)
}
