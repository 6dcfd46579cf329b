//! The queue: SQS in this process, with delays, redelivery, and dead letters.
//!
//! Messages cross it in their wire form, so a consumer reads here what it would read on AWS. Nothing in it survives
//! the process; what was in it is found by the sweep at the next start.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use acme_common::bus::{ConsumeError, Consumer, MAX_RECEIVES, Message, PublishError, Publisher};
use acme_common::event::{Event, EventKind};
use acme_common::json;
use acme_common::telemetry::{self, Trace};
use async_trait::async_trait;
use sentry_lambda::{Record, RecordError};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// How long a message that failed is invisible at first; twice as long after each further failure.
const VISIBILITY: Duration = Duration::from_millis(200);
/// How many messages are handled at once.
const CONCURRENCY: usize = 32;

/// Who consumes: the function's name, the kinds of events that it takes off the bus, and how it handles one.
pub(crate) struct Subscription {
    pub(crate) function: &'static str,
    pub(crate) kinds: &'static [EventKind],
    pub(crate) consumer: Arc<dyn Consumer>,
}

/// The function that takes what is to be delivered later.
pub(crate) const DELIVERER: &str = "shipment-deliver";

/// The queue, as its publishers hold it.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Inner>);

struct Inner {
    consumers: OnceLock<Consumers>,
    workers: Semaphore,
    /// How many messages are waiting or handled; those whose delay runs are not counted.
    under_way: watch::Sender<usize>,
}

#[derive(Default)]
struct Consumers {
    by_name: HashMap<&'static str, Arc<dyn Consumer>>,
    by_kind: HashMap<EventKind, Vec<&'static str>>,
}

/// A message on its way to one consumer.
struct Delivery {
    id: Uuid,
    body: Vec<u8>,
    trace: Trace,
    sent_at: SystemTime,
}

impl Queue {
    /// An empty queue. What is published before [`start`](Self::start) is refused.
    pub(crate) fn new() -> Arc<Self> {
        let workers = Semaphore::new(CONCURRENCY);
        let inner = Inner { consumers: OnceLock::new(), workers, under_way: watch::channel(0).0 };
        Arc::new(Self(Arc::new(inner)))
    }

    /// Begins to hand messages to the subscribers.
    pub(crate) fn start(&self, subscriptions: Vec<Subscription>) {
        let mut consumers = Consumers::default();
        for Subscription { function, kinds, consumer } in subscriptions {
            consumers.by_name.insert(function, consumer);
            for kind in kinds {
                consumers.by_kind.entry(*kind).or_default().push(function);
            }
        }
        let _ = self.0.consumers.set(consumers);
    }

    /// Waits until no message is under way, for at most `limit`.
    pub(crate) async fn drain(&self, limit: Duration) {
        let mut under_way = self.0.under_way.subscribe();
        let _ = tokio::time::timeout(limit, under_way.wait_for(|count| *count == 0)).await;
    }

    /// Hands `event` to all who consume it.
    fn hand_out(&self, event: &Event, trace: &Trace) -> Result<(), PublishError> {
        let kind = event.kind();
        let consumers = self.0.consumers.get().and_then(|consumers| consumers.by_kind.get(&kind));
        let consumers =
            consumers.ok_or_else(|| PublishError(format!("nobody consumes {}", kind.name()).into()))?;
        consumers.iter().try_for_each(|function| self.send(function, event, trace, Duration::ZERO))
    }

    fn send(
        &self,
        function: &'static str,
        event: &Event,
        trace: &Trace,
        delay: Duration,
    ) -> Result<(), PublishError> {
        let consumer = self.0.consumers.get().and_then(|consumers| consumers.by_name.get(function)).cloned();
        let consumer =
            consumer.ok_or_else(|| PublishError(format!("nobody consumes as {function}").into()))?;
        let message = Delivery {
            id: Uuid::new_v4(),
            body: serde_json::to_vec(event).map_err(|error| PublishError(error.into()))?,
            trace: trace.clone(),
            sent_at: SystemTime::now(),
        };
        let inner = self.0.clone();
        // Counted before this returns: between two steps of an order there is no moment at which nothing is under way.
        if delay.is_zero() {
            inner.under_way.send_modify(|count| *count += 1);
        }
        tokio::spawn(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
                inner.under_way.send_modify(|count| *count += 1);
            }
            inner.deliver(function, &*consumer, &message).await;
            inner.under_way.send_modify(|count| *count -= 1);
        });
        Ok(())
    }
}

impl Inner {
    /// Hands a message to its consumer until it is handled or a dead letter.
    async fn deliver(&self, function: &'static str, consumer: &dyn Consumer, message: &Delivery) {
        let mut visibility = VISIBILITY;
        for receive in 1..=MAX_RECEIVES {
            // The queue's semaphore is never closed.
            let Ok(_worker) = self.workers.acquire().await else { return };
            let record = Record::new(function, "in_process")
                .id(&message.id.to_string())
                .body_size(message.body.len())
                .sent_at(message.sent_at)
                .receives(receive, MAX_RECEIVES)
                .server_name(function)
                .tag("faas.name", function)
                .trace_headers(message.trace.0.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            let handled = sentry_lambda::record(record, async {
                consumer.consume(json::from_slice(&message.body)?).await
            })
            .await;
            let reason = match handled {
                Ok(()) => return,
                Err(RecordError::Failed(ConsumeError::Poison(reason))) => {
                    return dead_letter(function, message, &reason);
                }
                Err(RecordError::Failed(error)) => telemetry::chain(&error),
                Err(RecordError::Panicked(panic)) => panic,
            };
            if receive == MAX_RECEIVES {
                return dead_letter(function, message, &reason);
            }
            tracing::warn!("{function} will try message {} again: {reason}", message.id);
            drop(_worker);
            tokio::time::sleep(visibility).await;
            visibility *= 2;
        }
    }
}

fn dead_letter(function: &str, message: &Delivery, reason: &str) {
    tracing::error!("message {} of {function} is a dead letter: {reason}", message.id);
}

#[async_trait]
impl Publisher for Queue {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.hand_out(event, &Trace::current())
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        messages.iter().map(|message| self.hand_out(&message.event, &message.trace)).collect()
    }

    async fn deliver_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.send(DELIVERER, event, &Trace::current(), delay)
    }
}
