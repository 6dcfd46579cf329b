//! What happens to a change whose answer is lost: the SDK sends the change again, and it is made once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use acme_aws::{Aws, Table};
use acme_cart::CartItem;
use acme_cart::store::{AddError, Carts};
use acme_common::catalog::MAX_QUANTITY;
use acme_common::id::UserId;
use acme_common::idempotency::{Claim, Claimed, IdempotencyKeys};
use acme_user::store::Users;
use acme_user::user::Username;
use embedded_dynamodb::EmbeddedDynamoDb;
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::samples::item;
use crate::table_of;

/// A table behind a bad connection. Once the flag is set, the connection ends instead of carrying the next answer.
async fn behind_a_bad_line() -> (Table, Arc<AtomicBool>) {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(embedded_dynamodb::server::serve(server, EmbeddedDynamoDb::memory().unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let loses = Arc::new(AtomicBool::default());
    let lost = loses.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(address).await.unwrap();
            tokio::spawn(pass_on(client, server, lost.clone()));
        }
    });
    (table_of(Aws::local(endpoint).table("acme")).await, loses)
}

async fn pass_on(mut client: TcpStream, mut server: TcpStream, loses: Arc<AtomicBool>) -> io::Result<()> {
    let (mut request, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read? {
                0 => return Ok(()),
                read => server.write_all(&request[..read]).await?,
            },
            read = server.read(&mut answer) => match read? {
                0 => return Ok(()),
                _ if loses.swap(false, Ordering::SeqCst) => return Ok(()),
                read => client.write_all(&answer[..read]).await?,
            },
        }
    }
}

fn some(quantity: u32) -> CartItem {
    item("bell", quantity)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_added_once() {
    let (table, loses) = behind_a_bad_line().await;
    let dan = UserId::random();
    for (added, quantity) in [(2, 2), (3, 5), (MAX_QUANTITY - 5, MAX_QUANTITY)] {
        loses.store(true, Ordering::SeqCst);
        table.add(&dan, some(added), None).await.unwrap();
        assert!(!loses.load(Ordering::SeqCst), "no answer was lost");
        assert_eq!(Carts::get(&table, &dan).await.unwrap().cart, [some(quantity)]);
    }
    loses.store(true, Ordering::SeqCst);
    assert!(matches!(table.add(&dan, some(1), None).await, Err(AddError::TooMany)));
    assert_eq!(Carts::get(&table, &dan).await.unwrap().cart, [some(MAX_QUANTITY)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_removed_once_and_was_there() {
    let (table, loses) = behind_a_bad_line().await;
    let dan = UserId::random();
    table.add(&dan, some(1), None).await.unwrap();
    for (quantity, was_there, left) in [(7, true, vec![some(7)]), (0, true, vec![]), (0, false, vec![])] {
        loses.store(true, Ordering::SeqCst);
        let set = table.set_quantity(&dan, &some(1).itemid, quantity).await.unwrap();
        assert_eq!((set, loses.load(Ordering::SeqCst)), (was_there, false), "{quantity}");
        assert_eq!(Carts::get(&table, &dan).await.unwrap().cart, left);
    }
}

/// Each call has its own connection. So all calls find no window before the first call begins one.
#[tokio::test(flavor = "multi_thread")]
async fn failed_logins_that_begin_a_window_together_all_count() {
    let (table, _) = behind_a_bad_line().await;
    for round in 0..5 {
        let (who, now) = (Username::parse(&format!("crowd-{round}")).unwrap(), Timestamp::now());
        let counted = join_all((0..20).map(|_| table.failed_login(&who, now))).await;
        let mut counts: Vec<_> = counted.into_iter().map(|counted| counted.unwrap().count).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=20).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_claimed_once_and_by_whoever_claimed_it() {
    let (table, loses) = behind_a_bad_line().await;
    let claim = || Claim::new("dan", "k", "POST", "/order/add/dan", b"{}", Timestamp::now());
    loses.store(true, Ordering::SeqCst);
    assert_eq!(table.claim(&claim()).await.unwrap(), Claimed::New);
    assert!(!loses.load(Ordering::SeqCst), "no answer was lost");
    assert_eq!(table.claim(&claim()).await.unwrap(), Claimed::InProgress);
}
