//! `order-ship` and `order-update`: each event at each status of its order, once, repeated, late, and lost.

use acme_common::card::{CardSummary, SealedCard};
use acme_common::event::{
    Event, EventKind, PaymentRequested, PaymentResult, RequestCard, Shipment, ShipmentRequested,
};
use acme_common::id::OrderId;
use acme_common::messaging::{ConsumeError, Consumer};
use acme_common::money::Money;
use acme_http::Authorizer;
use acme_http::testing::Tokens;
use acme_order::Status;
use axum::http::StatusCode;
use serde_json::json;

use super::shaky::Lost;
use super::shop::{Shop, now, pass_time};

/// An event of this kind about an order. The payment was taken.
pub(crate) fn event(kind: EventKind, id: &OrderId) -> Event {
    let (order_id, total) = (id.clone(), Money::from_cents(15_752));
    let shipment = Shipment { tracking_number: "n-1".into(), order_id: id.clone() };
    match kind {
        EventKind::PaymentRequested => {
            let summary =
                CardSummary { brand: "Visa".into(), last4: "1881".into(), exp_month: 11, exp_year: 2026 };
            let card = RequestCard::Sealed(SealedCard::lost(summary));
            Event::PaymentRequested(PaymentRequested { order_id, card, total })
        }
        EventKind::CreditCardValidated => {
            Event::CreditCardValidated(PaymentResult::accepted(order_id, total, "t-1".into()))
        }
        EventKind::ShipmentRequested => {
            Event::ShipmentRequested(ShipmentRequested { order_id, delivery: "UPS/FEDEX".into() })
        }
        EventKind::ShipmentSent => Event::ShipmentSent(shipment),
        EventKind::ShipmentDelivered => Event::ShipmentDelivered(shipment),
        EventKind::DeliveryDue => Event::DeliveryDue(shipment),
    }
}

pub(crate) fn declined(id: &OrderId) -> Event {
    Event::CreditCardValidated(PaymentResult::declined(id.clone(), Money::from_cents(15_752)))
}

/// Hands an event to its consumer.
pub(crate) async fn consume(shop: &Shop, event: Event) -> Result<(), ConsumeError> {
    match event.kind() {
        EventKind::CreditCardValidated => shop.ship().consume(event).await,
        _ => shop.update().consume(event).await,
    }
}

#[tokio::test]
async fn each_event_in_each_state_once_and_again() {
    use Status::{Delivered, Error, PendingPayment as Pending, Shipped, Success};
    let paid = |id: &OrderId| event(EventKind::CreditCardValidated, id);
    let sent = |id: &OrderId| event(EventKind::ShipmentSent, id);
    let arrived = |id: &OrderId| event(EventKind::ShipmentDelivered, id);
    type Make = fn(&OrderId) -> Event;
    let rows: [(Make, Status, Status, bool); 20] = [
        (paid, Pending, Success, true),
        (paid, Success, Success, true), // the request for the shipment may have been lost
        (paid, Shipped, Shipped, false),
        (paid, Delivered, Delivered, false),
        (paid, Error, Error, false),
        (declined, Pending, Error, false),
        (declined, Error, Error, false),
        (declined, Shipped, Shipped, false),
        (declined, Delivered, Delivered, false),
        (declined, Success, Success, true), // cannot happen: a payment ends once; and does no harm
        (sent, Pending, Shipped, false),
        (sent, Success, Shipped, false),
        (sent, Shipped, Shipped, false),
        (sent, Delivered, Delivered, false), // late: it never goes back
        (sent, Error, Error, false),
        (arrived, Pending, Delivered, false),
        (arrived, Success, Delivered, false),
        (arrived, Shipped, Delivered, false),
        (arrived, Delivered, Delivered, false),
        (arrived, Error, Error, false),
    ];
    for (make, before, after, ships) in rows {
        let shop = Shop::new();
        let mut expected = shop.keep(|order| order.status = before).await;
        pass_time(60);
        let event = make(&expected.id);
        let first = consume(&shop, event.clone()).await;
        first.unwrap();
        if before != after {
            (expected.status, expected.updated_at) = (after, now());
            match event.kind() {
                EventKind::CreditCardValidated if after == Success => {
                    expected.transaction_id = Some("t-1".into())
                }
                EventKind::CreditCardValidated => {}
                _ => expected.tracking_number = Some("n-1".into()),
            }
        }
        let what = format!("{event:?} at {before:?}");
        assert_eq!(shop.order().await, expected, "{what}");
        let request = json!({
            "metadata": {"domain": "Order", "source": "ShipOrder", "type": "ShipmentRequested", "status": "success"},
            "data": {"_id": expected.id, "orderID": expected.id, "delivery": "UPS/FEDEX"},
        });
        assert_eq!(shop.events(), vec![request.clone(); usize::from(ships)], "{what}");

        pass_time(60);
        consume(&shop, event).await.unwrap();
        assert_eq!(shop.order().await, expected, "{what}, again");
        assert_eq!(shop.events(), vec![request; 2 * usize::from(ships)], "{what}, again");
    }
}

