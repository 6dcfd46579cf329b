//! Trace headers, incoming and outgoing: `sentry-trace` and `baggage`, with tracing sampled, unsampled or off.

use std::fmt::Write;

use sentry::Hub;
use serde_json::Value;

use crate::unit_state;

/// The headers that carry a trace, in lower case.
pub(crate) const HEADERS: [&str; 2] = ["sentry-trace", "baggage"];

/// The longest baggage that is passed on, in bytes. The limit is W3C's.
const LONGEST: usize = 8192;

/// The headers that continue the current trace. Add them to every message that you publish and every request that you
/// send.
///
/// They are `sentry-trace` and `baggage`. Without an enabled client there are none. `baggage` is missing if the trace
/// came without it.
///
/// The baggage of an incoming trace is passed on unchanged, because the service that began the trace has decided its
/// sampling.
pub fn trace_headers() -> Vec<(&'static str, String)> {
    let Some(hub) = unit_state::active_hub() else {
        return Vec::new();
    };
    let Some(sentry_trace) = sentry_trace(&hub) else {
        return Vec::new();
    };
    let baggage = unit_state::current().and_then(|unit| unit.baggage.clone());
    let baggage = baggage.unwrap_or_else(|| own_baggage(&hub, &sentry_trace));
    let mut headers = vec![(HEADERS[0], sentry_trace)];
    // An SQS attribute must not be empty.
    if !baggage.is_empty() {
        headers.push((HEADERS[1], baggage));
    }
    headers
}

/// The current trace id, 32 hex digits, for log lines. `None` without an enabled client.
pub fn trace_id() -> Option<String> {
    let header = sentry_trace(&*unit_state::active_hub()?)?;
    header.split('-').next().map(str::to_owned)
}

fn sentry_trace(hub: &Hub) -> Option<String> {
    // `configure_scope` is the only public way to read a scope.
    let mut header = None;
    hub.configure_scope(|scope| {
        header = scope.iter_trace_propagation_headers().next().map(|(_, value)| value)
    });
    header
}

/// The dynamic sampling context of a trace that begins here.
fn own_baggage(hub: &Hub, sentry_trace: &str) -> String {
    let mut parts = sentry_trace.split('-');
    let mut baggage = format!("sentry-trace_id={}", parts.next().unwrap_or_default());
    let sampled = parts.nth(1);
    let mut add = |key: &str, value: &str| {
        baggage.push_str(",sentry-");
        baggage.push_str(key);
        baggage.push('=');
        percent_encode(value, &mut baggage);
    };
    let Some(client) = hub.client() else {
        return baggage;
    };
    let options = client.options();
    if let Some(dsn) = client.dsn() {
        add("public_key", dsn.public_key());
        if let Some(org) = dsn.org_id() {
            add("org_id", &org.to_string());
        }
    }
    if let Some(release) = &options.release {
        add("release", release);
    }
    if let Some(environment) = &options.environment {
        add("environment", environment);
    }
    if let Some(sampled) = sampled {
        if let sentry::TracesSamplingStrategy::FixedRate(rate) = options.traces_sampling_strategy {
            add("sample_rate", &rate.to_string());
        }
        add("sampled", if sampled == "1" { "true" } else { "false" });
    }
    baggage
}

/// Sentry's part of the incoming baggage. `None` if the baggage does not belong to the continued trace.
pub(crate) fn continued(headers: &[(String, String)], trace_id: &str) -> Option<String> {
    let values = |name: &'static str| headers.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str());
    if !values(HEADERS[0]).any(|v| v.trim().starts_with(trace_id)) {
        return None;
    }
    let mut own: Vec<&str> = Vec::new();
    for member in values(HEADERS[1]).flat_map(|v| v.split(',')).map(str::trim) {
        if member.starts_with("sentry-") && !own.contains(&member) {
            own.push(member);
        }
    }
    // Another service decides on a trace that comes without baggage. An empty and frozen context says so.
    Some(own.join(",")).map(|baggage| if baggage.len() > LONGEST { String::new() } else { baggage })
}

/// Whether a name is that of a trace header, in any case.
pub(crate) fn is_header(name: &str) -> bool {
    HEADERS.iter().any(|header| header.eq_ignore_ascii_case(name))
}

/// The trace headers among an object's fields. A value is a plain string, or an attribute of SQS or SNS.
fn of_object(object: Option<&Value>) -> Vec<(String, String)> {
    let text = |value: &Value| {
        let inner = ["stringValue", "StringValue", "Value"].iter().find_map(|key| value.get(key));
        inner.unwrap_or(value).as_str().map(str::to_owned)
    };
    let fields = object.and_then(Value::as_object).into_iter().flatten();
    fields
        .filter(|(name, _)| is_header(name))
        .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
        .collect()
}

/// The trace headers in an EventBridge event's `detail`: in its `metadata`, or in itself.
pub(crate) fn of_detail(detail: &Value) -> Vec<(String, String)> {
    let headers = of_object(detail.get("metadata"));
    if headers.is_empty() { of_object(Some(detail)) } else { headers }
}

/// The trace headers of a queue's record. They are in its message attributes, or in the SNS message or EventBridge
/// event that is its body.
pub(crate) fn of_record(record: &Value) -> Vec<(String, String)> {
    for attributes in [record.get("messageAttributes"), record.pointer("/Sns/MessageAttributes")] {
        let headers = of_object(attributes);
        if !headers.is_empty() {
            return headers;
        }
    }
    // The body is parsed only if it can hold trace headers.
    let body = record.get("body").and_then(Value::as_str).filter(|body| body.contains(HEADERS[0]));
    let Some(body) = body.and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
        return Vec::new();
    };
    let headers = of_object(body.get("MessageAttributes"));
    if headers.is_empty() { body.get("detail").map(of_detail).unwrap_or_default() } else { headers }
}

/// The name at the end of an ARN, such as the name of a rule or a queue.
pub(crate) fn arn_name(arn: &str) -> String {
    arn.rsplit([':', '/']).next().unwrap_or_default().to_owned()
}

fn percent_encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(byte.into());
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}
