//! The payment's route, which only service mode serves.

#[cfg(feature = "openapi")]
mod described;

use std::sync::Arc;

use acme_common::card::Card;
use acme_common::event::{Event, PaymentRequested, PaymentResult};
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::money::Money;
use acme_http::{ApiError, AuthMode, Body, Staff, route};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;

use crate::payment::Outcome;
use crate::validate::ValidatePayment;

/// Takes a payment now.
///
/// The body is the event, about an order, and its payment is recorded once; or a card and a total, about no order, and
/// nothing is recorded. A declined card is a 200 with `success` false.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/pay", operation_id = "pay", tag = "local",
    security(("token" = [])),
    request_body = PayRequest,
    responses((status = 200, description = "The outcome of the payment; nothing is published.", body = PayAnswer)),
))]
pub fn pay(validate: Arc<ValidatePayment>) -> Router {
    async fn handle(
        State(validate): State<Arc<ValidatePayment>>,
        mode: AuthMode,
        _: Staff,
        Body(request): Body<PayRequest>,
    ) -> Result<Json<PayAnswer>, ApiError> {
        if mode == AuthMode::Tokens {
            request.brand?;
        }
        Ok(Json(match request.payment {
            Form::Event(request) => {
                PayAnswer::Event(Event::CreditCardValidated(validate.record_payment(request).await?.result()))
            }
            Form::Bare(card, total) => {
                PayAnswer::Bare(Outcome::of(validate.check(&card)).result(None, total))
            }
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
    /// A card and a total, about no order. Nothing is recorded.
    Bare(Card, Money),
}

/// An answer of `/pay`, in the form of its request.
#[derive(Serialize)]
#[serde(untagged)]
enum PayAnswer {
    Event(Event),
    Bare(PaymentResult),
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

/// The description of the payment's route.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(pay))]
pub struct Description;
