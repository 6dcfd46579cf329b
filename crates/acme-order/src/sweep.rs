//! `order-sweep`: finds orders that stand still, and sends the event that their status calls for once more.

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

/// How long an order may stand still, in seconds, unless the deployment says otherwise: longer than any delivery takes.
pub const AFTER_SECONDS: u64 = 300;
/// How many orders are given a push before it is noted that they were.
const AT_ONCE: usize = 100;

/// Sends the event again that a stalled order waits for.
pub struct Sweep {
    orders: Arc<dyn Orders>,
    publisher: Arc<dyn Publisher>,
    after: SignedDuration,
    clock: Clock,
}

/// Why a sweep stopped. What it had not reached is found by the next one.
#[derive(Debug, thiserror::Error)]
#[error("the sweep did not get through")]
pub enum SweepError {
    /// The orders could not be read or noted.
    Store(#[from] StoreError),
    /// An event was not accepted.
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

    /// Sweeps once; returns how many orders were given a push. One that fails does not hold up the others.
    ///
    /// # Errors
    /// The first failure of the store or the transport.
    pub async fn run(&self) -> Result<usize, SweepError> {
        let now = (self.clock)();
        let stillness = Stillness { now, after: self.after };
        let (mut pushed, mut failed) = (0, None);
        for stalled in self.orders.stalled(&stillness).await.here()?.chunks(AT_ONCE) {
            // First send, then note: a crash between the two sends it twice, which consumers bear, rather than never.
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

    /// Counts a push, also one that failed: an event that is never accepted must not take the place of others. Returns
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

/// The event that an order of this status waits for the effect of, in the order's own trace.
fn message(stalled: &Stalled) -> Message {
    let order_id = stalled.id.clone();
    let event = match &stalled.card {
        // payment-validate tells again how the payment ended, if it did.
        Some(card) => {
            let card = RequestCard::Sealed(card.clone());
            Event::PaymentRequested(PaymentRequested { order_id, card, total: stalled.total })
        }
        // shipment-send tells again what became of a shipment that it had booked before.
        None => Event::ShipmentRequested(ShipmentRequested { order_id, delivery: stalled.delivery.clone() }),
    };
    Message { event, trace: stalled.trace.clone() }
}

/// Tells log and Sentry of the push and, once, that the order is stuck.
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

/// Tells the log that an order was not pushed. The sweep's own error is reported once, for all orders.
async fn report_failed(stalled: &Stalled, error: &SweepError) {
    let text = format_args!("stands still and got no push: {}", telemetry::chain(error));
    telemetry::warning(&stalled.id, "OrderPushed", text, json!({"Status": stalled.status.name()}));
}
