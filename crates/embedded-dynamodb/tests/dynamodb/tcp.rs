//! The server gives the same answers as the client.

use embedded_dynamodb::{EmbeddedDynamoDb, server};
use tokio::net::TcpListener;

use crate::{config, create, get, line, put};

#[tokio::test]
async fn the_same_database_by_tcp() {
    let dynamodb = EmbeddedDynamoDb::memory().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(server::serve(listener, dynamodb.clone()));
    let far =
        config().endpoint_url(endpoint).http_client(aws_smithy_http_client::Builder::new().build_http());
    let (far, near) = (aws_sdk_dynamodb::Client::from_conf(far.build()), crate::client(&dynamodb));
    create(&far).await;
    put(&far, line("dan", "1", 3)).await;
    assert_eq!(get(&near, "dan", "1").await, Some(line("dan", "1", 3)));
    put(&near, line("dan", "1", 4)).await;
    assert_eq!(get(&far, "dan", "1").await, Some(line("dan", "1", 4)));
}
