//! Carts in memory, for tests and simulation.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::catalog::MAX_QUANTITY;
use acme_common::id::{ProductId, UserId};
use acme_common::idempotency::{Keyed, MemoryKeys};
use acme_common::store::{Page, PageRequest, StoreError, page_of};
use async_trait::async_trait;

use crate::cart::{Cart, CartItem};
use crate::store::{AddError, Carts};

type Items = BTreeMap<ProductId, CartItem>;

/// Carts in memory.
#[derive(Debug, Default)]
pub struct MemoryCarts {
    carts: Mutex<BTreeMap<UserId, Items>>,
    keys: MemoryKeys,
}

impl MemoryCarts {
    /// An empty store. `keys` holds the Idempotency-Keys of its changes.
    pub fn new(keys: MemoryKeys) -> Self {
        Self { keys, ..Self::default() }
    }

    fn carts(&self) -> MutexGuard<'_, BTreeMap<UserId, Items>> {
        self.carts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Carts for MemoryCarts {
    async fn add(&self, user: &UserId, item: CartItem, keyed: Option<&Keyed>) -> Result<(), AddError> {
        let mut carts = self.carts();
        let items = carts.entry(user.clone()).or_default();
        let had = items.get(&item.itemid).map_or(0, |known| known.quantity);
        let quantity = had.saturating_add(item.quantity);
        if quantity > MAX_QUANTITY {
            return Err(AddError::TooMany);
        }
        if let Some(keyed) = keyed {
            self.keys.keep_now(keyed)?;
        }
        items.insert(item.itemid.clone(), CartItem { quantity, ..item });
        Ok(())
    }

    async fn set_quantity(&self, user: &UserId, item: &ProductId, quantity: u32) -> Result<bool, StoreError> {
        let mut carts = self.carts();
        let items = carts.entry(user.clone()).or_default();
        Ok(match items.get_mut(item) {
            Some(_) if quantity == 0 => items.remove(item).is_some(),
            Some(known) => {
                known.quantity = quantity;
                true
            }
            None => false,
        })
    }

    async fn replace(&self, user: &UserId, items: Vec<CartItem>) -> Result<(), StoreError> {
        let items = items.into_iter().map(|item| (item.itemid.clone(), item)).collect();
        self.carts().insert(user.clone(), items);
        Ok(())
    }

    async fn get(&self, user: &UserId) -> Result<Cart, StoreError> {
        let cart = self.carts().get(user).map(|items| items.values().cloned().collect()).unwrap_or_default();
        Ok(Cart { userid: user.clone(), cart })
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Cart>, StoreError> {
        let carts = self.carts();
        let filled = carts.iter().filter(|(_, items)| !items.is_empty());
        let filled = filled
            .map(|(user, items)| Cart { userid: user.clone(), cart: items.values().cloned().collect() });
        page_of(filled, page)
    }
}
