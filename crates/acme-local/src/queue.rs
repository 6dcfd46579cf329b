//! The queue: SQS in this process, with delays, redelivery and dead letters.
//!
//! Messages have the same form here as on AWS, so a consumer reads the same text. The end of the process loses the
//! messages that are on their way, but the sweep finds their orders at the next start. Dead letters survive, because
//! they are in the table.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use acme_aws::Table;
use acme_common::event::{Event, EventKind};
use acme_common::messaging::{
    Consumer, DeadLetter, MAX_RECEIVES, Message, PublishError, Publisher, Received, ReceivedMessage, Receiver,
};
use acme_common::telemetry::{self, Trace};
use async_trait::async_trait;
use jiff::Timestamp;
use sentry_lambda::Record;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// How long a message is invisible after its first failure. Each further failure doubles the time.
const VISIBILITY: Duration = Duration::from_millis(200);
/// How many messages are handled at once.
const CONCURRENCY: usize = 32;

/// A subscriber: the function's name, the types of events that it gets, and its consumer.
pub(crate) struct Subscription {
    pub(crate) function: &'static str,
    pub(crate) kinds: &'static [EventKind],
    pub(crate) consumer: Arc<dyn Consumer>,
}

/// The queue, as publishers use it.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Inner>);

struct Inner {
    table: Arc<Table>,
    consumers: OnceLock<Vec<Subscribed>>,
    workers: Semaphore,
    /// How many messages wait or are being handled. A message whose delay still runs does not count.
    under_way: watch::Sender<usize>,
}

/// A consumer with the types of events that it gets. Several consumers may get the same type.
struct Subscribed {
    kinds: &'static [EventKind],
    receiver: Arc<Receiver>,
}

/// A message on its way to one consumer.
struct Queued {
    id: String,
    body: String,
    trace: Trace,
    sent_at: SystemTime,
    /// Whether the message is in the table as a dead letter. It stays there until it is handled.
    is_dead_letter: bool,
}

impl Queue {
    /// An empty queue whose dead letters go to `table`. The queue refuses events before [`start`](Self::start).
    pub(crate) fn new(table: Arc<Table>) -> Arc<Self> {
        let workers = Semaphore::new(CONCURRENCY);
        let inner = Inner { table, consumers: OnceLock::new(), workers, under_way: watch::channel(0).0 };
        Arc::new(Self(Arc::new(inner)))
    }

    /// Begins to hand messages to the subscribers.
    pub(crate) fn start(&self, subscriptions: Vec<Subscription>) {
        let subscribe = |Subscription { function, kinds, consumer }| {
            let receiver = Receiver::new(function, consumer, self.0.table.clone(), Timestamp::now);
            Subscribed { kinds, receiver: Arc::new(receiver) }
        };
        let _ = self.0.consumers.set(subscriptions.into_iter().map(subscribe).collect());
    }

    /// Waits until no message is under way, but at most for `limit`.
    pub(crate) async fn drain(&self, limit: Duration) {
        let mut under_way = self.0.under_way.subscribe();
        let _ = tokio::time::timeout(limit, under_way.wait_for(|count| *count == 0)).await;
    }

    /// The names of the functions that consume events.
    pub(crate) fn functions(&self) -> BTreeSet<&'static str> {
        self.consumers().iter().map(|consumer| consumer.receiver.function()).collect()
    }

    /// Sends a dead letter again. It stays in the table until it is handled, so it cannot get lost on its way. If it
    /// fails again, it stays in the table with the new reason.
    pub(crate) fn redrive(&self, letter: &DeadLetter) -> Result<(), PublishError> {
        let message = Queued {
            id: letter.id.clone(),
            body: letter.body.clone(),
            trace: Trace(letter.trace_headers.clone()),
            sent_at: SystemTime::now(),
            is_dead_letter: true,
        };
        let function = &letter.function;
        let to = self.consumers().iter().find(|consumer| consumer.receiver.function() == function);
        let to = to.ok_or_else(|| PublishError(format!("nobody consumes as {function}").into()))?;
        self.send(to, message, Duration::ZERO);
        Ok(())
    }

    /// All consumers. There are none before the queue is started.
    fn consumers(&self) -> &[Subscribed] {
        self.0.consumers.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// Sends `event` to all functions that consume its type, after `delay`.
    fn hand_out(&self, event: &Event, trace: &Trace, delay: Duration) -> Result<(), PublishError> {
        let kind = event.kind();
        let body = serde_json::to_string(event).map_err(|error| PublishError(error.into()))?;
        let mut consumers = self.consumers().iter().filter(|to| to.kinds.contains(&kind)).peekable();
        if consumers.peek().is_none() {
            return Err(PublishError(format!("nobody consumes {}", kind.name()).into()));
        }
        for to in consumers {
            let message = Queued {
                id: Uuid::new_v4().to_string(),
                body: body.clone(),
                trace: trace.clone(),
                sent_at: SystemTime::now(),
                is_dead_letter: false,
            };
            self.send(to, message, delay);
        }
        Ok(())
    }

    fn send(&self, to: &Subscribed, message: Queued, delay: Duration) {
        let receiver = to.receiver.clone();
        let inner = self.0.clone();
        // The message is counted before this function returns. So between two steps of an order the count is never
        // zero.
        if delay.is_zero() {
            inner.under_way.send_modify(|count| *count += 1);
        }
        tokio::spawn(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
                inner.under_way.send_modify(|count| *count += 1);
            }
            inner.deliver(&receiver, &message).await;
            inner.under_way.send_modify(|count| *count -= 1);
        });
    }
}

