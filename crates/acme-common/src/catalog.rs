//! What a cart and an order must know of the catalog: the price that counts.

use async_trait::async_trait;

use crate::id::ProductId;
use crate::money::Money;
use crate::store::StoreError;

/// A product as it is sold now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The product's id.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Its short description.
    pub description: String,
    /// Its price for one piece.
    pub price: Money,
}

/// Where prices come from. The catalog's store is one.
#[async_trait]
pub trait PriceList: Send + Sync {
    /// The offers for those of `ids` that the catalog knows, in any order.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError>;
}
