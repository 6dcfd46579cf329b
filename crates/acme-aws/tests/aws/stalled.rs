//! When some orders cannot be read, the sweep still gets the others.

use acme_common::id::UserId;
use acme_order::Orders;
use acme_order::store::Stillness;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use tokio::runtime;

use crate::samples::{copies, item_of, order, place, put_all};
use crate::table;

/// More than one shard's share of a sweep.
const UNREADABLE: usize = 130;

/// Asserts that the store finds an order behind many orders that stand still for longer, and whose `name` has the bad
/// `value`.
fn check(name: &str, value: AttributeValue) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reported = sentry::test::with_captured_events(|| {
        runtime.block_on(async {
            let (table, order) = (table().await, order(&UserId::random()));
            place(&table, &order).await;
            let mut bad = item_of(&table, "ORDER").await;
            bad.insert("PendingSK".into(), AttributeValue::S("2000-01-01T00:00:00.000Z".into()));
            bad.insert(name.into(), value);
            put_all(&table, copies(&bad, UNREADABLE, "ORDER")).await;
            let stillness = Stillness { now: order.created_at, after: SignedDuration::ZERO };
            let found = table.stalled(&stillness).await.unwrap();
            assert_eq!(found.into_iter().map(|stalled| stalled.id).collect::<Vec<_>>(), [order.id], "{name}");
        })
    });
    assert_eq!(reported.len(), UNREADABLE, "{name}");
    let text = format!("{:?}", reported[0].exception);
    assert!(text.contains("holds bad data"), "{text}");
}

#[test]
fn one_that_cannot_be_read_is_reported_and_holds_up_no_other() {
    check("status", AttributeValue::S("lost in space".into()));
    check("totalCents", AttributeValue::S("much".into()));
    check("PendingSK", AttributeValue::S("2".into()));
}
