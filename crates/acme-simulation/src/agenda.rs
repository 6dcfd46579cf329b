//! The agenda: what happens next, and when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Something that happens at a given time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A running function takes its next step, unless it has already gone on.
    Step { place: usize, turn: u64 },
    /// A message is delivered.
    Deliver(usize),
    /// A client sends the next request of one of its tasks.
    Send { client: u32, task: usize },
    /// A client stops waiting for an answer.
    GiveUp { client: u32, task: usize, attempt: u32 },
    /// A client puts a poison message on a queue.
    Poison(u32),
    /// The sweep begins.
    Sweep,
    /// The clock of all machines may jump.
    Jump,
    /// From now on nothing goes wrong.
    Calm,
    /// Time passes for functions that sleep.
    Tick,
}

/// What will happen, ordered by time. Entries with the same time keep the order in which they were noted.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    due: BinaryHeap<Reverse<(Duration, u64, Due)>>,
    noted: u64,
    /// The number of entries that are work. The shop's own clockwork is not work.
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
    /// Whether the run must wait for it. The clockwork goes on for ever, so the run does not wait for it.
    fn is_work(self) -> bool {
        !matches!(self, Due::Sweep | Due::Jump | Due::Tick)
    }
}
