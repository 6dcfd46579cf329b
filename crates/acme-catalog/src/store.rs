//! Where products are kept.

use acme_common::catalog::PriceList;
use acme_common::id::ProductId;
use acme_common::idempotency::Keyed;
use acme_common::store::StoreError;
use async_trait::async_trait;

use crate::product::Product;

/// A store of products. It is also the shop's price list: it returns one offer for each product in the question,
/// however many products there are and however often each occurs.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Products: PriceList {
    /// The product with this id, or `None`.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, id: &ProductId) -> Result<Option<Product>, StoreError>;

    /// The whole catalog, sorted by [`Product::by_name`].
    ///
    /// # Errors
    /// When the store fails.
    async fn all(&self) -> Result<Vec<Product>, StoreError>;

    /// Adds a product. It replaces a product with the same id. The same transaction keeps the answer under the
    /// request's Idempotency-Key, if there is one.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the key's claim does not hold any more; another error when the store fails.
    async fn add(&self, product: Product, keyed: Option<&Keyed>) -> Result<(), StoreError>;
}
