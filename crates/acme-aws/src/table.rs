//! The only table of the shop: its keys, its indexes, and the calls that all stores use.

use std::time::Duration;

use acme_common::store::StoreError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, KeysAndAttributes,
    Projection, ProjectionType, ReturnConsumedCapacity, ScalarAttributeType, TimeToLiveSpecification,
    TransactWriteItem,
};

use crate::error::{store_error, write_error};
use crate::item::{Item, s};

/// The index for every list for staff, and for the catalog. `ListPK` is the kind and a shard.
pub(crate) const LIST: &str = "list";
/// The index of a user's orders by time.
pub(crate) const ORDERS_BY_USER: &str = "orders-by-user";
/// The sparse index of the orders whose status is not final, by the time when they were last touched.
pub(crate) const PENDING: &str = "pending";
/// The attribute with the time after which DynamoDB deletes an item, in seconds since 1970.
pub(crate) const EXPIRES_AT: &str = "expiresAt";
/// How many partitions of an index hold a kind, so that no partition holds the whole kind.
pub(crate) const SHARDS: u32 = 8;

/// How often a write is tried that collides with another write, and how often the rest of a batch is requested.
const TRIES: u32 = 8;
/// The most keys of one batch (DynamoDB's limit).
const BATCH: usize = 100;

/// The shop's table. It is every store: it implements the trait of each.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    /// The table `name`, called through `client`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The client of the table.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Creates the table with its indexes, if it does not exist. This is for the local shop and for tests. On AWS the
    /// template creates the table.
    ///
    /// # Errors
    /// When DynamoDB refuses to create the table.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let mut create =
            self.client.create_table().table_name(&self.name).billing_mode(BillingMode::PayPerRequest);
        for key in keys("PK", "SK").map_err(StoreError::rejected)? {
            create = create.key_schema(key);
        }
        for (index, hash, range) in INDEXES {
            let projection = Projection::builder().projection_type(ProjectionType::All).build();
            let index = GlobalSecondaryIndex::builder().index_name(index).projection(projection);
            let index = index.set_key_schema(Some(keys(hash, range).map_err(StoreError::rejected)?));
            create = create.global_secondary_indexes(index.build().map_err(StoreError::rejected)?);
        }
        for name in INDEXES.iter().flat_map(|(_, hash, range)| [hash, range]).chain(&["PK", "SK"]) {
            let attribute = AttributeDefinition::builder()
                .attribute_name(*name)
                .attribute_type(ScalarAttributeType::S)
                .build();
            create = create.attribute_definitions(attribute.map_err(StoreError::rejected)?);
        }
        match create.send().await {
            Err(e) if !e.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => {
                Err(store_error(e))
            }
            // This also runs when the table exists, because the process that created it may have stopped before this
            // step.
            _ => self.enable_ttl().await,
        }
    }

    async fn enable_ttl(&self) -> Result<(), StoreError> {
        let ttl = TimeToLiveSpecification::builder().attribute_name(EXPIRES_AT).enabled(true).build();
        let ttl = ttl.map_err(StoreError::rejected)?;
        let set = self.client.update_time_to_live().table_name(&self.name).time_to_live_specification(ttl);
        match set.send().await {
            Err(e) if !e.message().is_some_and(|text| text.ends_with("already enabled")) => {
                Err(store_error(e))
            }
            _ => Ok(()),
        }
    }

    /// The present item with this key, or `None`.
    pub(crate) async fn item(&self, key: (String, &str)) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.name).consistent_read(true);
        let get = get.key("PK", s(key.0)).key("SK", s(key.1));
        let got =
            get.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.map_err(store_error)?;
        Ok(got.item)
    }

    /// A query on this table. The caller adds the rest.
    pub(crate) fn query(&self) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.name);
        query.return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// All items that `query` finds, over all pages.
    pub(crate) async fn query_all(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let page = query.clone().set_exclusive_start_key(start).send().await.map_err(store_error)?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// The items with these keys, in any order. It asks again for items that DynamoDB leaves out of an answer.
    pub(crate) async fn items(&self, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            self.batch(keys.to_vec(), &mut items).await?;
        }
        Ok(items)
    }

    async fn batch(&self, mut keys: Vec<Item>, items: &mut Vec<Item>) -> Result<(), StoreError> {
        for tried in 1..=TRIES {
            let wanted =
                KeysAndAttributes::builder().set_keys(Some(keys)).build().map_err(StoreError::rejected)?;
            let get = self.client.batch_get_item().request_items(&self.name, wanted);
            let get = get.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let got = get.send().await.map_err(store_error)?;
            items.extend(got.responses.unwrap_or_default().remove(&self.name).unwrap_or_default());
            let rest = got.unprocessed_keys.and_then(|mut rest| rest.remove(&self.name));
            keys = rest.map_or_else(Vec::new, |rest| rest.keys);
            if keys.is_empty() {
                return Ok(());
            }
            backoff(tried).await;
        }
        Err(StoreError::unavailable("DynamoDB did not process the whole batch"))
    }

    /// Writes all of `items` or none. Tries again when another write collided with it. Returns the index of the first
    /// write whose condition did not hold, or `None` when all were written.
    pub(crate) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Option<usize>, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let write = self.client.transact_write_items().set_transact_items(Some(items.clone()));
            let Err(error) = write.send().await else { return Ok(None) };
            let reasons = match error.as_service_error() {
                Some(service) if service.is_transaction_canceled_exception() => cancellation_codes(service),
                _ => return Err(write_error(error)),
            };
            if let Some(failed) = reasons.iter().position(|code| code == "ConditionalCheckFailed") {
                return Ok(Some(failed));
            }
            if reasons.iter().any(|code| code == "ValidationError") {
                return Err(StoreError::rejected(error));
            }
            if tries == TRIES || !reasons.iter().any(|code| code == "TransactionConflict") {
                return Err(StoreError::unavailable(error));
            }
            backoff(tries).await;
        }
    }
}

/// Waits before the next try, with full jitter, so that writers that collided do not collide again.
async fn backoff(tried: u32) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..10 << tried))).await;
}

/// The indexes: name, partition key, sort key.
const INDEXES: [(&str, &str, &str); 3] =
    [(LIST, "ListPK", "ListSK"), (ORDERS_BY_USER, "OwnerPK", "OwnerSK"), (PENDING, "PendingPK", "PendingSK")];

/// A shard of `kind` for an id. FNV-1a spreads the ids evenly, and gives the same shard in every version of this
/// program.
pub(crate) fn shard(kind: &str, id: &str) -> String {
    let hash =
        id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{kind}#{}", hash % SHARDS)
}

fn keys(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, aws_sdk_dynamodb::error::BuildError> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![key(hash, KeyType::Hash)?, key(range, KeyType::Range)?])
}

fn cancellation_codes(
    error: &aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError,
) -> Vec<String> {
    use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as Error;
    let Error::TransactionCanceledException(canceled) = error else { return Vec::new() };
    canceled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap_or_default().to_owned())
        .collect()
}
