//! No partition key holds a whole kind, neither in the table nor in an index.

use std::collections::BTreeSet;

use acme_cart::Carts;
use acme_catalog::Products;
use acme_common::id::UserId;
use acme_user::Users;

use crate::samples::{Item, credentials, item, items, order, place, product};
use crate::table;

/// The number of items of each kind. It is so large that no shard stays empty by chance.
const MANY: usize = 200;

/// Asserts that the items whose key begins with `kind` have `expected` different values of `name`.
#[track_caller]
fn check(items: &[Item], kind: &str, name: &str, expected: usize) {
    let ours = items.iter().filter(|item| item["PK"].as_s().unwrap().starts_with(kind));
    // The item of an order's card is in no index.
    let values: BTreeSet<_> = ours.filter_map(|item| item.get(name)?.as_s().ok()).collect();
    assert_eq!(values.len(), expected, "{kind} by {name}: {values:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_spread_over_all_shards() {
    let table = table().await;
    for i in 0..MANY {
        let user = UserId::random();
        Carts::add(&table, &user, item("bell", 1), None).await.unwrap();
        place(&table, &order(&user)).await;
        Products::add(&table, product(), None).await.unwrap();
        Users::register(&table, credentials(&format!("user-{i}")), None).await.unwrap();
    }
    let items = items(&table).await;
    for kind in ["CART#", "ORDER#", "PRODUCT#", "USER#"] {
        check(&items, kind, "PK", MANY);
        check(&items, kind, "ListPK", 8);
    }
    check(&items, "LOGIN#", "PK", MANY);
    check(&items, "ORDER#", "OwnerPK", MANY);
    check(&items, "ORDER#", "PendingPK", 8);
}
