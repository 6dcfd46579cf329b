//! What every store of carts must do. The tests of each store run this suite.

#![allow(clippy::unwrap_used, missing_docs, reason = "for tests")]

use acme_common::catalog::MAX_QUANTITY;
use acme_common::id::{ProductId, UserId};
use acme_common::idempotency::conformance::unclaimed;
use acme_common::money::Money;
use acme_common::store::{PageRequest, StoreError};

use crate::cart::CartItem;
use crate::store::{AddError, Carts};

/// Runs the whole suite on an empty store.
pub async fn check(carts: &dyn Carts) {
    first_item_makes_the_cart(carts).await;
    adds_count_together(carts).await;
    an_add_whose_key_is_taken_does_not_count(carts).await;
    quantities(carts).await;
    replacing_and_clearing(carts).await;
    every_cart_is_on_some_page(carts).await;
}

async fn first_item_makes_the_cart(carts: &dyn Carts) {
    let user = UserId::random();
    assert!(carts.get(&user).await.unwrap().cart.is_empty());
    carts.add(&user, item("b", 2, 100), None).await.unwrap();
    carts.add(&user, item("a", 1, 7_376), None).await.unwrap();
    let cart = carts.get(&user).await.unwrap();
    assert_eq!(cart.userid, user);
    assert_eq!(cart.cart, [item("a", 1, 7_376), item("b", 2, 100)]);
}

async fn an_add_whose_key_is_taken_does_not_count(carts: &dyn Carts) {
    let user = UserId::random();
    let added = carts.add(&user, item("a", 1, 100), Some(&unclaimed())).await;
    assert!(matches!(added, Err(AddError::Store(StoreError::KeyTaken))), "{added:?}");
    assert!(carts.get(&user).await.unwrap().cart.is_empty());
}

async fn adds_count_together(carts: &dyn Carts) {
    let user = UserId::random();
    let add = || carts.add(&user, item("a", 1, 100), None);
    for added in futures_util::future::join_all((0..20).map(|_| add())).await {
        added.unwrap();
    }
    carts.add(&user, item("a", 2, 150), None).await.unwrap();
    assert_eq!(carts.get(&user).await.unwrap().cart, [item("a", 22, 150)]);

    let rest = MAX_QUANTITY - 22;
    for too_many in [item("a", rest + 1, 150), item("b", MAX_QUANTITY + 1, 150)] {
        assert!(matches!(carts.add(&user, too_many, None).await, Err(AddError::TooMany)));
    }
    carts.add(&user, item("a", rest, 150), None).await.unwrap();
    assert_eq!(carts.get(&user).await.unwrap().pieces(), u64::from(MAX_QUANTITY));
}

async fn quantities(carts: &dyn Carts) {
    let (user, a) = (UserId::random(), id("a"));
    assert!(!carts.set_quantity(&user, &a, 3).await.unwrap(), "there is no cart yet");
    carts.add(&user, item("a", 1, 100), None).await.unwrap();
    assert!(carts.set_quantity(&user, &a, 3).await.unwrap());
    assert!(!carts.set_quantity(&user, &id("b"), 3).await.unwrap());
    assert_eq!(carts.get(&user).await.unwrap().cart, [item("a", 3, 100)]);
    assert!(carts.set_quantity(&user, &a, 0).await.unwrap());
    assert!(!carts.set_quantity(&user, &a, 0).await.unwrap(), "it is gone");
    assert!(carts.get(&user).await.unwrap().cart.is_empty());
}

async fn replacing_and_clearing(carts: &dyn Carts) {
    let user = UserId::random();
    let full: Vec<_> = (100..200).map(|i| item(&i.to_string(), 1, i)).collect();
    carts.replace(&user, full.clone()).await.unwrap();
    assert_eq!(carts.get(&user).await.unwrap().cart, full);
    let other: Vec<_> = (150..250).map(|i| item(&i.to_string(), 2, i)).collect();
    carts.replace(&user, other.clone()).await.unwrap();
    assert_eq!(carts.get(&user).await.unwrap().cart, other);
    carts.replace(&user, Vec::new()).await.unwrap();
    assert!(carts.get(&user).await.unwrap().cart.is_empty(), "a cleared cart can be read");
}

async fn every_cart_is_on_some_page(carts: &dyn Carts) {
    let mut users: Vec<_> = (0..25).map(|_| UserId::random()).collect();
    for user in &users {
        carts.replace(user, vec![item("a", 1, 100), item("b", 2, 100)]).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::first(10);
    loop {
        let got = carts.all(&page).await.unwrap();
        assert!(got.items.len() <= 10);
        assert!(got.items.iter().all(|cart| !cart.cart.is_empty()));
        seen.extend(got.items);
        match got.next {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    let whole = |user: &UserId| seen.iter().any(|cart| cart.userid == *user && cart.cart.len() == 2);
    users.retain(|user| !whole(user));
    assert!(users.is_empty(), "missing or cut: {users:?}");
    let mut ids: Vec<_> = seen.iter().map(|cart| &cart.userid).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), seen.len(), "no cart comes twice");
    let wrong = PageRequest { cursor: Some("no cursor".into()), ..page };
    assert!(matches!(carts.all(&wrong).await, Err(acme_common::store::StoreError::BadCursor)));
}

fn id(text: &str) -> ProductId {
    ProductId::parse(text).unwrap()
}

fn item(id_text: &str, quantity: u32, cents: i64) -> CartItem {
    CartItem {
        itemid: id(id_text),
        name: format!("name of {id_text}"),
        description: String::new(),
        price: Money::from_cents(cents),
        quantity,
    }
}
