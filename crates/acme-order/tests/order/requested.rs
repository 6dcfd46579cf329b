//! The request for payment: what it says, what it hides, when it is sent, and how every crash around it is healed.

use acme_common::event::{Event, RequestCard};
use acme_common::id::OrderId;
use acme_common::json;
use acme_common::store::PageRequest;
use acme_http::Gate;
use acme_order::sent::SentOrder;
use acme_order::{Orders, Status};
use acme_payment::{Outcome, Payments};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::shaky::Lost;
use super::shop::{BOUND, Shop, now, pass_time, sent, watched};

/// No part of the secret order's card, nor its password, is ever to be seen.
pub(crate) const SECRETS: [&str; 8] =
    ["40128888", "01288888", "88888888", "88888188", "888881881", "4012 8888", "84726193", "hunter2"];

/// An order with a long CVV, which occurs nowhere by chance, and with what should never have been sent.
pub(crate) fn secret() -> Value {
    let mut body = sent();
    body["card"]["cvv"] = json!("84726193");
    body["password"] = json!("hunter2");
    body
}

#[test]
fn the_event_is_whole_and_hides_the_card() {
    let shop = Shop::new();
    let (reported, debug) = watched(async {
        let client = shop.client(Gate::Open).with("idempotency-key", "k");
        client.post("/order/add/dan", &secret()).await;
        let stalled = shop.orders.stalled(now()).await.unwrap();
        let page = shop.orders.of_user(&shop.order().await.userid, &PageRequest::default()).await;
        sentry::capture_message("the end", sentry::Level::Info);
        format!("{:?} {stalled:?} {page:?}", shop.orders)
    });
    let id = shop.bus.kept.events()[0].order_id().unwrap().clone();
    let mut event = shop.events().remove(0);
    let everything = json!([event, debug, format!("{:?}", shop.bus), reported]).to_string();

    let sealed = event["data"]["card"]["sealed"].take();
    assert!(sealed.as_str().unwrap().len() > 100);
    let expected = json!({
        "metadata": {"domain": "Order", "source": "AddOrder", "type": "PaymentRequestedEvent", "status": "success"},
        "data": {
            "orderID": id, "total": "157.52",
            "card": {"type": "Visa", "last4": "1881", "expMonth": 11, "expYear": 2026, "sealed": null},
        },
    });
    assert_eq!(event, expected);

    let read: SentOrder = json::from_slice(secret().to_string().as_bytes()).unwrap();
    let read = format!("{read:?} {:?} {}", Some(&read), json!(read));
    for secret in SECRETS {
        assert!(!everything.contains(secret), "{secret} in {everything}");
        assert!(!read.contains(secret), "{secret} in {read}");
    }
}

