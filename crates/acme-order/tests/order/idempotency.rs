//! The Idempotency-Key: a repeated request means the same order, whatever happened in between.

use acme_http::Authorizer;
use acme_http::testing::{Client, Tokens};
use acme_order::Status;
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::shaky::Lost;
use super::shop::{BOUND, Shop, pass_time, sent, with};

async fn placed(client: &Client, body: &Value) -> String {
    let answer = client.post("/order/add/dan", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body["order_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_again_is_the_same_order_and_the_same_answer() {
    let shop = Shop::new();
    let client = shop.client(Authorizer::AllowAll).with("Idempotency-Key", "k-1");
    let first = client.post("/order/add/dan", &sent()).await;
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let spaced = serde_json::to_string_pretty(&sent()).unwrap();
    for (path, body) in [("/order/add/dan", sent().to_string()), ("/order/add/dan/", spaced)] {
        pass_time(3_600);
        let again = client.send("POST", path, body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.headers["idempotent-replayed"], "true");
    }
    shop.deliver().await;
    let (order, events) = (shop.order().await, shop.events().len());
    assert_eq!(order.status.name(), "success");
    // Once the payment is settled, a repeat publishes nothing, and its answer is still the same.
    assert_eq!(client.post("/order/add/dan", &sent()).await.body, first.body);
    assert_eq!((shop.order().await, shop.events().len()), (order, events));
}

#[tokio::test]
async fn another_key_or_user_or_none_is_another_order() {
    let shop = Shop::new();
    let open = shop.client(Authorizer::AllowAll);
    let (one, two) = (open.with("idempotency-key", "k-1"), open.with("idempotency-key", "k-2"));
    let mut ids = Vec::new();
    for client in [&one, &two, &open, &open] {
        ids.push(placed(client, &sent()).await);
    }
    ids.push(one.post("/order/add/eve", &sent()).await.body["order_id"].as_str().unwrap().to_owned());
    ids.push(one.post("/order/add/eve", &sent()).await.body["order_id"].as_str().unwrap().to_owned());
    assert_eq!(ids.pop(), ids.last().cloned(), "hers again");
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), shop.kept().await.len()), (5, 5));
}

#[tokio::test]
async fn whoever_may_not_call_claims_no_key() {
    let (shop, tokens) = (Shop::new(), Tokens::generate());
    let client = shop.client(tokens.authorizer.clone()).with("idempotency-key", "k-1");
    assert_eq!(client.post("/order/add/dan", &sent()).await.status, StatusCode::UNAUTHORIZED);
    assert!(shop.steps.taken().is_empty());
}

