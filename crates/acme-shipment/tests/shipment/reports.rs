//! What Sentry and the log get about a shipment.

use acme_common::messaging::Consumer;
use acme_common::telemetry::{CaptureSuccess, testing};
use sentry::Level;
use sentry::protocol::Event as Reported;
use serde_json::{Value, json};

use super::{Carrier, requested};

#[test]
fn each_step_is_a_breadcrumb_and_a_log_line_and_no_report() {
    let carrier = Carrier::new();
    let send = async || carrier.send.consume(requested()).await.unwrap();
    let deliver = async || {
        let (later, _) = carrier.bus.delayed().remove(0);
        carrier.deliver.consume(later).await.unwrap();
    };
    let number = |log: &str| {
        let (_, rest) = log.split_once("tracking number ").unwrap();
        rest.split(' ').next().unwrap().to_owned()
    };

    let (sent, log) = watched(send());
    let number = number(&log);
    let data = json!({"OrderID": "3f-1", "TrackingNumber": number, "Delivery": "UPS/FedEx"});
    check(&sent, "ShipmentSent", &data);
    check_line(&log, &format!("order 3f-1 shipped, tracking number {number}"));

    let (again, log) = watched(send());
    check(&again, "ShipmentSent", &data);
    check_line(&log, &format!("order 3f-1 is shipped already, tracking number {number}"));

    let data = json!({"OrderID": "3f-1", "TrackingNumber": number});
    let (delivered, log) = watched(deliver());
    check(&delivered, "ShipmentDelivered", &data);
    check_line(&log, &format!("order 3f-1 delivered, tracking number {number}"));

    let (again, log) = watched(deliver());
    check(&again, "ShipmentDelivered", &data);
    check_line(&log, &format!("order 3f-1 is delivered already, tracking number {number}"));
}

/// Asserts that Sentry got only the event `the end`, with the order's tag and one breadcrumb with `data`.
#[track_caller]
fn check(reported: &[Reported<'static>], category: &str, data: &Value) {
    let [event] = reported else { panic!("{reported:?}") };
    assert_eq!(event.message.as_deref(), Some("the end"));
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

/// Runs `work`, then reports `the end`, and returns what Sentry and the log received.
fn watched(work: impl Future<Output = ()>) -> (Vec<Reported<'static>>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    testing::watched(CaptureSuccess::default(), || {
        runtime.block_on(work);
        sentry::capture_message("the end", Level::Info);
    })
}
