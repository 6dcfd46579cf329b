//! Writes events in the contract's exact form.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Event, EventKind, PaymentRequested, PaymentResult, RequestCard, Shipment, ShipmentRequested};

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.kind();
        let (domain, source) = kind.origin();
        let declined = matches!(self, Event::CreditCardValidated(result) if !result.success);
        let status = if declined { "error" } else { "success" };
        let mut event = serializer.serialize_map(Some(2))?;
        event.serialize_entry(
            "metadata",
            &json!({"domain": domain, "source": source, "type": kind.name(), "status": status}),
        )?;
        match self {
            Event::PaymentRequested(data) => event.serialize_entry("data", data)?,
            Event::CreditCardValidated(data) => event.serialize_entry("data", data)?,
            Event::ShipmentRequested(data) => event.serialize_entry("data", data)?,
            Event::ShipmentSent(data) | Event::ShipmentDelivered(data) | Event::DeliveryDue(data) => {
                event.serialize_entry("data", &data.with_status(kind))?;
            }
        }
        event.end()
    }
}

impl Serialize for PaymentRequested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_map(None)?;
        data.serialize_entry("orderID", &self.order_id)?;
        match &self.card {
            RequestCard::Sealed(card) => data.serialize_entry("card", card)?,
            // A clear card is never written. Only its summary leaves the program.
            RequestCard::Clear(card) => data.serialize_entry("card", &card.summary())?,
        }
        data.serialize_entry("total", &self.total.to_string())?;
        data.end()
    }
}

impl Serialize for PaymentResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_map(Some(6))?;
        data.serialize_entry("success", &self.success)?;
        data.serialize_entry("status", &self.status)?;
        data.serialize_entry("message", &self.message)?;
        data.serialize_entry("amount", &self.amount.to_string())?;
        data.serialize_entry("transactionID", &self.transaction_id)?;
        data.serialize_entry(
            "orderID",
            self.order_id.as_ref().map(super::OrderId::as_str).unwrap_or_default(),
        )?;
        data.end()
    }
}

impl Serialize for ShipmentRequested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"_id": self.order_id, "orderID": self.order_id, "delivery": self.delivery})
            .serialize(serializer)
    }
}

impl Shipment {
    /// The shipment as an event of this kind writes it, with the status that belongs to the kind.
    fn with_status(&self, kind: EventKind) -> Value {
        let status =
            if kind == EventKind::ShipmentDelivered { "delivered" } else { "shipped - pending delivery" };
        json!({
            "trackingNumber": self.tracking_number,
            "orderNumber": self.order_id,
            "orderID": self.order_id,
            "status": status,
        })
    }
}