#[tokio::test]
async fn the_card_opens_for_its_own_order_only() {
    let shop = Shop::new();
    let client = shop.client(Gate::Open);
    for _ in 0..2 {
        client.post("/order/add/dan", &sent()).await;
    }
    let cards = shop.bus.kept.events().into_iter().map(|event| match event {
        Event::PaymentRequested(request) => match request.card {
            Some(RequestCard::Sealed(card)) => (request.order_id, card),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    });
    let cards: Vec<(OrderId, _)> = cards.collect();
    for (id, _) in &cards {
        for (owner, sealed) in &cards {
            match shop.opener.open(id, sealed) {
                Ok(card) => {
                    assert_eq!(id, owner);
                    assert_eq!((card.number(), card.cvv()), ("4012888888881881", "927"));
                    assert_eq!((card.exp_month, card.exp_year), (11, 2026));
                }
                Err(_) => assert_ne!(id, owner),
            }
        }
    }
    assert!(Shop::new().opener.open(&cards[0].0, &cards[0].1).is_err(), "another shop's key");
    assert_ne!(cards[0].1.sealed, cards[1].1.sealed);
}

#[tokio::test]
async fn first_the_order_is_kept_then_the_event_is_sent_then_that_is_noted() {
    let shop = Shop::new();
    shop.client(Gate::Open).post("/order/add/dan", &sent()).await;
    assert_eq!(shop.steps.taken(), ["create", "publish", "payment_requested"]);
}

/// What can break while an order is placed, and how many orders are kept then, and how the sweep ends them.
const CRASHES: [(usize, Lost, usize, Status); 6] = [
    (0, Lost::Request, 0, Status::Error),
    (0, Lost::Answer, 1, Status::Error),
    (1, Lost::Request, 1, Status::Error),
    (1, Lost::Answer, 1, Status::Success),
    (2, Lost::Request, 1, Status::Success),
    (2, Lost::Answer, 1, Status::Success),
];

#[tokio::test]
async fn after_any_crash_the_same_order_again_is_one_order_with_one_payment() {
    for (step, lost, kept, _) in CRASHES {
        let shop = Shop::new();
        let client = shop.client(Gate::Open).with("idempotency-key", "k");
        shop.steps.break_after(step, lost);
        let broken = client.post("/order/add/dan", &sent()).await;
        assert_eq!(broken.status, StatusCode::SERVICE_UNAVAILABLE, "{step} {lost:?}");
        assert_eq!(broken.headers["retry-after"], "1");
        assert_eq!(shop.kept().await.len(), kept, "{step} {lost:?}");

        let again = client.post("/order/add/dan", &sent()).await;
        assert_eq!(again.status, StatusCode::OK, "{step} {lost:?}");
        shop.deliver().await;
        let order = shop.order().await;
        assert_eq!(
            (again.body["order_id"].as_str(), order.status),
            (Some(order.id.as_str()), Status::Success)
        );
        let transaction = order.transaction_id.unwrap();
        let results =
            shop.events().into_iter().filter(|e| e["metadata"]["type"] == "CreditCardValidatedEvent");
        assert!(results.into_iter().all(|e| e["data"]["transactionID"] == transaction.as_str()));
    }
}

#[tokio::test]
async fn after_any_crash_the_sweep_ends_an_order_as_its_payment_ended() {
    for (step, lost, kept, status) in CRASHES {
        // The queue may be slow: what was sent before the sweep may come before it or after.
        for slow in [false, true] {
            let shop = Shop::new();
            shop.steps.break_after(step, lost);
            shop.client(Gate::Open).post("/order/add/dan", &sent()).await;
            if !slow {
                shop.deliver().await;
            }
            pass_time(BOUND);
            shop.sweep().run().await.unwrap();
            shop.deliver().await;
            if kept == 0 {
                assert!(shop.kept().await.is_empty() && shop.events().is_empty());
                continue;
            }
            let order = shop.order().await;
            assert_eq!(order.status, status, "{step} {lost:?}, slow: {slow}");
            let payment = shop.payments.get(&order.id).await.unwrap().unwrap();
            match payment.outcome {
                Outcome::Paid { transaction_id } => {
                    assert_eq!(order.transaction_id, Some(transaction_id.to_string()));
                }
                Outcome::Declined { reason } => {
                    assert_eq!(
                        (reason.as_str(), order.status),
                        ("payment was never requested", Status::Error)
                    );
                }
            }
            let shipments =
                shop.events().iter().filter(|e| e["metadata"]["type"] == "ShipmentRequested").count();
            assert_eq!(shipments > 0, status == Status::Success);
        }
    }
}

#[tokio::test]
async fn whichever_request_comes_first_decides_and_the_order_ends_so() {
    let shop = Shop::new();
    shop.steps.break_after(2, Lost::Request);
    shop.client(Gate::Open).post("/order/add/dan", &sent()).await;
    pass_time(BOUND);
    shop.sweep().run().await.unwrap();
    // The sweep's request, which has no card, overtakes the one that has.
    shop.hand_over(1).await;
    shop.deliver().await;
    let order = shop.order().await;
    assert_eq!((order.status, order.transaction_id), (Status::Error, None));
    assert!(matches!(shop.payments.get(&order.id).await.unwrap().unwrap().outcome, Outcome::Declined { .. }));
    assert!(shop.events().iter().all(|event| event["metadata"]["type"] != "ShipmentRequested"));
}
