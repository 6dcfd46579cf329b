//! What is to happen, and when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Something that happens at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A running function takes its next step, unless it went on meanwhile.
    Step { place: usize, turn: u64 },
    /// A message is delivered.
    Deliver(usize),
    /// A client sends the next request of one of its tasks.
    Send { client: u32, task: usize },
    /// A client waits no longer for an answer.
    GiveUp { client: u32, task: usize, attempt: u32 },
    /// A client puts a message on a queue that can never be handled.
    Poison(u32),
    /// The sweep begins.
    Sweep,
    /// The clock of all machines may jump.
    Jump,
    /// Nothing goes wrong any more.
    Calm,
    /// Time passes for functions that sleep.
    Tick,
}

/// What is to happen, by its time and, at the same time, in the order in which it was noted.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    due: BinaryHeap<Reverse<(Duration, u64, Due)>>,
    noted: u64,
    /// How much of it is more than the shop's own clockwork.
    pub(crate) work: usize,
}

impl Agenda {
    pub(crate) fn note(&mut self, at: Duration, due: Due) {
        self.work += usize::from(due.is_work());
        self.due.push(Reverse((at, self.noted, due)));
        self.noted += 1;
    }

    pub(crate) fn next(&mut self) -> Option<(Duration, Due)> {
        let Reverse((at, _, due)) = self.due.pop()?;
        self.work -= usize::from(due.is_work());
        Some((at, due))
    }
}

impl Due {
    /// Whether it must be over before the run is; the clockwork never is.
    fn is_work(self) -> bool {
        !matches!(self, Due::Sweep | Due::Jump | Due::Tick)
    }
}