#[tokio::test]
async fn what_is_of_no_order_or_of_no_concern_is_poison() {
    let shop = Shop::new();
    let kept = shop.keep(|_| ()).await;
    let nobody = OrderId::parse("3f-1").unwrap();
    for kind in EventKind::ALL {
        for (consumer, consumes) in [
            (&shop.ship() as &dyn Consumer, &[EventKind::CreditCardValidated][..]),
            (&shop.update(), &[EventKind::ShipmentSent, EventKind::ShipmentDelivered]),
        ] {
            let expected = if consumes.contains(&kind) {
                "there is no order [3f-1]".to_owned()
            } else {
                format!("{} is not consumed here", kind.name())
            };
            let fault = consumer.consume(event(kind, &nobody)).await.unwrap_err();
            assert!(matches!(&fault, ConsumeError::Poison(reason) if *reason == expected), "{fault}");
        }
    }
    let orderless = PaymentResult::accepted(None, Money::ZERO, "t-1".into());
    let fault = shop.ship().consume(Event::CreditCardValidated(orderless)).await.unwrap_err();
    assert!(matches!(fault, ConsumeError::Poison(_)));
    assert_eq!(shop.order().await, kept);
    assert!(shop.events().is_empty());
}

#[tokio::test]
async fn a_crash_anywhere_is_healed_by_redelivery() {
    for kind in [EventKind::CreditCardValidated, EventKind::ShipmentSent, EventKind::ShipmentDelivered] {
        for step in 0..2 {
            for lost in [Lost::Request, Lost::Answer] {
                let shop = Shop::new();
                let id = shop.keep(|_| ()).await.id;
                shop.steps.break_after(step, lost);
                let first = consume(&shop, event(kind, &id)).await;
                if shop.steps.mend() {
                    assert!(kind != EventKind::CreditCardValidated && step == 1, "it has one step only");
                    first.unwrap();
                    continue;
                }
                assert!(matches!(first, Err(ConsumeError::Retry(_))), "{kind:?} {step} {lost:?}");
                consume(&shop, event(kind, &id)).await.unwrap();
                let (status, least) = match kind {
                    EventKind::CreditCardValidated => (Status::Success, 1),
                    EventKind::ShipmentSent => (Status::Shipped, 0),
                    _ => (Status::Delivered, 0),
                };
                assert_eq!(shop.order().await.status, status);
                assert!((least..=2 * least).contains(&shop.events().len()), "{kind:?} {step} {lost:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_container_services_post_their_shipments() {
    let (shop, tokens) = (Shop::new(), Tokens::generate());
    let staff = shop.client(tokens.authorizer.clone()).bearer(&tokens.staff());
    let id = shop.keep(|_| ()).await.id;
    let post = async |path: &str, event: &Event| staff.post(path, &json!(event)).await;
    for (path, kind, status) in [
        ("/order/update", EventKind::ShipmentSent, Status::Shipped),
        ("/order/update/", EventKind::ShipmentDelivered, Status::Delivered),
        ("/order/update", EventKind::ShipmentSent, Status::Delivered),
    ] {
        let answer = post(path, &event(kind, &id)).await;
        assert_eq!((answer.status, answer.body.is_null()), (StatusCode::OK, true), "{kind:?}");
        assert_eq!(shop.order().await.status, status);
    }
    for kind in [EventKind::PaymentRequested, EventKind::CreditCardValidated, EventKind::ShipmentRequested] {
        let answer = post("/order/update", &event(kind, &id)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.body["message"], "metadata.type: expected ShipmentSent or ShipmentDelivered");
    }
    let unknown =
        post("/order/update", &event(EventKind::ShipmentSent, &OrderId::parse("3f-1").unwrap())).await;
    assert_eq!(
        (unknown.status, &unknown.body["message"]),
        (StatusCode::NOT_FOUND, &json!("there is no order [3f-1]"))
    );
    shop.steps.break_after(0, Lost::Request);
    let away = post("/order/update", &event(EventKind::ShipmentSent, &id)).await;
    assert_eq!(
        (away.status, &away.headers["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
    );
    let open = shop
        .client(Authorizer::AllowAll)
        .post("/order/update", &json!(event(EventKind::ShipmentSent, &id)))
        .await;
    assert_eq!(open.status, StatusCode::OK);
}
