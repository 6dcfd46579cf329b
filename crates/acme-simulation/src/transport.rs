//! The queues: they duplicate, reorder, delay and lose, and deliver again what was not handled.

use std::collections::BTreeSet;
use std::time::Duration;

use acme_common::messaging::{DeadLetter, MAX_RECEIVES, Received};
use sentry_lambda::RecordError;

use crate::bus::Consumers;
use crate::fates::{Fate, Fates, Fault, SWEEP, Stream, Who};
use crate::invariants::{Broken, Invariant};

/// A message on its way.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) to: Consumers,
    pub(crate) body: String,
    /// The client whose order it is about, or who sent it where it is poison.
    pub(crate) client: Option<u32>,
    pub(crate) receives: u32,
    fate: Fate,
}

/// What becomes of a message after its consumer has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is handled, or kept as a dead letter.
    Gone,
    /// It is delivered again after a while; and why.
    Again(Duration, String),
    /// It was received too often: the queue itself makes it a dead letter; and why.
    Dead(String),
}

/// The queues.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    messages: Vec<Option<Message>>,
    /// The messages that can never be handled, and of them those that are dead letters.
    poison: BTreeSet<usize>,
    dead: BTreeSet<usize>,
}

impl Transport {
    /// Takes a message and returns its copies with the delay of each: usually one, sometimes none or two.
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
        // At the same time, or long after.
        let second = if fate.chance(0.5) { fate.millis(0..=5) } else { fate.millis(1_000..=600_000) };
        if doubled {
            copies.push((self.keep(fates, who, (to, body.clone(), client)), first + second));
        }
        if !lost {
            copies.push((self.keep(fates, who, (to, body, client)), first));
        }
        copies
    }

    /// Puts a message that can never be handled on a queue.
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

    /// Hands a message out once more.
    pub(crate) fn receive(&mut self, place: usize) -> Option<&Message> {
        let message = self.messages.get_mut(place)?.as_mut()?;
        message.receives += 1;
        Some(message)
    }

    /// What becomes of a message whose consumer ended like this; `None` if it died.
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

    /// A consumer kept a dead letter: it says itself of which message.
    pub(crate) fn is_letter(&mut self, letter: &DeadLetter) -> Result<(), Broken> {
        let place = letter.id.parse().unwrap_or(usize::MAX);
        self.is_dead(place, &letter.function, &letter.reason)
    }

    /// A message became a dead letter, once or, where nobody knew that it was one already, again.
    pub(crate) fn is_dead(&mut self, place: usize, function: &str, reason: &str) -> Result<(), Broken> {
        if self.poison.contains(&place) {
            self.dead.insert(place);
            return Ok(());
        }
        Err((Invariant::DeadLettersArePoison, format!("a message for {function} is a dead letter: {reason}")))
    }

    /// At the end, all poison must be dead letters.
    pub(crate) fn is_over(&self) -> Result<(), Broken> {
        match self.poison.difference(&self.dead).next() {
            None => Ok(()),
            Some(place) => {
                Err((Invariant::DeadLettersArePoison, format!("poison message {place} is no dead letter")))
            }
        }
    }
}
