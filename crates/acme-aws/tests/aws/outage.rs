//! What a store returns when DynamoDB is unavailable or refuses.

use std::net::TcpListener;

use acme_aws::Aws;
use acme_cart::CartItem;
use acme_cart::store::{AddError, Carts};
use acme_common::id::UserId;
use acme_common::store::StoreError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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

/// A connection that ends after the request does not tell whether the write was done. An answer with the status 500
/// does not tell it either.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_result() {
    for answer in ["", "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let _ = connection.read(&mut [0; 1 << 14]).await;
                let _ = connection.write_all(answer.as_bytes()).await;
            }
        });
        let (table, dan) = (Aws::local(endpoint).table("acme"), UserId::random());
        let write = table.set_quantity(&dan, &item("bell", 1).itemid, 2).await.unwrap_err();
        assert!(matches!(write, StoreError::OutcomeUnknown(_)), "{answer}: {write:?}");
        let read = Carts::get(&table, &dan).await.unwrap_err();
        assert!(matches!(read, StoreError::Unavailable(_)), "{answer}: {read:?}");
        server.abort();
    }
}

#[tokio::test]
async fn an_item_is_larger_than_dynamodb_takes() {
    let (table, dan) = (table().await, UserId::random());
    let line = CartItem { description: "x".repeat(450_000), ..item("bell", 1) };
    let put = table.replace(&dan, vec![line.clone()]).await.unwrap_err();
    let Err(AddError::Store(update)) = table.add(&dan, line, None).await else { panic!("it is added") };
    for error in [put, update] {
        assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
    }
}

#[tokio::test]
async fn there_is_no_table() {
    let error = Carts::get(&embedded().table("none"), &UserId::random()).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
}
