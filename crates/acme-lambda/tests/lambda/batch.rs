//! Batches: each record is handled separately, and a record that cannot be handled becomes a dead letter.

use std::sync::{Arc, Mutex};

use acme_aws::Aws;
use acme_common::event::{Event, ShipmentRequested};
use acme_common::id::OrderId;
use acme_common::messaging::{ConsumeError, Consumer, Receiver};
use acme_lambda::Batch;
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::servers::AwsService;

/// Consumes requests for shipment. The name of the order says what happens.
#[derive(Default)]
struct ByName(Mutex<Vec<String>>);

#[async_trait]
impl Consumer for ByName {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        let Event::ShipmentRequested(request) = &event else { return Err(ConsumeError::unexpected(&event)) };
        match request.order_id.as_str() {
            "away" => return Err(ConsumeError::Retry("the store is away".into())),
            "panic" => panic!("a bug"),
            "unknown" => return Err(ConsumeError::Poison("there is no such order".to_owned())),
            done => self.0.lock().unwrap().push(done.to_owned()),
        }
        Ok(())
    }
}

fn event(order: &str) -> Value {
    let order_id = OrderId::parse(order).unwrap();
    serde_json::to_value(Event::ShipmentRequested(ShipmentRequested { order_id, delivery: "UPS".into() }))
        .unwrap()
}

fn envelope(order: &str) -> Value {
    json!({"version": "0", "id": "e-1", "source": "acme.order", "detail-type": "ShipmentRequested", "detail": event(order)})
}

