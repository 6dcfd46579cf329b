//! A shipment, from its booking to its delivery.

use acme_common::event;
use acme_common::id::OrderId;
use acme_common::random;
use jiff::Timestamp;
use uuid::Uuid;

/// The only shipment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The order.
    pub order_id: OrderId,
    /// The way of delivery, as the customer chose it.
    pub delivery: String,
    /// The carrier's number for the shipment.
    pub tracking_number: Uuid,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How far it has come.
    pub status: Status,
}

/// How far a shipment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is on its way.
    Sent,
    /// It arrived.
    Delivered {
        /// When it arrived.
        at: Timestamp,
    },
}

impl Shipment {
    /// A shipment that is sent at `now`, with a new tracking number.
    pub fn sent(order_id: OrderId, delivery: String, now: Timestamp) -> Self {
        Self { order_id, delivery, tracking_number: random::uuid(), sent_at: now, status: Status::Sent }
    }

    /// The shipment as events write it.
    pub fn to_event(&self) -> event::Shipment {
        event::Shipment { tracking_number: self.tracking_number.to_string(), order_id: self.order_id.clone() }
    }
}
