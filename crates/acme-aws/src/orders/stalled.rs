//! The orders of one shard that stand still, without those that cannot be read.

use acme_common::store::StoreError;
use acme_common::telemetry;
use acme_common::time::rfc3339;
use acme_order::store::{MOST_STALLED, Stalled};
use jiff::Timestamp;

use super::row::{PENDING_KIND, Row};
use crate::error::store_error;
use crate::item::{Item, from_item, s};
use crate::table::{PENDING, SHARDS, Table};

/// What each shard may give to one sweep: a share of its own, so that none has to wait for the others.
const SHARE: usize = MOST_STALLED / SHARDS as usize;

impl Table {
    /// Those of one shard, the longest still first, up to its share.
    pub(super) async fn stalled_in(&self, shard: u32, before: Timestamp) -> Result<Vec<Stalled>, StoreError> {
        let query = self.query().index_name(PENDING);
        let query = query.key_condition_expression("PendingPK = :shard AND PendingSK <= :before");
        let query = query.expression_attribute_values(":shard", s(format!("{PENDING_KIND}#{shard}")));
        let query = query.expression_attribute_values(":before", s(rfc3339(before)));
        let (mut stalled, mut start) = (Vec::new(), None);
        loop {
            let found = query.clone().set_exclusive_start_key(start).send().await.map_err(store_error)?;
            // What cannot be read takes no share: it is found again each time, and would fill it for good.
            stalled.extend(found.items.unwrap_or_default().into_iter().filter_map(readable));
            start = found.last_evaluated_key.filter(|_| stalled.len() < SHARE);
            if start.is_none() {
                stalled.truncate(SHARE);
                return Ok(stalled);
            }
        }
    }
}

/// The order that `item` holds, or a report that it holds none.
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
