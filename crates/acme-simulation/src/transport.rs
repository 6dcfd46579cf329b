//! The queues: they duplicate, reorder, delay and lose, deliver again what was not handled, and keep dead letters.

use std::collections::BTreeSet;
use std::time::Duration;

use acme_common::bus::{ConsumeError, MAX_RECEIVES};
use acme_common::telemetry;

use crate::bus::Consumers;
use crate::fates::{Fate, Fates, Fault, Stream, Who};
use crate::invariants::{Broken, Invariant};

/// A message on its way.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) to: Consumers,
    pub(crate) body: Vec<u8>,
    /// The client whose order it is about.
    pub(crate) client: Option<u32>,
    receives: u32,
    fate: Fate,
}

/// What becomes of a message after its consumer has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is handled.
    Gone,
    /// It is delivered again after a while; and why.
    Again(Duration, String),
    /// It is a dead letter; and why.
    Dead(String),
}

/// The queues.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    messages: Vec<Option<Message>>,
    /// The messages that can never be handled, and are not dead letters yet.
    poison: BTreeSet<usize>,
    pub(crate) dead: usize,
}

impl Transport {
    /// Takes a message and returns its copies with the delay of each: usually one, sometimes none or two.
    pub(crate) fn send(
        &mut self,
        fates: &mut Fates,
        (to, body, client): (Consumers, Vec<u8>, Option<u32>),
        delay: Duration,
    ) -> Vec<(usize, Duration)> {
        let who = client.unwrap_or(crate::fates::SWEEP);
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
    pub(crate) fn poison(&mut self, fates: &mut Fates, who: Who, to: Consumers, body: Vec<u8>) -> usize {
        let place = self.keep(fates, who, (to, body, Some(who)));
        self.poison.insert(place);
        place
    }

    fn keep(&mut self, fates: &mut Fates, who: Who, message: (Consumers, Vec<u8>, Option<u32>)) -> usize {
        let (to, body, client) = message;
        let fate = fates.next(who, Stream::Copy);
        self.messages.push(Some(Message { to, body, client, receives: 0, fate }));
        self.messages.len() - 1
    }

    /// Hands a message out once more; and whether that is its last chance.
    pub(crate) fn receive(&mut self, place: usize) -> Option<(&Message, bool)> {
        let message = self.messages.get_mut(place)?.as_mut()?;
        message.receives += 1;
        Some((message, message.receives >= MAX_RECEIVES))
    }

    /// What becomes of a message whose consumer ended like this; `None` if it died.
    pub(crate) fn ended(
        &mut self,
        fates: &mut Fates,
        place: usize,
        consumed: Option<Result<(), ConsumeError>>,
    ) -> Next {
        let Some(message) = self.messages.get_mut(place).and_then(Option::as_mut) else { return Next::Gone };
        let last = message.receives >= MAX_RECEIVES;
        let ack_lost = fates.strikes(&mut message.fate, Fault::LoseAck) && !last;
        let pause = message.fate.millis(500..=60_000);
        let next = match consumed {
            Some(Ok(())) if ack_lost => Next::Again(pause, "the acknowledgement is lost".to_owned()),
            Some(Ok(())) => Next::Gone,
            Some(Err(ConsumeError::Poison(reason))) => Next::Dead(reason),
            Some(Err(error)) if last => Next::Dead(telemetry::chain(&error)),
            Some(Err(error)) => Next::Again(pause, telemetry::chain(&error)),
            None if last => Next::Dead("its consumer died".to_owned()),
            None => Next::Again(pause, "its consumer died".to_owned()),
        };
        if !matches!(next, Next::Again(..)) {
            self.messages[place] = None;
        }
        next
    }

    /// A message became a dead letter.
    pub(crate) fn is_dead(&mut self, place: usize, to: Consumers, reason: &str) -> Result<(), Broken> {
        self.dead += 1;
        if self.poison.remove(&place) {
            return Ok(());
        }
        let seen = format!("a message for {} is a dead letter: {reason}", to.name());
        Err((Invariant::DeadLettersArePoison, seen))
    }

    /// At the end, all poison must be dead letters.
    pub(crate) fn is_over(&self) -> Result<(), Broken> {
        if self.poison.is_empty() {
            return Ok(());
        }
        let seen = format!("{} poison messages are no dead letters", self.poison.len());
        Err((Invariant::DeadLettersArePoison, seen))
    }
}
