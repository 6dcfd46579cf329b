//! What every store of orders must do; each implementation's tests run it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "for tests")]

use acme_common::card::{CardSummary, SealedCard};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::money::Money;
use acme_common::store::{PageRequest, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::order::{Address, Line, Order};
use crate::status::Status;
use crate::store::{Change, Created, IdempotencyKey, KEY_SECONDS, MOST_STALLED, Orders};

/// Runs the whole suite on an empty store.
pub async fn check(orders: &dyn Orders) {
    an_order_comes_back_as_it_went_in(orders).await;
    keys_are_remembered(orders).await;
    keys_are_forgotten(orders).await;
    of_many_at_once_one_is_kept(orders).await;
    a_status_moves_forward_only(orders).await;
    a_users_orders_come_newest_first(orders).await;
    what_stands_still_is_found(orders).await;
    every_order_is_on_some_page(orders).await;
    of_many_that_stand_still_some_are_found_at_once(orders).await;
}

async fn an_order_comes_back_as_it_went_in(orders: &dyn Orders) {
    let order = order(&UserId::random(), 0);
    assert_eq!(orders.create(&order, None).await.unwrap(), Created::New);
    let page = orders.of_user(&order.userid, &PageRequest::default()).await.unwrap();
    assert_eq!((page.items, page.next), (vec![order], None));
    let none = orders.of_user(&UserId::random(), &PageRequest::default()).await.unwrap();
    assert!(none.items.is_empty());
}

async fn keys_are_remembered(orders: &dyn Orders) {
    let (dan, eve) = (UserId::random(), UserId::random());
    let key = |fingerprint: &str| IdempotencyKey { key: "k".into(), fingerprint: fingerprint.into() };
    let first = order(&dan, 0);
    assert_eq!(orders.create(&first, Some(&key("a"))).await.unwrap(), Created::New);
    let again = orders.create(&order(&dan, 1), Some(&key("a"))).await.unwrap();
    assert_eq!(again, Created::Before(Box::new(first.clone())));
    assert_eq!(orders.create(&order(&dan, 2), Some(&key("b"))).await.unwrap(), Created::KeyReused);
    assert_eq!(
        orders.create(&order(&eve, 3), Some(&key("b"))).await.unwrap(),
        Created::New,
        "another user's key"
    );
    let kept = orders.of_user(&dan, &PageRequest::default()).await.unwrap();
    assert_eq!(kept.items, [first], "nothing else was kept");
}

async fn keys_are_forgotten(orders: &dyn Orders) {
    let dan = UserId::random();
    let mut last = None;
    for (seconds, fingerprint, new) in [
        (0, "a", true),
        (KEY_SECONDS, "a", false),
        (KEY_SECONDS + 1, "b", true),
        (2 * KEY_SECONDS + 1, "b", false),
        (2 * KEY_SECONDS + 2, "b", true),
    ] {
        let key = IdempotencyKey { key: "k".into(), fingerprint: fingerprint.into() };
        let order = order(&dan, seconds);
        let created = orders.create(&order, Some(&key)).await.unwrap();
        let before = last.clone().map(|last| Created::Before(Box::new(last)));
        assert_eq!(created, before.filter(|_| !new).unwrap_or(Created::New), "{seconds}");
        last = if new { Some(order) } else { last };
    }
}

async fn of_many_at_once_one_is_kept(orders: &dyn Orders) {
    let user = UserId::random();
    let key = IdempotencyKey { key: "k".into(), fingerprint: "f".into() };
    let tries: Vec<_> = (0..8).map(|i| order(&user, i)).collect();
    let done =
        futures_util::future::join_all(tries.iter().map(|order| orders.create(order, Some(&key)))).await;
    let done: Vec<_> = done.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().filter(|created| **created == Created::New).count(), 1);
    let kept = orders.of_user(&user, &PageRequest::default()).await.unwrap().items;
    let [kept] = &kept[..] else { panic!("{} orders are kept", kept.len()) };
    let before = |created: &Created| matches!(created, Created::Before(order) if **order == *kept);
    assert!(done.iter().all(|created| *created == Created::New || before(created)));
}

