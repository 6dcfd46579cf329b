//! The place at which a running function waits for the director: before each call of a store and of the bus.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use acme_common::id::OrderId;

/// What a call is about to touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    Nothing,
    Orders,
    Payments,
    Shipments,
    Carts,
    Keys,
    Bus,
}

/// The call that a function waits to make.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) name: &'static str,
    pub(crate) touches: Touch,
    pub(crate) order: Option<OrderId>,
}

/// What the director does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The call is made.
    Go,
    /// The call is refused, and nothing is done.
    Refuse,
    /// The call is made, but its answer is lost.
    LoseAnswer,
}

/// A call that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    ticket: u64,
    pub(crate) point: Point,
    waker: Waker,
}

#[derive(Default)]
struct Stage {
    /// Whether the director polls a function now. Outside of a run no call waits.
    directed: bool,
    waiting: Vec<Waiting>,
    released: Option<(u64, Verdict)>,
    tickets: u64,
}

thread_local! {
    static STAGE: RefCell<Stage> = RefCell::default();
}

/// Polls a function with the director's decision. `waiting` has the calls that wait. The call at `release` goes on
/// with its verdict. Returns the result of `poll`, and the calls that wait now. `own` is the function's own waker,
/// which needs no wake-up.
pub(crate) fn direct<T>(
    own: &Waker,
    mut waiting: Vec<Waiting>,
    release: Option<(usize, Verdict)>,
    poll: impl FnOnce() -> T,
) -> (T, Vec<Waiting>) {
    let released = release.map(|(at, verdict)| {
        let Waiting { ticket, waker, .. } = waiting.remove(at);
        if !waker.will_wake(own) {
            waker.wake();
        }
        (ticket, verdict)
    });
    STAGE.with_borrow_mut(|stage| {
        (stage.directed, stage.waiting, stage.released) = (true, waiting, released);
    });
    let polled = poll();
    let waiting = STAGE.with_borrow_mut(|stage| {
        stage.directed = false;
        std::mem::take(&mut stage.waiting)
    });
    (polled, waiting)
}

/// Waits until the director lets the call go on.
pub(crate) fn wait(point: Point) -> impl Future<Output = Verdict> + Send {
    Checkpoint { point: Some(point), ticket: None }
}

struct Checkpoint {
    point: Option<Point>,
    ticket: Option<u64>,
}

impl Future for Checkpoint {
    type Output = Verdict;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Verdict> {
        STAGE.with_borrow_mut(|stage| {
            if let Some(point) = self.point.take().filter(|_| stage.directed) {
                let (ticket, waker) = (stage.tickets, context.waker().clone());
                stage.tickets += 1;
                stage.waiting.push(Waiting { ticket, point, waker });
                self.ticket = Some(ticket);
                return Poll::Pending;
            }
            let Some(ticket) = self.ticket else { return Poll::Ready(Verdict::Go) };
            match stage.released.take_if(|(released, _)| *released == ticket) {
                Some((_, verdict)) => {
                    self.ticket = None;
                    Poll::Ready(verdict)
                }
                None => {
                    let waiting = stage.waiting.iter_mut().find(|waiting| waiting.ticket == ticket);
                    if let Some(waiting) = waiting {
                        waiting.waker.clone_from(context.waker());
                    }
                    Poll::Pending
                }
            }
        })
    }
}

impl Drop for Checkpoint {
    /// A call that is dropped, such as after a timeout, waits no longer.
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            STAGE.with_borrow_mut(|stage| stage.waiting.retain(|waiting| waiting.ticket != ticket));
        }
    }
}
