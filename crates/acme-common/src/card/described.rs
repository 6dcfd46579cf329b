//! Schemas of the cards that a route reads, for the description of the routes.

use std::borrow::Cow;

use serde_json::json;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Card, SealedCard};
use crate::openapi::{object, read_whole, text};

impl PartialSchema for Card {
    fn schema() -> RefOr<Schema> {
        let year = "A year below 100 means 20xx.";
        let cvv = "Three digits, or four for American Express. It may also be called `ccv`.";
        let brand = "The name of a brand, which the number must then belong to.";
        object([
            ("number", text(1..=40).description(Some("13 to 19 digits, also with blanks and dashes.")).into()),
            ("expMonth", read_whole(0..=9999).into()),
            ("expYear", read_whole(0..=9999).description(Some(year)).into()),
            ("cvv", text(1..=8).description(Some(cvv)).into()),
        ])
        .property("type", text(0..=64).description(Some(brand)))
        .description(Some("A card to pay with."))
        .examples([
            json!({"type": "Visa", "number": "4111111111111111", "expMonth": 12, "expYear": 2099, "cvv": "123"}),
        ])
        .into()
    }
}

impl ToSchema for Card {
    fn name() -> Cow<'static, str> {
        "CardInput".into()
    }
}

impl PartialSchema for SealedCard {
    fn schema() -> RefOr<Schema> {
        object([
            ("expMonth", read_whole(0..=9999).into()),
            ("expYear", read_whole(0..=9999).into()),
            ("sealed", text(1..=2048).into()),
        ])
        .property("type", text(0..=64))
        .property("last4", text(0..=4))
        .description(Some("A card that only payment-validate can open, and only for its order."))
        .into()
    }
}

impl ToSchema for SealedCard {}
