//! The events that functions exchange, in the contract's words (its section 4).

#[cfg(feature = "openapi")]
pub mod described;
mod read;
mod write;

pub(crate) use read::order_id;

use crate::card::{Card, SealedCard};
use crate::id::OrderId;
use crate::money::Money;

/// An event: what happened, to which order.
#[derive(Debug, Clone)]
pub enum Event {
    /// An order was placed and its payment is due.
    PaymentRequested(PaymentRequested),
    /// A card was validated, with a good or a bad end.
    CreditCardValidated(PaymentResult),
    /// A paid order is to be shipped.
    ShipmentRequested(ShipmentRequested),
    /// A shipment is on its way.
    ShipmentSent(Shipment),
    /// A shipment arrived.
    ShipmentDelivered(Shipment),
    /// It is time to deliver a shipment.
    DeliveryDue(Shipment),
}

/// The type of an [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they are those of Event")]
pub enum EventKind {
    PaymentRequested,
    CreditCardValidated,
    ShipmentRequested,
    ShipmentSent,
    ShipmentDelivered,
    DeliveryDue,
}

/// The request to take an order's payment.
#[derive(Debug, Clone)]
pub struct PaymentRequested {
    /// The order.
    pub order_id: OrderId,
    /// The card to pay with.
    pub card: RequestCard,
    /// The amount.
    pub total: Money,
}

/// A card inside a payment request. Ours are sealed; other producers send clear ones, which we read and never write.
#[derive(Debug, Clone)]
pub enum RequestCard {
    /// Readable for the payment service alone.
    Sealed(SealedCard),
    /// As another producer sent it.
    Clear(Card),
}

/// The outcome of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentResult {
    /// Whether the amount was paid.
    pub success: bool,
    /// 200 for a payment, 400 for a declined one, 0 while it is pending.
    pub status: u16,
    /// `success`, `error`, or `pending payment`.
    pub message: String,
    /// The amount.
    pub amount: Money,
    /// The transaction, a UUID; `-1` when it was declined, empty while it is pending.
    pub transaction_id: String,
    /// The order; absent while it is pending, and where a payment is for none.
    pub order_id: Option<OrderId>,
}

/// The request to ship an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentRequested {
    /// The order.
    pub order_id: OrderId,
    /// The way of delivery, as the customer chose it.
    pub delivery: String,
}

/// A shipment: sent, delivered, or to be delivered now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The carrier's number for it.
    pub tracking_number: String,
    /// The order.
    pub order_id: OrderId,
}

impl EventKind {
    /// Every kind there is.
    pub const ALL: [EventKind; 6] = [
        EventKind::PaymentRequested,
        EventKind::CreditCardValidated,
        EventKind::ShipmentRequested,
        EventKind::ShipmentSent,
        EventKind::ShipmentDelivered,
        EventKind::DeliveryDue,
    ];

    /// The `type` that we write, which is the detail-type on EventBridge as well.
    pub const fn name(self) -> &'static str {
        self.names()[0]
    }

    /// The `domain` and the `source` of its metadata.
    pub const fn origin(self) -> (&'static str, &'static str) {
        match self {
            EventKind::PaymentRequested => ("Order", "AddOrder"),
            EventKind::CreditCardValidated => ("Payment", "ValidateCreditCard"),
            EventKind::ShipmentRequested => ("Order", "ShipOrder"),
            EventKind::ShipmentSent | EventKind::ShipmentDelivered | EventKind::DeliveryDue => {
                ("Shipment", "SendShipment")
            }
        }
    }

    /// The spellings that we read, the one that we write first.
    const fn names(self) -> &'static [&'static str] {
        match self {
            EventKind::PaymentRequested => &["PaymentRequestedEvent", "PaymentRequested"],
            EventKind::CreditCardValidated => &["CreditCardValidatedEvent", "CreditCardValidated"],
            EventKind::ShipmentRequested => &["ShipmentRequested"],
            EventKind::ShipmentSent => &["ShipmentSent", "SentShipment"],
            EventKind::ShipmentDelivered => &["ShipmentDelivered", "DeliveredShipment"],
            EventKind::DeliveryDue => &["DeliveryDue"],
        }
    }
}

impl Event {
    /// The event's type.
    pub fn kind(&self) -> EventKind {
        match self {
            Event::PaymentRequested(_) => EventKind::PaymentRequested,
            Event::CreditCardValidated(_) => EventKind::CreditCardValidated,
            Event::ShipmentRequested(_) => EventKind::ShipmentRequested,
            Event::ShipmentSent(_) => EventKind::ShipmentSent,
            Event::ShipmentDelivered(_) => EventKind::ShipmentDelivered,
            Event::DeliveryDue(_) => EventKind::DeliveryDue,
        }
    }

    /// The order that the event is about; absent only in a payment result that names none.
    pub fn order_id(&self) -> Option<&OrderId> {
        match self {
            Event::PaymentRequested(request) => Some(&request.order_id),
            Event::CreditCardValidated(result) => result.order_id.as_ref(),
            Event::ShipmentRequested(request) => Some(&request.order_id),
            Event::ShipmentSent(shipment)
            | Event::ShipmentDelivered(shipment)
            | Event::DeliveryDue(shipment) => Some(&shipment.order_id),
        }
    }
}

impl PaymentResult {
    /// The answer to a new order: its payment is pending.
    pub fn pending(amount: Money) -> Self {
        let (message, transaction_id) = ("pending payment".to_owned(), String::new());
        Self { success: false, status: 0, message, amount, transaction_id, order_id: None }
    }

    /// A payment that was taken, for an order or, as the old clients of `/pay` ask for it, for none.
    pub fn accepted(order_id: impl Into<Option<OrderId>>, amount: Money, transaction_id: String) -> Self {
        let message = "success".to_owned();
        Self { success: true, status: 200, message, amount, transaction_id, order_id: order_id.into() }
    }

    /// A payment that was declined, for an order or for none.
    pub fn declined(order_id: impl Into<Option<OrderId>>, amount: Money) -> Self {
        let (message, transaction_id) = ("error".to_owned(), "-1".to_owned());
        Self { success: false, status: 400, message, amount, transaction_id, order_id: order_id.into() }
    }
}