async fn a_status_moves_forward_only(orders: &dyn Orders) {
    for stored in Status::ALL {
        for next in Status::ALL {
            let mut order = order(&UserId::random(), 0);
            order.status = stored;
            orders.create(&order, None).await.unwrap();
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

    // What an earlier step brought stays.
    let order = order(&UserId::random(), 0);
    orders.create(&order, None).await.unwrap();
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
        orders.create(&order(&user, seconds), None).await.unwrap();
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

async fn what_stands_still_is_found(orders: &dyn Orders) {
    let user = UserId::random();
    let (requested, never, shipped, done) =
        (order(&user, 10), order(&user, 10), order(&user, 10), order(&user, 10));
    for order in [&requested, &never, &shipped, &done] {
        orders.create(order, None).await.unwrap();
    }
    orders.payment_requested(&requested.id, &card(), at(15)).await.unwrap();
    orders.payment_requested(&shipped.id, &card(), at(15)).await.unwrap();
    orders.advance(&shipped.id, &change(Status::Shipped, 20)).await.unwrap();
    orders.advance(&done.id, &change(Status::Delivered, 20)).await.unwrap();
    orders.payment_requested(&shipped.id, &card(), at(25)).await.unwrap();

    let find = async |before| {
        let ours = [&requested, &never, &shipped, &done].map(|order| &order.id);
        let mut found = orders.stalled(before).await.unwrap();
        found.retain(|stalled| ours.contains(&&stalled.id));
        found.sort_by_key(|stalled| ours.iter().position(|id| **id == stalled.id));
        found
    };
    for nothing in [Timestamp::MIN, at(9)] {
        assert!(find(nothing).await.is_empty(), "{nothing}");
    }
    for (before, ids) in [(10, vec![&never.id]), (14, vec![&never.id]), (15, vec![&requested.id, &never.id])]
    {
        let found = find(at(before)).await;
        assert_eq!(found.iter().map(|stalled| &stalled.id).collect::<Vec<_>>(), ids, "{before}");
    }
    let found = find(at(15)).await;
    assert_eq!((found[0].card.clone(), found[1].card.clone()), (Some(card()), None));
    assert_eq!((found[0].since, found[0].total), (at(15), requested.total));
    let found = find(at(30)).await;
    assert_eq!(found.len(), 3, "what is delivered does not stand still");
    assert_eq!(
        (found[2].status, found[2].since, &found[2].card),
        (Status::Shipped, at(20), &None),
        "the card is gone"
    );

    assert!(orders.pushed(&found[0], at(40)).await.unwrap());
    assert!(!orders.pushed(&found[0], at(41)).await.unwrap(), "it was pushed meanwhile");
    orders.advance(&never.id, &change(Status::Error, 40)).await.unwrap();
    assert!(!orders.pushed(&found[1], at(41)).await.unwrap(), "it moved meanwhile");
    let ids: Vec<_> = find(at(39)).await.into_iter().map(|stalled| stalled.id).collect();
    assert_eq!(ids, std::slice::from_ref(&shipped.id));
}

async fn every_order_is_on_some_page(orders: &dyn Orders) {
    let user = UserId::random();
    let mut placed: Vec<_> = (0..25).map(|i| order(&user, i).id).collect();
    for id in &mut placed {
        let order = order(&user, 1);
        orders.create(&order, None).await.unwrap();
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

async fn of_many_that_stand_still_some_are_found_at_once(orders: &dyn Orders) {
    let user = UserId::random();
    let mut ids = Vec::new();
    for _ in 0..=MOST_STALLED {
        let order = order(&user, 10);
        orders.create(&order, None).await.unwrap();
        ids.push(order.id);
    }
    let mut found = Vec::new();
    loop {
        let stalled = orders.stalled(at(100)).await.unwrap();
        assert!(stalled.len() <= MOST_STALLED, "{} at once", stalled.len());
        if stalled.is_empty() {
            break;
        }
        for stalled in stalled {
            assert!(orders.pushed(&stalled, at(200)).await.unwrap());
            found.push(stalled.id);
        }
    }
    ids.retain(|id| !found.contains(id));
    assert!(ids.is_empty(), "never found: {ids:?}");
}

fn at(seconds: i64) -> Timestamp {
    "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn change(status: Status, seconds: i64) -> Change {
    Change {
        status,
        transaction_id: Some("t-1".into()),
        tracking_number: Some("n-1".into()),
        at: at(seconds),
    }
}

fn card() -> SealedCard {
    let summary = CardSummary { brand: "Visa".into(), last4: "1111".into(), exp_month: 1, exp_year: 2030 };
    SealedCard { summary, sealed: "c2VhbGVk".into() }
}

fn order(user: &UserId, seconds: i64) -> Order {
    let line = Line {
        id: ProductId::parse("p-1").unwrap(),
        name: "Kettle bell".into(),
        description: "16 kg".into(),
        quantity: 2,
        price: Money::from_cents(3_499),
    };
    Order {
        id: OrderId::random(),
        status: Status::PendingPayment,
        userid: user.clone(),
        firstname: "Elaine".into(),
        lastname: "B".into(),
        address: Address { street: "1 Main".into(), city: "NY".into(), ..Address::default() },
        email: "elaine@example.com".into(),
        delivery: "UPS/FEDEX".into(),
        card: card().summary,
        cart: vec![line],
        total: Money::from_cents(6_998),
        created_at: at(seconds),
        updated_at: at(seconds),
        tracking_number: None,
        transaction_id: None,
    }
}
