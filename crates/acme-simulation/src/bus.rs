//! The bus as the functions see it. Publishing is a step. The director carries the published events to the queues.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use acme_common::event::{Event, EventKind};
use acme_common::messaging::{self, DeadLetter, DeadLetters, PublishError, Publisher};
use async_trait::async_trait;

use crate::calls::call;
use crate::stage::{Point, Touch};

/// The functions that consume events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "they are the functions")]
pub(crate) enum Consumers {
    PaymentValidate,
    OrderShip,
    ShipmentSend,
    ShipmentDeliver,
    OrderUpdate,
}

/// An event that was published.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) to: Consumers,
    pub(crate) event: Event,
    pub(crate) delay: Duration,
}

/// The bus and the dead letters. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bus {
    sent: Arc<Mutex<Vec<Sent>>>,
    letters: Arc<Mutex<Vec<DeadLetter>>>,
}

impl Consumers {
    /// All of these functions.
    pub(crate) const ALL: [Self; 5] = [
        Self::PaymentValidate,
        Self::OrderShip,
        Self::ShipmentSend,
        Self::ShipmentDeliver,
        Self::OrderUpdate,
    ];

    /// The function's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PaymentValidate => "payment-validate",
            Self::OrderShip => "order-ship",
            Self::ShipmentSend => "shipment-send",
            Self::ShipmentDeliver => "shipment-deliver",
            Self::OrderUpdate => "order-update",
        }
    }

    /// All who consume a type of event.
    const fn of(kind: EventKind) -> &'static [Self] {
        match kind {
            EventKind::PaymentRequested => &[Self::PaymentValidate],
            EventKind::CreditCardValidated => &[Self::OrderShip],
            EventKind::ShipmentRequested => &[Self::ShipmentSend],
            EventKind::ShipmentSent | EventKind::ShipmentDelivered => &[Self::OrderUpdate],
            EventKind::DeliveryDue => &[Self::ShipmentDeliver],
        }
    }
}

impl Bus {
    /// Takes the events that were published since the last call.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the dead letters that were kept since the last call.
    pub(crate) fn take_letters(&self) -> Vec<DeadLetter> {
        std::mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends an event to each of its consumers, each by a call of its own. The first fault is the outcome.
    async fn send(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        let mut outcome = Ok(());
        for to in Consumers::of(event.kind()) {
            let sent = self.send_to(*to, event, delay).await;
            outcome = outcome.and(sent);
        }
        outcome
    }

    async fn send_to(&self, to: Consumers, event: &Event, delay: Duration) -> Result<(), PublishError> {
        let name = match event.kind() {
            EventKind::PaymentRequested => "publish PaymentRequested",
            EventKind::CreditCardValidated => "publish CreditCardValidated",
            EventKind::ShipmentRequested => "publish ShipmentRequested",
            EventKind::ShipmentSent => "publish ShipmentSent",
            EventKind::ShipmentDelivered => "publish ShipmentDelivered",
            EventKind::DeliveryDue => "publish DeliveryDue",
        };
        let point = Point { name, touches: Touch::Bus, order: event.order_id().cloned() };
        call(point, refused, unanswered, async {
            let sent = Sent { to, event: event.clone(), delay };
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Publisher for Bus {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.send(event, Duration::ZERO).await
    }

    async fn publish_all(&self, messages: &[messaging::Message]) -> Vec<Result<(), PublishError>> {
        let mut outcomes = Vec::with_capacity(messages.len());
        for message in messages {
            outcomes.push(self.publish(&message.event).await);
        }
        outcomes
    }

    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.send(event, delay).await
    }
}

#[async_trait]
impl DeadLetters for Bus {
    async fn send(&self, letter: &DeadLetter) -> Result<(), PublishError> {
        let point = Point { name: "send to the dead letters", touches: Touch::Bus, order: None };
        call(point, refused, unanswered, async {
            self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter.clone());
            Ok(())
        })
        .await
    }
}

fn refused() -> PublishError {
    PublishError("throttled".into())
}

fn unanswered() -> PublishError {
    PublishError("no answer came".into())
}
