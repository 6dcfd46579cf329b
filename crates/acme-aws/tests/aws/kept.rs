//! What the table contains of an order and of an Idempotency-Key: the card until the payment is settled, and no secret.

use acme_common::id::UserId;
use acme_common::idempotency::{Answer, Claim, IdempotencyKeys, Keyed};
use acme_common::store::StoreError;
use acme_order::store::{Change, Orders};
use acme_order::{Order, Status};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::json;

use crate::samples::{Item, items, order, place, place_with};
use crate::table;

fn kinds(items: &[Item]) -> Vec<&str> {
    let mut kinds: Vec<_> = items.iter().map(|item| item["SK"].as_s().unwrap().as_str()).collect();
    kinds.sort_unstable();
    kinds
}

#[tokio::test]
async fn a_card_is_there_until_its_payment_is_settled_and_no_longer_than_a_week() {
    for (moves, kept) in [
        (vec![], true),
        (vec![Status::Success], false),
        (vec![Status::Error], false),
        // The event of the shipment came first. The card stays until the event of the payment comes.
        (vec![Status::Shipped], true),
        (vec![Status::Shipped, Status::Success], false),
    ] {
        let (table, order) = (table().await, order(&UserId::random()));
        place(&table, &order).await;
        for status in &moves {
            let at = Timestamp::now();
            let change = Change { status: *status, transaction_id: None, tracking_number: None, at };
            table.advance(&order.id, &change).await.unwrap().unwrap();
        }
        let items = items(&table).await;
        assert_eq!(kinds(&items), if kept { vec!["ORDER", "REQUEST"] } else { vec!["ORDER"] }, "{moves:?}");
        let week = order.created_at.as_second() + 7 * 24 * 60 * 60;
        for item in items {
            let expires = item.get("expiresAt").map(|at| at.as_n().unwrap().clone());
            assert_eq!(expires, (item["SK"].as_s().unwrap() == "REQUEST").then(|| week.to_string()));
        }
    }
}

#[tokio::test]
async fn a_key_is_kept_as_a_hash_beside_its_answer() {
    let (table, user) = (table().await, UserId::random());
    // The values are so long that they occur nowhere by chance. The item contains random hexadecimal digits.
    let (secret, cvv) = ("4111111111111111", "84726193");
    let body = format!(r#"{{"card":{{"number":"{secret}","cvv":"{cvv}"}}}}"#);
    let claim =
        Claim::new(user.as_str(), secret, "POST", "/order/add/dan", body.as_bytes(), Timestamp::now());
    table.claim(&claim).await.unwrap();
    let answer = Answer { status: 200, body: json!({"order_id": "o-1"}) };
    let keyed = Keyed { claim: claim.clone(), answer };
    place_with(&table, &order(&user), Some(&keyed)).await.unwrap();
    let items = items(&table).await;
    assert_eq!(kinds(&items), ["IDEMPOTENCY", "ORDER", "REQUEST"]);
    let key = items.iter().find(|item| item["SK"].as_s().unwrap() == "IDEMPOTENCY").unwrap();
    let names =
        ["PK", "SK", "fingerprint", "claimant", "claimedUntil", "answerStatus", "answerBody", "expiresAt"];
    assert_eq!(key.len(), names.len());
    assert!(names.iter().all(|name| key.contains_key(*name)));
    assert_eq!(key["answerBody"], AttributeValue::S(r#"{"order_id":"o-1"}"#.into()));
    let text = format!("{items:?}");
    assert!(!text.contains(secret) && !text.contains(cvv), "{text}");
}

#[tokio::test]
async fn an_id_is_used_once() {
    let (table, order) = (table().await, order(&UserId::random()));
    place(&table, &order).await;
    let kept = items(&table).await;
    let again = Order { delivery: "another".into(), ..order };
    let refused = place_with(&table, &again, None).await;
    assert!(matches!(refused, Err(StoreError::Rejected(_))), "{refused:?}");
    assert_eq!(items(&table).await, kept);
}
