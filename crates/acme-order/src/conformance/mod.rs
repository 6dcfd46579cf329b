//! What every store of orders must do. The tests of each store run this suite.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "for tests")]

mod samples;
mod still;

use acme_common::id::{OrderId, UserId};
use acme_common::idempotency::{Answer, Claim, Claimed, IdempotencyKeys, Keyed};
use acme_common::store::{PageRequest, StoreError};
use samples::{at, change, new, order};
use serde_json::json;

use crate::status::Status;
use crate::store::{Change, NewOrder, Orders};

/// Runs the whole suite on an empty store. `keys` holds the store's Idempotency-Keys.
pub async fn check(orders: &dyn Orders, keys: &dyn IdempotencyKeys) {
    an_order_comes_back_as_it_went_in(orders).await;
    an_order_and_the_answer_under_its_key_are_kept_together(orders, keys).await;
    a_status_moves_forward_only(orders).await;
    a_users_orders_come_newest_first(orders).await;
    still::what_stands_still_is_found(orders).await;
    still::what_moved_gets_no_push_though_its_time_is_the_same(orders).await;
    still::what_is_stuck_is_found_less_often(orders).await;
    every_order_is_on_some_page(orders).await;
    still::of_many_that_stand_still_some_are_found_at_once(orders).await;
}

async fn an_order_comes_back_as_it_went_in(orders: &dyn Orders) {
    let order = order(&UserId::random(), 0);
    orders.create(&new(&order)).await.unwrap();
    let page = orders.of_user(&order.userid, &PageRequest::default()).await.unwrap();
    assert_eq!((page.items, page.next), (vec![order], None));
    let none = orders.of_user(&UserId::random(), &PageRequest::default()).await.unwrap();
    assert!(none.items.is_empty());
}

async fn an_order_and_the_answer_under_its_key_are_kept_together(
    orders: &dyn Orders,
    keys: &dyn IdempotencyKeys,
) {
    let user = UserId::random();
    let claim = |body: &[u8]| Claim::new(user.as_str(), "k", "POST", "/order/add", body, at(0));
    let (first, late) = (claim(b"{}"), claim(b"{}"));
    let answer = Answer { status: 200, body: json!({"order_id": "o"}) };
    let keyed = |claim: &Claim| Keyed { claim: claim.clone(), answer: answer.clone() };
    let create = async |claim: &Claim| {
        let (order, keyed) = (order(&user, 0), keyed(claim));
        let kept = orders.create(&NewOrder { keyed: Some(&keyed), ..new(&order) }).await;
        kept.map(|()| order)
    };
    assert!(matches!(create(&first).await, Err(StoreError::KeyTaken)), "nothing was claimed");
    assert_eq!(keys.claim(&first).await.unwrap(), Claimed::New);
    assert!(matches!(create(&late).await, Err(StoreError::KeyTaken)), "another request claimed it");
    let kept = create(&first).await.unwrap();
    assert_eq!(keys.claim(&late).await.unwrap(), Claimed::Answered(answer.clone()));
    assert!(matches!(create(&first).await, Err(StoreError::KeyTaken)), "once only");
    let page = orders.of_user(&user, &PageRequest::default()).await.unwrap();
    assert_eq!(page.items, [kept], "nothing else was kept");
}

async fn a_status_moves_forward_only(orders: &dyn Orders) {
    for stored in Status::ALL {
        for next in Status::ALL {
            let mut order = order(&UserId::random(), 0);
            order.status = stored;
            orders.create(&new(&order)).await.unwrap();
            let change = change(next, 1);
            let advanced = orders.advance(&order.id, &change).await.unwrap().unwrap();
            assert_eq!(advanced.moved, stored.moves_to(next), "{stored:?} to {next:?}");
            if advanced.moved {
                order.status = next;
                order.updated_at = change.at;
                order.transaction_id = change.transaction_id.clone();
                order.tracking_number = change.tracking_number.clone();
            }
            assert_eq!(advanced.order, order);
            let again = orders.advance(&order.id, &change).await.unwrap().unwrap();
            assert!(!again.moved, "a repeated change moves nothing");
            assert_eq!(orders.of_user(&order.userid, &PageRequest::default()).await.unwrap().items, [order]);
        }
    }
    assert_eq!(orders.advance(&OrderId::random(), &change(Status::Success, 1)).await.unwrap(), None);

    // A later change keeps the transaction id of an earlier one.
    let order = order(&UserId::random(), 0);
    orders.create(&new(&order)).await.unwrap();
    let bare =
        |status, seconds| Change { transaction_id: None, tracking_number: None, ..change(status, seconds) };
    let paid = Change { tracking_number: None, ..change(Status::Success, 1) };
    orders.advance(&order.id, &paid).await.unwrap();
    let last = orders.advance(&order.id, &bare(Status::Delivered, 2)).await.unwrap().unwrap().order;
    assert_eq!((last.transaction_id, last.tracking_number), (paid.transaction_id, None));
}

async fn a_users_orders_come_newest_first(orders: &dyn Orders) {
    let user = UserId::random();
    for seconds in [3, 1, 7, 5, 0, 2, 6, 4] {
        orders.create(&new(&order(&user, seconds))).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::first(3);
    loop {
        let got = orders.of_user(&user, &page).await.unwrap();
        assert!(got.items.len() <= 3);
        seen.extend(got.items.into_iter().map(|order| order.created_at));
        match got.next {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen, (0..8).rev().map(at).collect::<Vec<_>>());
    let wrong = PageRequest { cursor: Some("no cursor".into()), ..page };
    assert!(matches!(orders.of_user(&user, &wrong).await, Err(StoreError::BadCursor)));
}

async fn every_order_is_on_some_page(orders: &dyn Orders) {
    let user = UserId::random();
    let mut placed: Vec<_> = (0..25).map(|i| order(&user, i).id).collect();
    for id in &mut placed {
        let order = order(&user, 1);
        orders.create(&new(&order)).await.unwrap();
        *id = order.id;
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::first(10);
    loop {
        let got = orders.all(&page).await.unwrap();
        assert!(got.items.len() <= 10);
        seen.extend(got.items.into_iter().map(|order| order.id));
        match got.next {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    assert!(placed.iter().all(|id| seen.contains(id)));
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all, "no order comes twice");
}
