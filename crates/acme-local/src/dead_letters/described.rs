//! The schema of a redrive as staff sends it, and an example of a dead letter, for the description of the routes.

use acme_common::id::OrderId;
use acme_common::openapi::{flag, text};
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Listed, Redrive};

pub(super) fn letter() -> Listed {
    Listed {
        id: "6f1c2d3e-4b5a-4697-8f0e-1d2c3b4a5968".to_owned(),
        queue: "order-ship".to_owned(),
        reason: "there is no order [7f8d8e1c-5f1e-4d0e-8f0a-2a4c7e1f9b11]".to_owned(),
        receive_count: 1,
        failed_at: "2026-11-23T10:00:00.000Z".to_owned(),
        order_id: Some(OrderId::example()),
        trace_id: Some("771a43a4192642f0b136d5159a501700".to_owned()),
    }
}

impl PartialSchema for Redrive {
    fn schema() -> RefOr<Schema> {
        let members = ["id", "queue", "order"].into_iter();
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let object = members.fold(object, |object, name| object.property(name, text(1..=128)));
        object.property("dryRun", flag()).examples([json!({"queue": "order-ship", "dryRun": true})]).into()
    }
}

impl ToSchema for Redrive {}
