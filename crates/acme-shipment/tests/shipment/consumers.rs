//! The consumers: they book one shipment per order, deliver it once, publish its events at each receive, and never
//! sleep.

use std::sync::Arc;
use std::time::Duration;

use acme_common::event::Event;
use acme_common::messaging::testing::RecordingPublisher;
use acme_common::messaging::{ConsumeError, Consumer, Message, PublishError, Publisher};
use acme_shipment::{DELIVERY_SECONDS, SendShipment, Status};
use async_trait::async_trait;
use serde_json::json;

use super::{Carrier, Lost, now, order, requested, written};

#[tokio::test]
async fn a_shipment_is_sent_now_and_delivered_later() {
    let carrier = Carrier::new();
    carrier.send.consume(requested()).await.unwrap();
    let sent = carrier.shipment().await.unwrap();
    assert_eq!((sent.delivery.as_str(), sent.sent_at, sent.status), ("UPS/FedEx", now(), Status::Sent));
    let event = written("ShipmentSent", "shipped - pending delivery", &sent);
    assert_eq!(json!(carrier.bus.events()), json!([event]));
    let [(due, delay)] = <[_; 1]>::try_from(carrier.bus.delayed()).unwrap();
    assert_eq!(json!(due), written("DeliveryDue", "shipped - pending delivery", &sent));
    assert!(DELIVERY_SECONDS.contains(&delay.as_secs()), "{delay:?}");

    carrier.deliver.consume(due).await.unwrap();
    let delivered = carrier.shipment().await.unwrap();
    assert_eq!(delivered.status, Status::Delivered { at: now() });
    assert_eq!(delivered.tracking_number, sent.tracking_number);
    assert_eq!(json!(carrier.bus.events()), json!([event, written("ShipmentDelivered", "delivered", &sent)]));
}

#[tokio::test]
async fn a_delayed_shipment_sent_of_an_older_version_is_delivered() {
    let carrier = Carrier::new();
    carrier.send.consume(requested()).await.unwrap();
    let sent = carrier.bus.events().remove(0);
    assert!(matches!(sent, Event::ShipmentSent(_)), "{sent:?}");
    carrier.deliver.consume(sent).await.unwrap();
    let delivered = carrier.shipment().await.unwrap();
    assert_eq!(delivered.status, Status::Delivered { at: now() });
    assert_eq!(carrier.published(), ["ShipmentSent", "ShipmentDelivered"]);
}

#[tokio::test]
async fn a_redelivery_tells_again_what_is_so() {
    let carrier = Carrier::new();
    for _ in 0..3 {
        carrier.send.consume(requested()).await.unwrap();
    }
    let sent = carrier.shipment().await.unwrap();
    assert_eq!(carrier.published(), ["ShipmentSent"; 3]);
    let delayed = carrier.bus.delayed();
    assert_eq!(delayed.len(), 3);
    for (later, _) in delayed {
        carrier.deliver.consume(later).await.unwrap();
    }
    carrier.send.consume(requested()).await.unwrap();
    let published = carrier.bus.events();
    for event in &published {
        let (kind, status) = match event {
            Event::ShipmentSent(_) => ("ShipmentSent", "shipped - pending delivery"),
            _ => ("ShipmentDelivered", "delivered"),
        };
        assert_eq!(json!(event), written(kind, status, &sent));
    }
    let healed = [["ShipmentDelivered"; 3].as_slice(), &["ShipmentSent", "ShipmentDelivered"]].concat();
    assert_eq!(carrier.published()[3..], healed);
    assert_eq!(carrier.bus.delayed().len(), 3, "what is delivered is not delivered later");
}

#[tokio::test]
async fn a_crash_anywhere_is_healed_by_redelivery() {
    for lost in [None, Some(Lost::Request), Some(Lost::Answer)] {
        for refused in 0..3 {
            let carrier = Carrier::new();
            let crash = || {
                *carrier.shipments.loses.lock().unwrap() = lost;
                carrier.bus.fail_next(refused);
            };
            crash();
            let crashes = deliver_until_done(&*carrier.send, requested()).await;
            assert_eq!(crashes, refused + usize::from(lost.is_some()));
            let sent = carrier.shipment().await.unwrap();

            crash();
            let (later, _) = carrier.bus.delayed().remove(0);
            let crashes = deliver_until_done(&carrier.deliver, later).await;
            assert_eq!(crashes, refused + usize::from(lost.is_some()));
            let delivered = carrier.shipment().await.unwrap();
            assert_eq!(delivered.tracking_number, sent.tracking_number);
            assert_eq!(delivered.status, Status::Delivered { at: now() });
            let last = carrier.bus.events().pop().unwrap();
            assert_eq!(json!(last), written("ShipmentDelivered", "delivered", &sent));
        }
    }
}

