//! The request for payment: what it contains, what it hides, when it is sent, and how the shop recovers from each
//! crash.

use acme_common::event::{Event, EventKind, RequestCard};
use acme_common::id::OrderId;
use acme_common::json;
use acme_common::store::PageRequest;
use acme_http::Authorizer;
use acme_order::order_request::OrderRequest;
use acme_order::store::Stillness;
use acme_order::{Orders, Status};
use acme_payment::Payments;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::consumers::{consume, event};
use super::shaky::Lost;
use super::shop::{BOUND, Shop, now, pass_time, sent, watched};

/// Parts of the secret order's card, and its password. No output may contain them.
pub(crate) const SECRETS: [&str; 8] =
    ["40128888", "01288888", "88888888", "88888188", "888881881", "4012 8888", "84726193", "hunter2"];

/// An order with a long CVV, which no other text contains by chance, and with members that no client should send.
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
        let client = shop.client(Authorizer::AllowAll).with("idempotency-key", "k");
        client.post("/order/add/dan", &secret()).await;
        let stillness = Stillness { now: now(), after: SignedDuration::ZERO };
        let stalled = shop.orders.stalled(&stillness).await.unwrap();
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

    let read: OrderRequest = json::from_slice(secret().to_string().as_bytes()).unwrap();
    let read = format!("{read:?} {:?}", Some(&read));
    for secret in SECRETS {
        assert!(!everything.contains(secret), "{secret} in {everything}");
        assert!(!read.contains(secret), "{secret} in {read}");
    }
}

#[tokio::test]
async fn the_card_opens_for_its_own_order_only() {
    let shop = Shop::new();
    let client = shop.client(Authorizer::AllowAll);
    for _ in 0..2 {
        client.post("/order/add/dan", &sent()).await;
    }
    let cards = shop.bus.kept.events().into_iter().map(|event| match event {
        Event::PaymentRequested(request) => match request.card {
            RequestCard::Sealed(card) => (request.order_id, card),
            other @ RequestCard::Clear(_) => panic!("{other:?}"),
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
async fn the_order_is_kept_before_its_payment_is_requested() {
    let shop = Shop::new();
    let client = shop.client(Authorizer::AllowAll);
    client.post("/order/add/dan", &sent()).await;
    assert_eq!(shop.steps.taken(), ["create", "publish"]);
    client.with("idempotency-key", "k").post("/order/add/dan", &sent()).await;
    assert_eq!(shop.steps.taken(), ["claim", "create", "publish"]);
}

#[tokio::test]
async fn the_card_is_forgotten_when_the_payment_is_settled_also_after_the_shipment() {
    let shop = Shop::new();
    shop.client(Authorizer::AllowAll).post("/order/add/dan", &sent()).await;
    let sealed = shop.events()[0]["data"]["card"]["sealed"].as_str().unwrap().to_owned();
    let is_kept = || format!("{:?}", shop.orders.kept).contains(&sealed);
    let id = shop.order().await.id;
    consume(&shop, event(EventKind::ShipmentSent, &id)).await.unwrap();
    assert!(is_kept(), "its payment is not settled");
    shop.deliver().await;
    assert_eq!(shop.order().await.status, Status::Shipped);
    assert!(!is_kept());
}

/// What can break while an order is placed, the status that the client gets, and whether the order is kept.
const BREAKS: [(usize, Lost, StatusCode, bool); 4] = [
    (0, Lost::Request, StatusCode::SERVICE_UNAVAILABLE, false),
    (0, Lost::Answer, StatusCode::SERVICE_UNAVAILABLE, true),
    (1, Lost::Request, StatusCode::OK, true),
    (1, Lost::Answer, StatusCode::OK, true),
];

#[tokio::test]
async fn an_order_that_is_kept_is_paid_whatever_breaks() {
    for (step, lost, status, kept) in BREAKS {
        // The queue may be slow. So a message that was sent before the sweep may come before or after it.
        for slow in [false, true] {
            let shop = Shop::new();
            shop.steps.break_after(step, lost);
            let answer = shop.client(Authorizer::AllowAll).post("/order/add/dan", &sent()).await;
            assert_eq!(answer.status, status, "{step} {lost:?}");
            assert_eq!(shop.kept().await.len(), usize::from(kept), "{step} {lost:?}");
            if !slow {
                shop.deliver().await;
            }
            pass_time(BOUND);
            shop.sweep().run().await.unwrap();
            shop.deliver().await;
            for order in shop.kept().await {
                assert_eq!(order.status, Status::Success, "{step} {lost:?}, slow: {slow}");
                let payment = shop.payments.get(&order.id).await.unwrap().unwrap();
                assert_eq!(payment.result().transaction_id, order.transaction_id.unwrap());
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_called_so() {
    let shop = Shop::new();
    shop.steps.break_after(0, Lost::Answer);
    let answer = shop.client(Authorizer::AllowAll).post("/order/add/dan", &sent()).await;
    let message = answer.body["message"].as_str().unwrap();
    assert!(message.starts_with("the outcome is unknown: it may have been done"), "{message}");
    assert_eq!(answer.headers["retry-after"], "1");
}
