//! A store and a bus that note each step, let other tasks run in between, and fail where a test says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acme_common::event::Event;
use acme_common::id::{OrderId, UserId};
use acme_common::idempotency::{Claim, Claimed, IdempotencyKeys, Keyed, MemoryKeys, Released};
use acme_common::messaging::testing::RecordingPublisher;
use acme_common::messaging::{Message, PublishError, Publisher};
use acme_common::store::{Page, PageRequest, StoreError};
use acme_order::store::{Advanced, Change, NewOrder, Stalled, Stillness};
use acme_order::{MemoryOrders, Order, Orders};
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::yield_now;

/// What a broken step loses: the request, or only its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lost {
    Request,
    Answer,
}

/// The steps that were taken, and the step that will break.
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

    /// Breaks no step any more. Returns whether the step that was to break never came.
    pub(crate) fn mend(&self) -> bool {
        self.to_break.lock().unwrap().take().is_some()
    }

    /// The names of the steps since the last call.
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

/// Orders in memory, and the Idempotency-Keys beside them.
#[derive(Debug)]
pub(crate) struct ShakyOrders {
    pub(crate) kept: MemoryOrders,
    keys: MemoryKeys,
    steps: Arc<Steps>,
}

impl ShakyOrders {
    pub(crate) fn new(steps: Arc<Steps>) -> Self {
        let keys = MemoryKeys::default();
        Self { kept: MemoryOrders::new(keys.clone()), keys, steps }
    }

    async fn take<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.steps.take(name, || StoreError::OutcomeUnknown("lost".into()), work).await
    }
}

#[async_trait]
impl Orders for ShakyOrders {
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError> {
        self.take("create", self.kept.create(new)).await
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

    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError> {
        self.take("stalled", self.kept.stalled(stillness)).await
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        self.take("pushed", self.kept.pushed(stalled, now)).await
    }
}

#[async_trait]
impl IdempotencyKeys for ShakyOrders {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.take("claim", self.keys.claim(claim)).await
    }

    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError> {
        self.take("keep", self.keys.keep(keyed)).await
    }

    async fn release(&self, claim: &Claim) -> Result<Released, StoreError> {
        self.take("release", self.keys.release(claim)).await
    }
}

/// A bus that records what is published.
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

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let mut outcomes = Vec::new();
        for message in messages {
            outcomes.push(self.publish(&message.event).await);
        }
        outcomes
    }

    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.kept.publish_later(event, delay).await
    }
}
