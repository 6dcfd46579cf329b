//! The part of the catalog that carts and orders need: a line as a client sends it, and the price that counts.

use async_trait::async_trait;
use serde::Serialize;

use crate::id::ProductId;
use crate::json::{Field, FieldError};
use crate::money::Money;
use crate::store::StoreError;

/// The most lines that a cart or an order has.
pub const MAX_LINES: usize = 100;
/// The most pieces that a line has.
pub const MAX_QUANTITY: u32 = 10_000;
/// The most characters that a product's name has.
pub const MAX_NAME: usize = 256;
/// The most characters that a product's description has.
pub const MAX_DESCRIPTION: usize = 4096;

/// A product at the price that counts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The product's id.
    pub id: ProductId,
    /// The product's name.
    pub name: String,
    /// The product's short description.
    pub description: String,
    /// The price of one piece.
    pub price: Money,
}

/// A source of prices, such as the catalog's store.
#[async_trait]
pub trait PriceList: Send + Sync {
    /// The offers for the products in `ids` that the catalog has, in any order.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError>;
}

/// Some pieces of one product, as a client sends them.
///
/// Its serialized form is part of an order's fingerprint. Later versions of the program compare that fingerprint, so
/// the form must not change.
#[derive(Debug, Clone, Serialize)]
pub struct LineRequest {
    /// The product's id.
    pub id: ProductId,
    /// The product's name, as the client knows it.
    pub name: String,
    /// The product's description, as the client knows it.
    pub description: String,
    /// How many pieces, from 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// The price of one piece, as the client knows it.
    pub price: Option<Money>,
    /// The errors for an unknown id and for a missing price.
    #[serde(skip)]
    faults: [FieldError; 2],
}

impl LineRequest {
    /// Reads a line whose id has one of `names`. An error names the first of them.
    ///
    /// # Errors
    /// The first fault of the line.
    pub fn read(field: &Field<'_>, names: &[&str]) -> Result<Self, FieldError> {
        field.object()?;
        let (id, price) = (field.any(names), field.get("price"));
        Ok(Self {
            id: id.read()?,
            name: field.get("name").text_or_empty(MAX_NAME)?,
            description: field.get("description").text_or_empty(MAX_DESCRIPTION)?,
            quantity: quantity(&field.get("quantity"), 1)?,
            price: if price.is_present() { Some(price.money()?) } else { None },
            faults: [id.expected("the id of a product in the catalog"), price.expected("an amount")],
        })
    }

    /// The offer as the client describes it, at the client's price, for compatibility mode.
    ///
    /// # Errors
    /// When the client sent no price.
    pub fn at_client_price(&self) -> Result<Offer, FieldError> {
        let (id, name, description) = (self.id.clone(), self.name.clone(), self.description.clone());
        let [_, fault] = &self.faults;
        Ok(Offer { id, name, description, price: self.price.ok_or_else(|| fault.clone())? })
    }

    /// The catalog's offer for the product.
    ///
    /// # Errors
    /// When the product is not among the `offers`.
    pub fn at_catalog_price(&self, offers: &[Offer]) -> Result<Offer, FieldError> {
        let [fault, _] = &self.faults;
        offers.iter().find(|offer| offer.id == self.id).cloned().ok_or_else(|| fault.clone())
    }
}

#[cfg(feature = "openapi")]
impl Offer {
    /// A product of the demo catalog, for examples.
    pub fn example() -> Self {
        let (name, description) = ("Foam Roller".to_owned(), "For the day after.".to_owned());
        Self { id: ProductId::example(), name, description, price: Money::from_cents(2650) }
    }
}

#[cfg(feature = "openapi")]
impl LineRequest {
    /// The schema of a line as a client sends it. `id` is the name of the member for its id.
    pub fn described(id: &str) -> utoipa::openapi::ObjectBuilder {
        use utoipa::ToSchema;

        use crate::openapi::{named, object, read_amount, read_whole, text};

        let Offer { name, description, .. } = Offer::example();
        let pieces = read_whole(1..=i64::from(MAX_QUANTITY)).examples([2]);
        object([(id, named(&ProductId::name())), ("quantity", pieces.into())])
            .property("name", text(0..=MAX_NAME).examples([name]))
            .property("description", text(0..=MAX_DESCRIPTION).examples([description]))
            .property("price", read_amount())
    }
}

/// Reads a number of pieces, from `least` to [`MAX_QUANTITY`].
///
/// # Errors
/// When the field is absent, not a whole number, or out of range.
pub fn quantity(field: &Field<'_>, least: u32) -> Result<u32, FieldError> {
    let number = field.integer(i64::from(least)..=i64::from(MAX_QUANTITY))?;
    u32::try_from(number).map_err(|_| field.expected("a quantity"))
}
