//! The steps of an order. One call notes a step in the log, in a breadcrumb and in a tag, and can report it to Sentry.
//!
//! ```
//! use acme_common::telemetry;
//! use serde_json::json;
//!
//! # let id = &acme_common::id::OrderId::random();
//! # let (number, amount) = ("n-1", "73.76");
//! // A step: the tag `order.id`, a breadcrumb with the data, and the log line `order 3f-1 shipped, tracking number n-1`.
//! telemetry::step(id, "ShipmentSent", format_args!("shipped, tracking number {number}"), json!({"TrackingNumber": number}));
//!
//! // A step that is a message in Sentry as well: `validation successful for order [3f-1]`.
//! telemetry::step(id, "CreditCardValidated", format_args!("paid {amount}"), json!({"Amount": amount}))
//!     .capture_success("validation successful");
//! ```

use std::error::Error;
use std::fmt::Display;

use sentry::protocol::{Map, Value};
use sentry::{Breadcrumb, Level};

use super::{capture_error_as, capture_success, chain};
use crate::id::OrderId;

/// A step that the log and the breadcrumbs already have. Its methods also report it to Sentry.
#[derive(Debug)]
pub struct Step<'a> {
    order: &'a OrderId,
    text: String,
}

/// Notes that a step of an order happened.
///
/// `name` is the category of the breadcrumb. The best name is that of the event that tells others about the step.
/// `text` follows `order 3f-1` in the log, such as `shipped, tracking number n-1`. `data` is a JSON object for the
/// breadcrumb, and `OrderID` is added to it.
pub fn step<'a>(order: &'a OrderId, name: &'static str, text: impl Display, data: Value) -> Step<'a> {
    let said = say(Level::Info, order, name, text, data);
    tracing::info!(order_id = %order, step = name, "order {order} {}", said.text);
    said
}

/// Notes, like [`step`], that something went wrong with an order and that the shop recovers without help.
pub fn warning<'a>(order: &'a OrderId, name: &'static str, text: impl Display, data: Value) -> Step<'a> {
    let said = say(Level::Warning, order, name, text, data);
    tracing::warn!(order_id = %order, step = name, "order {order} {}", said.text);
    said
}

/// Notes that something is wrong with an order and that somebody has to look at it. Logs `error`, and reports it in the
/// issue with this `fingerprint`.
#[track_caller]
pub fn failure(order: &OrderId, fingerprint: &[&str], error: &(dyn Error + 'static)) {
    about_order(order);
    capture_error_as(fingerprint, error);
    tracing::error!(order_id = %order, "{}", chain(error));
}

/// Sets the tag `order.id` on everything that this unit of work reports from now on.
///
/// A step does this too. Call this function where an error may be reported before the first step.
pub fn about_order(order: &OrderId) {
    sentry::configure_scope(|scope| scope.set_tag("order.id", order));
}

impl Step<'_> {
    /// Reports the step as a message, such as `validation successful for order [3f-1]`, unless the deployment switched
    /// that off ([`CaptureSuccess`](super::CaptureSuccess)). All orders share one issue for each `text`.
    pub fn capture_success(self, text: &str) -> Self {
        if capture_success::is_on() {
            capture_message(Level::Info, &[text], &format!("{text} for order [{}]", self.order));
        }
        self
    }

    /// Reports the step as a warning, in the issue with this `fingerprint`.
    pub fn capture_warning(self, fingerprint: &[&str]) -> Self {
        capture_message(Level::Warning, fingerprint, &format!("order [{}] {}", self.order, self.text));
        self
    }

    /// Reports the error of the step, in the issue with this `fingerprint`.
    #[track_caller]
    pub fn capture_error(self, fingerprint: &[&str], error: &(dyn Error + 'static)) -> Self {
        capture_error_as(fingerprint, error);
        self
    }
}

/// Sets the tag of a step and adds its breadcrumb.
fn say<'a>(level: Level, order: &'a OrderId, name: &str, text: impl Display, data: Value) -> Step<'a> {
    about_order(order);
    let text = text.to_string();
    sentry::add_breadcrumb(|| {
        let mut fields: Map<String, Value> = match data {
            Value::Object(fields) => fields.into_iter().collect(),
            _ => Map::new(),
        };
        fields.insert("OrderID".to_owned(), order.as_str().into());
        Breadcrumb {
            category: Some(name.to_owned()),
            message: Some(text.clone()),
            level,
            data: fields,
            ..Breadcrumb::default()
        }
    });
    Step { order, text }
}

fn capture_message(level: Level, fingerprint: &[&str], text: &str) {
    sentry::with_scope(
        |scope| scope.set_fingerprint(Some(fingerprint)),
        || sentry::capture_message(text, level),
    );
}
