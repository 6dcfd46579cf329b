//! Tests of the client through the real AWS SDK.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is missing")]

mod errors;
mod expiry;
mod operations;
mod sequence;
#[cfg(feature = "server")]
mod tcp;
mod together;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use embedded_dynamodb::EmbeddedDynamoDb;

type Item = HashMap<String, AttributeValue>;

fn client(dynamodb: &EmbeddedDynamoDb) -> Client {
    Client::from_conf(config().http_client(dynamodb.http_client()).build())
}

fn config() -> aws_sdk_dynamodb::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("k", "s", None, None, "test"))
}

/// A client of a new DynamoDB that has the table `lines`.
async fn lines() -> Client {
    let client = client(&EmbeddedDynamoDb::memory().unwrap());
    create(&client).await;
    client
}

/// Creates the table `lines`: `user` and `id` are its key, and its index `names` has `name` and `id`.
async fn create(client: &Client) {
    let names = GlobalSecondaryIndex::builder()
        .index_name("names")
        .key_schema(key("name", KeyType::Hash))
        .key_schema(key("id", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    let create = client
        .create_table()
        .table_name("lines")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("user", KeyType::Hash))
        .key_schema(key("id", KeyType::Range))
        .global_secondary_indexes(names.build().unwrap());
    let create = ["user", "id", "name"].into_iter().fold(create, |create, name| {
        let text = AttributeDefinition::builder().attribute_name(name);
        create.attribute_definitions(text.attribute_type(ScalarAttributeType::S).build().unwrap())
    });
    create.send().await.unwrap();
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: u32) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The key of a line.
fn at(user: &str, id: &str) -> Item {
    Item::from([("user".into(), s(user)), ("id".into(), s(id))])
}

/// A line: its key, a name and a quantity.
fn line(user: &str, id: &str, quantity: u32) -> Item {
    let mut line = at(user, id);
    line.extend([("name".into(), s("bell")), ("quantity".into(), n(quantity))]);
    line
}

async fn put(client: &Client, item: Item) {
    client.put_item().table_name("lines").set_item(Some(item)).send().await.unwrap();
}

async fn get(client: &Client, user: &str, id: &str) -> Option<Item> {
    client.get_item().table_name("lines").set_key(Some(at(user, id))).send().await.unwrap().item
}
