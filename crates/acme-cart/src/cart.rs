//! A cart and its items, and what they add up to.

use acme_common::catalog::Offer;
use acme_common::id::{ProductId, UserId};
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::money::Money;
use serde::Serialize;

/// The most pieces of one item.
pub const MAX_QUANTITY: u32 = 10_000;
/// The most items of one cart.
pub const MAX_ITEMS: usize = 100;

/// Some pieces of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// What a user is about to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cart {
    /// The user.
    pub userid: UserId,
    /// The items, by `itemid`.
    pub cart: Vec<CartItem>,
}

/// A cart item as a client sends it.
#[derive(Debug, Clone)]
pub struct SentItem {
    /// The product's id.
    pub itemid: ProductId,
    /// The product's name, as the client knows it.
    pub name: String,
    /// Its description, as the client knows it.
    pub description: String,
    /// Its price, as the client knows it.
    pub price: Option<Money>,
    /// How many pieces, from 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// Where it stood in the body, for errors.
    path: String,
}

/// A cart as a client sends it; a `userid` inside is ignored.
#[derive(Debug, Clone)]
pub struct SentCart(pub Vec<SentItem>);

/// A new quantity for an item as a client sends it.
#[derive(Debug, Clone)]
pub struct SentQuantity {
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

impl SentItem {
    /// The item at the client's own price, for compatibility mode.
    ///
    /// # Errors
    /// When the client sent no price.
    pub fn as_sent(self) -> Result<CartItem, FieldError> {
        let price = self.price.ok_or_else(|| self.fault("price", "an amount"))?;
        let Self { itemid, name, description, quantity, .. } = self;
        Ok(CartItem { itemid, name, description, price, quantity })
    }

    /// The item as the catalog sells it.
    ///
    /// # Errors
    /// When it is not among the `offers`.
    pub fn as_offered(self, offers: &[Offer]) -> Result<CartItem, FieldError> {
        let offer = offers.iter().find(|offer| offer.id == self.itemid);
        let offer = offer.ok_or_else(|| self.fault("itemid", "the id of a product in the catalog"))?;
        Ok(CartItem {
            itemid: self.itemid,
            name: offer.name.clone(),
            description: offer.description.clone(),
            price: offer.price,
            quantity: self.quantity,
        })
    }

    fn fault(&self, member: &str, expected: &str) -> FieldError {
        FieldError::new(format!("{}{member}", self.path), expected)
    }
}

/// Puts the items of a `cart` together that are of the same product, as adding them one by one would.
///
/// # Errors
/// When these are too many pieces.
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

impl FromJson for SentItem {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        let price = field.get("price");
        Ok(Self {
            itemid: field.any(&["itemid", "id"]).read()?,
            name: field.get("name").text_or_empty(256)?,
            description: field.get("description").text_or_empty(4096)?,
            price: if price.is_present() { Some(price.money()?) } else { None },
            quantity: quantity(&field.get("quantity"), 1)?,
            path: field.path().map(|path| format!("{path}.")).unwrap_or_default(),
        })
    }
}

impl FromJson for SentCart {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let items = field.object()?.get("cart").list(MAX_ITEMS)?;
        items.iter().map(Field::read).collect::<Result<_, _>>().map(Self)
    }
}

impl FromJson for SentQuantity {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        Ok(Self {
            itemid: field.any(&["itemid", "id"]).read()?,
            quantity: quantity(&field.get("quantity"), 0)?,
        })
    }
}

fn quantity(field: &Field<'_>, min: i64) -> Result<u32, FieldError> {
    let number = field.integer(min..=i64::from(MAX_QUANTITY))?;
    u32::try_from(number).map_err(|_| field.expected("a quantity"))
}
