//! DynamoDB's JSON protocol: from an operation's name and body to a status and a body.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// DynamoDB's answer to a request. The body has the type `application/x-amz-json-1.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body: the output of the operation, or an error with its `__type`.
    pub body: String,
}

/// The text before the operation's name in the header `x-amz-target`.
const PREFIX: &str = "DynamoDB_20120810.";
/// The answer to a target that is not an operation.
const UNKNOWN: &str = r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#;

/// Answers the request that `target` names and `body` describes.
pub(crate) fn answer(database: &Database, target: &str, body: &[u8]) -> Answer {
    let operation = target.strip_prefix(PREFIX).unwrap_or_default();
    match run(database, operation, body) {
        Some(Ok(body)) => Answer { status: 200, body },
        Some(Err(error)) => Answer { status: error.status_code(), body: sorted_error(&error) },
        None => Answer { status: 400, body: UNKNOWN.into() },
    }
}

/// Runs an operation. `None` if it is unknown.
fn run(database: &Database, operation: &str, body: &[u8]) -> Option<Result<String, DynoxideError>> {
    let run = match operation {
        "CreateTable" => call(body, |input| database.create_table(input)),
        "DeleteTable" => call(body, |input| database.delete_table(input)),
        "DescribeTable" => call(body, |input| database.describe_table(input)),
        "ListTables" => call(body, |input| database.list_tables(input)),
        "UpdateTimeToLive" => call(body, |input| database.update_time_to_live(input)),
        "DescribeTimeToLive" => call(body, |input| database.describe_time_to_live(input)),
        "GetItem" => call(body, |input| database.get_item(input)),
        "PutItem" => call(body, |input| database.put_item(input)),
        "UpdateItem" => call(body, |input| database.update_item(input)),
        "DeleteItem" => call(body, |input| database.delete_item(input)),
        "Query" => call(body, |input| database.query(input)),
        "Scan" => call(body, |input| database.scan(input)),
        "BatchGetItem" => call(body, |input| database.batch_get_item(input)),
        "BatchWriteItem" => call(body, |input| database.batch_write_item(input)),
        "TransactGetItems" => call(body, |input| database.transact_get_items(input)),
        "TransactWriteItems" => call(body, |input| database.transact_write_items(input)),
        _ => return None,
    };
    Some(run)
}

fn call<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    operation: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<String, DynoxideError> {
    let input = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    serde_json::to_value(operation(input)?).and_then(sorted).map_err(internal)
}

/// Writes the output with sorted keys. An item is a hash map, so without sorting the same answer would have other
/// bytes each time.
fn sorted(mut output: Value) -> serde_json::Result<String> {
    output.sort_all_objects();
    serde_json::to_string(&output)
}

/// The body of an error, sorted, because it may hold an item.
fn sorted_error(error: &DynoxideError) -> String {
    let body = error.to_json();
    serde_json::from_str(&body).and_then(sorted).unwrap_or(body)
}

fn internal(error: serde_json::Error) -> DynoxideError {
    DynoxideError::InternalServerError(error.to_string())
}

/// The error for a body that cannot be read. A prefix in the text of dynoxide's error says which error DynamoDB has.
fn unreadable(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    match text.split_once(':') {
        Some(("VALIDATION" | "VALIDATION_REQUEST" | "VALIDATION_AS_READ", text)) => {
            DynoxideError::ValidationException(text.into())
        }
        Some(("SERIALIZATION" | "SERIALIZATION_AS_READ", text)) => {
            DynoxideError::SerializationException(text.into())
        }
        _ => DynoxideError::SerializationException(text.into()),
    }
}
