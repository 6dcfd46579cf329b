//! A product as staff sends it, as the description of the routes has it.

use std::borrow::Cow;

use acme_common::catalog::{MAX_DESCRIPTION, MAX_NAME};
use acme_common::openapi::{object, read_amount, text};
use serde_json::json;
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{MAX_TAG, MAX_TAGS, MAX_URL, ProductRequest};

impl PartialSchema for ProductRequest {
    fn schema() -> RefOr<Schema> {
        let mut example = json!(crate::demo::products().first());
        if let Some(members) = example.as_object_mut() {
            members.remove("id");
        }
        let tags = ArrayBuilder::new().items(text(1..=MAX_TAG)).max_items(Some(MAX_TAGS));
        object([("name", text(1..=MAX_NAME).into()), ("price", read_amount())])
            .property("shortDescription", text(0..=MAX_DESCRIPTION))
            .property("description", text(0..=MAX_DESCRIPTION))
            .property("imageUrl1", text(0..=MAX_URL))
            .property("imageUrl2", text(0..=MAX_URL))
            .property("imageUrl3", text(0..=MAX_URL))
            .property("tags", tags)
            .examples([example])
            .into()
    }
}

impl ToSchema for ProductRequest {
    fn name() -> Cow<'static, str> {
        "ProductInput".into()
    }
}
