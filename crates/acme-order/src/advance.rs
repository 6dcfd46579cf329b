//! Moves an order forward for a consumer. Tells the log and Sentry the order's status and whether the order moved.

use acme_common::id::OrderId;
use acme_common::messaging::ConsumeError;
use acme_common::telemetry::{self, ErrorSite};
use serde_json::{Value, json};

use crate::store::{Advanced, Change, Orders};

/// Applies the change if it moves the order forward, and writes a breadcrumb with the order's status and `data`, a JSON
/// object.
///
/// # Errors
/// [`ConsumeError::Poison`] when there is no such order, because the event can then never be handled; another error when
/// the store fails.
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
