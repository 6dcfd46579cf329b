//! The payment's route, which only service mode serves.

use std::sync::Arc;

use acme_common::card::Card;
use acme_common::event::{Event, PaymentRequested};
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::money::Money;
use acme_http::{ApiError, AuthMode, Body, Staff, route};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::payment::Outcome;
use crate::validate::ValidatePayment;

/// `POST /pay`: takes a payment now, and answers with its result rather than publishing it. For staff and services.
pub fn pay(validate: Arc<ValidatePayment>) -> Router {
    async fn handle(
        State(validate): State<Arc<ValidatePayment>>,
        mode: AuthMode,
        _: Staff,
        Body(request): Body<PayRequest>,
    ) -> Result<Json<Value>, ApiError> {
        if mode == AuthMode::Tokens {
            request.brand?;
        }
        Ok(Json(match request.payment {
            Form::Event(request) => {
                json!(Event::CreditCardValidated(validate.record_payment(request).await?.result()))
            }
            Form::Bare(card, total) => json!(Outcome::of(validate.check(&card)).result(None, total)),
        }))
    }
    route(&["/pay"], post(handle)).with_state(validate)
}

/// A body of `/pay`.
struct PayRequest {
    payment: Form,
    /// Whether the card's `type`, if it has one, is a brand's name.
    brand: Result<(), FieldError>,
}

enum Form {
    /// The event, about an order.
    Event(PaymentRequested),
    /// A card and a total, about no order: nothing of it is recorded.
    Bare(Card, Money),
}

impl FromJson for PayRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        if !field.get("metadata").is_present() {
            let card = field.get("card");
            return Ok(Self {
                payment: Form::Bare(card.read()?, field.get("total").money()?),
                brand: Card::require_brand(&card),
            });
        }
        let Event::PaymentRequested(request) = field.read()? else {
            let kind = field.get("metadata").get("type");
            return Err(kind.expected("PaymentRequestedEvent"));
        };
        let card = field.get("data").get("card");
        Ok(Self { payment: Form::Event(request), brand: Card::require_brand(&card) })
    }
}
