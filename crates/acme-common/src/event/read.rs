//! Reads the events of all producers: the shop's own, and those of the older services.

use super::{Event, EventKind, PaymentRequested, PaymentResult, RequestCard, Shipment, ShipmentRequested};
use crate::id::OrderId;
use crate::json::{Field, FieldError, FromJson};
use crate::money::Money;

/// The spellings of the order's id, in any place.
const ORDER_ID: [&str; 5] = ["orderID", "_id", "orderNumber", "order_id", "id"];

impl FromJson for Event {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        let kind = field.get("metadata").get("type");
        let name = kind.text(64)?;
        let data = field.get("data");
        data.object()?;
        let known =
            EventKind::ALL.into_iter().find(|k| k.names().iter().any(|n| n.eq_ignore_ascii_case(&name)));
        Ok(match known {
            Some(EventKind::PaymentRequested) => Event::PaymentRequested(data.read()?),
            Some(EventKind::CreditCardValidated) => Event::CreditCardValidated(data.read()?),
            Some(EventKind::ShipmentRequested) => Event::ShipmentRequested(data.read()?),
            Some(EventKind::ShipmentSent) => Event::ShipmentSent(data.read()?),
            Some(EventKind::ShipmentDelivered) => Event::ShipmentDelivered(data.read()?),
            Some(EventKind::DeliveryDue) => Event::DeliveryDue(data.read()?),
            None => return Err(kind.expected("the type of one of the shop's events")),
        })
    }
}

impl FromJson for PaymentRequested {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            order_id: order_id(field)?,
            card: field.get("card").read()?,
            total: field.get("total").money()?,
        })
    }
}

impl FromJson for RequestCard {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        if field.get("sealed").is_present() {
            field.read().map(RequestCard::Sealed)
        } else {
            field.read().map(RequestCard::Clear)
        }
    }
}

impl FromJson for PaymentResult {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let amount = field.any(&["amount", "total"]);
        let status = field.get("status");
        let success = field.get("success").boolean()?;
        let status =
            if status.is_present() { status.integer(0..=999)? } else { if success { 200 } else { 400 } };
        Ok(Self {
            success,
            status: u16::try_from(status).unwrap_or_default(),
            message: field.get("message").text_or_empty(1024)?,
            amount: if amount.is_present() { amount.money()? } else { Money::ZERO },
            transaction_id: field.get("transactionID").text_or_empty(128)?,
            order_id: Some(order_id(field)?),
        })
    }
}

impl FromJson for ShipmentRequested {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(Self { order_id: order_id(field)?, delivery: field.get("delivery").text_or_empty(256)? })
    }
}

impl FromJson for Shipment {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(Self { tracking_number: field.get("trackingNumber").text(128)?, order_id: order_id(field)? })
    }
}

/// The order that the data of an event names.
pub(crate) fn order_id(field: &Field<'_>) -> Result<OrderId, FieldError> {
    field.any(&ORDER_ID).read()
}
