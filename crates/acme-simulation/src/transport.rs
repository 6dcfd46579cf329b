//! The queues. They duplicate, reorder, delay and lose messages, and deliver again what was not handled.

use std::collections::BTreeSet;
use std::time::Duration;

use acme_common::messaging::{DeadLetter, MAX_RECEIVES, Received};
use sentry_lambda::RecordError;

use crate::bus::Consumers;
use crate::fates::{Fate, Fates, Fault, SWEEP, Stream, Who};
use crate::invariants::{Broken, Invariant};

/// A message in a queue.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) to: Consumers,
    pub(crate) body: String,
    /// The client that owns the order, or that sent the poison.
    pub(crate) client: Option<u32>,
    pub(crate) receives: u32,
    fate: Fate,
}

/// What happens to a message after its consumer has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The message is handled, or kept as a dead letter.
    Gone,
    /// The message is delivered again after this time, for this reason.
    Again(Duration, String),
    /// The message was received too often. The queue itself makes it a dead letter, for this reason.
    Dead(String),
}

/// The queues.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    messages: Vec<Option<Message>>,
    /// The poison messages, and those of them that are dead letters.
    poison: BTreeSet<usize>,
    dead: BTreeSet<usize>,
}

impl Transport {
    /// Takes a message and returns its copies, each with its delay. Usually there is one copy, sometimes none or two.
    pub(crate) fn send(
        &mut self,
        fates: &mut Fates,
        (to, body, client): (Consumers, String, Option<u32>),
        delay: Duration,
    ) -> Vec<(usize, Duration)> {
        let who = client.unwrap_or(SWEEP);
        let mut fate = fates.next(who, Stream::Message);
        let mut copies = Vec::with_capacity(1);
        let lost = fates.strikes(&mut fate, Fault::LoseMessage);
        let late = fates.strikes(&mut fate, Fault::Reorder);
        let (soon, later) = (fate.millis(1..=50), fate.millis(100..=30_000));
        let first = delay + if late { later } else { soon };
        let doubled = fates.strikes(&mut fate, Fault::Duplicate);
        // At nearly the same time, or long after.
        let second = if fate.chance(0.5) { fate.millis(0..=5) } else { fate.millis(1_000..=600_000) };
        if doubled {
            copies.push((self.keep(fates, who, (to, body.clone(), client)), first + second));
        }
        if !lost {
            copies.push((self.keep(fates, who, (to, body, client)), first));
        }
        copies
    }

    /// Puts a poison message on a queue.
    pub(crate) fn poison(&mut self, fates: &mut Fates, who: Who, to: Consumers, body: String) -> usize {
        let place = self.keep(fates, who, (to, body, Some(who)));
        self.poison.insert(place);
        place
    }

    fn keep(&mut self, fates: &mut Fates, who: Who, message: (Consumers, String, Option<u32>)) -> usize {
        let (to, body, client) = message;
        let fate = fates.next(who, Stream::Copy);
        self.messages.push(Some(Message { to, body, client, receives: 0, fate }));
        self.messages.len() - 1
    }

    /// Receives a message once more.
    pub(crate) fn receive(&mut self, place: usize) -> Option<&Message> {
        let message = self.messages.get_mut(place)?.as_mut()?;
        message.receives += 1;
        Some(message)
    }

    /// Decides what happens to a message whose consumer has ended. `received` is `None` if the consumer died.
    ///
    /// # Errors
    /// When the consumer panicked.
    pub(crate) fn ended(
        &mut self,
        fates: &mut Fates,
        place: usize,
        received: Option<Received>,
    ) -> Result<Next, Broken> {
        let Some(message) = self.messages.get_mut(place).and_then(Option::as_mut) else {
            return Ok(Next::Gone);
        };
        let last = message.receives >= MAX_RECEIVES;
        let ack_lost = fates.strikes(&mut message.fate, Fault::LoseAck) && !last;
        let pause = message.fate.millis(500..=60_000);
        let failed = match received {
            Some(Received::Handled | Received::DeadLetter) if ack_lost => {
                "the acknowledgement is lost".to_owned()
            }
            Some(Received::Handled | Received::DeadLetter) => {
                self.messages[place] = None;
                return Ok(Next::Gone);
            }
            Some(Received::Failed(RecordError::Panicked(panic))) => {
                return Err((Invariant::NothingPanics, format!("{}: {panic}", message.to.name())));
            }
            Some(Received::Failed(error)) => error.to_string(),
            None => "its consumer died".to_owned(),
        };
        if last {
            self.messages[place] = None;
            return Ok(Next::Dead(failed));
        }
        Ok(Next::Again(pause, failed))
    }

    /// Checks a dead letter that a consumer kept. The letter names its message.
    pub(crate) fn is_letter(&mut self, letter: &DeadLetter) -> Result<(), Broken> {
        let place = letter.id.parse().unwrap_or(usize::MAX);
        self.is_dead(place, &letter.function, &letter.reason)
    }

    /// Checks a message that became a dead letter. It may become one again, if the first time was not known.
    pub(crate) fn is_dead(&mut self, place: usize, function: &str, reason: &str) -> Result<(), Broken> {
        if self.poison.contains(&place) {
            self.dead.insert(place);
            return Ok(());
        }
        Err((Invariant::DeadLettersArePoison, format!("a message for {function} is a dead letter: {reason}")))
    }

    /// Checks at the end that all poison messages are dead letters.
    pub(crate) fn is_over(&self) -> Result<(), Broken> {
        match self.poison.difference(&self.dead).next() {
            None => Ok(()),
            Some(place) => {
                Err((Invariant::DeadLettersArePoison, format!("poison message {place} is no dead letter")))
            }
        }
    }
}
