//! Dead letters: which messages become one, which attributes it has, and that its body can be handled later.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use acme_common::card::{Card, CardOpener};
use acme_common::event::Event;
use acme_common::id::OrderId;
use acme_common::messaging::{
    ConsumeError, Consumer, DeadLetter, DeadLetters, PublishError, Received, ReceivedMessage, Receiver,
    envelope,
};
use acme_common::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use proptest::prelude::*;
use sentry::Level;
use sentry_lambda::Record;
use serde_json::{Value, json};

use super::read;

const TRACE: &str = "0123456789abcdef0123456789abcdef";
const PANIC: &str = "a bug in the consumer of this test";

/// Handles a request for shipment as the name of its order says.
struct ByName;

#[async_trait]
impl Consumer for ByName {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        match event.order_id().map(OrderId::as_str) {
            Some("good") => Ok(()),
            Some("unknown") => Err(ConsumeError::Poison("there is no such order".to_owned())),
            Some("panic") => panic!("{PANIC}"),
            Some("secret") => {
                let text = "4111 1111 1111 1111\nand ".to_owned() + &"more ".repeat(1_000);
                Err(ConsumeError::Retry(text.into()))
            }
            _ => Err(StoreError::unavailable("connection refused").into()),
        }
    }
}

/// Keeps dead letters, unless it is closed.
#[derive(Default)]
struct Letters {
    kept: Mutex<Vec<DeadLetter>>,
    closed: AtomicBool,
}

#[async_trait]
impl DeadLetters for Letters {
    async fn send(&self, letter: &DeadLetter) -> Result<(), PublishError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(PublishError("the queue is closed".into()));
        }
        self.kept.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn shipment_request(order: &str) -> String {
    json!({"metadata": {"type": "ShipmentRequested"}, "data": {"_id": order, "message": "UPS"}}).to_string()
}

/// Receives one message. Returns the result (`handled`, `dead letter` or `failed`), the letter, and the levels of what
/// Sentry received.
fn deliver(body: &str, receive_count: u32, closed: bool) -> (&'static str, Option<DeadLetter>, Vec<Level>) {
    let letters = Arc::new(Letters { closed: closed.into(), ..Letters::default() });
    let receiver = Receiver::new("shipment-send", Arc::new(ByName), letters.clone(), now);
    let record = Record::new("shipment-send", "aws_sqs").receives(receive_count, 5);
    let record = record.trace_headers([("sentry-trace", format!("{TRACE}-0123456789abcdef-1"))]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut became = "";
    let reported = sentry::test::with_captured_events(|| {
        let message = ReceivedMessage { id: "m-1", body, receive_count };
        became = match runtime.block_on(receiver.receive(record, message)) {
            Received::Handled => "handled",
            Received::DeadLetter => "dead letter",
            Received::Failed(_) => "failed",
        };
    });
    let event = envelope::event(body).ok();
    let order = event.as_ref().and_then(Event::order_id).map(OrderId::as_str);
    for event in &reported {
        assert_eq!(event.tags.get("order.id").map(String::as_str), order, "{body}");
    }
    let levels = reported.iter().map(|event| event.level).collect();
    let letter = letters.kept.lock().unwrap().pop();
    (became, letter, levels)
}

#[test]
fn poison_is_a_dead_letter_at_once_and_anything_else_at_its_last_receive() {
    let away = "the store is unavailable: connection refused";
    let (warning, error) = (vec![Level::Warning], vec![Level::Error]);
    for (order, receive_count, closed, expected, reason, levels) in [
        ("good", 1, false, "handled", None, vec![]),
        ("good", 5, false, "handled", None, vec![]),
        ("away", 1, false, "failed", None, warning.clone()),
        ("away", 4, false, "failed", None, warning.clone()),
        ("away", 5, false, "dead letter", Some(away), error.clone()),
        ("away", 6, false, "dead letter", Some(away), error.clone()),
        ("unknown", 1, false, "dead letter", Some("there is no such order"), error.clone()),
        ("unknown", 5, false, "dead letter", Some("there is no such order"), error.clone()),
        // A message whose dead letter cannot be kept is received again, or SQS moves it.
        ("unknown", 1, true, "failed", None, warning),
        ("away", 5, true, "failed", None, error.clone()),
        ("unknown", 5, true, "failed", None, error),
    ] {
        let (became, letter, told) = deliver(&shipment_request(order), receive_count, closed);
        let case = format!("{order}, received {receive_count} times, closed: {closed}");
        assert_eq!((became, letter.as_ref().map(|l| l.reason.as_str())), (expected, reason), "{case}");
        assert_eq!(told, levels, "one report of its level: {case}");
    }
}

#[test]
fn a_panic_at_the_last_receive_is_a_dead_letter_and_one_panic() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match info.payload_as_str() {
        Some(PANIC) => drop(PANICS.fetch_add(1, Ordering::Relaxed)),
        _ => before(info),
    }));
    let (became, letter, _) = deliver(&shipment_request("panic"), 4, false);
    assert_eq!((became, letter), ("failed", None));
    let (became, letter, _) = deliver(&shipment_request("panic"), 5, false);
    assert_eq!((became, letter.unwrap().reason), ("dead letter", format!("panicked: {PANIC}")));
    let (became, _, _) = deliver(&shipment_request("panic"), 5, true);
    assert_eq!(became, "failed");
    assert_eq!(PANICS.load(Ordering::Relaxed), 3, "none is reported a second time");
}

