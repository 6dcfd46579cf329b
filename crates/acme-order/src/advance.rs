//! Moves an order forward for a consumer, and tells the log and Sentry how it stands and whether it moved.

use acme_common::id::OrderId;
use acme_common::messaging::ConsumeError;
use acme_common::telemetry::{self, ErrorSite};
use serde_json::{Value, json};

use crate::store::{Advanced, Change, Orders};

/// Makes the change, if it is one, and says how the order stands, with `data`, a JSON object, in the breadcrumb. An order
/// that does not exist can never be moved: the event is poison.
pub(crate) async fn advance(
    orders: &dyn Orders,
    id: &OrderId,
    change: &Change,
    mut data: Value,
) -> Result<Advanced, ConsumeError> {
    let advanced = orders.advance(id, change).await.here()?;
    let advanced = advanced.ok_or_else(|| ConsumeError::Poison(format!("there is no order [{id}]")))?;
    let (status, moved) = (advanced.order.status.name(), advanced.moved);
    data["Status"] = json!(status);
    data["Moved"] = json!(moved);
    let text = if moved { "is now" } else { "stays" };
    telemetry::step(id, "OrderStatus", format_args!("{text} '{status}'"), data);
    Ok(advanced)
}
