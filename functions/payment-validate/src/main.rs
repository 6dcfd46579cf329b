//! Consumes `PaymentRequestedEvent`: validates the card, records the payment, emits `CreditCardValidatedEvent`.

use acme_payment::Validate;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |it| {
        Ok(Validate::new(it.table()?, it.publisher()?, it.card_opener().await?, Timestamp::now))
    })
}