#[tokio::test]
async fn another_order_needs_another_key() {
    let shop = Shop::new();
    let client = shop.client(Authorizer::AllowAll).with("idempotency-key", "k-1");
    placed(&client, &sent()).await;
    for (pointer, value) in [
        ("/firstname", json!("Walter")),
        ("/address/zip", json!("10002")),
        ("/email", Value::Null),
        ("/delivery", json!("USPS")),
        ("/card/number", json!("4111111111111111")),
        ("/card/expYear", json!(2027)),
        ("/card/cvv", json!("928")),
        ("/cart/0/id", json!("gym")),
        ("/cart/0/quantity", json!(3)),
        ("/cart/0/price", json!(1)),
        ("/cart", json!([{"id": "bell", "quantity": 2, "price": 73.76}])),
        ("/total", json!("157.53")),
    ] {
        let answer = client.post("/order/add/dan", &with(pointer, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{pointer}");
        assert_eq!(answer.body["status"], 422);
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with("Idempotency-Key: this key came with another request"), "{message}");
    }
    assert_eq!((shop.kept().await.len(), shop.events().len()), (1, 1));
}

#[tokio::test]
async fn a_key_is_1_to_255_visible_characters() {
    let shop = Shop::new();
    for (key, status) in [
        ("k", 200),
        ("~!@#$%^&*()", 200),
        (&"k".repeat(255), 200),
        ("", 400),
        (&"k".repeat(256), 400),
        ("schlüssel", 400),
    ] {
        let answer = shop
            .client(Authorizer::AllowAll)
            .with("idempotency-key", key)
            .post("/order/add/dan", &sent())
            .await;
        assert_eq!(answer.status.as_u16(), status, "{key}");
        if status == 400 {
            let message = answer.body["message"].as_str().unwrap();
            assert_eq!(message, "Idempotency-Key: expected one key of 1 to 255 visible ASCII characters");
        }
    }
    assert_eq!(shop.kept().await.len(), 3);
}

/// The step that breaks (claim, create, publish), what is lost, and the status that the client gets.
const BREAKS: [(usize, Lost, StatusCode); 6] = [
    (0, Lost::Request, StatusCode::SERVICE_UNAVAILABLE),
    (0, Lost::Answer, StatusCode::SERVICE_UNAVAILABLE),
    (1, Lost::Request, StatusCode::SERVICE_UNAVAILABLE),
    // The route finds out that the order was kept.
    (1, Lost::Answer, StatusCode::OK),
    (2, Lost::Request, StatusCode::OK),
    (2, Lost::Answer, StatusCode::OK),
];

#[tokio::test]
async fn after_any_break_the_same_order_again_is_one_order_with_one_payment() {
    for (step, lost, status) in BREAKS {
        let shop = Shop::new();
        let client = shop.client(Authorizer::AllowAll).with("idempotency-key", "k");
        shop.steps.break_after(step, lost);
        let first = client.post("/order/add/dan", &sent()).await;
        assert_eq!(first.status, status, "{step} {lost:?}");
        if status != StatusCode::OK {
            assert_eq!(
                first.body["message"],
                match step {
                    0 =>
                        "the outcome is unknown: it may have been done; with an Idempotency-Key it is safe to send it again",
                    _ => "temporarily unavailable, please try again",
                }
            );
        }
        // A claim ends by itself when its answer was lost.
        pass_time(6);
        let again = client.post("/order/add/dan", &sent()).await;
        assert_eq!(again.status, StatusCode::OK, "{step} {lost:?}");
        pass_time(BOUND);
        shop.sweep().run().await.unwrap();
        shop.deliver().await;
        let order = shop.order().await;
        assert_eq!(again.body["order_id"], order.id.as_str());
        assert_eq!(order.status, Status::Success);
        let transaction = order.transaction_id.unwrap();
        let results =
            shop.events().into_iter().filter(|e| e["metadata"]["type"] == "CreditCardValidatedEvent");
        assert!(results.into_iter().all(|e| e["data"]["transactionID"] == transaction.as_str()));
    }
}

#[tokio::test]
async fn of_fifty_at_once_one_is_kept_and_no_answer_contradicts_another() {
    for lost in [None, Some(Lost::Request), Some(Lost::Answer)] {
        let shop = Shop::new();
        let client = shop.client(Authorizer::AllowAll).with("idempotency-key", "k-1");
        if let Some(lost) = lost {
            shop.steps.break_after(0, lost);
        }
        let body = sent();
        let answers = join_all((0..50).map(|_| client.post("/order/add/dan", &body))).await;
        let kept: Vec<_> = shop.kept().await.into_iter().map(|order| json!(order.id)).collect();
        // The claim whose answer was lost holds for a while, and no other request gets the key.
        assert_eq!(kept.len(), usize::from(lost != Some(Lost::Answer)), "{lost:?}");
        for answer in &answers {
            match answer.status.as_u16() {
                200 => assert_eq!(Some(&answer.body["order_id"]), kept.first()),
                409 => assert_eq!(answer.headers["retry-after"], "1"),
                503 => assert!(lost.is_some()),
                other => panic!("{other}: {answer:?}"),
            }
        }
        pass_time(6);
        let again = client.post("/order/add/dan", &body).await;
        assert_eq!((again.status, shop.kept().await.len()), (StatusCode::OK, 1));
    }
}
