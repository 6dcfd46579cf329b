//! Orders in memory, for tests and simulation.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::card::SealedCard;
use acme_common::id::{OrderId, UserId};
use acme_common::store::{Page, PageRequest, StoreError, page_of};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::order::Order;
use crate::status::Status;
use crate::store::{Advanced, Change, Created, IdempotencyKey, KEY_SECONDS, MOST_STALLED, Orders, Stalled};

/// Orders in memory.
#[derive(Debug, Default)]
pub struct MemoryOrders(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// In the order in which they were placed.
    orders: Vec<Kept>,
    keys: HashMap<(UserId, String), Key>,
}

#[derive(Debug, Clone)]
struct Key {
    fingerprint: String,
    order_id: OrderId,
    expires_at: i64,
}

#[derive(Debug)]
struct Kept {
    order: Order,
    card: Option<SealedCard>,
    since: Timestamp,
}

impl MemoryOrders {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&mut self, id: &OrderId) -> Option<&mut Kept> {
        self.orders.iter_mut().find(|kept| kept.order.id == *id)
    }
}

#[async_trait]
impl Orders for MemoryOrders {
    async fn create(&self, order: &Order, key: Option<&IdempotencyKey>) -> Result<Created, StoreError> {
        let mut state = self.state();
        if let Some(IdempotencyKey { key, fingerprint }) = key {
            let (key, now) = ((order.userid.clone(), key.clone()), order.created_at.as_second());
            if let Some(known) = state.keys.get(&key).filter(|known| known.expires_at >= now).cloned() {
                let before = state.find(&known.order_id).filter(|_| known.fingerprint == *fingerprint);
                return Ok(
                    before.map_or(Created::KeyReused, |kept| Created::Before(kept.order.clone().into()))
                );
            }
            let (fingerprint, order_id) = (fingerprint.clone(), order.id.clone());
            state.keys.insert(key, Key { fingerprint, order_id, expires_at: now + KEY_SECONDS });
        }
        state.orders.push(Kept { order: order.clone(), card: None, since: order.updated_at });
        Ok(Created::New)
    }

    async fn payment_requested(
        &self,
        id: &OrderId,
        card: &SealedCard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(kept) = self.state().find(id).filter(|kept| kept.order.status == Status::PendingPayment) {
            kept.card = Some(card.clone());
            kept.since = now;
        }
        Ok(())
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        let mut state = self.state();
        let Some(kept) = state.find(id) else { return Ok(None) };
        let moved = kept.order.status.moves_to(change.status);
        if moved {
            let order = &mut kept.order;
            order.status = change.status;
            order.updated_at = change.at;
            order.transaction_id = change.transaction_id.clone().or(order.transaction_id.take());
            order.tracking_number = change.tracking_number.clone().or(order.tracking_number.take());
            kept.card = None;
            kept.since = change.at;
        }
        Ok(Some(Advanced { order: kept.order.clone(), moved }))
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let state = self.state();
        let mut orders: Vec<_> =
            state.orders.iter().map(|kept| &kept.order).filter(|o| o.userid == *user).collect();
        orders.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        page_of(orders.into_iter().cloned(), page)
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        page_of(self.state().orders.iter().map(|kept| kept.order.clone()), page)
    }

    async fn stalled(&self, before: Timestamp) -> Result<Vec<Stalled>, StoreError> {
        let state = self.state();
        let stalled =
            state.orders.iter().filter(|kept| !kept.order.status.is_final() && kept.since <= before);
        Ok(stalled
            .map(|kept| Stalled {
                id: kept.order.id.clone(),
                status: kept.order.status,
                since: kept.since,
                delivery: kept.order.delivery.clone(),
                total: kept.order.total,
                card: kept.card.clone(),
            })
            .take(MOST_STALLED)
            .collect())
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let as_found = |kept: &&mut Kept| kept.order.status == stalled.status && kept.since == stalled.since;
        let found = state.find(&stalled.id).filter(as_found);
        Ok(found.map(|kept| kept.since = now).is_some())
    }
}
