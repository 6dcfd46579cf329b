//! Orders on DynamoDB: one item holds an order's whole state, and its status moves by conditional updates only.

mod row;
mod stalled;

use acme_common::card::SealedCard;
use acme_common::id::{OrderId, UserId};
use acme_common::store::{Page, PageRequest, StoreError};
use acme_common::time::rfc3339;
use acme_order::Order;
use acme_order::status::Status;
use acme_order::store::{Advanced, Change, Created, IdempotencyKey, KEY_SECONDS, Orders, Stalled};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{conditional, store_error};
use crate::item::{Item, corrupt, from_item, n, s, to_item};
use crate::table::{ORDERS_BY_USER, SHARDS, Table};
use crate::weight::{MAX_WEIGHT, weight};
use row::{CardRow, KIND, Row, SK, pk};

/// The sort key of an Idempotency-Key's item.
const KEY_SK: &str = "IDEMPOTENCY";

/// What is remembered of an Idempotency-Key: `IDEMPOTENCY#<length of user>#<user>#<key>`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyRow {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    fingerprint: String,
    order_id: String,
    expires_at: i64,
}

#[async_trait]
impl Orders for Table {
    async fn create(&self, order: &Order, key: Option<&IdempotencyKey>) -> Result<Created, StoreError> {
        let new = Put::builder().table_name(&self.name).set_item(Some(to_item(&Row::new(order))?));
        let mut writes = vec![self.put_if(new, "attribute_not_exists(PK)")?];
        let Some(IdempotencyKey { key, fingerprint }) = key else {
            return match self.transact(writes).await? {
                None => Ok(Created::New),
                Some(_) => Err(StoreError::rejected("an order of this id exists already")),
            };
        };
        let now = order.created_at.as_second();
        let key = KeyRow {
            // With the length of the user's id, which may hold a # itself: no two users share a key.
            pk: format!("IDEMPOTENCY#{}#{}#{key}", order.userid.as_str().len(), order.userid),
            sk: KEY_SK.to_owned(),
            fingerprint: fingerprint.clone(),
            order_id: order.id.to_string(),
            expires_at: now + KEY_SECONDS,
        };
        let remember = Put::builder().table_name(&self.name).set_item(Some(to_item(&key)?));
        // DynamoDB may take days to delete what has expired.
        let remember = remember.expression_attribute_values(":now", n(now));
        writes.push(self.put_if(remember, "attribute_not_exists(PK) OR expiresAt < :now")?);
        match self.transact(writes).await? {
            None => Ok(Created::New),
            Some(0) => Err(StoreError::rejected("an order of this id exists already")),
            Some(_) => self.before(key.pk, fingerprint).await,
        }
    }

    async fn payment_requested(
        &self,
        id: &OrderId,
        card: &SealedCard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let card = serde_dynamo::to_attribute_value(CardRow::sealed(card)).map_err(StoreError::rejected)?;
        let update = self.client.update_item().table_name(&self.name).key("PK", s(pk(id))).key("SK", s(SK));
        let update = update
            .update_expression("SET sealedCard = :card, PendingSK = :now")
            .condition_expression("#rank = :pending")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":pending", n(Status::PendingPayment.rank()))
            .expression_attribute_values(":card", card)
            .expression_attribute_values(":now", s(rfc3339(now)));
        conditional(update.send().await).map(|_| ())
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        let status = change.status;
        let mut set = "SET #status = :status, #rank = :rank, updatedAt = :at".to_owned();
        let mut remove = " REMOVE sealedCard".to_owned();
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
        let (item, moved) = match conditional(update.send().await)? {
            Some(updated) => (updated.attributes, true),
            None => (self.item((pk(id), SK)).await?, false),
        };
        item.map(|item| Ok(Advanced { order: order(item)?, moved })).transpose()
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
        let mut weighed = 0;
        // One request, unless the orders are large: then as many as it takes.
        loop {
            let found = query.clone().set_exclusive_start_key(start).send().await.map_err(store_error)?;
            for item in found.items.unwrap_or_default() {
                weighed += weight(&item);
                if orders.len() == page.limit || (!orders.is_empty() && weighed > MAX_WEIGHT) {
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

    async fn stalled(&self, before: Timestamp) -> Result<Vec<Stalled>, StoreError> {
        let mut stalled = Vec::new();
        for shard in 0..SHARDS {
            stalled.extend(self.stalled_in(shard, before).await?);
        }
        Ok(stalled)
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        let key = pk(&stalled.id);
        let update = self.client.update_item().table_name(&self.name).key("PK", s(key)).key("SK", s(SK));
        let update = update
            .update_expression("SET PendingSK = :now")
            .condition_expression("PendingSK = :since AND #rank = :rank")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":now", s(rfc3339(now)))
            .expression_attribute_values(":since", s(rfc3339(stalled.since)))
            .expression_attribute_values(":rank", n(stalled.status.rank()));
        Ok(conditional(update.send().await)?.is_some())
    }
}

impl Table {
    /// The order for which the Idempotency-Key was used before.
    async fn before(&self, key: String, fingerprint: &str) -> Result<Created, StoreError> {
        let key: KeyRow = from_item(self.item((key, KEY_SK)).await?.ok_or_else(|| corrupt("key"))?)?;
        if key.fingerprint != fingerprint {
            return Ok(Created::KeyReused);
        }
        let id = OrderId::parse(&key.order_id).ok_or_else(|| corrupt("orderId"))?;
        let item = self.item((pk(&id), SK)).await?.ok_or_else(|| corrupt("order for its key"))?;
        Ok(Created::Before(Box::new(order(item)?)))
    }

    fn put_if(
        &self,
        put: aws_sdk_dynamodb::types::builders::PutBuilder,
        condition: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = put.condition_expression(condition).build().map_err(StoreError::rejected)?;
        Ok(TransactWriteItem::builder().put(put).build())
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
