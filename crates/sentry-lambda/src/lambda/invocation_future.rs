//! The future of one invocation: the work, the timeout warning, and the flush after the response.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use sentry::protocol::{Event, Exception, Level, SpanStatus};
use tokio::time::Sleep;

use super::facts::Facts;
use super::{cron, memory, timeout};
use crate::init::{Inner, Sentry};
use crate::unit::{RunningUnit, UnitFuture};
use crate::{capture, stack};

type Result = std::result::Result<(), lambda_runtime::Error>;
type Flush = Pin<Box<dyn Future<Output = bool> + Send>>;

/// The future of [`InvocationService`](super::InvocationService).
pub struct InvocationFuture<F> {
    phase: Phase<F>,
}

enum Phase<F> {
    /// Without a client. The span still gives each log line its request id.
    Disabled(Pin<Box<F>>, tracing::Span),
    Working(Box<Working<F>>),
    /// The response has been posted. Only the flush is left.
    Flushing(Option<Result>, Flush),
}

struct Working<F> {
    work: UnitFuture<F>,
    facts: Facts,
    shared: Arc<Inner>,
    warning_due: Option<Pin<Box<Sleep>>>,
    warning: Option<Flush>,
    /// A flush beside the work. It starts when the queue is half full, because the work may report more than the
    /// queue holds.
    early: Option<Flush>,
}

impl<F> InvocationFuture<F> {
    pub(super) fn disabled(work: F, span: tracing::Span) -> Self {
        Self { phase: Phase::Disabled(Box::pin(work), span) }
    }

    pub(super) fn new(work: UnitFuture<F>, facts: Facts, shared: Arc<Inner>) -> Self {
        let due = facts.given.and_then(timeout::due_after);
        let warning_due = due.map(|due| Box::pin(tokio::time::sleep(due)));
        let (warning, early) = (None, None);
        Self { phase: Phase::Working(Box::new(Working { work, facts, shared, warning_due, warning, early })) }
    }
}

impl<F: Future<Output = Result>> Future for InvocationFuture<F> {
    type Output = Result;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        loop {
            let (result, flush) = match &mut self.phase {
                Phase::Disabled(work, span) => return span.in_scope(|| work.as_mut().poll(cx)),
                Phase::Flushing(result, flush) => {
                    return flush.as_mut().poll(cx).map(|_| result.take().unwrap_or(Ok(())));
                }
                Phase::Working(working) => match working.poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(result) => {
                        let flush = working.end(&result);
                        (result, flush)
                    }
                },
            };
            self.phase = Phase::Flushing(Some(result), flush);
        }
    }
}

impl<F: Future<Output = Result>> Working<F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result> {
        if let Poll::Ready(result) = Pin::new(&mut self.work).poll(cx) {
            return Poll::Ready(result);
        }
        let due = self.warning_due.as_mut().is_some_and(|due| due.as_mut().poll(cx).is_ready());
        if due {
            self.warning_due = None;
            timeout::warn(self.work.started(), &self.facts, self.shared.handler_at.get().copied());
            cron::check_in(&self.shared.client, self.shared.options.cron.as_ref(), &self.facts, false);
            // The flush may take until 20 ms before the kill, because an unsent envelope is lost then.
            self.warning = Some(flush(&self.shared, self.facts.left(), Duration::from_millis(20), None));
        }
        if self.warning.as_mut().is_some_and(|flush| flush.as_mut().poll(cx).is_ready()) {
            self.warning = None;
        }
        let more = self.shared.delivery.as_ref().is_some_and(|delivery| delivery.is_half_full());
        if more && self.early.is_none() {
            self.early = Some(flush(&self.shared, self.facts.left(), self.shared.options.margin, None));
        }
        if self.early.as_mut().is_some_and(|flush| flush.as_mut().poll(cx).is_ready()) {
            self.early = None;
        }
        Poll::Pending
    }

    /// Runs after the response: reports what is known only now, and starts the flush.
    fn end(&mut self, result: &Result) -> Flush {
        let warned = self.warning_due.is_none() && self.facts.given.and_then(timeout::due_after).is_some();
        let started = self.work.started();
        started.enter(|| {
            report_uncalled(started, &self.facts, &self.shared);
            report_unanswered(result, &self.shared);
            memory::warn_near_limit(&self.shared, &self.facts.function, self.facts.memory_limit);
        });
        if !warned {
            let ok = result.is_ok() && self.work.started().unit.status() == SpanStatus::Ok;
            cron::check_in(&self.shared.client, self.shared.options.cron.as_ref(), &self.facts, ok);
        }
        flush(&self.shared, self.facts.left(), self.shared.options.margin, self.early.take())
    }
}

/// Reports a response that the runtime could not serialize. The runtime ends the process after that.
fn report_unanswered(result: &Result, shared: &Inner) {
    if let (Err(error), Some(location)) = (result, shared.handler_at.get()) {
        capture::Capture::unhandled().level(Level::Fatal).error(error.as_ref(), location);
    }
}

/// Reports an event that the runtime could not deserialize. The runtime answers it without the handler, so nothing
/// else reports it.
fn report_uncalled(started: &RunningUnit, facts: &Facts, shared: &Inner) {
    let Some(location) = shared.handler_at.get() else {
        return;
    };
    if started.unit.is_handler_called() || started.unit.has_reported(None) {
        return;
    }
    let mut event = Event {
        exception: vec![Exception {
            ty: "BadEvent".into(),
            value: Some(format!(
                "{} could not deserialize its event; the handler was not called",
                facts.function
            )),
            stacktrace: Some(stack::of_location(location, &[])),
            ..Default::default()
        }]
        .into(),
        level: Level::Error,
        ..Default::default()
    };
    capture::mechanisms(&mut event, "aws_lambda", false);
    sentry::Hub::current().capture_event(event);
}

/// Flushes for at most the flush limit, and at most the time left without the margin. An `early` flush ends first, or
/// the envelopes that it has on the way would be sent twice.
fn flush(shared: &Arc<Inner>, left: Option<Duration>, margin: Duration, early: Option<Flush>) -> Flush {
    let sentry = Sentry { inner: Some(shared.clone()) };
    let limit = shared.options.flush_limit;
    let limit = left.map_or(limit, |left| limit.min(left.saturating_sub(margin)));
    Box::pin(async move {
        let began = Instant::now();
        if let Some(early) = early {
            let _ = tokio::time::timeout(limit, early).await;
        }
        sentry.flush(limit.saturating_sub(began.elapsed())).await
    })
}

impl<F> fmt::Debug for InvocationFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvocationFuture").finish_non_exhaustive()
    }
}