/// Redelivers `event` until it is handled, and returns how many tries failed.
async fn deliver_until_done(consumer: &dyn Consumer, event: Event) -> usize {
    let mut crashes = 0;
    while let Err(error) = consumer.consume(event.clone()).await {
        assert!(matches!(error, ConsumeError::Retry(_)), "{error}");
        crashes += 1;
    }
    crashes
}

/// A bus that accepts events without a delay, and refuses events with a delay.
struct DiesHalfway(Arc<RecordingPublisher>);

#[async_trait]
impl Publisher for DiesHalfway {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.0.publish(event).await
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        self.0.publish_all(messages).await
    }

    async fn publish_later(&self, _: &Event, _: Duration) -> Result<(), PublishError> {
        Err(PublishError("dead".into()))
    }
}

#[tokio::test]
async fn a_crash_between_the_two_events_loses_neither() {
    let carrier = Carrier::new();
    let bus = Arc::new(DiesHalfway(carrier.bus.clone()));
    let dying = SendShipment::new(carrier.shipments.clone(), bus, DELIVERY_SECONDS, now);
    let died = dying.consume(requested()).await;
    assert!(matches!(died, Err(ConsumeError::Retry(_))));
    carrier.send.consume(requested()).await.unwrap();
    assert_eq!(carrier.published(), ["ShipmentSent"; 2]);
    assert_eq!(carrier.bus.delayed().len(), 1);
}

#[tokio::test]
async fn of_many_deliveries_at_once_one_ships() {
    let carrier = Carrier::new();
    for done in futures_util::future::join_all((0..20).map(|_| carrier.send.consume(requested()))).await {
        done.unwrap();
    }
    let sent = carrier.shipment().await.unwrap();
    let event = written("ShipmentSent", "shipped - pending delivery", &sent);
    assert!(carrier.bus.events().iter().all(|e| json!(e) == event));
    let laters = carrier.bus.delayed().into_iter();
    for done in futures_util::future::join_all(laters.map(|(e, _)| carrier.deliver.consume(e))).await {
        done.unwrap();
    }
    assert_eq!(carrier.shipment().await.unwrap().tracking_number, sent.tracking_number);
}

#[tokio::test]
async fn delays_stay_in_their_range() {
    for (range, least, most) in [
        (0..=0, 0, 0),
        (2..=5, 2, 5),
        (DELIVERY_SECONDS, 5, 119),
        (u64::MAX..=u64::MAX, u64::MAX, u64::MAX),
        #[allow(clippy::reversed_empty_ranges, reason = "what a deployment may get wrong")]
        (9..=3, 9, 9),
    ] {
        let carrier = Carrier::new();
        let send = SendShipment::new(carrier.shipments.clone(), carrier.bus.clone(), range, now);
        for _ in 0..200 {
            send.consume(requested()).await.unwrap();
        }
        let seconds: Vec<_> = carrier.bus.delayed().iter().map(|(_, delay)| delay.as_secs()).collect();
        assert!(seconds.iter().all(|s| (least..=most).contains(s)), "{seconds:?}");
        if most - least == 3 {
            assert!((least..=most).all(|s| seconds.contains(&s)), "both ends are in it");
        }
    }
}

#[tokio::test]
async fn what_can_never_be_handled_is_poison() {
    let carrier = Carrier::new();
    let shipment = || acme_common::event::Shipment { tracking_number: "1".into(), order_id: order() };
    for (consumer, event, reason) in [
        (&carrier.deliver as &dyn Consumer, Event::DeliveryDue(shipment()), "order 3f-1 has no shipment"),
        (&carrier.deliver, Event::ShipmentDelivered(shipment()), "ShipmentDelivered is not consumed here"),
        (&carrier.deliver, requested(), "ShipmentRequested is not consumed here"),
        (&*carrier.send, Event::DeliveryDue(shipment()), "DeliveryDue is not consumed here"),
    ] {
        let error = consumer.consume(event).await.unwrap_err();
        assert!(matches!(&error, ConsumeError::Poison(why) if why == reason), "{error}");
    }
    assert!(carrier.shipment().await.is_none() && carrier.published().is_empty());
}
