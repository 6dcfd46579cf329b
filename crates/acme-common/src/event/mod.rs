//! The events that functions exchange, in the contract's words (its section 4).

#[cfg(feature = "openapi")]
pub mod described;
mod read;
mod write;

pub(crate) use read::order_id;

use crate::card::{Card, SealedCard};
use crate::id::OrderId;
use crate::money::Money;

/// An event: something that happened to an order.
#[derive(Debug, Clone)]
pub enum Event {
    /// An order was placed and its payment is due.
    PaymentRequested(PaymentRequested),
    /// A card was checked, and the order was paid or declined.
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

/// The card in a request for payment. The shop writes sealed cards only. It also reads clear cards, because other
/// producers send them.
#[derive(Debug, Clone)]
pub enum RequestCard {
    /// A card that only the payment service can read.
    Sealed(SealedCard),
    /// A card in clear, as another producer sent it.
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
    /// The transaction's UUID. It is `-1` for a declined payment, and empty while the payment is pending.
    pub transaction_id: String,
    /// The order. It is absent while the payment is pending, and in a payment about no order.
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
    /// The carrier's number for the shipment.
    pub tracking_number: String,
    /// The order.
    pub order_id: OrderId,
}

impl EventKind {
    /// All kinds of events.
    pub const ALL: [EventKind; 6] = [
        EventKind::PaymentRequested,
        EventKind::CreditCardValidated,
        EventKind::ShipmentRequested,
        EventKind::ShipmentSent,
        EventKind::ShipmentDelivered,
        EventKind::DeliveryDue,
    ];

    /// The `type` that the shop writes. On EventBridge it is also the detail-type.
    pub const fn name(self) -> &'static str {
        self.names()[0]
    }

    /// The `domain` and the `source` in the metadata.
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

    /// The spellings that the shop reads. The shop writes the first of them.
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

    /// The order that the event is about. Only a payment result can be without one.
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
    /// The payment in the answer to a new order. It is pending.
    pub fn pending(amount: Money) -> Self {
        let (message, transaction_id) = ("pending payment".to_owned(), String::new());
        Self { success: false, status: 0, message, amount, transaction_id, order_id: None }
    }

    /// A payment that was taken. `order_id` is `None` for older clients of `/pay`, which pay for no order.
    pub fn accepted(order_id: impl Into<Option<OrderId>>, amount: Money, transaction_id: String) -> Self {
        let message = "success".to_owned();
        Self { success: true, status: 200, message, amount, transaction_id, order_id: order_id.into() }
    }

    /// A payment that was declined, about an order or about none.
    pub fn declined(order_id: impl Into<Option<OrderId>>, amount: Money) -> Self {
        let (message, transaction_id) = ("error".to_owned(), "-1".to_owned());
        Self { success: false, status: 400, message, amount, transaction_id, order_id: order_id.into() }
    }
}
