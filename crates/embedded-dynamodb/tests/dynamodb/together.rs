//! Two clients use one database at once, on a runtime with one thread and on a runtime with several threads.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use embedded_dynamodb::EmbeddedDynamoDb;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::{at, client, create, get, line, n, put};

/// The number of tasks of each client.
const TASKS: usize = 50;

#[tokio::test]
async fn on_one_thread() {
    two_clients().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_several_threads() {
    two_clients().await;
}

/// No addition is lost. Of all tasks that create the same item, exactly one succeeds.
async fn two_clients() {
    let dynamodb = EmbeddedDynamoDb::memory().unwrap();
    let clients = [client(&dynamodb), client(&dynamodb)];
    create(&clients[0]).await;
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        for client in &clients {
            tasks.spawn(add_and_create(client.clone()));
        }
    }
    let created = tasks.join_all().await.into_iter().filter(|created| *created).count();
    assert_eq!(created, 1);
    let total = get(&clients[1], "dan", "total").await.unwrap();
    assert_eq!(total["quantity"], n(2 * u32::try_from(TASKS).unwrap()));
}

async fn add_and_create(client: Client) -> bool {
    let add = client.update_item().table_name("lines").set_key(Some(at("dan", "total")));
    let add = add.update_expression("ADD quantity :one").expression_attribute_values(":one", n(1));
    add.send().await.unwrap();
    let create = client.put_item().table_name("lines").set_item(Some(line("dan", "first", 1)));
    match create.condition_expression("attribute_not_exists(id)").send().await {
        Ok(_) => true,
        Err(error) => {
            let error = error.into_service_error();
            assert!(error.is_conditional_check_failed_exception(), "{error:?}");
            false
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_no_time_and_gives_others_their_turn() {
    let dynamodb = EmbeddedDynamoDb::memory().unwrap();
    let client = client(&dynamodb);
    let start = Instant::now();
    create(&client).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for name in ["one", "two"] {
        let (client, order) = (client.clone(), order.clone());
        tasks.spawn(async move {
            for _ in 0..3 {
                put(&client, line("dan", name, 1)).await;
                order.lock().unwrap().push(name);
            }
        });
    }
    tasks.join_all().await;
    let order = order.lock().unwrap();
    assert!(order.chunks(2).all(|turn| turn[0] != turn[1]), "{order:?}");
    assert_eq!(start.elapsed(), Duration::ZERO);
}
