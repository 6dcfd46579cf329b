//! One record of a batch: its own hub, trace, transaction and report.

use std::error::Error;
use std::future::Future;
use std::panic::Location;
use std::time::{Duration, SystemTime};

use sentry::protocol::Level;
use serde_json::Value;

use crate::capture::Capture;
use crate::unit::UnitOfWork;
use crate::{trace, unit_state};

/// A message of a queue, as Sentry's conventions for queues describe it.
#[derive(Clone, Debug)]
#[must_use = "pass it to `record`"]
pub struct Record {
    invocation: UnitOfWork,
    destination: String,
}

impl Record {
    /// Makes a record of the queue, stream or topic named `destination`. `system` is the messaging system, such as
    /// `aws_sqs`.
    pub fn new(destination: impl Into<String>, system: &str) -> Self {
        let destination = destination.into();
        let mut invocation = UnitOfWork::new(destination.clone(), "queue.process")
            .tag("messaging.destination.name", destination.clone())
            .data("messaging.system", system)
            .data("messaging.destination.name", destination.clone());
        invocation.nested = true;
        invocation.mechanism = "aws_lambda";
        Self { invocation, destination }
    }

    /// Makes a record from a record of an SQS event, in Lambda's JSON. It reads the queue, id, receives, times, size
    /// and trace. `max_receives` is the queue's `maxReceiveCount`; 0 means that it is not known.
    ///
    /// The trace is in the message's attributes. If not there, it is in the body: in the `metadata` of an EventBridge
    /// event's detail, or in the attributes of an SNS message.
    pub fn from_sqs(record: &Value, max_receives: u32) -> Self {
        let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
        let number = |pointer: &str| text(pointer).and_then(|n| n.parse::<u64>().ok());
        let mut this = Self::new(trace::arn_name(text("/eventSourceARN").unwrap_or_default()), "aws_sqs");
        if let Some(id) = text("/messageId") {
            this = this.id(id);
        }
        if let Some(body) = text("/body") {
            this = this.body_size(body.len());
        }
        if let Some(count) = number("/attributes/ApproximateReceiveCount") {
            let max = if max_receives == 0 { 1 } else { max_receives };
            this = this.receives(u32::try_from(count).unwrap_or(u32::MAX), max);
        }
        if let Some(sent) = number("/attributes/SentTimestamp") {
            let sent = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(sent));
            this = sent.map(|sent| this.clone().sent_at(sent)).unwrap_or(this);
        }
        this.trace_headers(trace::of_record(record))
    }

    /// Sets the message's id.
    pub fn id(mut self, id: &str) -> Self {
        self.invocation = self.invocation.data("messaging.message.id", id).tag("messaging.message.id", id);
        self
    }

    /// Sets the body's size in bytes.
    pub fn body_size(mut self, bytes: usize) -> Self {
        self.invocation = self.invocation.data("messaging.message.body.size", bytes);
        self
    }

    /// Sets when the message was sent. The latency until now is reported in milliseconds.
    pub fn sent_at(mut self, sent: SystemTime) -> Self {
        let latency = SystemTime::now().duration_since(sent).unwrap_or(Duration::ZERO).as_millis();
        let latency = u64::try_from(latency).unwrap_or(u64::MAX);
        self.invocation = self.invocation.data("messaging.message.receive.latency", latency);
        self
    }

    /// Sets how often the message was received, this time included, and after how many receives it becomes a dead
    /// letter. A failure before the last receive is a warning, at the last it is an error. Without this call it is
    /// always an error.
    pub fn receives(mut self, count: u32, max: u32) -> Self {
        let retries = count.saturating_sub(1);
        self.invocation = self.invocation.data("messaging.message.retry.count", retries);
        self.invocation.retried = count < max;
        self
    }

    /// Overrides the server name, like [`UnitOfWork::server_name`].
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.invocation = self.invocation.server_name(name);
        self
    }

    /// Continues the trace in the message's attributes, like [`UnitOfWork::trace_headers`].
    pub fn trace_headers<K: AsRef<str>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.invocation = self.invocation.trace_headers(headers);
        self
    }

    /// Sets a tag on everything that this record sends.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.invocation = self.invocation.tag(key, value);
        self
    }
}

/// Why a record was not processed. The failure is already reported to Sentry. The caller must return the record's id
/// to Lambda.
#[derive(Debug)]
pub enum RecordError<E> {
    /// The work returned this error.
    Failed(E),
    /// The work panicked with this message.
    Panicked(String),
}

impl<E: std::fmt::Display> std::fmt::Display for RecordError<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}

impl<E: Error> Error for RecordError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Panicked(_) => None,
        }
    }
}

/// Processes one record of a batch in its own hub, trace and `queue.process` transaction.
///
/// A failure is captured with its original error. A panic is caught, so that the other records are processed.
///
/// # Errors
/// Returns the error of the work, or the message of its panic.
///
/// ```
/// use sentry_lambda::{Record, RecordError};
///
/// # async fn example() {
/// let record = Record::new("jobs", "aws_sqs").id("m-1").receives(2, 5);
/// let done = sentry_lambda::record(record, async { "x".parse::<u32>() }).await;
/// assert!(matches!(done, Err(RecordError::Failed(_))));
/// # }
/// ```
#[track_caller]
pub fn record<T, E: Error>(
    record: Record,
    work: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, RecordError<E>>> {
    process(record, work, Location::caller())
}

async fn process<T, E: Error>(
    record: Record,
    work: impl Future<Output = Result<T, E>>,
    location: &'static Location<'static>,
) -> Result<T, RecordError<E>> {
    let level = if record.invocation.retried { Level::Warning } else { Level::Error };
    let destination = record.destination;
    let work = async {
        let result = work.await;
        if let Err(error) = &result {
            let kind = format!("{error:?}");
            let kind = sentry::parse_type_from_debug(&kind).to_owned();
            let capture = Capture::unhandled().level(level).fingerprint(vec!["record", &destination, &kind]);
            capture.error(error, location);
        }
        result
    };
    let caught = match record.invocation.start() {
        Some(started) => started.bind(work).caught().await,
        None => crate::unit::catch_panic(work).await,
    };
    match caught {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(RecordError::Failed(error)),
        Err(panic) => {
            let error = RecordError::Panicked(panic);
            // A handler that returns this error would report this text. Noting it avoids a second report.
            if let Some(outer) = unit_state::current() {
                outer.note_reported(&error.to_string());
            }
            Err(error)
        }
    }
}
