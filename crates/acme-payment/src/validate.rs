//! Consumes PaymentRequested, checks the card, records the payment once, and publishes CreditCardValidated.

use std::fmt;
use std::sync::Arc;

use acme_common::card::{Card, CardOpener};
use acme_common::event::{Event, PaymentRequested, RequestCard};
use acme_common::id::OrderId;
use acme_common::messaging::{ConsumeError, Consumer, Publisher};
use acme_common::store::StoreError;
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::check::check;
use crate::payment::{Outcome, Payment, Reason};
use crate::store::{Payments, Recorded};

/// Takes the payment of an order once, however often the event comes.
pub struct ValidatePayment {
    payments: Arc<dyn Payments>,
    publisher: Arc<dyn Publisher>,
    opener: CardOpener,
    clock: Clock,
}

/// What Sentry gets about a declined payment.
#[derive(Debug, thiserror::Error)]
#[error("validation failed for order [{order_id}] : {reason}")]
struct ValidationFailed {
    order_id: OrderId,
    reason: String,
}

impl ValidatePayment {
    /// A consumer that keeps payments in `payments` and publishes their results with `publisher`.
    pub fn new(
        payments: Arc<dyn Payments>,
        publisher: Arc<dyn Publisher>,
        opener: CardOpener,
        clock: Clock,
    ) -> Self {
        Self { payments, publisher, opener, clock }
    }

    /// Checks the card and records the payment, or finds the payment that was recorded before.
    pub(crate) async fn record_payment(&self, request: PaymentRequested) -> Result<Payment, StoreError> {
        let checked = self.check_request(&request);
        let recorded = self
            .payments
            .record_once(Payment {
                order_id: request.order_id,
                amount: request.total,
                outcome: Outcome::of(checked),
                at: (self.clock)(),
            })
            .await
            .here()?;
        report(&recorded);
        Ok(recorded.payment)
    }

    /// Checks a card on the present day.
    pub(crate) fn check(&self, card: &Card) -> Result<(), Reason> {
        check(card, (self.clock)().to_zoned(TimeZone::UTC).date())
    }

    fn check_request(&self, request: &PaymentRequested) -> Result<(), Reason> {
        match &request.card {
            RequestCard::Clear(card) => self.check(card),
            RequestCard::Sealed(card) => {
                let card = self.opener.open(&request.order_id, card);
                self.check(&card.map_err(|_| Reason::Sealed)?)
            }
        }
    }
}

#[async_trait]
impl Consumer for ValidatePayment {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        let Event::PaymentRequested(request) = event else {
            return Err(ConsumeError::unexpected(&event));
        };
        let payment = self.record_payment(request).await?;
        let validated = Event::CreditCardValidated(payment.result());
        self.publisher.publish(&validated).await.here()?;
        Ok(())
    }
}

/// Tells the log and Sentry the outcome. For a payment that was recorded before, it only says that the request came
/// again.
fn report(Recorded { payment, new }: &Recorded) {
    let (id, result) = (&payment.order_id, payment.result());
    let (amount, transaction) = (result.amount.to_string(), result.transaction_id);
    let message = match &payment.outcome {
        Outcome::Paid { .. } => "transaction successful",
        Outcome::Declined { reason } => reason,
    };
    let data = json!({"Amount": amount, "Success": result.success, "Message": message, "TransactionID": transaction});
    let step = |text: fmt::Arguments<'_>| telemetry::step(id, "CreditCardValidated", text, data);
    match &payment.outcome {
        _ if !new => step(format_args!("payment is recorded already: {message}")),
        Outcome::Paid { .. } => step(format_args!("paid {amount}, transaction {transaction}"))
            .capture_success("validation successful"),
        Outcome::Declined { reason } => step(format_args!("payment declined: {reason}")).capture_error(
            &["validation failed", reason],
            &ValidationFailed { order_id: id.clone(), reason: reason.clone() },
        ),
    };
}
