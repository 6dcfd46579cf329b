//! What Sentry gets about an order's steps: its id as a tag, breadcrumbs, errors, and nothing of its card.

use acme_common::event::{Event, EventKind};
use acme_common::id::OrderId;
use acme_common::messaging::{ConsumeError, Consumer};
use acme_http::Authorizer;
use acme_order::Status;
use sentry::Level;
use serde_json::{Value, json};

use super::consumers::{consume, declined, event};
use super::requested::{SECRETS, secret};
use super::shaky::Lost;
use super::shop::{BOUND, Shop, pass_time, watched};

/// Checks what Sentry gets when `make`'s event comes to an order at `before`: the error `text`, or no error, and one
/// breadcrumb.
#[track_caller]
fn check(make: impl Fn(&OrderId) -> Event, before: Status, text: Option<&str>, crumb: Value) {
    let shop = Shop::new();
    let (reported, id) = watched(async {
        let id = shop.keep(|order| order.status = before).await.id;
        sentry::configure_scope(sentry::Scope::clear);
        consume(&shop, make(&id)).await.unwrap();
        sentry::capture_message("the end", Level::Info);
        id
    });
    let fill = |text: &str| text.replace("ID", id.as_str());
    let [told @ .., end] = &reported[..] else { panic!("{reported:?}") };
    let texts: Vec<_> = told.iter().map(|event| (said(event), event.level)).collect();
    assert_eq!(texts, Vec::from_iter(text.map(|text| (fill(text), Level::Error))), "{before:?}");
    for event in &reported {
        assert_eq!(event.tags.get("order.id").map(String::as_str), Some(id.as_str()));
        let [trail] = &event.breadcrumbs.values[..] else { panic!("{:?}", event.breadcrumbs) };
        assert_eq!(trail.category.as_deref(), Some("OrderStatus"));
        let mut data = crumb.clone();
        data["OrderID"] = json!(id);
        assert_eq!(json!(trail.data), data);
    }
    assert_eq!(end.message.as_deref(), Some("the end"));
}

#[test]
fn each_step_is_a_breadcrumb_and_only_an_error_is_reported() {
    let paid = |id: &OrderId| event(EventKind::CreditCardValidated, id);
    let sent = |id: &OrderId| event(EventKind::ShipmentSent, id);
    let arrived = |id: &OrderId| event(EventKind::ShipmentDelivered, id);
    let payment = |status: Status, moved: bool, transaction: &str| json!({"Status": status.name(), "Moved": moved, "TransactionID": transaction, "Amount": "157.52"});
    let shipment = |status: Status, moved: bool| json!({"Status": status.name(), "Moved": moved, "TrackingNumber": "n-1"});
    use Status::{Delivered, Error, PendingPayment as Pending, Shipped, Success};
    check(paid, Pending, None, payment(Success, true, "t-1"));
    check(paid, Success, None, payment(Success, false, "t-1"));
    check(paid, Delivered, None, payment(Delivered, false, "t-1"));
    check(declined, Pending, None, payment(Error, true, "-1"));
    check(declined, Error, None, payment(Error, false, "-1"));
    let late = "order [ID] ended without a payment, but transaction [t-1] was paid";
    check(paid, Error, Some(late), payment(Error, false, "t-1"));
    check(sent, Success, None, shipment(Shipped, true));
    check(sent, Delivered, None, shipment(Delivered, false));
    check(arrived, Shipped, None, shipment(Delivered, true));
    check(arrived, Delivered, None, shipment(Delivered, false));
}

#[test]
fn a_failure_is_left_to_whoever_handles_it() {
    let shop = Shop::new();
    let (reported, ()) = watched(async {
        let unknown = OrderId::parse("3f-1").unwrap();
        let poison = consume(&shop, event(EventKind::ShipmentSent, &unknown)).await;
        assert!(matches!(poison, Err(ConsumeError::Poison(_))));
        let id = shop.keep(|_| ()).await.id;
        shop.steps.break_after(0, Lost::Request);
        let retry = shop.ship().consume(event(EventKind::CreditCardValidated, &id)).await;
        assert!(matches!(retry, Err(ConsumeError::Retry(_))));
    });
    assert!(reported.is_empty(), "{reported:?}");
}

#[test]
fn the_way_of_an_order_is_told_without_its_card() {
    for bus_is_away in [false, true] {
        let shop = Shop::new();
        let (reported, id) = watched(async {
            let client = shop.client(Authorizer::AllowAll).with("idempotency-key", "k");
            if bus_is_away {
                shop.steps.break_after(2, Lost::Request);
            }
            client.post("/order/add/dan", &secret()).await;
            pass_time(BOUND);
            if bus_is_away {
                shop.sweep().run().await.unwrap();
            }
            shop.deliver().await;
            sentry::capture_message("the end", Level::Info);
            shop.order().await.id
        });
        for event in &reported {
            assert_eq!(event.tags.get("order.id").map(String::as_str), Some(id.as_str()), "{bus_is_away}");
        }
        let texts: Vec<_> = reported.iter().map(said).collect();
        let first = if bus_is_away {
            &texts[..2]
        } else {
            for (crumb, step) in reported[0].breadcrumbs.iter().zip(["OrderPlaced", "PaymentRequested"]) {
                assert_eq!(crumb.category.as_deref(), Some(step));
                assert_eq!(json!(crumb.data), json!({"OrderID": id, "Amount": "157.52"}));
            }
            &[]
        };
        let pushed =
            format!("order [{id}] stood still as Pending Payment: PaymentRequestedEvent was sent again");
        let waits = format!("order [{id}] waits for the sweep to request its payment");
        assert!(first.is_empty() || first == [waits, pushed], "{first:?}");
        let rest = [&format!("validation failed for order [{id}] : creditcard CVV is invalid"), "the end"];
        assert_eq!(texts[first.len()..], rest);
        let all = json!(reported).to_string();
        assert!(SECRETS.iter().all(|secret| !all.contains(secret)), "{bus_is_away}");
    }
}

fn said(event: &sentry::protocol::Event<'_>) -> String {
    event.message.clone().or_else(|| event.exception.values.last()?.value.clone()).unwrap()
}
