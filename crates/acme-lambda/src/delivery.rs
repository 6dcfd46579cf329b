//! Finds the event in what was delivered: by SQS, by EventBridge, or by EventBridge behind SQS.

use acme_common::bus::ConsumeError;
use acme_common::event::Event;
use acme_common::json::{Field, FromJson};
use serde_json::Value;

/// The headers of a trace, inside an EventBridge event's metadata.
const TRACE: [&str; 2] = ["sentry-trace", "baggage"];

/// The event in a text, which is the event itself or an EventBridge envelope around it.
///
/// # Errors
/// [`ConsumeError::Poison`] with the reason, when there is none.
pub(crate) fn event(text: &str) -> Result<Event, ConsumeError> {
    let value = parse(text).ok_or_else(|| ConsumeError::Poison("body: expected JSON".to_owned()))?;
    Ok(Event::from_json(&Field::root(detail(&value).unwrap_or(&value)))?)
}

/// The trace's headers in a text, if it is an EventBridge envelope that has them.
pub(crate) fn trace_headers(text: &str) -> Vec<(&'static str, String)> {
    let Some(value) = parse(text) else { return Vec::new() };
    let metadata = detail(&value).map(|detail| &detail["metadata"]);
    let header = |name| Some((name, metadata?[name].as_str()?.to_owned()));
    TRACE.into_iter().filter_map(header).collect()
}

/// Whether an invocation's payload is an EventBridge event.
pub(crate) fn is_eventbridge(payload: &Value) -> bool {
    detail(payload).is_some()
}

fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn detail(value: &Value) -> Option<&Value> {
    value.get("detail-type").and_then(|_| value.get("detail"))
}
