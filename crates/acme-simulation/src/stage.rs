//! Where a running function waits for the director: before each call of a store and of the bus.

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

/// The call before which a function waits.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) name: &'static str,
    pub(crate) touches: Touch,
    pub(crate) order: Option<OrderId>,
}

/// What the director lets a call do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What it is meant to.
    Go,
    /// Nothing: it is refused.
    Refuse,
    /// What it is meant to, and then to fail.
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
    /// Whether anybody directs: outside of a run nobody waits.
    directed: bool,
    waiting: Vec<Waiting>,
    released: Option<(u64, Verdict)>,
    tickets: u64,
}

thread_local! {
    static STAGE: RefCell<Stage> = RefCell::default();
}

/// Polls a function whose calls wait at `waiting`, of which the one at `release` goes on with a verdict. Returns what
/// `poll` does, and the calls that wait now. The function's own `waker` need not be told.
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
    /// A call that is given up, such as after a timeout, waits no more.
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            STAGE.with_borrow_mut(|stage| stage.waiting.retain(|waiting| waiting.ticket != ticket));
        }
    }
}
