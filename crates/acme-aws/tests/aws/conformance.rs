//! The conformance suite of each store, on DynamoDB.

use acme_aws::Table;
use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};

use crate::table;

#[tokio::test(flavor = "multi_thread")]
async fn carts() {
    acme_cart::conformance::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn products() {
    acme_catalog::conformance::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders() {
    let table = table().await;
    acme_order::conformance::check(&table, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_keys() {
    acme_common::idempotency::conformance::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments() {
    acme_payment::conformance::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shipments() {
    acme_shipment::conformance::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users() {
    acme_user::conformance::check(&table().await).await;
}

#[tokio::test]
async fn creating_the_table_twice_is_creating_it_once() {
    let table = table().await;
    assert_eq!(ttl(&table).await, Some(TimeToLiveStatus::Enabled));
    table.create_table().await.unwrap();
    // This is the state after a process that stopped halfway.
    let off = TimeToLiveSpecification::builder().attribute_name("expiresAt").enabled(false).build().unwrap();
    let set = table.client().update_time_to_live().table_name("acme").time_to_live_specification(off);
    set.send().await.unwrap();
    assert_ne!(ttl(&table).await, Some(TimeToLiveStatus::Enabled));
    table.create_table().await.unwrap();
    assert_eq!(ttl(&table).await, Some(TimeToLiveStatus::Enabled));
}

async fn ttl(table: &Table) -> Option<TimeToLiveStatus> {
    let described = table.client().describe_time_to_live().table_name("acme").send().await.unwrap();
    described.time_to_live_description.and_then(|ttl| ttl.time_to_live_status)
}
