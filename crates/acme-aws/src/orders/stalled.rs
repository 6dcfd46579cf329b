//! Finds the orders of one shard that stand still. It leaves out orders that cannot be read.

use std::collections::HashMap;

use acme_common::store::StoreError;
use acme_common::telemetry;
use acme_common::time::rfc3339;
use acme_order::store::{MOST_STALLED, STUCK_AFTER, Stalled, Stillness};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use super::row::{PENDING_KIND, REQUEST_SK, RequestRow, Row, pk};
use crate::error::store_error;
use crate::item::{Item, from_item, n, s};
use crate::table::{PENDING, SHARDS, Table};

/// The most orders that one shard gives to a sweep. Each shard has its own share, so no shard waits for the others.
const SHARE: usize = MOST_STALLED / SHARDS as usize;

impl Table {
    /// The orders of one shard, up to its share: first orders that were touched too long ago, then orders with an
    /// impossible time.
    pub(super) async fn stalled_in(
        &self,
        shard: u32,
        stillness: &Stillness,
    ) -> Result<Vec<Stalled>, StoreError> {
        let shard = s(format!("{PENDING_KIND}#{shard}"));
        let query = self.query().index_name(PENDING).expression_attribute_values(":shard", shard);
        let old = query.clone().key_condition_expression("PendingPK = :shard AND PendingSK <= :before");
        let old = old
            .filter_expression("attribute_not_exists(pushes) OR pushes < :stuck OR pushedAt <= :stuckBefore")
            .expression_attribute_values(":before", s(rfc3339(stillness.before())))
            .expression_attribute_values(":stuck", n(STUCK_AFTER))
            .expression_attribute_values(":stuckBefore", s(rfc3339(stillness.stuck_before())));
        let ahead = query.key_condition_expression("PendingPK = :shard AND PendingSK > :future");
        let ahead = ahead.expression_attribute_values(":future", s(rfc3339(stillness.future())));
        let mut stalled = Vec::new();
        for query in [old, ahead] {
            self.readable(query, &mut stalled).await?;
        }
        stalled.truncate(SHARE);
        Ok(stalled)
    }

    /// Adds the readable orders that `query` finds, until the share is full.
    async fn readable(
        &self,
        query: QueryFluentBuilder,
        stalled: &mut Vec<Stalled>,
    ) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let found = query.clone().set_exclusive_start_key(start).send().await.map_err(store_error)?;
            // An order that cannot be read takes no place in the share. Each sweep finds it again, so it would keep its
            // place for ever.
            stalled.extend(found.items.unwrap_or_default().into_iter().filter_map(readable));
            start = found.last_evaluated_key.filter(|_| stalled.len() < SHARE);
            if start.is_none() {
                return Ok(());
            }
        }
    }

    /// Adds the cards of the orders whose payment is pending.
    pub(super) async fn with_cards(&self, stalled: &mut [Stalled]) -> Result<(), StoreError> {
        let pending = stalled.iter().filter(|stalled| stalled.card.is_some());
        let keys: Vec<Item> = pending
            .map(|stalled| Item::from([("PK".into(), s(pk(&stalled.id))), ("SK".into(), s(REQUEST_SK))]))
            .collect();
        let mut cards = HashMap::new();
        for item in self.items(keys).await? {
            cards.extend(from_item::<RequestRow>(item)?.into_card());
        }
        for stalled in stalled {
            if let Some(card) = cards.remove(&stalled.id) {
                stalled.card = Some(card);
            }
        }
        Ok(())
    }
}

/// The order in `item`. Reports an item that cannot be read.
fn readable(item: Item) -> Option<Stalled> {
    let key = item.get("PK").and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
    let read = from_item::<Row>(item).and_then(Row::into_stalled);
    read.inspect_err(|error| {
        let cause = telemetry::chain(error);
        tracing::error!(key, cause, "{key} stands still and cannot be read: {cause}");
        telemetry::capture_error(error);
    })
    .ok()
}
