//! Consumes `PaymentRequestedEvent`: validates the card, records the payment, publishes `CreditCardValidatedEvent`.

use acme_payment::ValidatePayment;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |function| {
        Ok(ValidatePayment::new(
            function.table()?,
            function.publisher()?,
            function.card_opener().await?,
            Timestamp::now,
        ))
    })
}
