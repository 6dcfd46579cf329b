//! A cart and its items, and what they add up to.

#[cfg(feature = "openapi")]
mod described;

use acme_common::catalog::{LineRequest, MAX_LINES, MAX_QUANTITY, Offer, quantity};
use acme_common::id::{ProductId, UserId};
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::money::Money;
use serde::Serialize;

/// Some pieces of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(json!(described::item()))))]
pub struct CartItem {
    /// The product's id.
    pub itemid: ProductId,
    /// The product's name.
    pub name: String,
    /// Its short description.
    pub description: String,
    /// The price of one piece.
    pub price: Money,
    /// How many pieces, from 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
}

/// The items that a user wants to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cart {
    /// The user.
    pub userid: UserId,
    /// The items, by `itemid`.
    pub cart: Vec<CartItem>,
}

/// A cart item as a client sends it.
#[derive(Debug, Clone)]
pub struct ItemRequest(pub LineRequest);

/// A cart as a client sends it; a `userid` inside is ignored.
#[derive(Debug, Clone)]
pub struct CartRequest(pub Vec<LineRequest>);

/// A new quantity for an item as a client sends it.
#[derive(Debug, Clone)]
pub struct QuantityRequest {
    /// The product's id.
    pub itemid: ProductId,
    /// How many pieces from now on; 0 removes the item.
    pub quantity: u32,
}

impl Cart {
    /// The number of pieces in the cart.
    pub fn pieces(&self) -> u64 {
        self.cart.iter().map(|item| u64::from(item.quantity)).sum()
    }

    /// What the cart costs.
    pub fn total(&self) -> Money {
        self.cart.iter().map(|item| item.price.times(item.quantity)).sum()
    }
}

impl CartItem {
    /// A line of `quantity` pieces of the offer.
    pub fn new(offer: Offer, quantity: u32) -> Self {
        let Offer { id, name, description, price } = offer;
        Self { itemid: id, name, description, price, quantity }
    }
}

/// Merges the items of a cart that are of the same product. The result is the same as adding the items one by one.
///
/// # Errors
/// When the sum for one product is more than [`MAX_QUANTITY`].
pub(crate) fn merged(items: Vec<CartItem>) -> Result<Vec<CartItem>, FieldError> {
    let mut merged: Vec<CartItem> = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        let Some(known) = merged.iter_mut().find(|known| known.itemid == item.itemid) else {
            merged.push(item);
            continue;
        };
        let quantity = known.quantity.saturating_add(item.quantity);
        if quantity > MAX_QUANTITY {
            let expected = format!("at most {MAX_QUANTITY} pieces of one item");
            return Err(FieldError::new(format!("cart[{i}].quantity"), expected));
        }
        *known = CartItem { quantity, ..item };
    }
    merged.sort_by(|a, b| a.itemid.cmp(&b.itemid));
    Ok(merged)
}

/// The spellings of an item's id.
const ITEM_ID: [&str; 2] = ["itemid", "id"];

impl FromJson for ItemRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        LineRequest::read(field, &ITEM_ID).map(Self)
    }
}

impl FromJson for CartRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let items = field.object()?.get("cart").list(MAX_LINES)?;
        items.iter().map(|item| LineRequest::read(item, &ITEM_ID)).collect::<Result<_, _>>().map(Self)
    }
}

impl FromJson for QuantityRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        Ok(Self { itemid: field.any(&ITEM_ID).read()?, quantity: quantity(&field.get("quantity"), 0)? })
    }
}
