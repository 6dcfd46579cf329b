//! Orders on DynamoDB. One item holds the whole state of an order. Only conditional updates change its status.

mod row;
mod stalled;

use acme_common::id::{OrderId, UserId};
use acme_common::store::{Page, PageRequest, StoreError};
use acme_common::time::rfc3339;
use acme_order::Order;
use acme_order::store::{Advanced, CARD_SECONDS, Change, NewOrder, Orders, Stalled, Stillness};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use crate::error::{conditional, store_error, write_error};
use crate::item::{Item, from_item, n, s, to_item};
use crate::response_size::{MAX_PAGE_BYTES, response_size};
use crate::table::{ORDERS_BY_USER, SHARDS, Table};
use row::{KIND, REQUEST_SK, RequestRow, Row, SK, pk};

#[async_trait]
impl Orders for Table {
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError> {
        let NewOrder { order, card, trace, keyed } = new;
        let expires_at = order.created_at.as_second().saturating_add(CARD_SECONDS);
        let rows =
            [to_item(&Row::new(order, trace))?, to_item(&RequestRow::new(&order.id, card, expires_at))?];
        let put = |row| {
            let put = Put::builder().table_name(&self.name).set_item(Some(row));
            let put = put.condition_expression("attribute_not_exists(PK)").build();
            Ok(TransactWriteItem::builder().put(put.map_err(StoreError::rejected)?).build())
        };
        let writes = rows.into_iter().map(put).collect::<Result<_, StoreError>>()?;
        match self.transact_keyed(writes, *keyed).await? {
            None => Ok(()),
            Some(_) => Err(StoreError::rejected("an order of this id exists already")),
        }
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        let status = change.status;
        let mut set = "SET #status = :status, #rank = :rank, updatedAt = :at".to_owned();
        let mut remove = " REMOVE pushes, pushedAt".to_owned();
        let mut update =
            self.client.update_item().table_name(&self.name).key("PK", s(pk(id))).key("SK", s(SK));
        for (name, placeholder, value) in [
            ("transactionId", ":transaction", &change.transaction_id),
            ("trackingNumber", ":tracking", &change.tracking_number),
        ] {
            if let Some(value) = value {
                set.push_str(&format!(", {name} = {placeholder}"));
                update = update.expression_attribute_values(placeholder, s(value));
            }
        }
        if status.is_final() {
            remove.push_str(", PendingPK, PendingSK");
        } else {
            set.push_str(", PendingSK = :at");
        }
        let update = update
            .update_expression(set + &remove)
            .condition_expression("#rank < :below")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", s(status.name()))
            .expression_attribute_values(":rank", n(status.rank()))
            .expression_attribute_values(":below", n(status.reached_from_below()))
            .expression_attribute_values(":at", s(rfc3339(change.at)))
            .return_values(ReturnValue::AllNew);
        // The card is deleted before the order moves. After a crash between the two, the order stands still, and the
        // sweep asks again how its payment ended. No card is needed for that. The other way round, nobody would look
        // after an order that is over, and its card would stay.
        if status.has_payment_outcome() {
            let delete = self.client.delete_item().table_name(&self.name);
            let delete = delete.key("PK", s(pk(id))).key("SK", s(REQUEST_SK));
            delete.send().await.map_err(write_error)?;
        }
        let (item, moved) = match conditional(update.send().await)? {
            Some(updated) => (updated.attributes, true),
            None => (self.item((pk(id), SK)).await?, false),
        };
        let Some(item) = item else { return Ok(None) };
        Ok(Some(Advanced { order: order(item)?, moved }))
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let limit = i32::try_from(page.limit + 1).unwrap_or(i32::MAX);
        let query = self.query().index_name(ORDERS_BY_USER).scan_index_forward(false).limit(limit);
        let query = query.expression_attribute_values(":user", s(row::owner_pk(user)));
        let query = match &page.cursor {
            None => query.key_condition_expression("OwnerPK = :user"),
            Some(cursor) => query
                .key_condition_expression("OwnerPK = :user AND OwnerSK < :before")
                .expression_attribute_values(":before", s(decoded(cursor)?)),
        };
        let (mut orders, mut last, mut start) = (Vec::new(), String::new(), None);
        let mut bytes = 0;
        // This is one request, unless the orders are so large that they need more.
        loop {
            let found = query.clone().set_exclusive_start_key(start).send().await.map_err(store_error)?;
            for item in found.items.unwrap_or_default() {
                bytes += response_size(&item);
                if orders.len() == page.limit || (!orders.is_empty() && bytes > MAX_PAGE_BYTES) {
                    return Ok(Page { items: orders, next: Some(URL_SAFE_NO_PAD.encode(last)) });
                }
                let row: Row = from_item(item)?;
                last.clone_from(&row.owner_sk);
                orders.push(row.into_order()?);
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(Page { items: orders, next: None });
            }
        }
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let Page { items, next } = self.list(KIND, page).await?;
        Ok(Page { items: items.into_iter().flatten().map(order).collect::<Result<_, _>>()?, next })
    }

    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError> {
        let mut stalled = Vec::new();
        for shard in 0..SHARDS {
            stalled.extend(self.stalled_in(shard, stillness).await?);
        }
        self.with_cards(&mut stalled).await?;
        Ok(stalled)
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        let key = pk(&stalled.id);
        let update = self.client.update_item().table_name(&self.name).key("PK", s(key)).key("SK", s(SK));
        let update = update
            .update_expression("SET PendingSK = :now, pushedAt = :now ADD pushes :one")
            .condition_expression("PendingSK = :touched AND #rank = :rank")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":now", s(rfc3339(now)))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":touched", s(rfc3339(stalled.touched)))
            .expression_attribute_values(":rank", n(stalled.status.rank()));
        Ok(conditional(update.send().await)?.is_some())
    }
}

fn order(item: Item) -> Result<Order, StoreError> {
    from_item::<Row>(item)?.into_order()
}

fn decoded(cursor: &str) -> Result<String, StoreError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::BadCursor)?;
    String::from_utf8(bytes)
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= 1024)
        .ok_or(StoreError::BadCursor)
}
