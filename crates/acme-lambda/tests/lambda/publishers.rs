//! Which requests the publishers send, and how they understand the answers.

use std::collections::BTreeMap;
use std::time::Duration;

use acme_aws::Aws;
use acme_aws::publisher::Queues;
use acme_common::event::{Event, EventKind, Shipment, ShipmentRequested};
use acme_common::id::OrderId;
use acme_common::messaging::{Message, Publisher};
use acme_common::telemetry::Trace;
use serde_json::{Value, json};

use crate::servers::AwsService;

fn shipment() -> Shipment {
    Shipment { tracking_number: "t-1".into(), order_id: OrderId::parse("o-1").unwrap() }
}

fn event() -> Event {
    Event::ShipmentSent(shipment())
}

fn queues_of<const N: usize>(rows: [(EventKind, &[&str]); N]) -> Queues {
    let url = |name: &&str| format!("http://queue/{name}");
    rows.into_iter().map(|(kind, names)| (kind, names.iter().map(url).collect())).collect()
}

fn queues() -> Queues {
    queues_of([(EventKind::ShipmentSent, &["update"]), (EventKind::DeliveryDue, &["deliver"])])
}

#[tokio::test]
async fn sqs_gets_the_event_as_the_body() {
    let (service, endpoint) = AwsService::start(200, json!({"MessageId": "m-1"})).await;
    let publisher = Aws::local(endpoint).sqs_publisher(queues());
    publisher.publish(&event()).await.unwrap();
    publisher.publish_later(&Event::DeliveryDue(shipment()), Duration::from_secs(42)).await.unwrap();
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

/// The queues to which requests went, and the delays of the requests.
fn sent_to(service: &AwsService) -> Vec<(String, Value)> {
    let to =
        |input: &Value| input["QueueUrl"].as_str().unwrap().trim_start_matches("http://queue/").to_owned();
    let mut sent: Vec<_> =
        service.requests().iter().map(|(_, input)| (to(input), input["DelaySeconds"].clone())).collect();
    sent.sort_by(|(left, _), (right, _)| left.cmp(right));
    sent
}

#[tokio::test]
async fn each_consumers_queue_gets_the_event_and_one_that_refuses_it_makes_it_an_error() {
    let both = || {
        queues_of([
            (EventKind::ShipmentSent, &["update", "mail"]),
            (EventKind::DeliveryDue, &["deliver", "mail"]),
        ])
    };
    for refuses in [None, Some("update"), Some("deliver"), Some("mail")] {
        let refused = refuses.map(|name| format!("http://queue/{name}"));
        let answer = move |input: &Value| match &refused {
            Some(url) if input["QueueUrl"] == url.as_str() => (400, json!({"__type": "QueueDoesNotExist"})),
            _ => (200, json!({"MessageId": "m-1"})),
        };
        let (service, endpoint) = AwsService::answering(answer.clone()).await;
        let published = Aws::local(&endpoint).sqs_publisher(both()).publish(&event()).await;
        assert_eq!(published.is_err(), matches!(refuses, Some("update" | "mail")), "{refuses:?}");
        assert_eq!(sent_to(&service), [("mail".into(), Value::Null), ("update".into(), Value::Null)]);

        // A bus cannot delay an event. So events with a delay go to the queues in both modes.
        let due = Event::DeliveryDue(shipment());
        for by_bus in [false, true] {
            let (service, endpoint) = AwsService::answering(answer.clone()).await;
            let aws = Aws::local(&endpoint);
            let publisher: Box<dyn Publisher> = match by_bus {
                true => Box::new(aws.eventbridge_publisher("acmeserverless", both())),
                false => Box::new(aws.sqs_publisher(both())),
            };
            let published = publisher.publish_later(&due, Duration::from_secs(42)).await;
            assert_eq!(published.is_err(), matches!(refuses, Some("deliver" | "mail")), "{refuses:?}");
            assert_eq!(sent_to(&service), [("deliver".into(), json!(42)), ("mail".into(), json!(42))]);
        }
    }
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

/// 13 events for one queue and 12 events for another, mixed.
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

/// The places of the events of `many` that were not published.
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

/// The answer of SQS to a batch. It refuses the event of one order.
fn batch_answer(input: &Value, refused: &str) -> (u16, Value) {
    let entries = input["Entries"].as_array().unwrap().iter();
    let (failed, taken): (Vec<_>, Vec<_>) = entries.partition(|entry| order(entry) == refused);
    let of = |entries: Vec<&Value>, and: Value| -> Vec<Value> {
        let told = |entry: &&Value| {
            let mut told = and.clone();
            told["Id"] = entry["Id"].clone();
            told
        };
        entries.iter().map(told).collect()
    };
    let failed = of(failed, json!({"Code": "InternalError", "SenderFault": false}));
    (
        200,
        json!({"Failed": failed, "Successful": of(taken, json!({"MessageId": "m", "MD5OfMessageBody": "d"}))}),
    )
}

#[tokio::test]
async fn many_events_are_a_few_requests_to_sqs_and_each_has_its_own_outcome() {
    let (service, endpoint) = AwsService::answering(|input| batch_answer(input, "o-7")).await;
    let queues =
        queues_of([(EventKind::ShipmentSent, &["update"]), (EventKind::ShipmentRequested, &["send"])]);
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
async fn many_events_for_several_queues_are_published_where_every_queue_took_them() {
    let (service, endpoint) = AwsService::answering(|input| match input["QueueUrl"].as_str() {
        Some("http://queue/mail") => batch_answer(input, "o-7"),
        Some("http://queue/update") => batch_answer(input, "o-2"),
        _ => {
            // The answer does not mention one entry.
            let mut input = input.clone();
            input["Entries"].as_array_mut().unwrap().retain(|entry| order(entry) != "o-3");
            batch_answer(&input, "none")
        }
    })
    .await;
    let queues = queues_of([
        (EventKind::ShipmentSent, &["update", "mail"]),
        (EventKind::ShipmentRequested, &["send", "mail"]),
    ]);
    assert_eq!(not_published(Aws::local(endpoint).sqs_publisher(queues)).await, [2, 3, 7]);
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, input) in service.requests() {
        let orders =
            input["Entries"].as_array().unwrap().iter().map(|e| order(e).as_str().unwrap().to_owned());
        sent.entry(input["QueueUrl"].as_str().unwrap().to_owned()).or_default().extend(orders);
    }
    let every = |step, first| (first..25).step_by(step).map(|i| format!("o-{i}")).collect::<Vec<_>>();
    let expected = [("mail", every(1, 0)), ("send", every(2, 1)), ("update", every(2, 0))];
    assert_eq!(sent, expected.map(|(name, orders)| (format!("http://queue/{name}"), orders)).into());
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
