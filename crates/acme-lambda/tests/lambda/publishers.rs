//! What publishers put on the wire, and what they make of the answer.

use std::collections::HashMap;
use std::time::Duration;

use acme_aws::Aws;
use acme_aws::publisher::Queues;
use acme_common::event::{Event, EventKind, Shipment, ShipmentRequested};
use acme_common::id::OrderId;
use acme_common::messaging::{Message, Publisher};
use acme_common::telemetry::Trace;
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
        json!({"FailedEntryCount": 1, "Entries": [{"EventId": "e-1"}]}),
        json!({"FailedEntryCount": 0, "Entries": []}),
    ] {
        let (_, endpoint) = AwsService::start(200, answer.clone()).await;
        let publisher = Aws::local(endpoint).eventbridge_publisher("acmeserverless", queues());
        assert!(publisher.publish(&event()).await.is_err(), "{answer}");
    }
}

/// 13 events for one queue and 12 for another, mixed.
fn many() -> Vec<Event> {
    let id = |i: usize| OrderId::parse(&format!("o-{i}")).unwrap();
    let kind = |i: usize| match i % 2 {
        0 => Event::ShipmentSent(Shipment { tracking_number: "t".into(), order_id: id(i) }),
        _ => Event::ShipmentRequested(ShipmentRequested { order_id: id(i), delivery: "UPS".into() }),
    };
    (0..25).map(kind).collect()
}

/// The order that an entry is about.
fn order(entry: &Value) -> Value {
    let text = entry["MessageBody"].as_str().or(entry["Detail"].as_str()).unwrap();
    serde_json::from_str::<Value>(text).unwrap()["data"]["orderID"].clone()
}

/// Which of `many` were not published, by their place.
async fn not_published(publisher: impl Publisher) -> Vec<usize> {
    let messages: Vec<_> =
        many().into_iter().map(|event| Message { event, trace: Trace::default() }).collect();
    let outcomes = publisher.publish_all(&messages).await;
    assert_eq!(outcomes.len(), 25);
    outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_err()).map(|(i, _)| i).collect()
}

fn sizes(service: &AwsService) -> Vec<usize> {
    service.requests().iter().map(|(_, input)| input["Entries"].as_array().unwrap().len()).collect()
}

#[tokio::test]
async fn many_events_are_a_few_requests_to_sqs_and_each_has_its_own_outcome() {
    let (service, endpoint) = AwsService::answering(|input| {
        let entries = input["Entries"].as_array().unwrap().iter();
        let (failed, taken): (Vec<_>, Vec<_>) = entries.partition(|entry| order(entry) == "o-7");
        let of = |entries: Vec<&Value>, and: Value| -> Vec<Value> {
            let told = |entry: &&Value| {
                let mut told = and.clone();
                told["Id"] = entry["Id"].clone();
                told
            };
            entries.iter().map(told).collect()
        };
        let failed = of(failed, json!({"Code": "InternalError", "SenderFault": false}));
        (200, json!({"Failed": failed, "Successful": of(taken, json!({"MessageId": "m", "MD5OfMessageBody": "d"}))}))
    })
    .await;
    let mut queues = queues();
    queues.by_kind.insert(EventKind::ShipmentRequested, "http://queue/send".to_owned());
    assert_eq!(not_published(Aws::local(endpoint).sqs_publisher(queues)).await, [7]);
    assert_eq!(sizes(&service), [10, 2, 10, 3]);
    for (_, input) in service.requests() {
        let kinds = if input["QueueUrl"] == "http://queue/send" { 1 } else { 0 };
        for entry in input["Entries"].as_array().unwrap() {
            let place: usize = order(entry).as_str().unwrap()[2..].parse().unwrap();
            assert_eq!(place % 2, kinds, "each in its queue");
        }
    }
}

#[tokio::test]
async fn many_events_are_a_few_requests_to_eventbridge_and_each_has_its_own_outcome() {
    let (service, endpoint) = AwsService::answering(|input| {
        let outcome = |entry| match order(entry).as_str() {
            Some("o-7") => json!({"ErrorCode": "InternalFailure"}),
            _ => json!({"EventId": "e"}),
        };
        let outcomes: Vec<_> = input["Entries"].as_array().unwrap().iter().map(outcome).collect();
        (200, json!({"FailedEntryCount": 0, "Entries": outcomes}))
    })
    .await;
    let publisher = Aws::local(endpoint).eventbridge_publisher("acmeserverless", queues());
    assert_eq!(not_published(publisher).await, [7]);
    assert_eq!(sizes(&service), [10, 10, 5]);
}

#[tokio::test]
async fn a_request_that_fails_fails_for_each_of_its_events_and_a_kind_without_a_queue_for_itself() {
    let refused = json!({"__type": "AccessDeniedException"});
    let (_, endpoint) = AwsService::start(400, refused).await;
    assert_eq!(not_published(Aws::local(&endpoint).sqs_publisher(queues())).await.len(), 25);
    assert_eq!(not_published(Aws::local(&endpoint).eventbridge_publisher("b", queues())).await.len(), 25);
    let (_, endpoint) = AwsService::answering(|input| {
        let id = |entry: &Value| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "d"});
        (200, json!({"Successful": input["Entries"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()}))
    })
    .await;
    let odd: Vec<usize> = (0..25).filter(|i| i % 2 == 1).collect();
    assert_eq!(not_published(Aws::local(endpoint).sqs_publisher(queues())).await, odd);
}
