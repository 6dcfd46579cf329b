//! Products in memory, for tests and simulation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::catalog::{Offer, PriceList};
use acme_common::id::ProductId;
use acme_common::idempotency::{Keyed, MemoryKeys};
use acme_common::store::StoreError;
use async_trait::async_trait;

use crate::product::Product;
use crate::store::Products;

/// Products in memory.
#[derive(Debug, Default)]
pub struct MemoryProducts {
    products: Mutex<BTreeMap<ProductId, Product>>,
    keys: MemoryKeys,
}

impl MemoryProducts {
    /// An empty store. `keys` holds the Idempotency-Keys of the requests that add products.
    pub fn new(keys: MemoryKeys) -> Self {
        Self { keys, ..Self::default() }
    }

    fn products(&self) -> MutexGuard<'_, BTreeMap<ProductId, Product>> {
        self.products.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Products for MemoryProducts {
    async fn get(&self, id: &ProductId) -> Result<Option<Product>, StoreError> {
        Ok(self.products().get(id).cloned())
    }

    async fn all(&self) -> Result<Vec<Product>, StoreError> {
        let mut all: Vec<_> = self.products().values().cloned().collect();
        all.sort_by(Product::by_name);
        Ok(all)
    }

    async fn add(&self, product: Product, keyed: Option<&Keyed>) -> Result<(), StoreError> {
        if let Some(keyed) = keyed {
            self.keys.keep_now(keyed)?;
        }
        self.products().insert(product.id.clone(), product);
        Ok(())
    }
}

#[async_trait]
impl PriceList for MemoryProducts {
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError> {
        let products = self.products();
        let distinct: BTreeSet<_> = ids.iter().collect();
        Ok(distinct.into_iter().filter_map(|id| products.get(id)).map(Product::offer).collect())
    }
}
