//! What the table contains when a process ends between two requests of one change.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use acme_aws::{Aws, Table};
use acme_common::id::{OrderId, UserId};
use acme_order::Status;
use acme_order::store::{Change, Orders};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use embedded_dynamodb::EmbeddedDynamoDb;
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::samples::{items, order, place};
use crate::table_of;

/// A process that sends a given number of requests, and ends instead of sending the next one.
#[derive(Debug, Clone)]
struct Process {
    inner: SharedHttpClient,
    requests: Arc<AtomicUsize>,
    ended: Arc<Notify>,
}

#[derive(Debug)]
struct Connector(Process, SharedHttpConnector);

impl HttpClient for Process {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.clone(), self.inner.http_connector(settings, components)))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let left = &self.0.requests;
        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return self.1.call(request);
        }
        self.0.ended.notify_one();
        HttpConnectorFuture::new(std::future::pending())
    }
}

impl Process {
    fn new(database: &EmbeddedDynamoDb) -> Self {
        let (requests, ended) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::default());
        Self { inner: database.http_client(), requests, ended }
    }

    fn table(&self) -> Table {
        Aws::embedded(SharedHttpClient::new(self.clone())).table("acme")
    }

    /// Makes the change, unless the process ends before. Returns whether the change was made.
    async fn advance(&self, id: &OrderId, change: &Change, requests: usize) -> bool {
        self.requests.store(requests, Ordering::SeqCst);
        tokio::select! {
            advanced = async { self.table().advance(id, change).await } => advanced.unwrap().unwrap().moved,
            () = self.ended.notified() => false,
        }
    }
}

#[tokio::test]
async fn an_order_that_is_over_or_paid_has_no_card_wherever_the_process_ended() {
    for status in [Status::Success, Status::Error] {
        for requests in 0.. {
            let process = Process::new(&EmbeddedDynamoDb::memory().unwrap());
            let (table, order) = (table_of(process.table()).await, order(&UserId::random()));
            place(&table, &order).await;
            let change = Change { status, transaction_id: None, tracking_number: None, at: Timestamp::now() };
            let made = process.advance(&order.id, &change, requests).await;
            process.requests.store(usize::MAX, Ordering::SeqCst);
            let kept = items(&table).await;
            let of = |name: &str| kept.iter().find(|item| item["SK"].as_s().unwrap() == name);
            let pending = of("ORDER").unwrap()["rank"].as_n().unwrap() == "0";
            assert!(pending || of("REQUEST").is_none(), "{status:?} after {requests} requests: {kept:?}");
            // The sweep finds the order as long as its payment is pending.
            assert_eq!(pending, !made);
            assert_eq!(of("ORDER").unwrap().contains_key("PendingPK"), pending || status == Status::Success);
            if made {
                assert!(requests > 0);
                break;
            }
        }
    }
}
