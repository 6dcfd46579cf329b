//! What `/pay` reads and answers, as the description of the routes has it.

use acme_common::card::Card;
use acme_common::event::PaymentResult;
use acme_common::event::described::{CreditCardValidatedEvent, PaymentRequestedEvent};
use acme_common::openapi::{named, object, read_amount};
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{PayAnswer, PayRequest};

impl PartialSchema for PayRequest {
    fn schema() -> RefOr<Schema> {
        let bare = object([("card", named(&Card::name())), ("total", read_amount())]);
        OneOfBuilder::new().item(named(&PaymentRequestedEvent::name())).item(bare).into()
    }
}

impl PartialSchema for PayAnswer {
    fn schema() -> RefOr<Schema> {
        let event = named(&CreditCardValidatedEvent::name());
        OneOfBuilder::new().item(event).item(named(&PaymentResult::name())).into()
    }
}

impl ToSchema for PayRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((PaymentRequestedEvent::name().into_owned(), PaymentRequestedEvent::schema()));
        PaymentRequestedEvent::schemas(schemas);
    }
}

impl ToSchema for PayAnswer {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((CreditCardValidatedEvent::name().into_owned(), CreditCardValidatedEvent::schema()));
        CreditCardValidatedEvent::schemas(schemas);
    }
}
