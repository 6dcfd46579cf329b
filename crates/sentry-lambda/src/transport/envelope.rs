//! Prepares an envelope for sending: completes its stacks, scrubs its items and counts them. It runs after the
//! response.

use std::collections::BTreeMap;

use sentry::Envelope;
use serde_json::{Value, json};

use super::sources::Sources;
use super::{frames, image};
use crate::scrub;

/// Sentry's data categories with their quantities. Rate limits and client reports count in them.
pub(crate) type Categories = Vec<(&'static str, u64)>;

/// Losses by reason and category.
pub(crate) type Losses = BTreeMap<(String, String), u64>;

/// An envelope that is ready to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    header: Value,
    pub(crate) items: Vec<Item>,
    /// Losses that the SDK counted itself. They are added to this crate's losses, so that they survive this envelope.
    pub(crate) reported: Losses,
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    header: Value,
    payload: Vec<u8>,
    pub(crate) categories: Categories,
}

impl Item {
    /// The category that rate limits apply to.
    pub(crate) fn category(&self) -> &'static str {
        self.categories.first().map_or("default", |(category, _)| category)
    }
}

impl Prepared {
    /// Whether an item is an error. Errors outlive transactions when the queue is full.
    pub(crate) fn has_error(&self) -> bool {
        self.items.iter().any(|item| item.category() == "error")
    }

    /// The size of the items in bytes.
    pub(crate) fn size(&self) -> usize {
        self.items.iter().map(|item| item.payload.len() + 64).sum()
    }

    /// An envelope without items, to report losses alone.
    pub(crate) fn empty() -> Self {
        Self { header: json!({}), ..Self::default() }
    }

    /// The body to send: the items and, if there are any, the losses as one more item.
    pub(crate) fn body(&self, losses: Option<&Losses>, now: &str) -> Vec<u8> {
        let mut header = self.header.clone();
        if let Some(header) = header.as_object_mut() {
            header.insert("sent_at".into(), json!(now));
        }
        let mut body = header.to_string().into_bytes();
        for item in &self.items {
            write_item(&mut body, &item.header, &item.payload);
        }
        if let Some(losses) = losses.filter(|l| !l.is_empty()) {
            let discarded: Vec<Value> = losses
                .iter()
                .map(|((reason, category), quantity)| json!({"reason": reason, "category": category, "quantity": quantity}))
                .collect();
            let report = json!({"timestamp": now, "discarded_events": discarded}).to_string();
            write_item(&mut body, &json!({"type": "client_report"}), report.as_bytes());
        }
        body.push(b'\n');
        body
    }
}

fn write_item(body: &mut Vec<u8>, header: &Value, payload: &[u8]) {
    let mut header = header.clone();
    if let Some(header) = header.as_object_mut() {
        header.insert("length".into(), json!(payload.len()));
    }
    body.push(b'\n');
    body.extend_from_slice(header.to_string().as_bytes());
    body.push(b'\n');
    body.extend_from_slice(payload);
}

/// The exact size of an envelope as the SDK writes it, in bytes. This is cheaper than preparing it.
pub(crate) fn raw_size(envelope: &Envelope) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    let _ = envelope.to_writer(&mut count);
    count.0
}

/// Completes and scrubs an envelope. `None` if the SDK wrote an invalid envelope.
pub(crate) fn prepare(envelope: &Envelope, sources: &Sources) -> Option<Prepared> {
    let mut bytes = Vec::new();
    envelope.to_writer(&mut bytes).ok()?;
    let (header, mut rest) = line(&bytes)?;
    let mut header: Value = serde_json::from_slice(header).ok()?;
    scrub::scrub_json(&mut header);
    let mut prepared = Prepared { header, ..Prepared::default() };
    while let Some((item_header, after)) = line(rest) {
        if item_header.is_empty() {
            rest = after;
            continue;
        }
        let mut header: Value = serde_json::from_slice(item_header).ok()?;
        let length = header.get("length").and_then(Value::as_u64).and_then(|l| usize::try_from(l).ok());
        let (payload, after) = match length {
            Some(length) => after.split_at_checked(length)?,
            None => line(after)?,
        };
        rest = after;
        let ty = header.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        if ty == "client_report" {
            add_report(payload, &mut prepared.reported);
            continue;
        }
        scrub::scrub_json(&mut header);
        let item = item(&ty, header, payload, sources);
        prepared.items.push(item);
    }
    Some(prepared)
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    Some((&bytes[..end], bytes.get(end + 1..).unwrap_or_default()))
}

