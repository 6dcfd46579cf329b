//! What a store says when DynamoDB is away or refuses.

use std::net::TcpListener;

use acme_aws::Aws;
use acme_cart::CartItem;
use acme_cart::store::{AddError, Carts};
use acme_common::id::UserId;
use acme_common::store::StoreError;

use crate::samples::item;
use crate::{embedded, table};

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Carts::get(&Aws::local(endpoint).table("acme"), &UserId::random()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn an_item_is_larger_than_dynamodb_takes() {
    let (table, dan) = (table().await, UserId::random());
    let line = CartItem { description: "x".repeat(450_000), ..item("bell", 1) };
    let put = table.replace(&dan, vec![line.clone()]).await.unwrap_err();
    let Err(AddError::Store(update)) = table.add(&dan, line).await else { panic!("it is added") };
    for error in [put, update] {
        assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
    }
}

#[tokio::test]
async fn there_is_no_table() {
    let error = Carts::get(&embedded().table("none"), &UserId::random()).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
}
