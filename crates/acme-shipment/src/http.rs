//! The shipment's route, which only service mode serves.

use std::sync::Arc;

use acme_common::event::{Event, ShipmentRequested};
use acme_common::json::{Field, FieldError, FromJson};
use acme_http::{ApiError, Body, Staff, route};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use crate::send::Send;

/// `POST /ship`: sends a shipment now, and answers with ShipmentSent rather than publishing it. For staff and services.
pub fn ship(send: Arc<Send>) -> Router {
    async fn handle(
        State(send): State<Arc<Send>>,
        _: Staff,
        Body(Asked(request)): Body<Asked>,
    ) -> Result<Json<Event>, ApiError> {
        let shipment = send.book(request).await?;
        send.see_off(&shipment).await?;
        Ok(Json(Event::ShipmentSent(shipment.told())))
    }
    route(&["/ship"], post(handle)).with_state(send)
}

/// A body of `/ship`: the event.
struct Asked(ShipmentRequested);

impl FromJson for Asked {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let Event::ShipmentRequested(request) = field.read()? else {
            let kind = field.get("metadata").get("type");
            return Err(kind.expected("ShipmentRequested"));
        };
        Ok(Self(request))
    }
}
