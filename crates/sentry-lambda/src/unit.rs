//! A unit of work: one invocation, one request or one message, with its own hub and trace.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sentry::protocol::SpanStatus;
use sentry::{Hub, HubSwitchGuard, Transaction, TransactionContext};
use serde_json::Value;

use crate::integration::Lambda;
use crate::trace;
use crate::unit_state::{self, UnitGuard, UnitState, active_hub};

/// One unit of work with its own hub, trace and transaction.
///
/// It works without Lambda: a server uses one for each request, a worker uses one for each message.
///
/// ```
/// # async fn handle() {}
/// # async fn example(headers: Vec<(String, String)>) {
/// sentry_lambda::UnitOfWork::new("GET /items/{id}", "http.server")
///     .server_name("item-get")
///     .trace_headers(headers)
///     .tag("faas.trigger", "http")
///     .run(handle())
///     .await;
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "does nothing until it is run"]
pub struct UnitOfWork {
    pub(crate) name: String,
    pub(crate) op: String,
    pub(crate) server_name: Option<String>,
    headers: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    contexts: Vec<(String, Value)>,
    data: Vec<(String, Value)>,
    /// Whether this is a part of a running unit. A part keeps that unit's tags and contexts.
    pub(crate) nested: bool,
    /// The mechanism of errors that are captured as unhandled.
    pub(crate) mechanism: &'static str,
    /// Whether failed work is tried again.
    pub(crate) retried: bool,
}

impl UnitOfWork {
    /// Makes a unit. `name` is the transaction's name (a route template, a function's name). `op` is Sentry's
    /// operation, such as `http.server`, `function.aws` or `queue.process`.
    pub fn new(name: impl Into<String>, op: impl Into<String>) -> Self {
        Self { name: name.into(), op: op.into(), mechanism: "generic", ..Default::default() }
    }

    /// Overrides the server name of everything that this unit sends, because one process may stand for many
    /// functions.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Continues the trace in these headers: `sentry-trace` and `baggage`, in any case. Other headers are ignored. A
    /// header replaces one of the same name from an earlier call.
    ///
    /// Without a valid `sentry-trace` the unit starts its own trace.
    pub fn trace_headers<K: AsRef<str>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let headers = headers.into_iter().filter_map(|(name, value)| {
            let name = name.as_ref().to_ascii_lowercase();
            trace::HEADERS.contains(&name.as_str()).then(|| (name, value.into()))
        });
        let headers: Vec<(String, String)> = headers.collect();
        self.headers.retain(|(known, _)| headers.iter().all(|(name, _)| name != known));
        self.headers.extend(headers);
        self
    }

    /// Sets a tag on everything that this unit sends.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Sets a context (a JSON object) on everything that this unit sends.
    pub fn context(mut self, key: impl Into<String>, value: Value) -> Self {
        self.contexts.push((key.into(), value));
        self
    }

    /// Sets data on the transaction's root span.
    pub fn data(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.push((key.into(), value.into()));
        self
    }

    /// Runs `work` in this unit. Without a client it only runs `work`.
    ///
    /// The transaction ends with the work. Its status is the first one that is not ok, of a captured error or of
    /// [`set_http_status`](crate::set_http_status).
    pub async fn run<F: Future>(self, work: F) -> F::Output {
        let Some(started) = self.start() else {
            return work.await;
        };
        started.bind(work).await
    }

    /// Starts the unit: its hub, scope, trace and transaction. `None` without an enabled client.
    pub(crate) fn start(self) -> Option<RunningUnit> {
        let outer = active_hub()?;
        let hub = Arc::new(Hub::new_from_top(if self.nested { outer.clone() } else { Hub::main() }));
        let client = outer.with_integration(|lambda: &Lambda| lambda.client(self.server_name.as_deref()));
        hub.bind_client(client.or_else(|| outer.client()));

        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let context = TransactionContext::continue_from_headers(&self.name, &self.op, headers);
        let transaction = hub.start_transaction(context);
        transaction.set_origin("auto.function.aws_lambda");
        for (key, value) in self.data {
            transaction.set_data(&key, value);
        }
        let trace_id = transaction.get_trace_context().trace_id;
        hub.configure_scope(|scope| {
            scope.clear_breadcrumbs();
            scope.set_span(None);
            scope.set_transaction(Some(&self.name));
            scope.set_span(Some(transaction.clone().into()));
            for (key, value) in &self.tags {
                scope.set_tag(key, value);
            }
            for (key, value) in self.contexts {
                if let Value::Object(map) = value {
                    scope.set_context(&key, sentry::protocol::Context::Other(map.into_iter().collect()));
                }
            }
        });
        let baggage = trace::continued(&self.headers, &trace_id.to_string());
        let tag = |key: &str| self.tags.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str());
        let mut unit = UnitState::new(baggage, self.mechanism, self.retried);
        unit.request_id = tag("faas.invocation_id").map(str::to_owned);
        let unit = Arc::new(unit.within(unit_state::current().filter(|_| self.nested)));
        #[cfg(feature = "tracing")]
        let span = {
            let client = hub.client();
            let name = client.as_ref().and_then(|client| client.options().server_name.as_deref());
            // At the highest level, so that a line of any level is in the span.
            tracing::error_span!(
                "unit",
                function = name,
                request_id = unit.request_id,
                message_id = tag("messaging.message.id"),
                trace_id = %trace_id
            )
        };
        Some(RunningUnit {
            hub,
            unit,
            transaction: Some(transaction),
            #[cfg(feature = "tracing")]
            span,
        })
    }
}