#[test]
fn its_attributes_say_what_failed_where_and_in_which_trace() {
    let (_, letter, _) = deliver(&shipment_request("away"), 5, false);
    let letter = letter.unwrap();
    let attributes = letter.attributes();
    let texts: Vec<_> = attributes.iter().map(|(name, value)| (*name, value.as_ref())).collect();
    let (trace, baggage) = (texts.iter().find(|(name, _)| *name == "sentry-trace"), "baggage");
    assert!(trace.unwrap().1.starts_with(TRACE), "{trace:?}");
    let others: Vec<_> =
        texts.iter().filter(|(name, _)| *name != "sentry-trace" && *name != baggage).collect();
    assert_eq!(
        others,
        [
            &("function", "shipment-send"),
            &("reason", "the store is unavailable: connection refused"),
            &("receive_count", "5"),
            &("failed_at", "2026-11-23T10:00:00.000Z"),
            &("order_id", "away"),
            &("trace_id", TRACE),
        ]
    );
    assert_eq!((letter.id.as_str(), letter.body), ("m-1", shipment_request("away")));
}

#[test]
fn its_reason_is_one_line_of_bounded_length_without_a_card() {
    let (_, letter, _) = deliver(&shipment_request("secret"), 5, false);
    let reason = letter.unwrap().reason;
    assert!(reason.starts_with("[Filtered] and more more"), "{reason}");
    assert_eq!((reason.chars().count(), reason.lines().count()), (1_024, 1));
}

#[test]
fn its_order_is_the_one_that_the_body_names() {
    let envelope = |detail| json!({"detail-type": "Unheard", "detail": detail});
    for (body, order) in [
        (json!({"metadata": {"type": "Unheard"}, "data": {"orderID": "o-1"}}), Some("o-1")),
        (json!({"data": {"ordernumber": 7}}), Some("7")),
        (envelope(json!({"data": {"_id": "o-1"}})), Some("o-1")),
        (envelope(json!({})), None),
        (json!({"data": {"orderID": ""}}), None),
        (json!({"data": {"orderID": "4111111111111111"}}), None),
        (json!({"orderID": "o-1"}), None),
        (json!("text"), None),
    ] {
        let (_, letter, _) = deliver(&body.to_string(), 1, false);
        assert_eq!(letter.unwrap().order_id.as_ref().map(OrderId::as_str), order, "{body}");
    }
    assert_eq!(deliver("{no json", 1, false).1.unwrap().order_id, None);
}

#[test]
fn a_clear_card_is_not_in_it_and_what_is_left_is_never_declined() {
    let card = json!({"number": "4111111111111111", "expMonth": 1, "expYear": 2099, "cvv": "737"});
    let body = json!({"metadata": {"type": "PaymentRequested"}, "data": {"orderID": "away", "card": card, "total": 1}});
    let (_, letter, _) = deliver(&body.to_string(), 5, false);
    let letter = letter.unwrap();
    assert!(!letter.body.contains("4111") && !letter.body.contains("737"), "{}", letter.body);
    let again = envelope::event(&letter.body);
    assert!(matches!(again, Err(ConsumeError::Poison(_))), "{again:?}");
}

/// The shop's own events about one order, one of each kind.
fn ours(order: &str, other: &str) -> Vec<Value> {
    let card: Card = read(
        &json!({"number": "4111111111111111", "expMonth": 12, "expYear": 2099, "cvv": "737", "type": "Visa"}),
    )
    .unwrap();
    let sealed = CardOpener::generate().sealer().seal(&OrderId::parse(order).unwrap(), &card);
    let event = |kind: &str, data: Value| json!({"metadata": {"type": kind}, "data": data});
    let result = json!({"success": true, "status": 200, "message": "success", "amount": "4929.13", "transactionID": other, "orderID": order});
    let shipment = json!({"trackingNumber": other, "orderNumber": order});
    let events = [
        event("PaymentRequestedEvent", json!({"orderID": order, "card": sealed, "total": "4929.13"})),
        event("CreditCardValidatedEvent", result),
        event("ShipmentRequested", json!({"_id": order, "message": "UPS/FEDEX"})),
        event("ShipmentSent", shipment.clone()),
        event("ShipmentDelivered", shipment.clone()),
        event("DeliveryDue", shipment),
    ];
    // In the form in which the shop's publishers write them.
    events.iter().map(|event| json!(read::<Event>(event).unwrap())).collect()
}

/// The same event as EventBridge delivers it.
fn behind_the_bus(event: &Value, trace: &str, id: &str) -> Value {
    let mut detail = event.clone();
    detail["metadata"]["sentry-trace"] = format!("{trace}-{}-1", &trace[..16]).into();
    detail["metadata"]["baggage"] =
        format!("sentry-trace_id={trace},sentry-public_key=c1234,sentry-sample_rate=1").into();
    json!({
        "version": "0", "id": id, "source": "acme.order", "account": "411111111111", "time": "2026-11-23T10:00:00Z",
        "region": "eu-central-1", "resources": [], "detail-type": event["metadata"]["type"], "detail": detail,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Seals, ids and traces are random, and some of them consist mostly of digits.
    #[test]
    fn an_event_of_ours_is_in_it_unchanged(ids in any::<[u128; 3]>(), digits in any::<bool>()) {
        let uuid = |i: usize| {
            let bits = if digits { ids[i] & 0x3737_3737_3737_3737_3737_3737_3737_3737 } else { ids[i] };
            let hex = format!("{bits:032x}");
            format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
        };
        for event in ours(&uuid(0), &uuid(1)) {
            let trace = uuid(2).replace('-', "");
            for body in [event.clone(), behind_the_bus(&event, &trace, &uuid(2))] {
                let letter = deliver(&body.to_string(), 5, false).1.unwrap();
                let kept: Value = serde_json::from_str(&letter.body).unwrap();
                prop_assert_eq!(&kept, &body);
                prop_assert!(envelope::event(&letter.body).is_ok());
                prop_assert_eq!(letter.order_id.unwrap().to_string(), uuid(0));
            }
        }
    }
}
