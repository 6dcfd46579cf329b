//! Orders in memory, for tests and simulation.

use std::collections::{BTreeSet, HashMap};
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
    /// In the order in which they were placed; none ever leaves.
    orders: Vec<Kept>,
    by_id: HashMap<OrderId, usize>,
    by_user: HashMap<UserId, Vec<usize>>,
    /// Those that are not at their end, by the time since which they stand still.
    waiting: BTreeSet<(Timestamp, usize)>,
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

impl Kept {
    fn as_stalled(&self) -> Stalled {
        Stalled {
            id: self.order.id.clone(),
            status: self.order.status,
            since: self.since,
            delivery: self.order.delivery.clone(),
            total: self.order.total,
            card: self.card.clone(),
        }
    }
}

impl MemoryOrders {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, kept: Kept) {
        let place = self.orders.len();
        self.by_id.insert(kept.order.id.clone(), place);
        self.by_user.entry(kept.order.userid.clone()).or_default().push(place);
        if !kept.order.status.is_final() {
            self.waiting.insert((kept.since, place));
        }
        self.orders.push(kept);
    }

    fn find(&self, id: &OrderId) -> Option<&Kept> {
        self.by_id.get(id).map(|place| &self.orders[*place])
    }

    /// Changes the order, if it is there, and notes since when it stands still now.
    fn change<T>(&mut self, id: &OrderId, change: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        let place = *self.by_id.get(id)?;
        let kept = &mut self.orders[place];
        self.waiting.remove(&(kept.since, place));
        let changed = change(kept);
        if !kept.order.status.is_final() {
            self.waiting.insert((kept.since, place));
        }
        Some(changed)
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
        state.add(Kept { order: order.clone(), card: None, since: order.updated_at });
        Ok(Created::New)
    }

    async fn payment_requested(
        &self,
        id: &OrderId,
        card: &SealedCard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.state().change(id, |kept| {
            if kept.order.status == Status::PendingPayment {
                kept.card = Some(card.clone());
                kept.since = now;
            }
        });
        Ok(())
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        Ok(self.state().change(id, |kept| {
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
            Advanced { order: kept.order.clone(), moved }
        }))
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let state = self.state();
        let theirs = state.by_user.get(user).into_iter().flatten();
        let mut orders: Vec<_> = theirs.map(|place| &state.orders[*place].order).collect();
        orders.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        page_of(orders.into_iter().cloned(), page)
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        page_of(self.state().orders.iter().map(|kept| kept.order.clone()), page)
    }

    async fn stalled(&self, before: Timestamp) -> Result<Vec<Stalled>, StoreError> {
        let state = self.state();
        let stalled = state.waiting.range(..=(before, usize::MAX)).take(MOST_STALLED);
        Ok(stalled.map(|(_, place)| state.orders[*place].as_stalled()).collect())
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        let pushed = self.state().change(&stalled.id, |kept| {
            let as_found = kept.order.status == stalled.status && kept.since == stalled.since;
            if as_found {
                kept.since = now;
            }
            as_found
        });
        Ok(pushed.unwrap_or(false))
    }
}
