//! What a client sends of a cart, as the description of the routes has it.

use std::borrow::Cow;

use acme_common::catalog::{LineRequest, MAX_LINES, MAX_QUANTITY, Offer};
use acme_common::id::ProductId;
use acme_common::openapi::{named, object, read_whole};
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{CartItem, CartRequest, ItemRequest, QuantityRequest};

/// An item for examples.
pub(super) fn item() -> CartItem {
    CartItem::new(Offer::example(), 2)
}

impl PartialSchema for ItemRequest {
    fn schema() -> RefOr<Schema> {
        let catalogs = "Name, description and price are the catalog's; in compatibility mode they are those that come in \
            here, and the price is required.";
        LineRequest::described("itemid").description(Some(catalogs)).into()
    }
}

impl PartialSchema for CartRequest {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(named(&ItemRequest::name())).max_items(Some(MAX_LINES));
        object([("cart", items.into())]).into()
    }
}

impl PartialSchema for QuantityRequest {
    fn schema() -> RefOr<Schema> {
        let quantity = read_whole(0..=i64::from(MAX_QUANTITY)).description(Some("0 removes the item."));
        object([("itemid", named(&ProductId::name())), ("quantity", quantity.examples([3]).into())]).into()
    }
}

impl ToSchema for ItemRequest {
    fn name() -> Cow<'static, str> {
        "CartItemInput".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ProductId::name().into_owned(), ProductId::schema()));
    }
}

impl ToSchema for CartRequest {
    fn name() -> Cow<'static, str> {
        "CartInput".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ItemRequest::name().into_owned(), ItemRequest::schema()));
        ItemRequest::schemas(schemas);
    }
}

impl ToSchema for QuantityRequest {
    fn name() -> Cow<'static, str> {
        "CartItemChange".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ItemRequest::schemas(schemas);
    }
}
