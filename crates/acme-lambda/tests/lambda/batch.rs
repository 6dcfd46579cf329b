//! Batches: each record is handled by itself, and what can never be handled is a dead letter at once.

use std::sync::Mutex;

use acme_aws::Aws;
use acme_common::bus::{ConsumeError, Consumer};
use acme_common::event::{Event, ShipmentRequested};
use acme_common::id::OrderId;
use acme_lambda::Batch;
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::servers::AwsService;

/// Takes shipment requests; what it does with one is the order's name.
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

fn sqs(bodies: &[String]) -> Value {
    let record = |(i, body): (usize, &String)| {
        json!({
            "messageId": format!("m-{i}"), "receiptHandle": "r", "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:shipment-send", "awsRegion": "eu-central-1",
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1700000000000"}, "messageAttributes": {},
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

async fn batch() -> (Batch<ByName>, AwsService) {
    let (service, endpoint) = AwsService::start(200, json!({"MessageId": "d-1"})).await;
    let dead_letters = Aws::local(endpoint).dead_letters("http://queue/dead");
    (Batch::new("shipment-send", ByName::default(), dead_letters), service)
}

#[tokio::test]
async fn one_bad_record_takes_none_of_its_batch_along() {
    let (batch, dead) = batch().await;
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

    let answer = batch.handle(sqs(&bodies)).await.unwrap();
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-3"}, {"itemIdentifier": "m-5"}]});
    assert_eq!(answer, failed, "what may succeed later is delivered again, and nothing else");
    assert_eq!(*batch.consumer().0.lock().unwrap(), ["a", "b", "c"]);

    let dead = dead.requests();
    let reasons: Vec<_> =
        dead.iter().map(|(_, sent)| &sent["MessageAttributes"]["reason"]["StringValue"]).collect();
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
async fn a_dead_letter_that_cannot_be_sent_is_delivered_again() {
    let (_, endpoint) = AwsService::start(500, json!({})).await;
    let dead_letters = Aws::local(endpoint).dead_letters("http://queue/dead");
    let batch = Batch::new("shipment-send", ByName::default(), dead_letters);
    let answer = batch.handle(sqs(&["{not json".to_owned()])).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m-0"}]}));
}

#[tokio::test]
async fn eventbridge_delivers_one_event_at_a_time() {
    let (batch, dead) = batch().await;
    assert_eq!(batch.handle(envelope("a")).await.unwrap(), Value::Null);
    assert_eq!(*batch.consumer().0.lock().unwrap(), ["a"]);
    assert!(batch.handle(envelope("away")).await.is_err(), "it is to be delivered again");
    assert_eq!(batch.handle(envelope("unknown")).await.unwrap(), Value::Null, "a dead letter is handled");
    assert_eq!(dead.requests().len(), 1);
    assert!(batch.handle(json!({"what": "is this"})).await.is_err());
}
