//! Finds the event in a message's text. The text is the event itself, or an EventBridge envelope with the event in its
//! detail.

use serde_json::Value;

use super::ConsumeError;
use crate::event::{self, Event};
use crate::id::OrderId;
use crate::json::{Field, FromJson};

/// The names of a trace's headers in the metadata of an EventBridge event.
const TRACE: [&str; 2] = ["sentry-trace", "baggage"];

/// Reads the event in a text.
///
/// # Errors
/// [`ConsumeError::Poison`] with the reason, when the text contains no event.
pub fn event(text: &str) -> Result<Event, ConsumeError> {
    let value = parse(text).ok_or_else(|| ConsumeError::Poison("body: expected JSON".to_owned()))?;
    Ok(Event::from_json(&Field::root(inner(&value)))?)
}

/// The order that a text names in the place where events name it. The text need not be an event.
pub fn order_id(text: &str) -> Option<OrderId> {
    event::order_id(&Field::root(inner(&parse(text)?)).get("data")).ok()
}

/// The trace headers in a text. Only an EventBridge envelope has them.
pub fn trace_headers(text: &str) -> Vec<(&'static str, String)> {
    let Some(value) = parse(text) else { return Vec::new() };
    let metadata = detail(&value).map(|detail| &detail["metadata"]);
    let header = |name| Some((name, metadata?[name].as_str()?.to_owned()));
    TRACE.into_iter().filter_map(header).collect()
}

/// Whether an invocation's payload is an EventBridge event.
pub fn is_eventbridge(payload: &Value) -> bool {
    detail(payload).is_some()
}

fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn inner(value: &Value) -> &Value {
    detail(value).unwrap_or(value)
}

fn detail(value: &Value) -> Option<&Value> {
    value.get("detail-type").and_then(|_| value.get("detail"))
}
