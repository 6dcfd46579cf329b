//! `order-sweep`: finds orders that stand still, and sends the event that their status calls for once more.

use std::sync::Arc;
use std::time::Duration;

use acme_common::bus::{PublishError, Publisher};
use acme_common::event::{Event, PaymentRequested, RequestCard, ShipmentRequested};
use acme_common::store::StoreError;
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use jiff::Timestamp;

use crate::status::Status;
use crate::store::{Orders, Stalled};

/// How long an order may stand still, in seconds, unless the deployment says otherwise: longer than any delivery takes.
pub const AFTER_SECONDS: u64 = 300;
/// How many orders are given a push before it is noted that they were.
const AT_ONCE: usize = 100;

/// Sends the event again that a stalled order waits for.
pub struct Sweep {
    orders: Arc<dyn Orders>,
    publisher: Arc<dyn Publisher>,
    after: Duration,
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

impl Sweep {
    /// A sweep over the orders that stand still for `after` or longer.
    pub fn new(
        orders: Arc<dyn Orders>,
        publisher: Arc<dyn Publisher>,
        after: Duration,
        clock: Clock,
    ) -> Self {
        Self { orders, publisher, after, clock }
    }

    /// Sweeps once; returns how many orders were given a push. One that fails does not hold up the others.
    ///
    /// # Errors
    /// The first failure of the store or the transport.
    pub async fn run(&self) -> Result<usize, SweepError> {
        let now = (self.clock)();
        // Since before time began, nothing stands still.
        let before = now.checked_sub(self.after).unwrap_or(Timestamp::MIN);
        let (mut pushed, mut failed) = (0, None);
        for stalled in self.orders.stalled(before).await.here()?.chunks(AT_ONCE) {
            // First send, then note: a crash between the two sends it twice, which consumers bear, rather than never.
            let events: Vec<Event> = stalled.iter().map(called_for).collect();
            let sent = self.publisher.publish_all(&events).await;
            for ((stalled, event), sent) in stalled.iter().zip(&events).zip(sent) {
                match self.note(stalled, event, sent, now).await {
                    Ok(noted) => pushed += usize::from(noted),
                    Err(error) => {
                        let (id, cause) = (&stalled.id, telemetry::chain(&error));
                        tracing::warn!(order_id = %id, cause, "order {id} stands still and got no push: {cause}");
                        failed = failed.or(Some(error));
                    }
                }
            }
        }
        failed.map_or(Ok(pushed), Err)
    }

    /// Notes that the event was sent, if it was; `false` when the order moved meanwhile.
    async fn note(
        &self,
        stalled: &Stalled,
        event: &Event,
        sent: Result<(), PublishError>,
        now: Timestamp,
    ) -> Result<bool, SweepError> {
        sent?;
        let noted = self.orders.pushed(stalled, now).await.here()?;
        if noted {
            report(stalled, event);
        }
        Ok(noted)
    }
}

/// The event that an order of this status waits for the effect of.
fn called_for(stalled: &Stalled) -> Event {
    let order_id = stalled.id.clone();
    match stalled.status {
        // Without a card, payment-validate tells again how the payment ended or, if none was ever requested, declines
        // it: so whether an order is paid is decided in one place.
        Status::PendingPayment => {
            let card = stalled.card.clone().map(RequestCard::Sealed);
            Event::PaymentRequested(PaymentRequested { order_id, card, total: stalled.total })
        }
        // shipment-send tells again what became of a shipment that it had booked before.
        _ => Event::ShipmentRequested(ShipmentRequested { order_id, delivery: stalled.delivery.clone() }),
    }
}

fn report(stalled: &Stalled, event: &Event) {
    let (id, status, event) = (&stalled.id, stalled.status.name(), event.kind().name());
    telemetry::in_record(|| {
        telemetry::about_order(id);
        telemetry::capture_warning(
            &["stood still", status],
            &format!("order [{id}] stood still as {status}: {event} was sent again"),
        );
    });
    tracing::warn!(order_id = %id, "order {id} stood still as {status}: {event} was sent again");
}
