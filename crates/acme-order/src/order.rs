//! An order as it is kept and shown.

#[cfg(feature = "openapi")]
pub(crate) mod described;

use acme_common::card::CardSummary;
use acme_common::catalog::Offer;
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::money::Money;
use acme_common::time;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::status::Status;

/// An order. It shows only the summary of its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// The order's id.
    #[serde(rename = "_id")]
    pub id: OrderId,
    /// The order's status.
    pub status: Status,
    /// The user who placed the order.
    pub userid: UserId,
    /// The customer's first name.
    #[cfg_attr(feature = "openapi", schema(examples("Eric")))]
    pub firstname: String,
    /// The customer's last name.
    #[cfg_attr(feature = "openapi", schema(examples("Lindqvist")))]
    pub lastname: String,
    /// The delivery address.
    pub address: Address,
    /// The customer's email address.
    #[cfg_attr(feature = "openapi", schema(examples("eric@acmefitness.example")))]
    pub email: String,
    /// The way of delivery, as the customer chose it.
    #[cfg_attr(feature = "openapi", schema(examples("UPS/FEDEX")))]
    pub delivery: String,
    /// What may be shown of the card.
    pub card: CardSummary,
    /// The lines of the order.
    pub cart: Vec<Line>,
    /// The order's total.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "openapi", schema(schema_with = acme_common::openapi::amount_as_text))]
    pub total: Money,
    /// When it was placed.
    #[serde(rename = "createdAt", serialize_with = "as_rfc3339")]
    #[cfg_attr(feature = "openapi", schema(schema_with = acme_common::openapi::time))]
    pub created_at: Timestamp,
    /// When its status last changed.
    #[serde(rename = "updatedAt", serialize_with = "as_rfc3339")]
    #[cfg_attr(feature = "openapi", schema(schema_with = acme_common::openapi::time))]
    pub updated_at: Timestamp,
    /// The carrier's number, once there is one.
    #[serde(rename = "trackingNumber", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, examples("5f0c1f6e-8a7d-4e57-9a3f-2a3b1c0d9e8f")))]
    pub tracking_number: Option<String>,
    /// The payment's transaction, once there is one.
    #[serde(rename = "transactionID", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, examples("0b1e9d8c-7f6a-4b5c-8d3e-2f1a0b9c8d7e")))]
    pub transaction_id: Option<String>,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(json!(described::address()))))]
#[allow(missing_docs, reason = "the names say it")]
pub struct Address {
    pub street: String,
    pub city: String,
    pub zip: String,
    pub state: String,
    pub country: String,
}

/// Some pieces of one product in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(json!(described::line()))))]
pub struct Line {
    /// The product's id.
    pub id: ProductId,
    /// The product's name when it was bought.
    pub name: String,
    /// Its description when it was bought.
    pub description: String,
    /// How many pieces.
    pub quantity: u32,
    /// What one piece cost.
    pub price: Money,
}

impl Line {
    /// A line of `quantity` pieces of the offer.
    pub fn new(offer: Offer, quantity: u32) -> Self {
        let Offer { id, name, description, price } = offer;
        Self { id, name, description, quantity, price }
    }
}

fn as_text<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(money)
}

fn as_rfc3339<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time::rfc3339(*instant))
}