/// A started unit, to bind to the future of its work.
#[derive(Debug)]
pub(crate) struct RunningUnit {
    pub(crate) hub: Arc<Hub>,
    pub(crate) unit: Arc<UnitState>,
    pub(crate) transaction: Option<Transaction>,
    /// For log lines.
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl RunningUnit {
    pub(crate) fn bind<F: Future>(self, work: F) -> UnitFuture<F> {
        UnitFuture { started: self, work: Box::pin(work) }
    }

    /// Runs `f` with this unit's hub and state as the current ones.
    pub(crate) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _hub = HubSwitchGuard::new(self.hub.clone());
        let _unit = UnitGuard::new(self.unit.clone());
        #[cfg(feature = "tracing")]
        let _span = self.span.enter();
        f()
    }

    /// Ends the transaction. A second call does nothing.
    pub(crate) fn finish(&mut self) {
        let Some(transaction) = self.transaction.take() else {
            return;
        };
        let status = self.unit.status();
        if transaction.get_status().is_none() {
            transaction.set_status(status);
        }
        // `Transaction::finish` uses the scope of the current hub.
        self.enter(|| transaction.finish());
    }
}

/// A future that is polled within its unit of work.
pub(crate) struct UnitFuture<F> {
    started: RunningUnit,
    work: Pin<Box<F>>,
}

impl<F> UnitFuture<F> {
    #[cfg(feature = "lambda")]
    pub(crate) fn started(&mut self) -> &mut RunningUnit {
        &mut self.started
    }
}

impl<F: Future> UnitFuture<F> {
    /// Polls the work. A panic is an `Err` with its message, and the panic hook has already reported it.
    fn poll_caught(&mut self, cx: &mut Context<'_>) -> Poll<Result<F::Output, String>> {
        let work = &mut self.work;
        let polled =
            self.started.enter(|| std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))));
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panic) => Err(message(panic.as_ref())),
        };
        self.started.finish();
        Poll::Ready(result)
    }

    /// Awaits the work. A panic is an `Err` with its message.
    pub(crate) async fn caught(mut self) -> Result<F::Output, String> {
        std::future::poll_fn(|cx| self.poll_caught(cx)).await
    }
}

impl<F: Future> Future for UnitFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let work = &mut this.work;
        let output = std::task::ready!(this.started.enter(|| work.as_mut().poll(cx)));
        this.started.finish();
        Poll::Ready(output)
    }
}

impl<F> Drop for UnitFuture<F> {
    /// Ends the transaction of work that panicked or was dropped before its end.
    fn drop(&mut self) {
        if self.started.transaction.is_some() {
            let status =
                if std::thread::panicking() { SpanStatus::InternalError } else { SpanStatus::Cancelled };
            self.started.unit.set_status(status);
            self.started.finish();
        }
    }
}

/// The message of a panic.
pub(crate) fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}

/// Awaits `work`. A panic is an `Err` with its message, and is reported like any other panic.
///
/// Use it for work that must act on its own panic and then lets the panic go on, by
/// [`resume_unwind`](std::panic::resume_unwind).
///
/// # Errors
/// Returns the panic's message.
pub async fn catch_panic<F: Future>(work: F) -> Result<F::Output, String> {
    let mut work = Box::pin(work);
    std::future::poll_fn(|cx| match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(message(panic.as_ref()))),
    })
    .await
}
