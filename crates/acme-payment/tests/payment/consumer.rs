//! The consumer: it records one payment per order, whatever crashes, and publishes the result at each receive.

use acme_common::event::{Event, ShipmentRequested};
use acme_common::messaging::{ConsumeError, Consumer};
use serde_json::json;

use super::{Desk, Lost, clear, order};

#[tokio::test]
async fn a_crash_anywhere_is_healed_by_redelivery() {
    for (lost, refused) in
        [(Some(Lost::Request), 0), (Some(Lost::Answer), 0), (None, 1), (None, 3), (Some(Lost::Answer), 2)]
    {
        for members in [json!({}), json!({"expMonth": 10})] {
            let desk = Desk::new();
            *desk.payments.loses.lock().unwrap() = lost;
            desk.bus.fail_next(refused);
            let mut crashes = 0;
            while let Err(error) = desk.consume(clear(members.clone())).await {
                assert!(matches!(error, ConsumeError::Retry(_)), "{error}");
                crashes += 1;
            }
            assert_eq!(crashes, refused + usize::from(lost.is_some()));
            let result = desk.payment().await.unwrap().result();
            assert_eq!(desk.published(), [json!(Event::CreditCardValidated(result))]);
        }
    }
}

#[tokio::test]
async fn of_many_deliveries_at_once_one_pays() {
    let desk = Desk::new();
    for done in futures_util::future::join_all((0..20).map(|_| desk.consume(clear(json!({}))))).await {
        done.unwrap();
    }
    let published = desk.published();
    assert_eq!(published.len(), 20);
    assert!(published.iter().all(|event| *event == published[0]));
}

#[tokio::test]
async fn other_events_are_poison() {
    let desk = Desk::new();
    let other = Event::ShipmentRequested(ShipmentRequested { order_id: order(), delivery: String::new() });
    let error = desk.validate.consume(other).await.unwrap_err();
    assert!(
        matches!(error, ConsumeError::Poison(reason) if reason == "ShipmentRequested is not consumed here")
    );
    assert!(desk.payment().await.is_none() && desk.published().is_empty());
}
