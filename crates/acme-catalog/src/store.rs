//! Where products are kept.

use acme_common::catalog::PriceList;
use acme_common::id::ProductId;
use acme_common::idempotency::Keyed;
use acme_common::store::StoreError;
use async_trait::async_trait;

use crate::product::Product;

/// A store of products, which is the shop's price list as well: each product that is asked for has one offer,
/// however many are asked for at once and however often.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Products: PriceList {
    /// The product of that id.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, id: &ProductId) -> Result<Option<Product>, StoreError>;

    /// The whole catalog, sorted as [`Product::by_name`] says.
    ///
    /// # Errors
    /// When the store fails.
    async fn all(&self) -> Result<Vec<Product>, StoreError>;

    /// Adds a product, in the place of one of the same id if there is one. The answer under the request's
    /// Idempotency-Key, if there is one, is kept in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the key's claim does not hold any more, or when the store fails.
    async fn add(&self, product: Product, keyed: Option<&Keyed>) -> Result<(), StoreError>;
}
