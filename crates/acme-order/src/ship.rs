//! `order-ship`: takes the outcome of a payment, sets the order's status, and asks for the shipment of a paid order.

use std::sync::Arc;

use acme_common::event::{Event, PaymentResult, ShipmentRequested};
use acme_common::id::OrderId;
use acme_common::messaging::{ConsumeError, Consumer, Publisher};
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use async_trait::async_trait;
use serde_json::json;

use crate::advance::advance;
use crate::status::Status;
use crate::store::{Change, Orders};

/// Consumes `CreditCardValidatedEvent`, and publishes `ShipmentRequested` for a paid order.
pub struct ShipOrder {
    orders: Arc<dyn Orders>,
    publisher: Arc<dyn Publisher>,
    clock: Clock,
}

/// A payment came for an order that had already ended without one. Somebody must pay the money back.
#[derive(Debug, thiserror::Error)]
#[error("order [{order}] ended without a payment, but transaction [{transaction}] was paid")]
struct PaidTooLate {
    order: OrderId,
    transaction: String,
}

impl ShipOrder {
    /// A consumer on these orders.
    pub fn new(orders: Arc<dyn Orders>, publisher: Arc<dyn Publisher>, clock: Clock) -> Self {
        Self { orders, publisher, clock }
    }

    async fn apply_outcome(&self, id: &OrderId, result: &PaymentResult) -> Result<(), ConsumeError> {
        let status = if result.success { Status::Success } else { Status::Error };
        let change = Change {
            status,
            transaction_id: result.success.then(|| result.transaction_id.clone()),
            tracking_number: None,
            at: (self.clock)(),
        };
        let data = json!({"TransactionID": result.transaction_id, "Amount": result.amount.to_string()});
        let advanced = advance(self.orders.as_ref(), id, &change, data).await?;
        match advanced.order.status {
            // This also runs when an earlier receive moved the order, because its request for shipment may have been
            // lost.
            Status::Success => {
                let (order_id, delivery) = (id.clone(), advanced.order.delivery);
                let request = ShipmentRequested { order_id, delivery };
                self.publisher.publish(&Event::ShipmentRequested(request)).await.here()?;
            }
            Status::Error if result.success => {
                let transaction = result.transaction_id.clone();
                telemetry::failure(id, &["paid too late"], &PaidTooLate { order: id.clone(), transaction });
            }
            _ => {}
        }
        Ok(())
    }
}

#[async_trait]
impl Consumer for ShipOrder {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        let Event::CreditCardValidated(result @ PaymentResult { order_id: Some(id), .. }) = &event else {
            return Err(ConsumeError::unexpected(&event));
        };
        self.apply_outcome(id, result).await
    }
}
