//! The Idempotency-Key: the same order again is the same order, whatever happened in between.

use acme_common::json;
use acme_http::Gate;
use acme_http::testing::Client;
use acme_order::sent::SentOrder;
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::shaky::Lost;
use super::shop::{Shop, pass_time, sent, with};

async fn placed(client: &Client, body: &Value) -> String {
    let answer = client.post("/order/add/dan", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body["order_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_again_is_the_same_order_and_the_same_answer() {
    let shop = Shop::new();
    let client = shop.client(Gate::Open).with("Idempotency-Key", "k-1");
    let first = client.post("/order/add/dan", &sent()).await;
    for body in [
        sent(),
        with("/cart/0/quantity", json!("2")),
        with("/total", json!(157.52)),
        with("/unknown", json!(1)),
        with("/card/number", json!("4012888888881881")),
    ] {
        pass_time(3_600);
        assert_eq!(client.post("/order/add/dan", &body).await.body, first.body);
    }
    shop.deliver().await;
    let (order, events) = (shop.order().await, shop.events().len());
    assert_eq!(order.status.name(), "success");
    // Once it is settled, nothing is requested anew, and the answer is still the same.
    assert_eq!(client.post("/order/add/dan", &sent()).await.body, first.body);
    assert_eq!((shop.order().await, shop.events().len()), (order, events));
}

#[tokio::test]
async fn another_key_or_user_or_none_is_another_order() {
    let shop = Shop::new();
    let open = shop.client(Gate::Open);
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
async fn another_order_needs_another_key() {
    let shop = Shop::new();
    let client = shop.client(Gate::Open).with("idempotency-key", "k-1");
    placed(&client, &sent()).await;
    for (pointer, value) in [
        ("/firstname", json!("Walter")),
        ("/address/zip", json!("10002")),
        ("/email", Value::Null),
        ("/delivery", json!("USPS")),
        ("/card/number", json!("4111111111111111")),
        ("/card/expYear", json!(2027)),
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
        assert!(message.starts_with("Idempotency-Key: expected a new key"), "{message}");
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
        let answer =
            shop.client(Gate::Open).with("idempotency-key", key).post("/order/add/dan", &sent()).await;
        assert_eq!(answer.status.as_u16(), status, "{key}");
        if status == 400 {
            let message = answer.body["message"].as_str().unwrap();
            assert_eq!(message, "Idempotency-Key: expected 1 to 255 visible ASCII characters");
        }
    }
    assert_eq!(shop.kept().await.len(), 3);
}

#[tokio::test]
async fn a_client_that_got_no_answer_asks_again_and_gets_it() {
    for failures in [1, 2, 5] {
        let shop = Shop::new();
        let client = shop.client(Gate::Open).with("idempotency-key", "k-1");
        shop.bus.kept.fail_next(failures);
        for _ in 0..failures {
            let answer = client.post("/order/add/dan", &sent()).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.headers["retry-after"], "1");
            assert_eq!(answer.body["message"], "temporarily unavailable, please try again");
            assert!(shop.events().is_empty());
        }
        let id = placed(&client, &sent()).await;
        assert_eq!(shop.order().await.id.as_str(), id);
        assert_eq!(shop.events().len(), 1);
        assert_eq!(shop.events()[0]["data"]["orderID"], json!(id));
    }
}

#[tokio::test]
async fn of_many_at_once_one_order_is_kept() {
    for lost in [None, Some(Lost::Request), Some(Lost::Answer)] {
        let shop = Shop::new();
        let client = shop.client(Gate::Open).with("idempotency-key", "k-1");
        if let Some(lost) = lost {
            shop.steps.break_after(0, lost);
        }
        let body = sent();
        let answers = join_all((0..8).map(|_| client.post("/order/add/dan", &body))).await;
        let id = json!(shop.order().await.id);
        let (good, bad): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == StatusCode::OK);
        assert!(good.iter().all(|answer| answer.body["order_id"] == id));
        assert_eq!(bad.len(), usize::from(lost.is_some()));
        assert!(shop.events().iter().all(|event| event["data"]["orderID"] == id));
        shop.deliver().await;
        assert_eq!(shop.order().await.status.name(), "success");
    }
}

/// A key is remembered for a day, and the next version of this program may be asked for it.
#[test]
fn the_fingerprint_of_an_order_does_not_change_with_the_program() {
    let bare = with("/cart", json!([{"id": "bell", "quantity": 1}]));
    for (body, fingerprint) in [
        (sent(), "6d18f312376ba3e9f8069e7e3f5604d7ffee10a7bf2928118c0dbabaa147eb05"),
        (bare, "58f7eddb29b63f26a257695939c207db8d4c9247f188f231570cd6a22d0b0ce7"),
    ] {
        let read: SentOrder = json::from_slice(body.to_string().as_bytes()).unwrap();
        assert_eq!(read.fingerprint(), fingerprint, "{body}");
    }
}
