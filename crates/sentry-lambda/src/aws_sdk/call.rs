//! One call of an AWS SDK client, as a span and a breadcrumb.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use sentry::protocol::{Breadcrumb, Level, SpanStatus};
use sentry::{Hub, Span};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::unit_state::{self, UnitState};

/// Bodies larger than this, in bytes, are not read.
const LARGEST: usize = 256 * 1024;

pub(super) struct Call {
    service: String,
    operation: String,
    kind: Kind,
    /// Names of tables, queues, topics, streams and buses.
    targets: BTreeSet<String>,
    pub(super) attempts: u32,
    status: Option<u16>,
    error: Option<String>,
    capacity: Option<f64>,
    began: Instant,
    hub: Arc<Hub>,
    span: Option<Span>,
    unit: Option<Arc<UnitState>>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("service", &self.service)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Db,
    /// Holds the name of the messaging system.
    Publish(&'static str),
    Rpc,
}

impl Kind {
    fn of(service: &str, operation: &str) -> Self {
        match (service, operation) {
            ("DynamoDB", _) => Self::Db,
            ("SQS", "SendMessage" | "SendMessageBatch") => Self::Publish("aws_sqs"),
            ("SNS", "Publish" | "PublishBatch") => Self::Publish("aws_sns"),
            ("EventBridge", "PutEvents") => Self::Publish("aws_eventbridge"),
            ("Kinesis", "PutRecord" | "PutRecords") => Self::Publish("aws_kinesis"),
            _ => Self::Rpc,
        }
    }
}

impl Call {
    /// Starts a call. `None` without an enabled client.
    pub(super) fn start(service: &str, operation: &str) -> Option<Self> {
        let hub = unit_state::active_hub()?;
        let kind = Kind::of(service, operation);
        let op = match kind {
            Kind::Db => "db",
            Kind::Publish(_) => "queue.publish",
            Kind::Rpc => "rpc",
        };
        let mut parent = None;
        hub.configure_scope(|scope| parent = scope.get_span());
        let name = format!("{service}.{operation}");
        let span = parent.map(|parent| parent.start_child(op, &name));
        let unit = unit_state::current();
        if let Some(unit) = &unit {
            unit.does(&name);
        }
        Some(Self {
            service: service.to_owned(),
            operation: operation.to_owned(),
            kind,
            targets: BTreeSet::new(),
            attempts: 0,
            status: None,
            error: None,
            capacity: None,
            began: Instant::now(),
            hub,
            span,
            unit,
        })
    }

    /// Reads the names of tables, queues, topics, streams and buses. Nothing else of the request is kept.
    pub(super) fn read_request(&mut self, body: &[u8]) {
        let Some(fields) = fields(body) else { return };
        for field in ["TableName", "QueueUrl", "TopicArn", "StreamName"] {
            if let Some(Value::String(name)) =
                fields.get(field).and_then(|raw| serde_json::from_str(raw.get()).ok())
            {
                self.targets.insert(crate::trace::arn_name(&name));
            }
        }
        let value =
            |field: &str| fields.get(field).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        if let Some(Value::Object(tables)) = value("RequestItems") {
            self.targets.extend(tables.into_iter().map(|(table, _)| table));
        }
        for item in value("TransactItems").iter().filter_map(Value::as_array).flatten() {
            let tables = item
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(_, action)| action.get("TableName")?.as_str());
            self.targets.extend(tables.map(str::to_owned));
        }
        for entry in value("Entries").iter().filter_map(Value::as_array).flatten() {
            if let Some(bus) = entry.get("EventBusName").and_then(Value::as_str) {
                self.targets.insert(crate::trace::arn_name(bus));
            }
        }
    }

    pub(super) fn read_response(&mut self, status: u16, error_type: Option<&str>, body: Option<&[u8]>) {
        self.status = Some(status);
        let fields = body.and_then(fields).unwrap_or_default();
        let value =
            |field: &str| fields.get(field).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        self.error = None;
        if status >= 400 {
            let code = error_type.map(str::to_owned).or_else(|| value("__type")?.as_str().map(str::to_owned));
            // The code is written `namespace#Code` or `Code:url`.
            self.error = code.and_then(|code| Some(code.rsplit('#').next()?.split(':').next()?.to_owned()));
        }
        if let Some(consumed) = value("ConsumedCapacity") {
            let units = |entry: &Value| entry.get("CapacityUnits").and_then(Value::as_f64);
            let sum = match &consumed {
                Value::Array(entries) => entries.iter().filter_map(units).sum(),
                entry => units(entry).unwrap_or(0.0),
            };
            self.capacity = Some(self.capacity.unwrap_or(0.0) + sum);
        }
    }

    pub(super) fn finish(&mut self, failed: bool) {
        let mut data = self.data();
        if failed {
            let code = self.error.clone().unwrap_or_else(|| "unknown".to_owned());
            data.push(("aws.error.code", code.into()));
        }
        if let Some(span) = self.span.take() {
            data.iter().for_each(|(key, value)| span.set_data(key, value.clone()));
            span.set_status(if failed { SpanStatus::InternalError } else { SpanStatus::Ok });
            span.finish();
        }
        let took = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        data.push(("duration_ms", took.into()));
        self.hub.add_breadcrumb(Breadcrumb {
            ty: if self.kind == Kind::Db { "query" } else { "http" }.into(),
            category: Some(format!("aws.{}", self.service.to_ascii_lowercase())),
            message: Some(self.name()),
            level: if failed { Level::Error } else { Level::Info },
            data: data.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            ..Default::default()
        });
        if let Some(unit) = self.unit.take() {
            unit.did(&self.name());
        }
    }

    fn name(&self) -> String {
        format!("{}.{}", self.service, self.operation)
    }

    fn data(&self) -> Vec<(&'static str, Value)> {
        let targets: Vec<&str> = self.targets.iter().map(String::as_str).collect();
        let joined = targets.join(", ");
        let mut data: Vec<(&str, Value)> = vec![
            ("rpc.system", "aws-api".into()),
            ("rpc.service", self.service.as_str().into()),
            ("rpc.method", self.operation.as_str().into()),
            ("aws.request.attempts", self.attempts.into()),
        ];
        match self.kind {
            Kind::Db => {
                data.push(("db.system", "dynamodb".into()));
                data.push(("db.operation", self.operation.as_str().into()));
                if !targets.is_empty() {
                    data.push(("db.collection.name", joined.into()));
                }
            }
            Kind::Publish(system) => {
                data.push(("messaging.system", system.into()));
                if !targets.is_empty() {
                    data.push(("messaging.destination.name", joined.into()));
                }
            }
            Kind::Rpc => {}
        }
        if let Some(status) = self.status {
            data.push(("http.response.status_code", status.into()));
        }
        if let Some(capacity) = self.capacity {
            data.push(("aws.dynamodb.consumed_capacity", capacity.into()));
        }
        data
    }
}

impl Drop for Call {
    /// The unit no longer waits for a call whose future was dropped.
    fn drop(&mut self) {
        if let Some(unit) = &self.unit {
            unit.did(&self.name());
        }
    }
}

fn fields(body: &[u8]) -> Option<HashMap<String, &RawValue>> {
    (body.len() <= LARGEST).then(|| serde_json::from_slice(body).ok()).flatten()
}
