//! `POST /order/update`: a route of the shop's container services, served in service mode only.

use std::sync::Arc;

use acme_common::event::Event;
use acme_common::messaging::{ConsumeError, Consumer};
use acme_http::{ApiError, Body, Staff, route};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;

use crate::update::UpdateOrder;

struct ShipmentEvent(Event);

impl acme_common::json::FromJson for ShipmentEvent {
    fn from_json(field: &acme_common::json::Field<'_>) -> Result<Self, acme_common::json::FieldError> {
        match field.read()? {
            event @ (Event::ShipmentSent(_) | Event::ShipmentDelivered(_)) => Ok(Self(event)),
            _ => Err(field.get("metadata").get("type").expected("ShipmentSent or ShipmentDelivered")),
        }
    }
}

/// Sets an order's status as its shipment's event says.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/order/update", operation_id = "orderUpdate", tag = "local",
    security(("token" = [])),
    request_body = acme_common::event::described::ShipmentEvent,
    responses(
        (status = 200, description = "The event was handled."),
        (status = 404, description = "there is no order [7f8d8e1c-5f1e-4d0e-8f0a-2a4c7e1f9b11]"),
    ),
))]
pub fn update(consumer: Arc<UpdateOrder>) -> Router {
    async fn handle(
        State(consumer): State<Arc<UpdateOrder>>,
        _: Staff,
        Body(ShipmentEvent(event)): Body<ShipmentEvent>,
    ) -> Result<StatusCode, ApiError> {
        match consumer.consume(event).await {
            Ok(()) => Ok(StatusCode::OK),
            Err(ConsumeError::Poison(reason)) => Err(ApiError::not_found(reason)),
            Err(error) => Err(ApiError::unavailable(error)),
        }
    }
    route(&["/order/update"], post(handle)).with_state(consumer)
}
