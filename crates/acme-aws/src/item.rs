//! Items of the table, typed on their way in and out.

use std::collections::HashMap;

use acme_common::store::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The item that holds `row`.
pub(crate) fn to_item<T: Serialize>(row: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(row).map_err(StoreError::rejected)
}

/// The row that `item` holds.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::rejected)
}

/// A string attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The error of an attribute that holds something else than it should.
pub(crate) fn corrupt(what: &'static str) -> StoreError {
    #[derive(Debug, thiserror::Error)]
    #[error("an item of the table has no good {0}")]
    struct Corrupt(&'static str);
    StoreError::rejected(Corrupt(what))
}
