//! Payments in memory, for tests and simulation.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use async_trait::async_trait;

use crate::payment::Payment;
use crate::store::{Payments, Recorded};

/// Payments in memory.
#[derive(Debug, Default)]
pub struct MemoryPayments(Mutex<BTreeMap<OrderId, Payment>>);

impl MemoryPayments {
    fn payments(&self) -> MutexGuard<'_, BTreeMap<OrderId, Payment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Payments for MemoryPayments {
    async fn record_once(&self, payment: Payment) -> Result<Recorded, StoreError> {
        Ok(match self.payments().entry(payment.order_id.clone()) {
            Entry::Occupied(known) => Recorded { payment: known.get().clone(), new: false },
            Entry::Vacant(place) => Recorded { payment: place.insert(payment).clone(), new: true },
        })
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError> {
        Ok(self.payments().get(order).cloned())
    }
}
