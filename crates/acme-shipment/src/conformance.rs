//! What every store of shipments must do. The tests of each store run this suite.

#![allow(clippy::unwrap_used, missing_docs, reason = "for tests")]

use acme_common::id::OrderId;
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::shipment::{Shipment, Status};
use crate::store::{Booked, Delivered, Shipments};

/// Runs the whole suite on an empty store.
pub async fn check(shipments: &dyn Shipments) {
    from_booking_to_delivery(shipments).await;
    what_is_unknown_is_not_delivered(shipments).await;
    of_many_at_once_one_counts(shipments).await;
}

async fn from_booking_to_delivery(shipments: &dyn Shipments) {
    for delivery in ["UPS/FedEx", "", "à vélo"] {
        let sent = shipment(&OrderId::random(), delivery);
        let order = &sent.order_id;
        assert_eq!(shipments.get(order).await.unwrap(), None);
        let booked = |shipment: &Shipment, new| Booked { shipment: shipment.clone(), new };
        assert_eq!(shipments.book_once(sent.clone()).await.unwrap(), booked(&sent, true));
        let other = shipment(order, "pigeon");
        assert_eq!(shipments.book_once(other.clone()).await.unwrap(), booked(&sent, false));
        assert_eq!(shipments.get(order).await.unwrap().as_ref(), Some(&sent));

        let arrived = Shipment { status: Status::Delivered { at: at(60) }, ..sent.clone() };
        for (seconds, first) in [(60, true), (61, false), (1, false)] {
            let delivered = Delivered { shipment: arrived.clone(), first };
            assert_eq!(shipments.deliver(order, at(seconds)).await.unwrap(), Some(delivered));
        }
        assert_eq!(
            shipments.book_once(other).await.unwrap(),
            booked(&arrived, false),
            "a late booking finds the end"
        );
        assert_eq!(shipments.get(order).await.unwrap(), Some(arrived));
    }
}

async fn what_is_unknown_is_not_delivered(shipments: &dyn Shipments) {
    let order = OrderId::parse("an order of another shop/é").unwrap();
    assert_eq!(shipments.deliver(&order, at(0)).await.unwrap(), None);
    assert_eq!(shipments.get(&order).await.unwrap(), None, "asking leaves nothing behind");
    assert!(shipments.book_once(shipment(&order, "UPS")).await.unwrap().new);
}

async fn of_many_at_once_one_counts(shipments: &dyn Shipments) {
    let order = OrderId::random();
    let tries = (0..20).map(|_| shipments.book_once(shipment(&order, "UPS")));
    let booked: Vec<Booked> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(booked.iter().filter(|b| b.new).count(), 1);
    assert!(booked.iter().all(|b| b.shipment == booked[0].shipment));

    let tries = (0..20).map(|second| shipments.deliver(&order, at(second)));
    let ended: Vec<Option<Delivered>> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    let ended: Vec<Delivered> = ended.into_iter().flatten().collect();
    assert_eq!(ended.len(), 20);
    assert_eq!(ended.iter().filter(|e| e.first).count(), 1);
    assert!(ended.iter().all(|e| e.shipment == ended[0].shipment));
    assert_eq!(shipments.get(&order).await.unwrap().as_ref(), Some(&ended[0].shipment));
}

fn shipment(order: &OrderId, delivery: &str) -> Shipment {
    Shipment::sent(order.clone(), delivery.to_owned(), at(0))
}

/// A time `seconds` after the suite's fixed start. It has milliseconds, because every store keeps them.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_795_428_000_123 + seconds * 1_000).unwrap()
}
