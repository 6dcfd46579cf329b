//! Where carts are kept.

use acme_common::catalog::MAX_QUANTITY;
use acme_common::id::{ProductId, UserId};
use acme_common::idempotency::Keyed;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;

use crate::cart::{Cart, CartItem};

/// A store of carts. Changes to different items of one cart never undo each other.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Carts: Send + Sync {
    /// Adds an item; if it is there already, its quantity grows and the rest is replaced. Two adds at once both count.
    /// The answer under the request's Idempotency-Key, if there is one, is kept in the same transaction.
    ///
    /// # Errors
    /// [`AddError::TooMany`] when the quantity would pass [`MAX_QUANTITY`]; [`StoreError::KeyTaken`] when the key's claim
    /// does not hold any more.
    async fn add(&self, user: &UserId, item: CartItem, keyed: Option<&Keyed>) -> Result<(), AddError>;

    /// Sets an item's quantity, 0 removes it. Returns whether the item was there.
    ///
    /// # Errors
    /// When the store fails.
    async fn set_quantity(&self, user: &UserId, item: &ProductId, quantity: u32) -> Result<bool, StoreError>;

    /// Puts `items`, each product once, in the place of what was there.
    ///
    /// # Errors
    /// When the store fails.
    async fn replace(&self, user: &UserId, items: Vec<CartItem>) -> Result<(), StoreError>;

    /// The user's cart, sorted by item; empty where there is none.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, user: &UserId) -> Result<Cart, StoreError>;

    /// All carts that hold anything, a page at a time.
    ///
    /// # Errors
    /// When the store fails, or the cursor is not one of its own.
    async fn all(&self, page: &PageRequest) -> Result<Page<Cart>, StoreError>;
}

/// Why an item was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The cart would hold too many pieces of it.
    #[error("quantity: a cart holds at most {} pieces of one item", MAX_QUANTITY)]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
