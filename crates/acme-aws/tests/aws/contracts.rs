//! Each store's contract suite, run on DynamoDB.

use crate::table;

#[tokio::test(flavor = "multi_thread")]
async fn carts() {
    acme_cart::contract::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn products() {
    acme_catalog::contract::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders() {
    acme_order::contract::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments() {
    acme_payment::contract::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shipments() {
    acme_shipment::contract::check(&table().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users() {
    acme_user::contract::check(&table().await).await;
}

#[tokio::test]
async fn creating_the_table_twice_is_creating_it_once() {
    table().await.create_table().await.unwrap();
}
