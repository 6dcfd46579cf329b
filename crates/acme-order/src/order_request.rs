//! An order as a client sends it, and how it becomes an order of the shop.

#[cfg(feature = "openapi")]
mod described;

use acme_common::card::Card;
use acme_common::catalog::{LineRequest, MAX_LINES, Offer};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::money::Money;
use jiff::Timestamp;

use crate::order::{Address, Line, Order};
use crate::status::Status;

/// The most bytes of an order as JSON. DynamoDB takes no item of more than 400 KB, and the item also holds a sealed
/// card.
pub const MAX_BYTES: usize = 300_000;

/// An order as a client sends it.
#[derive(Debug, Clone)]
pub struct OrderRequest {
    firstname: String,
    lastname: String,
    address: Address,
    email: String,
    delivery: String,
    /// The card to pay with.
    pub card: Card,
    cart: Vec<LineRequest>,
    total: Option<Money>,
    brand: Result<(), FieldError>,
}

/// The spellings of a line's id.
const LINE_ID: [&str; 2] = ["id", "itemid"];

impl OrderRequest {
    /// The ids of the products in the order.
    pub fn product_ids(&self) -> Vec<ProductId> {
        self.cart.iter().map(|line| line.id.clone()).collect()
    }

    /// Makes the order at the client's own prices and total, for compatibility mode.
    ///
    /// # Errors
    /// When a price or the total is missing, or the order is too large to be kept.
    pub fn at_client_price(self, user: UserId, now: Timestamp) -> Result<Order, FieldError> {
        let total = self.total.ok_or_else(|| FieldError::new("total", "an amount"))?;
        let lines = self.lines(LineRequest::at_client_price)?;
        self.into_order(user, lines, total, now)
    }

    /// Makes the order at the catalog's prices. It ignores the prices and the total of the client.
    ///
    /// # Errors
    /// When a product is not among the `offers`, when the total is more than an event can carry, when the order is too
    /// large to be kept, or when the card's `type` is no brand.
    pub fn at_catalog_price(
        self,
        user: UserId,
        offers: &[Offer],
        now: Timestamp,
    ) -> Result<Order, FieldError> {
        self.brand.clone()?;
        let lines = self.lines(|line| line.at_catalog_price(offers))?;
        let total = lines.iter().map(|line| line.price.times(line.quantity)).sum();
        if total > Money::MAX {
            return Err(FieldError::new("cart", format!("a total of at most {}", Money::MAX)));
        }
        self.into_order(user, lines, total, now)
    }

    fn lines(
        &self,
        bought: impl Fn(&LineRequest) -> Result<Offer, FieldError>,
    ) -> Result<Vec<Line>, FieldError> {
        self.cart.iter().map(|line| Ok(Line::new(bought(line)?, line.quantity))).collect()
    }

    fn into_order(
        self,
        userid: UserId,
        cart: Vec<Line>,
        total: Money,
        now: Timestamp,
    ) -> Result<Order, FieldError> {
        let order = Order {
            id: OrderId::random(),
            status: Status::PendingPayment,
            userid,
            firstname: self.firstname,
            lastname: self.lastname,
            address: self.address,
            email: self.email,
            delivery: self.delivery,
            card: self.card.summary(),
            cart,
            total,
            created_at: now,
            updated_at: now,
            tracking_number: None,
            transaction_id: None,
        };
        if serde_json::to_vec(&order).is_ok_and(|json| json.len() <= MAX_BYTES) {
            return Ok(order);
        }
        Err(FieldError::new("cart", format!("an order of at most {MAX_BYTES} bytes")))
    }
}

impl FromJson for OrderRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        let (card, cart, total) = (field.get("card"), field.get("cart"), field.get("total"));
        let lines = cart.list(MAX_LINES)?;
        if lines.is_empty() {
            return Err(cart.expected(format!("a list of 1 to {MAX_LINES}")));
        }
        Ok(Self {
            firstname: field.get("firstname").text_or_empty(128)?,
            lastname: field.get("lastname").text_or_empty(128)?,
            address: field.get("address").read()?,
            email: field.get("email").text_or_empty(254)?,
            delivery: field.get("delivery").text_or_empty(256)?,
            card: card.read()?,
            cart: lines.iter().map(|line| LineRequest::read(line, &LINE_ID)).collect::<Result<_, _>>()?,
            total: if total.is_present() { Some(total.money()?) } else { None },
            brand: Card::require_brand(&card),
        })
    }
}

impl FromJson for Address {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        if !field.is_present() {
            return Ok(Self::default());
        }
        field.object()?;
        let part = |name| field.get(name).text_or_empty(256);
        Ok(Self {
            street: part("street")?,
            city: part("city")?,
            zip: part("zip")?,
            state: part("state")?,
            country: part("country")?,
        })
    }
}
