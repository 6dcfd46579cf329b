//! A product, and how a client's JSON becomes a product.

#[cfg(feature = "openapi")]
mod described;

use std::cmp::Ordering;

use acme_common::catalog::{MAX_DESCRIPTION, MAX_NAME, Offer};
use acme_common::id::ProductId;
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::money::Money;
use serde::Serialize;

/// The most characters that the address of a picture has.
pub const MAX_URL: usize = 2048;
/// The most tags that a product has.
pub const MAX_TAGS: usize = 50;
/// The most characters that a tag has.
pub const MAX_TAG: usize = 64;

/// A product that the shop sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(json!(crate::demo::products().first()))))]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// The id, which is a cart item's `itemid` as well.
    pub id: ProductId,
    /// The name.
    pub name: String,
    /// The description in one line.
    pub short_description: String,
    /// The full description.
    pub description: String,
    /// The address of the first picture.
    pub image_url1: String,
    /// The address of the second picture.
    pub image_url2: String,
    /// The address of the third picture.
    pub image_url3: String,
    /// The price of one piece.
    pub price: Money,
    /// Words for finding the product.
    pub tags: Vec<String>,
}

/// A product as staff sends it, under the new id that it gets; an `id` inside is ignored.
#[derive(Debug, Clone)]
pub struct ProductRequest(pub Product);

impl Product {
    /// The part of the product that carts and orders need.
    pub fn offer(&self) -> Offer {
        Offer {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.short_description.clone(),
            price: self.price,
        }
    }

    /// Compares two products for sorting the catalog: by name, and by id if the names are equal.
    pub fn by_name(a: &Self, b: &Self) -> Ordering {
        (&a.name, &a.id).cmp(&(&b.name, &b.id))
    }
}

impl FromJson for ProductRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        let url = |name| field.get(name).text_or_empty(MAX_URL);
        Ok(Self(Product {
            id: ProductId::random(),
            name: field.get("name").text(MAX_NAME)?,
            short_description: field.get("shortDescription").text_or_empty(MAX_DESCRIPTION)?,
            description: field.get("description").text_or_empty(MAX_DESCRIPTION)?,
            image_url1: url("imageUrl1")?,
            image_url2: url("imageUrl2")?,
            image_url3: url("imageUrl3")?,
            price: field.get("price").money()?,
            tags: tags(&field.get("tags"))?,
        }))
    }
}

fn tags(field: &Field<'_>) -> Result<Vec<String>, FieldError> {
    if !field.is_present() {
        return Ok(Vec::new());
    }
    field.list(MAX_TAGS)?.iter().map(|tag| tag.text(MAX_TAG)).collect()
}
