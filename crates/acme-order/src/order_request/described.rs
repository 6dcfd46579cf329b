//! An order as a client sends it, as the description of the routes has it.

use std::borrow::Cow;

use acme_common::card::Card;
use acme_common::catalog::{LineRequest, MAX_LINES};
use acme_common::id::ProductId;
use acme_common::openapi::{named, object, read_amount, text};
use serde_json::json;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::OrderRequest;

impl PartialSchema for OrderRequest {
    fn schema() -> RefOr<Schema> {
        let lines = ArrayBuilder::new().items(LineRequest::described("id"));
        let lines = lines.min_items(Some(1)).max_items(Some(MAX_LINES));
        let address = ["street", "city", "zip", "state", "country"];
        let address = address
            .into_iter()
            .fold(ObjectBuilder::new(), |address, part| address.property(part, text(0..=256)));
        let prices = "Prices and the total are the catalog's, whatever comes in here; in compatibility mode they are those \
            that come in here, and are required.";
        object([("card", named(&Card::name())), ("cart", lines.into())])
            .property("firstname", text(0..=128).examples(["Eric"]))
            .property("lastname", text(0..=128).examples(["Lindqvist"]))
            .property("email", text(0..=254).examples(["eric@acmefitness.example"]))
            .property("delivery", text(0..=256).examples(["UPS/FEDEX"]))
            .property("address", address.examples([json!(crate::order::described::address())]))
            .property("total", read_amount())
            .description(Some(prices))
            .into()
    }
}

impl ToSchema for OrderRequest {
    fn name() -> Cow<'static, str> {
        "OrderInput".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Card::name().into_owned(), Card::schema()));
        schemas.push((ProductId::name().into_owned(), ProductId::schema()));
    }
}
