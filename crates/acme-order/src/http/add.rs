//! `POST /order/add/{userid}`: keeps the order, requests its payment, and only then answers.

use std::sync::Arc;

use acme_common::bus::Publisher;
use acme_common::card::CardSealer;
use acme_common::catalog::PriceList;
use acme_common::event::{Event, PaymentRequested, PaymentResult, RequestCard};
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use acme_http::{ApiError, AuthMode, Body, Owner, route};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::order::Order;
use crate::sent::SentOrder;
use crate::status::Status;
use crate::store::{Created, IdempotencyKey, Orders};

/// What the route needs.
#[derive(Clone)]
pub struct AddOrder {
    /// Where orders are kept.
    pub orders: Arc<dyn Orders>,
    /// Where prices come from.
    pub prices: Arc<dyn PriceList>,
    /// Who hands on the request for payment.
    pub publisher: Arc<dyn Publisher>,
    /// Seals the card for the payment service.
    pub sealer: CardSealer,
    /// What time it is.
    pub clock: Clock,
}

/// `POST /order/add/{userid}`: places an order. With an `Idempotency-Key`, the same order sent again is the same order.
pub fn add(state: AddOrder) -> Router {
    route(&["/order/add/{userid}"], post(handle)).with_state(state)
}

async fn handle(
    State(shop): State<AddOrder>,
    mode: AuthMode,
    owner: Owner,
    headers: HeaderMap,
    Body(sent): Body<SentOrder>,
) -> Result<Json<Value>, ApiError> {
    let key = idempotency_key(&headers, &sent)?;
    let (card, user, now) = (sent.card.clone(), owner.id, (shop.clock)());
    let order = match mode {
        AuthMode::Compatibility => sent.as_sent(user, now)?,
        AuthMode::Tokens => {
            let offers = shop.prices.offers(&sent.product_ids()).await.here()?;
            sent.as_offered(user, &offers, now)?
        }
    };
    telemetry::about_order(&order.id);
    let order = match shop.orders.create(&order, key.as_ref()).await.here()? {
        Created::New => order,
        Created::Before(order) => *order,
        Created::KeyReused => {
            let message = "Idempotency-Key: expected a new key, since this one came with another order";
            return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
    };
    telemetry::about_order(&order.id);
    // A client that sends an order again may not have been answered because this step failed.
    if order.status == Status::PendingPayment {
        shop.request_payment(&order, &card).await?;
    }
    let payment = PaymentResult::pending(order.total);
    Ok(Json(json!({"order_id": order.id, "userid": owner.asked, "payment": payment})))
}

impl AddOrder {
    async fn request_payment(&self, order: &Order, card: &acme_common::card::Card) -> Result<(), ApiError> {
        let sealed = self.sealer.seal(&order.id, card);
        let request = PaymentRequested {
            order_id: order.id.clone(),
            card: Some(RequestCard::Sealed(sealed.clone())),
            total: order.total,
        };
        self.publisher.publish(&Event::PaymentRequested(request)).await.here()?;
        // Noted after it was sent: an order without this note never had its payment requested, and may be ended.
        self.orders.payment_requested(&order.id, &sealed, (self.clock)()).await.here()?;
        telemetry::breadcrumb(
            "PaymentRequested",
            "the payment was requested",
            [("OrderID", order.id.as_str().into()), ("Amount", order.total.to_string().into())],
        );
        tracing::info!(order_id = %order.id, "order {} placed, {}", order.id, order.total);
        Ok(())
    }
}

fn idempotency_key(headers: &HeaderMap, sent: &SentOrder) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
    let key = key.ok_or_else(|| {
        ApiError::bad_request("Idempotency-Key: expected 1 to 255 visible ASCII characters")
    })?;
    Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint: sent.fingerprint() }))
}
