//! Reads single fields of an event's JSON. The rest, such as large bodies, is not parsed.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// Fields larger than this, in bytes, are not parsed.
const LARGEST: usize = 256 * 1024;

/// An event's top-level fields.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    fields: HashMap<String, &'a RawValue>,
}

impl<'a> Outline<'a> {
    /// The outline of an event. Empty if the event is not a JSON object.
    pub(super) fn new(event: &'a [u8]) -> Self {
        Self { fields: serde_json::from_slice(event).unwrap_or_default() }
    }

    /// A field's value, if the field is there and not too large.
    pub(super) fn get(&self, field: &str) -> Option<Value> {
        let raw = self.fields.get(field)?.get();
        (raw.len() <= LARGEST).then(|| serde_json::from_str(raw).ok()).flatten()
    }

    /// A field's value, if it is a string.
    pub(super) fn text(&self, field: &str) -> Option<String> {
        match self.get(field)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The records of a batch, each as an outline. Empty if the event is not a batch.
    pub(super) fn records(&self) -> Vec<Outline<'a>> {
        let records = self.fields.get("Records").or_else(|| self.fields.get("records"));
        let records = records
            .and_then(|raw| serde_json::from_str::<Vec<HashMap<String, &'a RawValue>>>(raw.get()).ok());
        records.unwrap_or_default().into_iter().map(|fields| Outline { fields }).collect()
    }
}
