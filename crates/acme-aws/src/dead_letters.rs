//! Dead letters on DynamoDB, for the shop in one process: `DEADLETTER#<message>`. They are kept for 14 days, as on SQS.

use acme_common::id::OrderId;
use acme_common::messaging::{DeadLetter, DeadLetters, PublishError};
use acme_common::store::{Page, PageRequest, StoreError};
use acme_common::time::rfc3339;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::store_error;
use crate::item::{Item, corrupt, from_item, s, to_item};
use crate::table::{Table, shard};

/// The sort key of a dead letter's item.
const SK: &str = "DEADLETTER";
/// The kind of dead letters in the index `list`.
const KIND: &str = "DEADLETTERS";
/// How long a dead letter is kept, in seconds.
const KEPT_SECONDS: i64 = 14 * 24 * 3600;

/// Selects dead letters. The default selects all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterFilter {
    /// Only dead letters from this function's queue.
    pub function: Option<String>,
    /// Only dead letters that name this order.
    pub order_id: Option<OrderId>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    #[serde(rename = "ListPK")]
    list_pk: String,
    #[serde(rename = "ListSK")]
    list_sk: String,
    id: String,
    function: String,
    body: String,
    reason: String,
    receive_count: u32,
    failed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    trace_headers: Vec<(String, String)>,
    expires_at: i64,
}

fn pk(id: &str) -> String {
    format!("DEADLETTER#{id}")
}

impl Row {
    fn new(letter: &DeadLetter) -> Self {
        let DeadLetter { id, function, body, reason, receive_count, .. } = letter.clone();
        let failed_at = rfc3339(letter.failed_at);
        Self {
            pk: pk(&id),
            sk: SK.to_owned(),
            list_pk: shard(KIND, &id),
            list_sk: format!("{failed_at}#{id}"),
            id,
            function,
            body,
            reason,
            receive_count,
            failed_at,
            order_id: letter.order_id.as_ref().map(ToString::to_string),
            trace_id: letter.trace_id.clone(),
            trace_headers: letter.trace_headers.clone(),
            expires_at: letter.failed_at.as_second() + KEPT_SECONDS,
        }
    }

    fn into_letter(self) -> Result<DeadLetter, StoreError> {
        let order_id = self.order_id.map(|id| OrderId::parse(&id).ok_or_else(|| corrupt("orderId")));
        Ok(DeadLetter {
            id: self.id,
            function: self.function,
            body: self.body,
            reason: self.reason,
            receive_count: self.receive_count,
            failed_at: self.failed_at.parse().map_err(|_| corrupt("failedAt"))?,
            order_id: order_id.transpose()?,
            trace_id: self.trace_id,
            trace_headers: self.trace_headers,
        })
    }
}

impl DeadLetterFilter {
    fn has(&self, letter: &DeadLetter) -> bool {
        self.function.as_ref().is_none_or(|function| *function == letter.function)
            && (self.order_id.is_none() || self.order_id == letter.order_id)
    }
}

impl Table {
    /// A page of the dead letters that `wanted` selects.
    ///
    /// # Errors
    /// When the table cannot be read, or when the cursor is not a cursor of this list.
    pub async fn dead_letters(
        &self,
        wanted: &DeadLetterFilter,
        page: &PageRequest,
    ) -> Result<Page<DeadLetter>, StoreError> {
        let (mut letters, mut cursor) = (Vec::new(), page.cursor.clone());
        // Letters that are not wanted must not take a place on the page.
        loop {
            let rest = PageRequest { limit: page.limit - letters.len(), cursor };
            let Page { items, next } = self.list(KIND, &rest).await?;
            let read = items.into_iter().flatten().map(letter).collect::<Result<Vec<_>, _>>()?;
            letters.extend(read.into_iter().filter(|letter| wanted.has(letter)));
            if next.is_none() || letters.len() == page.limit {
                return Ok(Page { items: letters, next });
            }
            cursor = next;
        }
    }

    /// The dead letter of this message, or `None`.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn dead_letter(&self, id: &str) -> Result<Option<DeadLetter>, StoreError> {
        self.item((pk(id), SK)).await?.map(letter).transpose()
    }

    /// Deletes the dead letter of this message, because the message was handled after all.
    ///
    /// # Errors
    /// When the table does not confirm the deletion.
    pub async fn forget_dead_letter(&self, id: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.name).key("PK", s(pk(id))).key("SK", s(SK));
        delete.send().await.map(|_| ()).map_err(store_error)
    }
}

#[async_trait]
impl DeadLetters for Table {
    /// A letter replaces the earlier letter of the same message.
    async fn send(&self, letter: &DeadLetter) -> Result<(), PublishError> {
        let item = to_item(&Row::new(letter)).map_err(|error| PublishError(error.into()))?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await;
        put.map(|_| ()).map_err(|error| PublishError(store_error(error).into()))
    }
}

fn letter(item: Item) -> Result<DeadLetter, StoreError> {
    from_item::<Row>(item)?.into_letter()
}
