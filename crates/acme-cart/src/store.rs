//! Where carts are kept.

use acme_common::catalog::MAX_QUANTITY;
use acme_common::id::{ProductId, UserId};
use acme_common::idempotency::Keyed;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;

use crate::cart::{Cart, CartItem};

/// A store of carts. A change to one item never undoes a change to another item of the same cart.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Carts: Send + Sync {
    /// Adds an item. If the cart already has the item, its quantity grows and its other fields are replaced. Two adds
    /// at once both count. The same transaction keeps the answer under the request's Idempotency-Key, if there is one.
    ///
    /// # Errors
    /// [`AddError::TooMany`] when the quantity would be more than [`MAX_QUANTITY`]; [`StoreError::KeyTaken`] when the
    /// key's claim does not hold any more; another error when the store fails.
    async fn add(&self, user: &UserId, item: CartItem, keyed: Option<&Keyed>) -> Result<(), AddError>;

    /// Sets an item's quantity. A quantity of 0 removes the item. Returns whether the cart had the item.
    ///
    /// # Errors
    /// When the store fails.
    async fn set_quantity(&self, user: &UserId, item: &ProductId, quantity: u32) -> Result<bool, StoreError>;

    /// Replaces all items of the cart by `items`, which contains each product at most once.
    ///
    /// # Errors
    /// When the store fails.
    async fn replace(&self, user: &UserId, items: Vec<CartItem>) -> Result<(), StoreError>;

    /// The user's cart, sorted by item. It is empty if the user has no cart.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, user: &UserId) -> Result<Cart, StoreError>;

    /// A page of all carts that are not empty.
    ///
    /// # Errors
    /// When the store fails, or when the cursor is not a cursor of this list.
    async fn all(&self, page: &PageRequest) -> Result<Page<Cart>, StoreError>;
}

/// Why an item was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The cart would hold too many pieces of the item.
    #[error("quantity: a cart holds at most {} pieces of one item", MAX_QUANTITY)]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
