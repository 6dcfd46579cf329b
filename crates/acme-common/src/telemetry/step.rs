//! The steps of an order. One call says that a step happened; log, breadcrumb, tag and report follow from it.
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

/// A step that is in the log and in the breadcrumbs already. Its methods report it to Sentry as well.
#[derive(Debug)]
pub struct Step<'a> {
    order: &'a OrderId,
    text: String,
}

/// Says that a step of an order happened.
///
/// `name` is the breadcrumb's category, best the name of the event that tells others of the step. `text` goes on after
/// `order 3f-1`, as in `shipped, tracking number n-1`. `data` is a JSON object for the breadcrumb; `OrderID` is added to it.
pub fn step<'a>(order: &'a OrderId, name: &'static str, text: impl Display, data: Value) -> Step<'a> {
    let said = say(Level::Info, order, name, text, data);
    tracing::info!(order_id = %order, step = name, "order {order} {}", said.text);
    said
}

/// Says, as [`step`] does, that something went wrong with an order which heals without help.
pub fn warning<'a>(order: &'a OrderId, name: &'static str, text: impl Display, data: Value) -> Step<'a> {
    let said = say(Level::Warning, order, name, text, data);
    tracing::warn!(order_id = %order, step = name, "order {order} {}", said.text);
    said
}

/// Says that something is wrong with an order which somebody has to look at: reports `error` in the issue of this
/// `fingerprint`, and logs it.
#[track_caller]
pub fn failure(order: &OrderId, fingerprint: &[&str], error: &(dyn Error + 'static)) {
    about_order(order);
    capture_error_as(fingerprint, error);
    tracing::error!(order_id = %order, "{}", chain(error));
}

/// Puts the order's id, as the tag `order.id`, on everything that is reported while this unit of work lasts.
///
/// A step does this too. Call it where an error may be reported before the first step.
pub fn about_order(order: &OrderId) {
    sentry::configure_scope(|scope| scope.set_tag("order.id", order));
}

impl Step<'_> {
    /// Reports the step as a message, as in `validation successful for order [3f-1]`, unless the deployment switched
    /// that off ([`CaptureSuccess`](super::CaptureSuccess)). All orders share the issue of this `text`.
    pub fn capture_success(self, text: &str) -> Self {
        if capture_success::is_on() {
            capture_message(Level::Info, &[text], &format!("{text} for order [{}]", self.order));
        }
        self
    }

    /// Reports the step as a warning, in the issue of this `fingerprint`.
    pub fn capture_warning(self, fingerprint: &[&str]) -> Self {
        capture_message(Level::Warning, fingerprint, &format!("order [{}] {}", self.order, self.text));
        self
    }

    /// Reports the error that the step ended with, in the issue of this `fingerprint`.
    #[track_caller]
    pub fn capture_error(self, fingerprint: &[&str], error: &(dyn Error + 'static)) -> Self {
        capture_error_as(fingerprint, error);
        self
    }
}

/// Leaves the tag and the breadcrumb of a step.
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
