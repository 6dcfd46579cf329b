//! Carries messages from the bus to the queues and to their consumers, and decides what becomes of them.

use acme_common::messaging::{MAX_RECEIVES, Received};

use super::{Director, Ended};
use crate::agenda::Due;
use crate::bus::{Consumers, Sent};
use crate::fates::{SWEEP, Stream};
use crate::invariants::{Broken, Invariant};
use crate::invocation::Cause;
use crate::poison;
use crate::transport::Next;

impl Director<'_> {
    /// Puts the events that a function published on the queues. Checks the dead letters that it kept.
    pub(super) fn carry(&mut self, client: Option<u32>) -> Ended {
        for Sent { to, event, delay } in self.shop.bus.take() {
            let client = event.order_id().and_then(|order| self.world.owner(order));
            self.world.is_told(&event).map_err(|broken| (broken, client))?;
            let body = serde_json::to_string(&event).map_err(|error| (unwritten(&error), client))?;
            let copies = self.transport.send(&mut self.fates, (to, body, client), delay);
            self.stats.duplicates += u64::from(copies.len() > 1);
            if copies.is_empty() {
                self.history.note(self.now, client, || format!("the message to {} is lost", to.name()));
            }
            for (message, delay) in copies {
                self.history.note(self.now, client, || {
                    format!("message {message} to {} in {:.6} s", to.name(), delay.as_secs_f64())
                });
                self.agenda.note(self.now + delay, Due::Deliver(message));
            }
        }
        for letter in self.shop.bus.take_letters() {
            self.stats.dead_letters += 1;
            self.transport.is_letter(&letter).map_err(|broken| (broken, client))?;
        }
        Ok(())
    }

    /// Delivers a message to its consumer.
    pub(super) async fn deliver(&mut self, message: usize) -> Ended {
        let Some(received) = self.transport.receive(message) else { return Ok(()) };
        let (to, client, body, receives) =
            (received.to, received.client, received.body.clone(), received.receives);
        let stream = match to {
            Consumers::PaymentValidate => Stream::Validate,
            Consumers::OrderShip => Stream::Ship,
            Consumers::ShipmentSend => Stream::Send,
            Consumers::ShipmentDeliver => Stream::Deliver,
            Consumers::OrderUpdate => Stream::Update,
        };
        self.stats.deliveries += 1;
        let fate = self.fates.next(client.unwrap_or(SWEEP), stream);
        self.history.note(self.now, client, || format!("message {message} is delivered to {}", to.name()));
        let cause = Cause::Delivery { message, to, last: receives >= MAX_RECEIVES };
        self.begin(cause, to.name(), client, fate, self.shop.consume(to, message, body, receives)).await
    }

    /// Handles the end of a message's consumer. `received` is `None` if the consumer died.
    pub(super) fn was_consumed(
        &mut self,
        message: usize,
        to: Consumers,
        client: Option<u32>,
        received: Option<Received>,
    ) -> Ended {
        let next =
            self.transport.ended(&mut self.fates, message, received).map_err(|broken| (broken, client))?;
        match next {
            Next::Gone => self.history.note(self.now, client, || format!("message {message} is handled")),
            Next::Again(pause, why) => {
                self.history.note(self.now, client, || format!("message {message} will come again: {why}"));
                self.agenda.note(self.now + pause, Due::Deliver(message));
            }
            Next::Dead(reason) => {
                self.history
                    .note(self.now, client, || format!("message {message} is a dead letter: {reason}"));
                self.stats.dead_letters += 1;
                self.transport.is_dead(message, to.name(), &reason).map_err(|broken| (broken, client))?;
            }
        }
        Ok(())
    }

    /// Puts a poison message of a client on a queue.
    pub(super) fn poison(&mut self, client: u32) {
        let mut fate = self.fates.next(client, Stream::Poison);
        let (to, body) = poison::message(&mut fate);
        let message = self.transport.poison(&mut self.fates, client, to, body);
        self.history.note(self.now, Some(client), || format!("message {message} to {} is poison", to.name()));
        self.agenda.note(self.now + fate.millis(1..=50), Due::Deliver(message));
    }
}

fn unwritten(error: &serde_json::Error) -> Broken {
    (Invariant::NothingPanics, format!("an event cannot be written: {error}"))
}
