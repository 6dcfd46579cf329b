//! Moves an order forward for a consumer, and tells the log and Sentry how it stands and whether it moved.

use acme_common::id::OrderId;
use acme_common::messaging::ConsumeError;
use acme_common::telemetry::{self, ErrorSite};

use crate::store::{Advanced, Change, Orders};

/// Makes the change, if it is one, and leaves a breadcrumb with `text` and `data`. An order that does not exist can never
/// be moved: the event is poison.
pub(crate) async fn advance(
    orders: &dyn Orders,
    id: &OrderId,
    change: &Change,
    text: &str,
    data: &[(&'static str, &str)],
) -> Result<Advanced, ConsumeError> {
    let advanced = orders.advance(id, change).await.here()?;
    let advanced = advanced.ok_or_else(|| ConsumeError::Poison(format!("there is no order [{id}]")))?;
    let stands = [
        ("OrderID", id.as_str().into()),
        ("Status", advanced.order.status.name().into()),
        ("Moved", advanced.moved.into()),
    ];
    let data = data.iter().map(|(name, value)| (*name, (*value).into()));
    telemetry::breadcrumb("OrderStatus", text, stands.into_iter().chain(data));
    if advanced.moved {
        let status = change.status.name();
        telemetry::capture_message(&["status", status], &format!("status of order [{id}] is {status}"));
        tracing::info!(order_id = %id, "order {id} is now '{status}'");
    }
    Ok(advanced)
}