impl Inner {
    /// Hands a message to its consumer until the message is handled or becomes a dead letter.
    async fn deliver(&self, receiver: &Receiver, message: &Queued) {
        let mut visibility = VISIBILITY;
        for receive_count in 1..=MAX_RECEIVES {
            // The queue's semaphore is never closed.
            let Ok(worker) = self.workers.acquire().await else { return };
            let Queued { id, body, .. } = message;
            let record = record(receiver.function(), message, receive_count);
            match receiver.receive(record, ReceivedMessage { id, body, receive_count }).await {
                Received::Handled if message.is_dead_letter => return self.forget(id).await,
                Received::Handled | Received::DeadLetter => return,
                Received::Failed(_) => {}
            }
            drop(worker);
            tokio::time::sleep(visibility).await;
            visibility *= 2;
        }
        let (function, id) = (receiver.function(), &message.id);
        tracing::error!("message {id} of {function} is lost; the sweep will look after its order");
    }

    async fn forget(&self, id: &str) {
        if let Err(error) = self.table.forget_dead_letter(id).await {
            let cause = telemetry::chain(&error);
            tracing::error!("message {id} was handled and is still listed as a dead letter: {cause}");
        }
    }
}

/// What Sentry gets about a message.
fn record(function: &'static str, message: &Queued, receive_count: u32) -> Record {
    Record::new(function, "in_process")
        .id(&message.id)
        .body_size(message.body.len())
        .sent_at(message.sent_at)
        .receives(receive_count, MAX_RECEIVES)
        .server_name(function)
        .tag("faas.name", function)
        .trace_headers(message.trace.0.clone())
}

#[async_trait]
impl Publisher for Queue {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.hand_out(event, &Trace::current(), Duration::ZERO)
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let hand_out = |message: &Message| self.hand_out(&message.event, &message.trace, Duration::ZERO);
        messages.iter().map(hand_out).collect()
    }

    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.hand_out(event, &Trace::current(), delay)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "for tests")]
mod tests {
    use std::sync::Mutex;

    use acme_common::event::Shipment;
    use acme_common::id::OrderId;
    use acme_common::messaging::ConsumeError;

    use super::*;

    /// Notes the type of each event that it consumes.
    #[derive(Default)]
    struct Noting(Mutex<Vec<EventKind>>);

    #[async_trait]
    impl Consumer for Noting {
        async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
            self.0.lock().unwrap().push(event.kind());
            Ok(())
        }
    }

    #[tokio::test]
    async fn an_event_reaches_each_of_its_consumers() {
        const KINDS: &[EventKind] = &[EventKind::ShipmentSent, EventKind::DeliveryDue];
        let table = crate::database::open(&crate::config::Database::Memory).await.unwrap();
        let queue = Queue::new(Arc::new(table));
        let consumers = <[Arc<Noting>; 3]>::default();
        let [update, mail, other] = consumers.clone();
        queue.start(vec![
            Subscription { function: "order-update", kinds: KINDS, consumer: update },
            Subscription { function: "order-mail", kinds: KINDS, consumer: mail },
            Subscription {
                function: "order-ship",
                kinds: &[EventKind::CreditCardValidated],
                consumer: other,
            },
        ]);
        let shipment = Shipment { tracking_number: "t".into(), order_id: OrderId::parse("o").unwrap() };
        let (sent, due) = (Event::ShipmentSent(shipment.clone()), Event::DeliveryDue(shipment.clone()));
        queue.publish(&sent).await.unwrap();
        queue.drain(Duration::from_secs(10)).await;
        queue.publish_later(&due, Duration::ZERO).await.unwrap();
        queue.drain(Duration::from_secs(10)).await;
        let message = Message { event: sent, trace: Trace::default() };
        assert!(queue.publish_all(&[message]).await.iter().all(Result::is_ok));
        queue.drain(Duration::from_secs(10)).await;
        let expected = [EventKind::ShipmentSent, EventKind::DeliveryDue, EventKind::ShipmentSent];
        let noted = consumers.map(|consumer| consumer.0.lock().unwrap().clone());
        assert_eq!(noted, [expected.to_vec(), expected.to_vec(), vec![]]);
        assert!(queue.publish(&Event::ShipmentDelivered(shipment)).await.is_err(), "nobody consumes it");
    }
}
