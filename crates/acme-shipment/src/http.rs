//! The shipment's route, which only service mode serves.

use std::sync::Arc;

use acme_common::event::{Event, ShipmentRequested};
use acme_common::json::{Field, FieldError, FromJson};
use acme_http::{ApiError, Body, Staff, route};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use crate::send::SendShipment;

/// `POST /ship`: sends a shipment now, and answers with ShipmentSent rather than publishing it. For staff and services.
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
