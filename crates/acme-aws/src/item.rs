//! Conversions between the table's items and typed rows.

use std::collections::HashMap;

use acme_common::store::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An item in DynamoDB's form.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Converts a row to an item.
pub(crate) fn to_item<T: Serialize>(row: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(row).map_err(StoreError::rejected)
}

/// Converts an item to a row.
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

/// The error for an attribute with a bad value.
pub(crate) fn corrupt(what: &'static str) -> StoreError {
    #[derive(Debug, thiserror::Error)]
    #[error("an item of the table has no good {0}")]
    struct Corrupt(&'static str);
    StoreError::rejected(Corrupt(what))
}
