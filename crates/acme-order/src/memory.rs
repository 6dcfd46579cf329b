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
    /// In the order in which they were placed.
    orders: Vec<Kept>,
    places: HashMap<OrderId, usize>,
    /// The places of those that are not at their end, in which the sweep looks.
    open: BTreeSet<usize>,
}

#[derive(Debug)]
struct Kept {
    order: Order,
    card: Option<SealedCard>,
    trace: Trace,
    touched: Timestamp,
    pushes: u32,
}

impl MemoryOrders {
    /// No orders; their Idempotency-Keys are in `keys`.
    pub fn new(keys: MemoryKeys) -> Self {
        Self { keys, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&mut self, id: &OrderId) -> Option<&mut Kept> {
        let place = *self.places.get(id)?;
        self.orders.get_mut(place)
    }
}

#[async_trait]
impl Orders for MemoryOrders {
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(keyed) = new.keyed {
            self.keys.keep_now(keyed)?;
        }
        let (order, place) = (new.order.clone(), state.orders.len());
        state.places.insert(order.id.clone(), place);
        if !order.status.is_final() {
            state.open.insert(place);
        }
        let (card, trace, touched) = (Some(new.card.clone()), new.trace.clone(), order.updated_at);
        state.orders.push(Kept { order, card, trace, touched, pushes: 0 });
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
            kept.touched = change.at;
            kept.pushes = 0;
        }
        if change.status.settles_payment() {
            kept.card = None;
        }
        let advanced = Advanced { order: kept.order.clone(), moved };
        if advanced.order.status.is_final()
            && let Some(place) = state.places.get(id).copied()
        {
            state.open.remove(&place);
        }
        Ok(Some(advanced))
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

    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError> {
        let state = self.state();
        let open = state.open.iter().filter_map(|place| state.orders.get(*place));
        let still = open.filter(|kept| stillness.holds(kept.touched, kept.pushes));
        Ok(still.take(MOST_STALLED).map(Kept::stalled).collect())
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let as_found =
            |kept: &&mut Kept| kept.order.status == stalled.status && kept.touched == stalled.touched;
        let found = state.find(&stalled.id).filter(as_found);
        let count = |kept: &mut Kept| {
            kept.touched = now;
            kept.pushes += 1;
        };
        Ok(found.map(count).is_some())
    }
}

impl Kept {
    fn stalled(&self) -> Stalled {
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
