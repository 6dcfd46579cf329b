//! A store and a bus that note each step, let others in between, and break off where they are told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acme_common::bus::testing::RecordingPublisher;
use acme_common::bus::{PublishError, Publisher};
use acme_common::card::SealedCard;
use acme_common::event::Event;
use acme_common::id::{OrderId, UserId};
use acme_common::store::{Page, PageRequest, StoreError};
use acme_order::store::{Advanced, Change, Created, IdempotencyKey, Stalled};
use acme_order::{MemoryOrders, Order, Orders};
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::yield_now;

/// What a broken step loses: itself, or only the answer to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lost {
    Request,
    Answer,
}

/// The steps that were taken, and the one that is to break.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    taken: Mutex<Vec<&'static str>>,
    to_break: Mutex<Option<(usize, Lost)>>,
}

impl Steps {
    /// Breaks the step after the next `steps`.
    pub(crate) fn break_after(&self, steps: usize, lost: Lost) {
        *self.to_break.lock().unwrap() = Some((steps, lost));
    }

    /// Whether a step that was to break did not come.
    pub(crate) fn mend(&self) -> bool {
        self.to_break.lock().unwrap().take().is_some()
    }

    /// The names of the steps since this was asked last.
    pub(crate) fn taken(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }

    fn breaks(&self) -> Option<Lost> {
        let mut to_break = self.to_break.lock().unwrap();
        match *to_break {
            Some((0, _)) => to_break.take().map(|(_, lost)| lost),
            Some((steps, lost)) => {
                *to_break = Some((steps - 1, lost));
                None
            }
            None => None,
        }
    }

    async fn take<T, E>(
        &self,
        name: &'static str,
        broken: impl Fn() -> E,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        yield_now().await;
        self.taken.lock().unwrap().push(name);
        let lost = self.breaks();
        if lost == Some(Lost::Request) {
            return Err(broken());
        }
        let done = work.await;
        yield_now().await;
        if lost == Some(Lost::Answer) { Err(broken()) } else { done }
    }
}

/// Orders in memory.
#[derive(Debug, Default)]
pub(crate) struct ShakyOrders {
    pub(crate) kept: MemoryOrders,
    pub(crate) steps: Arc<Steps>,
}

impl ShakyOrders {
    async fn take<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.steps.take(name, || StoreError::unavailable("lost"), work).await
    }
}

#[async_trait]
impl Orders for ShakyOrders {
    async fn create(&self, order: &Order, key: Option<&IdempotencyKey>) -> Result<Created, StoreError> {
        self.take("create", self.kept.create(order, key)).await
    }

    async fn payment_requested(
        &self,
        id: &OrderId,
        card: &SealedCard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.take("payment_requested", self.kept.payment_requested(id, card, now)).await
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        self.take("advance", self.kept.advance(id, change)).await
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        self.take("of_user", self.kept.of_user(user, page)).await
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        self.take("all", self.kept.all(page)).await
    }

    async fn stalled(&self, before: Timestamp) -> Result<Vec<Stalled>, StoreError> {
        self.take("stalled", self.kept.stalled(before)).await
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        self.take("pushed", self.kept.pushed(stalled, now)).await
    }
}

/// A bus that keeps what it is given.
#[derive(Debug, Default)]
pub(crate) struct ShakyBus {
    pub(crate) kept: RecordingPublisher,
    pub(crate) steps: Arc<Steps>,
}

#[async_trait]
impl Publisher for ShakyBus {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.steps.take("publish", || PublishError("lost".into()), self.kept.publish(event)).await
    }

    async fn deliver_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.kept.deliver_later(event, delay).await
    }
}
