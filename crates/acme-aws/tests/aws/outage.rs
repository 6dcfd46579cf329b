//! What a store says when DynamoDB is away or refuses.

use std::net::TcpListener;

use acme_aws::Aws;
use acme_cart::store::Carts;
use acme_common::id::UserId;
use acme_common::store::StoreError;
use dynoxide::Database;

use crate::serve;

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Carts::get(&Aws::local(endpoint).table("acme"), &UserId::random()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn there_is_no_table() {
    let endpoint = serve(Database::memory().unwrap()).await;
    let error = Carts::get(&Aws::local(endpoint).table("none"), &UserId::random()).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
}
