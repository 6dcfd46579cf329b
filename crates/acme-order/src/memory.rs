//! Orders in memory, for tests and simulation.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::card::SealedCard;
use acme_common::id::{OrderId, UserId};
use acme_common::idempotency::MemoryKeys;
use acme_common::store::{Page, PageRequest, StoreError, page_of};
use acme_common::telemetry::Trace;
use async_trait::async_trait;
use jiff::Timestamp;

use crate::order::Order;
use crate::status::Status;
use crate::store::{Advanced, Change, MOST_STALLED, NewOrder, Orders, Stalled, Stillness};

/// Orders in memory.
#[derive(Debug, Default)]
pub struct MemoryOrders {
    state: Mutex<State>,
    keys: MemoryKeys,
}

#[derive(Debug, Default)]
struct State {
    /// In the order in which they were placed. No order is ever removed.
    orders: Vec<Kept>,
    by_id: HashMap<OrderId, usize>,
    by_user: HashMap<UserId, Vec<usize>>,
    /// The orders whose status is not final, by the time when they were last touched.
    waiting: BTreeSet<(Timestamp, usize)>,
}

#[derive(Debug)]
struct Kept {
    order: Order,
    card: Option<SealedCard>,
    trace: Trace,
    touched: Timestamp,
    pushes: u32,
}

impl Kept {
    fn as_stalled(&self) -> Stalled {
        let order = &self.order;
        let lost = || SealedCard::lost(order.card.clone());
        Stalled {
            id: order.id.clone(),
            status: order.status,
            touched: self.touched,
            since: order.updated_at,
            pushes: self.pushes,
            delivery: order.delivery.clone(),
            total: order.total,
            card: (order.status == Status::PendingPayment).then(|| self.card.clone().unwrap_or_else(lost)),
            trace: self.trace.clone(),
        }
    }
}

impl MemoryOrders {
    /// An empty store. `keys` holds its Idempotency-Keys.
    pub fn new(keys: MemoryKeys) -> Self {
        Self { keys, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, kept: Kept) {
        let place = self.orders.len();
        self.by_id.insert(kept.order.id.clone(), place);
        self.by_user.entry(kept.order.userid.clone()).or_default().push(place);
        if !kept.order.status.is_final() {
            self.waiting.insert((kept.touched, place));
        }
        self.orders.push(kept);
    }

    fn find(&self, id: &OrderId) -> Option<&Kept> {
        self.by_id.get(id).map(|place| &self.orders[*place])
    }

    /// Changes the order, if there is one, and notes when it was touched.
    fn change<T>(&mut self, id: &OrderId, change: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        let place = *self.by_id.get(id)?;
        let kept = &mut self.orders[place];
        self.waiting.remove(&(kept.touched, place));
        let changed = change(kept);
        if !kept.order.status.is_final() {
            self.waiting.insert((kept.touched, place));
        }
        Some(changed)
    }
}

#[async_trait]
impl Orders for MemoryOrders {
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(keyed) = new.keyed {
            self.keys.keep_now(keyed)?;
        }
        let (card, trace, touched) = (Some(new.card.clone()), new.trace.clone(), new.order.updated_at);
        state.add(Kept { order: new.order.clone(), card, trace, touched, pushes: 0 });
        Ok(())
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        let advanced = self.state().change(id, |kept| {
            let moved = kept.order.status.moves_to(change.status);
            if moved {
                let order = &mut kept.order;
                order.status = change.status;
                order.updated_at = change.at;
                order.transaction_id = change.transaction_id.clone().or(order.transaction_id.take());
                order.tracking_number = change.tracking_number.clone().or(order.tracking_number.take());
                kept.touched = change.at;
                kept.pushes = 0;
            }
            if change.status.has_payment_outcome() {
                kept.card = None;
            }
            Advanced { order: kept.order.clone(), moved }
        });
        Ok(advanced)
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let state = self.state();
        let places = state.by_user.get(user).into_iter().flatten();
        let mut orders: Vec<_> = places.map(|place| &state.orders[*place].order).collect();
        orders.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        page_of(orders.into_iter().cloned(), page)
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        page_of(self.state().orders.iter().map(|kept| kept.order.clone()), page)
    }

    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError> {
        let state = self.state();
        // No order between the two times stands still. So a sweep does not look at all orders that are under way.
        let old = state.waiting.range(..=(stillness.before(), usize::MAX));
        let ahead = state.waiting.range((stillness.future(), usize::MAX)..);
        let kept = old.chain(ahead).map(|(_, place)| &state.orders[*place]);
        let still = kept.filter(|kept| stillness.holds(kept.touched, kept.pushes));
        Ok(still.take(MOST_STALLED).map(Kept::as_stalled).collect())
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let as_found = |kept: &&Kept| kept.order.status == stalled.status && kept.touched == stalled.touched;
        if state.find(&stalled.id).filter(as_found).is_none() {
            return Ok(false);
        }
        state.change(&stalled.id, |kept| {
            kept.touched = now;
            kept.pushes += 1;
        });
        Ok(true)
    }
}
