//! The queue: envelopes in order, bounded in count and bytes, and the losses that are not reported yet.

use std::collections::VecDeque;

use sentry::Envelope;
use sentry::protocol::EnvelopeItem;

use super::envelope::{self, Categories, Losses, Prepared};
use super::sources::Sources;

/// An envelope in the queue.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// As the SDK gave it. Its size is there once it was needed.
    Fresh(Box<Envelope>, Option<usize>),
    /// Prepared for an earlier attempt, with the history of its attempts.
    Prepared(Prepared, Attempts),
}

/// How the attempts to send an envelope went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Attempts {
    /// How often the envelope failed.
    pub(crate) failed: u32,
    /// How many envelopes Sentry had accepted at the first failure.
    accepted_before: u64,
}

/// After this many failures an envelope lets others go first. If those arrive, it is dropped.
const FAILURES: u32 = 3;

impl Attempts {
    /// Counts one more failure. `accepted` is how many envelopes Sentry has accepted so far.
    pub(crate) fn failed(self, accepted: u64) -> Self {
        let accepted_before = if self.failed == 0 { accepted } else { self.accepted_before };
        Self { failed: self.failed + 1, accepted_before }
    }

    /// Whether the envelope must let others go first.
    fn makes_way(self) -> bool {
        self.failed >= FAILURES
    }

    /// Whether the envelope itself is at fault: it fails again and again while others arrive.
    pub(crate) fn is_hopeless(self, accepted: u64) -> bool {
        self.makes_way() && accepted > self.accepted_before
    }
}

impl Waiting {
    fn size(&mut self) -> usize {
        match self {
            Self::Fresh(envelope, size) => *size.get_or_insert_with(|| envelope::raw_size(envelope)),
            Self::Prepared(prepared, _) => prepared.size(),
        }
    }

    fn is_error(&self) -> bool {
        match self {
            Self::Fresh(envelope, _) => envelope.event().is_some(),
            Self::Prepared(prepared, _) => prepared.has_error(),
        }
    }

    /// The categories of the envelope, if they are known without preparing it.
    pub(crate) fn categories(&self) -> Option<Categories> {
        let Self::Fresh(envelope, _) = self else {
            return None;
        };
        let mut categories = Categories::new();
        for item in envelope.items() {
            match item {
                EnvelopeItem::Event(_) => categories.push(("error", 1)),
                EnvelopeItem::Transaction(t) => {
                    categories.extend([("transaction", 1), ("span", t.spans.len() as u64 + 1)]);
                }
                _ => return None,
            }
        }
        Some(categories)
    }

    /// Prepares the envelope. `None` if it is not a valid envelope.
    pub(crate) fn prepare(self, sources: &Sources) -> Option<(Prepared, Attempts)> {
        match self {
            Self::Fresh(envelope, _) => Some((envelope::prepare(&envelope, sources)?, Attempts::default())),
            Self::Prepared(prepared, attempts) => Some((prepared, attempts)),
        }
    }

    fn makes_way(&self) -> bool {
        matches!(self, Self::Prepared(_, attempts) if attempts.makes_way())
    }
}

/// The queue. It has no lock of its own.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    max_envelopes: usize,
    max_bytes: usize,
    pub(crate) losses: Losses,
}

impl Queue {
    pub(crate) fn new(max_envelopes: usize, max_bytes: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            max_envelopes: max_envelopes.max(1),
            max_bytes,
            losses: Losses::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds an envelope. If the count is reached, returns the envelope that must go: the first one without an error,
    /// or else the new one. The oldest errors stay, because they show best how a failure began.
    #[must_use]
    pub(crate) fn push(&mut self, envelope: Envelope) -> Option<Waiting> {
        self.waiting.push_back(Waiting::Fresh(Box::new(envelope), None));
        (self.waiting.len() > self.max_envelopes).then(|| self.evict()).flatten()
    }

    fn evict(&mut self) -> Option<Waiting> {
        let victim =
            self.waiting.iter().position(|w| !w.is_error()).unwrap_or(self.waiting.len().checked_sub(1)?);
        self.waiting.remove(victim)
    }

    /// Takes out the first `count` envelopes, to be sent.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Waiting> {
        self.waiting.drain(..count.min(self.waiting.len())).collect()
    }

    /// Whether the queue is half full, so that more envelopes would soon be lost.
    #[cfg(feature = "lambda")]
    pub(crate) fn is_half_full(&self) -> bool {
        self.waiting.len() * 2 >= self.max_envelopes
    }

    /// Puts unsent envelopes back to the front, in order. Those that failed too often go to the back, or they would
    /// hold up all others for ever.
    pub(crate) fn put_back(&mut self, unsent: Vec<Waiting>) {
        let (last, first): (Vec<_>, Vec<_>) = unsent.into_iter().partition(Waiting::makes_way);
        first.into_iter().rev().for_each(|waiting| self.waiting.push_front(waiting));
        self.waiting.extend(last);
    }

    /// Takes out the envelopes that exceed the bounds.
    #[must_use]
    pub(crate) fn shrink(&mut self) -> Vec<Waiting> {
        // An envelope that is too large by itself goes first. Otherwise it would push out all others before it goes.
        let (mut evicted, mut kept) = (Vec::new(), VecDeque::with_capacity(self.waiting.len()));
        for mut waiting in self.waiting.drain(..) {
            if waiting.size() > self.max_bytes { evicted.push(waiting) } else { kept.push_back(waiting) }
        }
        self.waiting = kept;
        let mut bytes: usize = self.waiting.iter_mut().map(Waiting::size).sum();
        while self.waiting.len() > self.max_envelopes || bytes > self.max_bytes {
            let Some(mut victim) = self.evict() else { break };
            bytes = bytes.saturating_sub(victim.size());
            evicted.push(victim);
        }
        evicted
    }

    /// Counts lost items.
    pub(crate) fn lose(&mut self, reason: &str, category: &str, quantity: u64) {
        *self.losses.entry((reason.to_owned(), category.to_owned())).or_default() += quantity;
    }

    /// Adds losses that were counted elsewhere, or whose report failed.
    pub(crate) fn add_losses(&mut self, losses: Losses) {
        for (key, quantity) in losses {
            *self.losses.entry(key).or_default() += quantity;
        }
    }
}
