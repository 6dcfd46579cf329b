//! Schemas of the events that a route reads or returns, for the description of the routes.

use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{EventKind, PaymentResult};
use crate::card::{Card, SealedCard};
use crate::id::OrderId;
use crate::money::Money;
use crate::openapi::{amount_as_text, flag, named, object, one_of, read_amount, text, whole};

/// A `PaymentRequestedEvent` as another service sends it.
pub struct PaymentRequestedEvent;
/// A `CreditCardValidatedEvent` as the shop writes it.
pub struct CreditCardValidatedEvent;
/// A `ShipmentRequested` event as another service sends it.
pub struct ShipmentRequestedEvent;
/// A `ShipmentSent` event as the shop writes it.
pub struct ShipmentSentEvent;
/// A `ShipmentSent` or `ShipmentDelivered` event as another service sends it.
pub struct ShipmentEvent;

/// An example of a carrier's tracking number.
const TRACKING_NUMBER: &str = "5f0c1f6e-8a7d-4e57-9a3f-2a3b1c0d9e8f";

/// The schema of an event as the shop writes it. Its metadata has exactly these values.
fn written(kind: EventKind, statuses: &[&str], data: RefOr<Schema>) -> RefOr<Schema> {
    let (domain, source) = kind.origin();
    let metadata = object([
        ("domain", one_of([domain]).into()),
        ("source", one_of([source]).into()),
        ("type", one_of([kind.name()]).into()),
        ("status", one_of(statuses.iter().copied()).into()),
    ]);
    object([("metadata", metadata.into()), ("data", data)]).into()
}

/// The schema of an event as another service sends it. The shop reads only the type of its metadata.
fn read<const N: usize>(kinds: [EventKind; N], data: RefOr<Schema>) -> RefOr<Schema> {
    let metadata = object([("type", one_of(kinds.map(EventKind::name)).into())]);
    object([("metadata", metadata.into()), ("data", data)]).into()
}

fn order_id() -> RefOr<Schema> {
    named(&OrderId::name())
}

fn tracking_number() -> ObjectBuilder {
    text(1..=128).examples([TRACKING_NUMBER])
}

impl PartialSchema for PaymentResult {
    fn schema() -> RefOr<Schema> {
        let paid = Self::accepted(OrderId::example(), Money::from_cents(5300), TRACKING_NUMBER.to_owned());
        let no_order = "The order's id; empty while the payment is pending, and where it is about no order.";
        let transaction = "A UUID; `-1` when the payment was declined, empty while it is pending.";
        object([
            ("success", flag().into()),
            ("status", whole().enum_values(Some([0, 200, 400])).into()),
            ("message", one_of(["pending payment", "success", "error"]).into()),
            ("amount", amount_as_text()),
            ("transactionID", text(0..=128).description(Some(transaction)).into()),
            ("orderID", text(0..=128).description(Some(no_order)).into()),
        ])
        .description(Some("The outcome of a payment."))
        .examples([json!(paid)])
        .into()
    }
}

impl PartialSchema for PaymentRequestedEvent {
    fn schema() -> RefOr<Schema> {
        let card = OneOfBuilder::new().item(named(&Card::name())).item(named(&SealedCard::name()));
        let data = object([("orderID", order_id()), ("card", card.into()), ("total", read_amount())]);
        read([EventKind::PaymentRequested], data.into())
    }
}

impl PartialSchema for CreditCardValidatedEvent {
    fn schema() -> RefOr<Schema> {
        let data = named(&PaymentResult::name());
        written(EventKind::CreditCardValidated, &["success", "error"], data)
    }
}

impl PartialSchema for ShipmentRequestedEvent {
    fn schema() -> RefOr<Schema> {
        let delivery = text(0..=256).examples(["UPS/FEDEX"]);
        let data = object([("orderID", order_id())]).property("delivery", delivery);
        read([EventKind::ShipmentRequested], data.into())
    }
}

impl PartialSchema for ShipmentSentEvent {
    fn schema() -> RefOr<Schema> {
        let data = object([
            ("trackingNumber", tracking_number().into()),
            ("orderNumber", order_id()),
            ("orderID", order_id()),
            ("status", one_of(["shipped - pending delivery"]).into()),
        ]);
        written(EventKind::ShipmentSent, &["success"], data.into())
    }
}

impl PartialSchema for ShipmentEvent {
    fn schema() -> RefOr<Schema> {
        let data = object([("trackingNumber", tracking_number().into()), ("orderID", order_id())]);
        read([EventKind::ShipmentSent, EventKind::ShipmentDelivered], data.into())
    }
}

/// Collects the schema of `T` and of the types that it refers to.
fn collect<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

impl ToSchema for PaymentResult {}

impl ToSchema for PaymentRequestedEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<OrderId>(schemas);
        collect::<Card>(schemas);
        collect::<SealedCard>(schemas);
    }
}

impl ToSchema for CreditCardValidatedEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<PaymentResult>(schemas);
    }
}

impl ToSchema for ShipmentRequestedEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<OrderId>(schemas);
    }
}

impl ToSchema for ShipmentSentEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<OrderId>(schemas);
    }
}

impl ToSchema for ShipmentEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<OrderId>(schemas);
    }
}