fn item(ty: &str, header: Value, payload: &[u8], sources: &Sources) -> Item {
    let count = |key: &str| header.get(key).and_then(Value::as_u64).unwrap_or(1);
    let bytes = payload.len() as u64;
    if ty != "event" && ty != "transaction" {
        let categories = match ty {
            "log" => vec![("log_item", count("item_count")), ("log_byte", bytes)],
            "trace_metric" => vec![("trace_metric", count("item_count")), ("trace_metric_byte", bytes)],
            "attachment" => vec![("attachment", bytes)],
            "session" | "sessions" => vec![("session", 1)],
            "check_in" => vec![("monitor", 1)],
            "span" => vec![("span", count("item_count"))],
            _ => vec![("default", 1)],
        };
        return Item { header, payload: scrub::scrub_payload(payload), categories };
    }
    let Ok(mut event) = serde_json::from_slice::<Value>(payload) else {
        return Item { header, payload: scrub::scrub_payload(payload), categories: vec![("error", 1)] };
    };
    scrub::scrub_json(&mut event);
    untype_contexts(&mut event);
    add_source(&mut event);
    let categories = if ty == "transaction" {
        let spans = event.get("spans").and_then(Value::as_array).map_or(0, Vec::len) as u64;
        vec![("transaction", 1), ("span", spans + 1)]
    } else {
        // After the scrubbing, because source lines are no run-time data: a line `token = next()` must be shown.
        if frames::complete(&mut event, sources) {
            add_image(&mut event);
        }
        vec![("error", 1)]
    };
    let payload = serde_json::to_vec(&event).unwrap_or_default();
    Item { header, payload, categories }
}

/// Removes the type `unknown`, which the SDK gives every context that it has no type for. The type hides the contexts
/// that Sentry knows by name.
fn untype_contexts(event: &mut Value) {
    for context in
        event.get_mut("contexts").and_then(Value::as_object_mut).into_iter().flat_map(|c| c.values_mut())
    {
        if let Some(context) =
            context.as_object_mut().filter(|c| c.get("type").is_some_and(|ty| ty == "unknown"))
        {
            context.remove("type");
        }
    }
}

/// Adds the source of the transaction's name, which the SDK does not set, and the platform of native code.
fn add_source(event: &mut Value) {
    let is_request = event.pointer("/contexts/trace/op").is_some_and(|op| op == "http.server");
    let Some(name) = event.get("transaction").and_then(Value::as_str) else {
        return;
    };
    let source = match name.contains('*') {
        true => "url",
        false if is_request => "route",
        false => "component",
    };
    let Some(event) = event.as_object_mut() else {
        return;
    };
    event.entry("transaction_info").or_insert_with(|| json!({"source": source}));
    event.entry("platform").or_insert_with(|| "native".into());
}

fn add_image(event: &mut Value) {
    let (Some(image), Some(event)) = (image::executable(), event.as_object_mut()) else {
        return;
    };
    let meta = event.entry("debug_meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    let images = meta.entry("images").or_insert_with(|| json!([]));
    if let Some(images) = images.as_array_mut() {
        images.push(image.clone());
    }
}

fn add_report(payload: &[u8], losses: &mut Losses) {
    let Ok(report) = serde_json::from_slice::<Value>(payload) else {
        return;
    };
    for lost in report.get("discarded_events").and_then(Value::as_array).into_iter().flatten() {
        let text = |key| lost.get(key).and_then(Value::as_str).map(str::to_owned);
        let quantity = lost.get("quantity").and_then(Value::as_u64).unwrap_or(1);
        if let (Some(reason), Some(category)) = (text("reason"), text("category")) {
            *losses.entry((reason, category)).or_default() += quantity;
        }
    }
}
