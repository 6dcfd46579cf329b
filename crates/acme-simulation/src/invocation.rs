//! A running function. It is a future that the director polls step by step, and drops when the function dies.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use acme_common::messaging::Received;
use jiff::SignedDuration;
use serde_json::Value;

use crate::bus::Consumers;
use crate::fates::Fate;
use crate::stage::{Verdict, Waiting, direct};

/// The future of a function.
pub(crate) type Work = Pin<Box<dyn Future<Output = Done>>>;

/// Why a function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A client's request. With `other`, it differs from the earlier request under its Idempotency-Key.
    Request { task: usize, attempt: u32, other: bool },
    /// A message. With `last`, it will not be delivered again.
    Delivery { message: usize, to: Consumers, last: bool },
    /// The schedule.
    Sweep,
}

/// How a function ended.
#[derive(Debug)]
pub(crate) enum Done {
    Answered(u16, Value),
    Consumed(Received),
    Swept(Result<usize, String>),
}

/// A running function.
pub(crate) struct Invocation {
    pub(crate) cause: Cause,
    pub(crate) function: &'static str,
    pub(crate) client: Option<u32>,
    pub(crate) fate: Fate,
    pub(crate) began: Duration,
    /// By how much the clock of its machine is wrong.
    pub(crate) skew: SignedDuration,
    /// The step at which the function dies.
    pub(crate) dies_at: Option<u64>,
    pub(crate) steps: u64,
    /// Whether this is the last delivery of its message. Nothing goes wrong then.
    pub(crate) spared: bool,
    /// The turn that the function waits for.
    pub(crate) turn: u64,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) done: Option<Done>,
    pub(crate) work: Work,
    pub(crate) waker: Waker,
}

impl Invocation {
    /// Polls the function up to its next calls. `release` is the call that goes on, with its verdict. `None` if
    /// something else woke the function.
    ///
    /// # Errors
    /// Returns the text of a panic.
    pub(crate) fn poll(&mut self, release: Option<(usize, Verdict)>) -> Result<(), String> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut context = Context::from_waker(&self.waker);
        let work = &mut self.work;
        let (polled, waiting) = direct(&self.waker, waiting, release, || {
            catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)))
        });
        self.waiting = waiting;
        if let Poll::Ready(done) = polled.map_err(|panic| text(&*panic))? {
            self.done = Some(done);
        }
        Ok(())
    }
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text").to_owned()
}

/// The places of the functions that were woken, such as by a timer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Woken(Arc<Mutex<Vec<usize>>>);

impl Woken {
    pub(crate) fn take(&self) -> Vec<usize> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The waker of the function at `place`.
    pub(crate) fn waker(&self, place: usize) -> Waker {
        Waker::from(Arc::new(Bell { place, woken: self.clone() }))
    }
}

struct Bell {
    place: usize,
    woken: Woken,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.woken.0.lock().unwrap_or_else(PoisonError::into_inner).push(self.place);
    }
}