/// A batch of messages with these bodies. Each message is received for the `receive_count`th time.
fn sqs(bodies: &[String], receive_count: u32) -> Value {
    let record = |(i, body): (usize, &String)| {
        json!({
            "messageId": format!("m-{i}"), "receiptHandle": "r", "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:shipment-send", "awsRegion": "eu-central-1",
            "attributes": {"ApproximateReceiveCount": receive_count.to_string(), "SentTimestamp": "1700000000000"},
            "messageAttributes": {},
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// A function whose dead-letter queue answers with `status`. Returns its batch handler, its consumer, and the queue.
async fn function(status: u16) -> (Batch, Arc<ByName>, AwsService) {
    let (service, endpoint) = AwsService::start(status, json!({"MessageId": "d-1"})).await;
    let dead_letters = Aws::local(endpoint).dead_letters("http://queue/dead");
    let consumer = Arc::new(ByName::default());
    let receiver = Receiver::new("shipment-send", consumer.clone(), Arc::new(dead_letters), Timestamp::now);
    (Batch::new(receiver), consumer, service)
}

#[tokio::test]
async fn one_bad_record_takes_none_of_its_batch_along() {
    let (batch, consumer, dead) = function(200).await;
    let clear_card = json!({"metadata": {"type": "Unheard"}, "data": {"card": {"number": "4111111111111111", "cvv": "123"}}});
    let bodies = [
        event("a"),
        json!("not an event"),
        event("away"),
        envelope("b"),
        event("panic"),
        event("unknown"),
        clear_card,
        event("c"),
    ]
    .map(|body| body.to_string());
    let mut bodies = bodies.to_vec();
    bodies.insert(1, "{not json".to_owned());

    let answer = batch.handle(sqs(&bodies, 1)).await.unwrap();
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-3"}, {"itemIdentifier": "m-5"}]});
    assert_eq!(answer, failed, "what may succeed later is delivered again, and nothing else");
    assert_eq!(*consumer.0.lock().unwrap(), ["a", "b", "c"]);

    let dead = dead.requests();
    let reasons: Vec<_> = dead.iter().map(|(_, sent)| attribute(sent, "reason")).collect();
    assert_eq!(
        reasons,
        [
            "body: expected JSON",
            "body: expected an object",
            "there is no such order",
            "metadata.type: expected the type of one of the shop's events",
        ]
    );
    assert!(dead.iter().all(|(operation, _)| operation == "AmazonSQS.SendMessage"));
    assert_eq!(dead[0].1["MessageBody"], "{not json");
    let kept = dead[3].1["MessageBody"].as_str().unwrap();
    assert!(!kept.contains("4111111111111111") && !kept.contains("\"123\""), "{kept}");
}

#[tokio::test]
async fn what_fails_at_its_last_receive_is_sent_to_the_dead_letters_and_acknowledged() {
    let bodies = [event("a"), event("away"), envelope("panic"), event("c")].map(|body| body.to_string());
    for (receive_count, status, dead_letters, failed) in [
        (4, 200, vec![], vec!["m-1", "m-2"]),
        (5, 200, vec!["the store is away", "panicked: a bug"], vec![]),
        // The dead letters cannot be kept. So SQS itself moves the messages, without a reason.
        (5, 400, vec!["the store is away", "panicked: a bug"], vec!["m-1", "m-2"]),
    ] {
        let (batch, consumer, dead) = function(status).await;
        let answer = batch.handle(sqs(&bodies, receive_count)).await.unwrap();
        let failed: Vec<_> = failed.into_iter().map(|id| json!({"itemIdentifier": id})).collect();
        assert_eq!(answer, json!({"batchItemFailures": failed}), "received {receive_count} times, {status}");
        assert_eq!(*consumer.0.lock().unwrap(), ["a", "c"]);
        let sent: Vec<_> = dead.requests().into_iter().map(|(_, sent)| sent).collect();
        assert_eq!(sent.iter().map(|sent| attribute(sent, "reason")).collect::<Vec<_>>(), dead_letters);
        for (sent, order) in sent.iter().zip(["away", "panic"]) {
            assert_eq!(sent["QueueUrl"], "http://queue/dead");
            let expected = [("function", "shipment-send"), ("receive_count", "5"), ("order_id", order)];
            assert_eq!(expected.map(|(name, _)| (name, attribute(sent, name))), expected);
            assert!(attribute(sent, "failed_at").parse::<Timestamp>().is_ok());
            let body: Value = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
            assert_eq!(
                body,
                serde_json::from_str::<Value>(&bodies[if order == "away" { 1 } else { 2 }]).unwrap()
            );
        }
    }
}

fn attribute<'a>(sent: &'a Value, name: &str) -> &'a str {
    sent["MessageAttributes"][name]["StringValue"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn an_attribute_is_never_what_sqs_refuses() {
    let (batch, _, dead) = function(200).await;
    let odd = json!({"metadata": {"type": "\u{1}"}, "data": {"orderID": "a\u{ffff}b"}});
    for body in [odd.to_string(), String::new()] {
        batch.handle(sqs(&[body], 1)).await.unwrap();
    }
    let sent: Vec<_> = dead.requests().into_iter().map(|(_, sent)| sent).collect();
    assert_eq!((sent.len(), attribute(&sent[0], "order_id")), (2, "a b"));
    assert_eq!(sent[1]["MessageBody"], "(empty)");
    for (name, attribute) in sent.iter().flat_map(|sent| sent["MessageAttributes"].as_object().unwrap()) {
        assert!(attribute["StringValue"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_sent_is_delivered_again() {
    let (batch, _, _) = function(500).await;
    let answer = batch.handle(sqs(&["{not json".to_owned()], 1)).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m-0"}]}));
}

#[tokio::test]
async fn eventbridge_delivers_one_event_at_a_time() {
    let (batch, consumer, dead) = function(200).await;
    assert_eq!(batch.handle(envelope("a")).await.unwrap(), Value::Null);
    assert_eq!(*consumer.0.lock().unwrap(), ["a"]);
    assert!(batch.handle(envelope("away")).await.is_err(), "it is to be delivered again");
    assert_eq!(batch.handle(envelope("unknown")).await.unwrap(), Value::Null, "a dead letter is handled");
    assert_eq!(dead.requests().len(), 1);
    assert!(batch.handle(json!({"what": "is this"})).await.is_err());
}
