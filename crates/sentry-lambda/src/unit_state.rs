//! The state of a running unit of work. It is found through the thread that polls the unit, because concurrent units
//! share the process.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sentry::Hub;
use sentry::protocol::SpanStatus;

use crate::trail::Trail;

/// The state of a running unit of work.
pub(crate) struct UnitState {
    /// The incoming baggage of a continued trace. It is passed on unchanged.
    pub(crate) baggage: Option<String>,
    pub(crate) mechanism: &'static str,
    /// Whether failed work is tried again. If so, a panic is a warning.
    pub(crate) retried: bool,
    /// Lambda's id of the invocation, for log lines.
    pub(crate) request_id: Option<String>,
    /// The unit that this unit is a part of. An error that is reported here is not reported there again.
    parent: Option<Arc<UnitState>>,
    trail: Mutex<Trail>,
    outcome: Mutex<Outcome>,
}

#[derive(Debug, Default)]
struct Outcome {
    status: Option<SpanStatus>,
    /// Texts of the errors that were already reported here, at most 64.
    reported: Vec<String>,
    /// Calls that the unit waits for, newest last.
    doing: Vec<String>,
    handler_called: bool,
}

impl UnitState {
    pub(crate) fn new(baggage: Option<String>, mechanism: &'static str, retried: bool) -> Self {
        let (request_id, parent) = (None, None);
        let (trail, outcome) = (Mutex::default(), Mutex::default());
        Self { baggage, mechanism, retried, request_id, parent, trail, outcome }
    }

    /// Makes this unit a part of `parent`. Both belong to the same invocation.
    pub(crate) fn within(mut self, parent: Option<Arc<UnitState>>) -> Self {
        self.request_id = self.request_id.or_else(|| parent.as_ref()?.request_id.clone());
        self.parent = parent;
        self
    }

    pub(crate) fn trail(&self) -> MutexGuard<'_, Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the transaction's status. The first one that is not ok stays.
    pub(crate) fn set_status(&self, status: SpanStatus) {
        let mut outcome = self.outcome();
        if outcome.status.is_none_or(|s| s == SpanStatus::Ok) {
            outcome.status = Some(status);
        }
    }

    pub(crate) fn note_reported(&self, text: &str) {
        let mut outcome = self.outcome();
        if outcome.reported.len() < 64 {
            outcome.reported.push(text.to_owned());
        }
        drop(outcome);
        if let Some(parent) = &self.parent {
            parent.note_reported(text);
        }
    }

    /// The status that the transaction ends with.
    pub(crate) fn status(&self) -> SpanStatus {
        self.outcome().status.unwrap_or(SpanStatus::Ok)
    }

    /// Whether an error of this text was reported. With `None`: whether any error was.
    pub(crate) fn has_reported(&self, text: Option<&str>) -> bool {
        self.outcome().reported.iter().any(|r| text.is_none_or(|t| t == r))
    }
}

/// What the layers and the interceptor tell each other through the unit.
#[cfg_attr(
    not(all(feature = "lambda", feature = "aws-sdk")),
    allow(dead_code, reason = "each needs its part")
)]
impl UnitState {
    /// Notes a call that the unit waits for, until [`did`](Self::did).
    pub(crate) fn does(&self, what: &str) {
        let doing = &mut self.outcome().doing;
        if doing.len() < 64 {
            doing.push(what.to_owned());
        }
    }

    pub(crate) fn did(&self, what: &str) {
        let doing = &mut self.outcome().doing;
        if let Some(at) = doing.iter().rposition(|d| d == what) {
            doing.remove(at);
        }
    }

    /// The newest call that the unit waits for.
    pub(crate) fn doing(&self) -> Option<String> {
        self.outcome().doing.last().cloned()
    }

    pub(crate) fn note_handler_called(&self) {
        self.outcome().handler_called = true;
    }

    pub(crate) fn is_handler_called(&self) -> bool {
        self.outcome().handler_called
    }
}

impl fmt::Debug for UnitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitState").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<UnitState>>> = const { RefCell::new(None) };
}

/// The unit of work that this thread is in.
pub(crate) fn current() -> Option<Arc<UnitState>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// The current hub if its client is enabled. Otherwise the main hub if its client is enabled.
pub(crate) fn active_hub() -> Option<Arc<Hub>> {
    let enabled = |hub: &Arc<Hub>| hub.client().is_some_and(|client| client.is_enabled());
    Some(Hub::current()).filter(enabled).or_else(|| Some(Hub::main()).filter(enabled))
}

/// Makes a unit the current one of this thread, as long as the guard lives.
pub(crate) struct UnitGuard(Option<Arc<UnitState>>);

impl UnitGuard {
    pub(crate) fn new(unit: Arc<UnitState>) -> Self {
        Self(CURRENT.with_borrow_mut(|current| current.replace(unit)))
    }
}

impl Drop for UnitGuard {
    fn drop(&mut self) {
        let before = self.0.take();
        let _ = CURRENT.try_with(|current| *current.borrow_mut() = before);
    }
}
