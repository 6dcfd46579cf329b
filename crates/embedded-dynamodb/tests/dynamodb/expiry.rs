//! Items expire by the clock that the database was given. They are deleted by a sweep.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_dynamodb::types::TimeToLiveSpecification;
use embedded_dynamodb::EmbeddedDynamoDb;

use crate::{client, create, get, line, n, put};

#[tokio::test]
async fn an_item_goes_when_its_time_is_over_and_a_sweep_comes() {
    let now = Arc::new(AtomicU64::new(1_000));
    let clock = now.clone();
    let time = move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed));
    let dynamodb = EmbeddedDynamoDb::memory_at(time).unwrap();
    let client = client(&dynamodb);
    create(&client).await;
    let ttl = TimeToLiveSpecification::builder().attribute_name("expiresAt").enabled(true).build().unwrap();
    let set = client.update_time_to_live().table_name("lines").time_to_live_specification(ttl);
    set.send().await.unwrap();
    let mut passing = line("dan", "1", 1);
    passing.insert("expiresAt".into(), n(2_000));
    put(&client, passing).await;
    put(&client, line("dan", "2", 1)).await;

    // (the time, how many items expire, whether the item is there afterwards)
    for (seconds, expired, is_there) in
        [(1_000, 0, true), (1_999, 0, true), (2_001, 1, false), (9_000, 0, false)]
    {
        now.store(seconds, Ordering::Relaxed);
        assert_eq!(dynamodb.sweep_ttl().unwrap(), expired, "at {seconds}");
        assert_eq!(get(&client, "dan", "1").await.is_some(), is_there, "at {seconds}");
    }
    assert!(get(&client, "dan", "2").await.is_some(), "what has no time stays");
}

#[tokio::test]
async fn a_file_keeps_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dynamodb.sqlite");
    let first = client(&EmbeddedDynamoDb::open(&path).unwrap());
    create(&first).await;
    put(&first, line("dan", "1", 3)).await;
    drop(first);
    let again = client(&EmbeddedDynamoDb::open(&path).unwrap());
    assert_eq!(get(&again, "dan", "1").await, Some(line("dan", "1", 3)));
    assert!(EmbeddedDynamoDb::open(&directory.path().join("no/such/folder")).is_err());
}
