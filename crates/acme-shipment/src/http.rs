//! The shipment's route, which only service mode serves.

use std::sync::Arc;

use acme_common::event::{Event, ShipmentRequested};
use acme_common::json::{Field, FieldError, FromJson};
use acme_http::{ApiError, Body, Staff, route};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use crate::send::SendShipment;

/// Sends a shipment now.
///
/// The answer is the event, which is not published. The delivery follows.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/ship", operation_id = "ship", tag = "local",
    security(("token" = [])),
    request_body = acme_common::event::described::ShipmentRequestedEvent,
    responses((
        status = 200, description = "The shipment is on its way.",
        body = acme_common::event::described::ShipmentSentEvent,
    )),
))]
pub fn ship(send: Arc<SendShipment>) -> Router {
    async fn handle(
        State(send): State<Arc<SendShipment>>,
        _: Staff,
        Body(ShipRequest(request)): Body<ShipRequest>,
    ) -> Result<Json<Event>, ApiError> {
        let shipment = send.book(request).await?;
        send.schedule_delivery(&shipment).await?;
        Ok(Json(Event::ShipmentSent(shipment.to_event())))
    }
    route(&["/ship"], post(handle)).with_state(send)
}

/// A body of `/ship`: the event.
struct ShipRequest(ShipmentRequested);

impl FromJson for ShipRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let Event::ShipmentRequested(request) = field.read()? else {
            let kind = field.get("metadata").get("type");
            return Err(kind.expected("ShipmentRequested"));
        };
        Ok(Self(request))
    }
}

/// The description of the shipment's route.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(ship))]
pub struct Description;
