//! `POST /order/add/{userid}`: keeps the order with the request for its payment, publishes the request, and answers.

use std::sync::Arc;

use acme_common::card::CardSealer;
use acme_common::catalog::PriceList;
use acme_common::event::{Event, PaymentRequested, PaymentResult, RequestCard};
use acme_common::id::OrderId;
use acme_common::messaging::{PublishError, Publisher};
use acme_common::telemetry::{self, ErrorSite, Trace};
use acme_common::time::Clock;
use acme_http::{ApiError, AuthMode, Body, Idempotency, IdempotencyKey, Owner, route};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

use crate::order::Order;
use crate::order_request::OrderRequest;
use crate::store::{NewOrder, Orders};

/// What the route needs from outside.
#[derive(Clone)]
pub struct AddOrder {
    /// Where orders are kept.
    pub orders: Arc<dyn Orders>,
    /// Where prices come from.
    pub prices: Arc<dyn PriceList>,
    /// Publishes the request for payment.
    pub publisher: Arc<dyn Publisher>,
    /// Seals the card for the payment service.
    pub sealer: CardSealer,
    /// The clock.
    pub clock: Clock,
}

/// The request for an order's payment could not be published.
#[derive(Debug, thiserror::Error)]
#[error("order [{order}] waits for the sweep to request its payment")]
struct PaymentNotRequested {
    order: OrderId,
    #[source]
    cause: PublishError,
}

/// Places an order.
///
/// Its payment, its shipment and its delivery follow by themselves. The order's status says how far they are.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/order/add/{userid}", operation_id = "orderAdd", tag = "orders",
    security(("token" = [])),
    params(Owner, IdempotencyKey),
    request_body = OrderRequest,
    responses((status = 200, description = "The order is placed, and its payment is pending.", body = OrderStatus)),
))]
pub fn add(state: AddOrder, idempotency: Idempotency) -> Router {
    idempotency.per_caller(route(&["/order/add/{userid}"], post(handle)).with_state(state))
}

/// The answer to a new order.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OrderStatus<'a> {
    /// The order's id.
    order_id: &'a OrderId,
    /// The user, as the path names them.
    #[cfg_attr(feature = "openapi", schema(value_type = acme_common::id::UserId))]
    userid: &'a str,
    /// The payment, which is pending.
    payment: PaymentResult,
}

async fn handle(
    State(shop): State<AddOrder>,
    mode: AuthMode,
    owner: Owner,
    key: IdempotencyKey,
    Body(sent): Body<OrderRequest>,
) -> Result<Json<Value>, ApiError> {
    let (card, user, now) = (sent.card.clone(), owner.id, (shop.clock)());
    let order = match mode {
        AuthMode::Compatibility => sent.at_client_price(user, now)?,
        AuthMode::Tokens => {
            let offers = shop.prices.offers(&sent.product_ids()).await.here()?;
            sent.at_catalog_price(user, &offers, now)?
        }
    };
    telemetry::about_order(&order.id);
    let payment = PaymentResult::pending(order.total);
    let answer = json!(OrderStatus { order_id: &order.id, userid: &owner.name_in_path, payment });
    let (card, trace) = (shop.sealer.seal(&order.id, &card), Trace::current());
    let keyed = key.keep(StatusCode::OK, &answer);
    let new = NewOrder { order: &order, card: &card, trace: &trace, keyed: keyed.as_ref() };
    shop.orders.create(&new).await.here()?;
    let data = json!({"Amount": order.total.to_string()});
    telemetry::step(&order.id, "OrderPlaced", format_args!("placed, {}", order.total), data);
    shop.request_payment(&order, RequestCard::Sealed(card)).await;
    Ok(Json(answer))
}

impl AddOrder {
    /// Publishes the request for payment. When this fails, the sweep publishes it, because the order is already kept.
    async fn request_payment(&self, order: &Order, card: RequestCard) {
        let request = PaymentRequested { order_id: order.id.clone(), card, total: order.total };
        match self.publisher.publish(&Event::PaymentRequested(request)).await.here() {
            Ok(()) => {
                let data = json!({"Amount": order.total.to_string()});
                telemetry::step(&order.id, "PaymentRequested", "requested its payment", data);
            }
            Err(cause) => {
                let error = PaymentNotRequested { order: order.id.clone(), cause };
                telemetry::failure(&order.id, &["payment not requested"], &error);
            }
        }
    }
}
