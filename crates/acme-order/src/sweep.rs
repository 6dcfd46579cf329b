//! `order-sweep`: finds orders that stand still, and publishes again the event that each of them waits for.

use std::sync::Arc;
use std::time::Duration;

use acme_common::event::{Event, PaymentRequested, RequestCard, ShipmentRequested};
use acme_common::id::OrderId;
use acme_common::messaging::{Message, PublishError, Publisher};
use acme_common::store::StoreError;
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::{self, Clock};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::store::{Orders, STUCK_AFTER, Stalled, Stillness};

/// How long an order may stand still, in seconds, unless the deployment sets another time. It is longer than any
/// delivery takes.
pub const AFTER_SECONDS: u64 = 300;
/// How many orders are pushed before the pushes are counted.
const AT_ONCE: usize = 100;

/// Publishes the event again that a stalled order waits for.
pub struct Sweep {
    orders: Arc<dyn Orders>,
    publisher: Arc<dyn Publisher>,
    after: SignedDuration,
    clock: Clock,
}

/// Why a sweep stopped. The next sweep finds the orders that this one did not reach.
#[derive(Debug, thiserror::Error)]
#[error("the sweep did not get through")]
pub enum SweepError {
    /// The store could not read the orders or count a push.
    Store(#[from] StoreError),
    /// The transport did not accept an event.
    Publish(#[from] PublishError),
}

/// An order that many pushes did not move.
#[derive(Debug, thiserror::Error)]
#[error("order [{order}] is stuck as {status} since {since}: {pushes} pushes did not move it")]
struct Stuck {
    order: OrderId,
    status: &'static str,
    since: String,
    pushes: u32,
}

impl Sweep {
    /// A sweep over the orders that stand still for `after` or longer.
    pub fn new(
        orders: Arc<dyn Orders>,
        publisher: Arc<dyn Publisher>,
        after: Duration,
        clock: Clock,
    ) -> Self {
        let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
        Self { orders, publisher, after, clock }
    }

    /// Sweeps once, and returns how many orders were pushed. An order that fails does not hold up the others.
    ///
    /// # Errors
    /// The first error of the store or the transport.
    pub async fn run(&self) -> Result<usize, SweepError> {
        let now = (self.clock)();
        let stillness = Stillness { now, after: self.after };
        let (mut pushed, mut failed) = (0, None);
        for stalled in self.orders.stalled(&stillness).await.here()?.chunks(AT_ONCE) {
            // Publish first, then count. After a crash between the two, the event is sent twice, and consumers accept
            // that. The other way round it might never be sent.
            let messages: Vec<Message> = stalled.iter().map(message).collect();
            let sent = self.publisher.publish_all(&messages).await;
            for ((stalled, message), sent) in stalled.iter().zip(&messages).zip(sent) {
                match self.note(stalled, &message.event, sent, now).await {
                    Ok(noted) => pushed += usize::from(noted),
                    Err(error) => {
                        stalled.trace.run("order-sweep", report_failed(stalled, &error)).await;
                        failed = failed.or(Some(error));
                    }
                }
            }
        }
        failed.map_or(Ok(pushed), Err)
    }

    /// Counts a push, even one that failed: an event that is never accepted must not take the place of others. Returns
    /// whether the event was sent and the order had not moved meanwhile.
    async fn note(
        &self,
        stalled: &Stalled,
        event: &Event,
        sent: Result<(), PublishError>,
        now: Timestamp,
    ) -> Result<bool, SweepError> {
        let noted = self.orders.pushed(stalled, now).await.here()?;
        if noted {
            stalled.trace.run("order-sweep", report(stalled, event, sent.is_ok())).await;
        }
        sent?;
        Ok(noted)
    }
}

/// The event that moves an order of this status forward, in the order's own trace.
fn message(stalled: &Stalled) -> Message {
    let order_id = stalled.id.clone();
    let event = match &stalled.card {
        // payment-validate publishes the outcome again, if the payment has one.
        Some(card) => {
            let card = RequestCard::Sealed(card.clone());
            Event::PaymentRequested(PaymentRequested { order_id, card, total: stalled.total })
        }
        // shipment-send publishes again what happened to a shipment that it booked before.
        None => Event::ShipmentRequested(ShipmentRequested { order_id, delivery: stalled.delivery.clone() }),
    };
    Message { event, trace: stalled.trace.clone() }
}

/// Tells the log and Sentry about the push. Reports once that the order is stuck.
async fn report(stalled: &Stalled, event: &Event, sent: bool) {
    let (id, status, event) = (&stalled.id, stalled.status.name(), event.kind().name());
    let pushes = stalled.pushes.saturating_add(1);
    if pushes == STUCK_AFTER {
        let since = time::rfc3339(stalled.since);
        let error = Stuck { order: id.clone(), status, since, pushes };
        telemetry::failure(id, &["stuck", status], &error);
    } else if sent {
        let text = format_args!("stood still as {status}: {event} was sent again");
        telemetry::warning(id, "OrderPushed", text, json!({"Status": status, "Pushes": pushes}))
            .capture_warning(&["stood still", status]);
    }
}

/// Tells the log that an order was not pushed. Sentry gets the sweep's own error once, for all orders.
async fn report_failed(stalled: &Stalled, error: &SweepError) {
    let text = format_args!("stands still and got no push: {}", telemetry::chain(error));
    telemetry::warning(&stalled.id, "OrderPushed", text, json!({"Status": stalled.status.name()}));
}
