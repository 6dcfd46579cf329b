//! What publishers put on the wire, and what they make of the answer.

use std::collections::HashMap;
use std::time::Duration;

use acme_aws::Aws;
use acme_aws::publisher::Queues;
use acme_common::bus::Publisher;
use acme_common::event::{Event, EventKind, Shipment};
use acme_common::id::OrderId;
use serde_json::{Value, json};

use crate::servers::AwsService;

fn event() -> Event {
    let order_id = OrderId::parse("o-1").unwrap();
    Event::ShipmentSent(Shipment { tracking_number: "t-1".into(), order_id })
}

fn queues() -> Queues {
    let by_kind = HashMap::from([(EventKind::ShipmentSent, "http://queue/update".to_owned())]);
    Queues { by_kind, deliver: Some("http://queue/deliver".to_owned()) }
}

#[tokio::test]
async fn sqs_gets_the_event_as_the_body() {
    let (service, endpoint) = AwsService::start(200, json!({"MessageId": "m-1"})).await;
    let publisher = Aws::local(endpoint).sqs_publisher(queues());
    publisher.publish(&event()).await.unwrap();
    publisher.deliver_later(&event(), Duration::from_secs(42)).await.unwrap();
    let sent = service.requests();
    assert_eq!(sent[0].1["QueueUrl"], "http://queue/update");
    let body: Value = serde_json::from_str(sent[0].1["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(body, serde_json::to_value(event()).unwrap());
    assert_eq!(
        (&sent[1].1["QueueUrl"], &sent[1].1["DelaySeconds"]),
        (&json!("http://queue/deliver"), &json!(42))
    );

    let bare = Aws::local("http://127.0.0.1:1").sqs_publisher(Queues::default());
    assert!(bare.publish(&event()).await.is_err(), "without a queue nothing is published");
}

#[tokio::test]
async fn eventbridge_gets_the_event_as_the_detail() {
    let taken = json!({"FailedEntryCount": 0, "Entries": [{"EventId": "e-1"}]});
    let (service, endpoint) = AwsService::start(200, taken).await;
    let publisher = Aws::local(endpoint).eventbridge_publisher("acmeserverless", queues());
    publisher.publish(&event()).await.unwrap();
    let (operation, sent) = &service.requests()[0];
    assert_eq!(operation, "AWSEvents.PutEvents");
    let entry = &sent["Entries"][0];
    let named = [&entry["EventBusName"], &entry["Source"], &entry["DetailType"]];
    assert_eq!(named, ["acmeserverless", "acme.shipment", "ShipmentSent"]);
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["data"], serde_json::to_value(event()).unwrap()["data"]);
}

#[tokio::test]
async fn an_entry_that_fails_inside_a_200_is_an_error() {
    for answer in [
        json!({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}]}),
        json!({"FailedEntryCount": 0, "Entries": [{"ErrorCode": "InternalFailure"}]}),
        json!({"FailedEntryCount": 0, "Entries": []}),
    ] {
        let (_, endpoint) = AwsService::start(200, answer.clone()).await;
        let publisher = Aws::local(endpoint).eventbridge_publisher("acmeserverless", queues());
        assert!(publisher.publish(&event()).await.is_err(), "{answer}");
    }
}
