//! The state of the model.

use std::collections::BTreeMap;

use acme_order::status::Status;

/// A payment's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Payment {
    Paid { transaction: u8 },
    Declined,
}

/// A message about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Message {
    /// With the sealed card, or (`card: false`) with a card that nobody can open.
    PaymentRequested {
        card: bool,
    },
    CreditCardValidated(Payment),
    ShipmentRequested,
    ShipmentSent {
        tracking: u8,
    },
    DeliveryDue {
        tracking: u8,
    },
    ShipmentDelivered {
        tracking: u8,
    },
}

/// A function that has begun, with its next step. What a function does before its first effect makes no difference.
/// So it begins with its first effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Running {
    /// order-add. `claimant` is the number of its request.
    Add { claimant: u8, next: Add },
    /// The consumer of a message. It is about to publish `event`, and then maybe another event.
    Emit { message: Message, event: Message, then: Option<Message> },
    /// order-ship. It has deleted the card and is about to move the order.
    Settle { message: Message, paid: bool },
    /// order-sweep. It is about to send the event that the order waits for.
    Sweep(Message),
}

/// The steps of order-add, after it has claimed its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Add {
    Keep,
    Publish,
    Release,
}

/// An Idempotency-Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Free,
    Claimed(u8),
    Answered,
}

/// A shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shipment {
    pub(crate) tracking: u8,
    pub(crate) delivered: bool,
}

/// One client's order, with everything that is stored or under way for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Order {
    pub(crate) good_card: bool,
    /// The number of requests that the client has sent.
    pub(crate) requests: u8,
    /// Whether the client was answered 200.
    pub(crate) accepted: bool,
    pub(crate) key: Key,
    pub(crate) status: Option<Status>,
    /// The number of orders that were kept.
    pub(crate) kept: u8,
    /// Whether the sealed card is kept.
    pub(crate) card: bool,
    pub(crate) payment: Option<Payment>,
    /// The number of payments that were recorded. `shipments` is the number that were booked.
    pub(crate) payments: u8,
    pub(crate) shipment: Option<Shipment>,
    pub(crate) shipments: u8,
    pub(crate) moved_back: bool,
    pub(crate) dead_letters: u8,
    /// The messages that wait, with the number of copies of each.
    pub(crate) waiting: BTreeMap<Message, u8>,
    /// The running functions, sorted.
    pub(crate) running: Vec<Running>,
}

/// The shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shop {
    pub(crate) orders: Vec<Order>,
    pub(crate) faults: u8,
    pub(crate) duplicates: u8,
    pub(crate) losses: u8,
    pub(crate) sweeps: u8,
    /// The number of sweeps that were needed when nothing was under way any more.
    pub(crate) needed_sweeps: u8,
}

impl Order {
    pub(crate) fn new(good_card: bool) -> Self {
        Self {
            good_card,
            requests: 0,
            accepted: false,
            key: Key::Free,
            status: None,
            kept: 0,
            card: false,
            payment: None,
            payments: 0,
            shipment: None,
            shipments: 0,
            moved_back: false,
            dead_letters: 0,
            waiting: BTreeMap::new(),
            running: Vec::new(),
        }
    }

    /// Whether the order has a final status, or was not kept.
    pub(crate) fn has_ended(&self) -> bool {
        self.status.is_none_or(Status::is_final)
    }

    /// Whether nothing is under way for the order.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }

    pub(crate) fn send(&mut self, message: Message) {
        // More than two copies make no difference.
        let copies = self.waiting.entry(message).or_default();
        *copies = (*copies + 1).min(2);
    }

    pub(crate) fn take(&mut self, message: Message) {
        if let Some(copies) = self.waiting.get_mut(&message) {
            *copies -= 1;
            if *copies == 0 {
                self.waiting.remove(&message);
            }
        }
    }

    pub(crate) fn run(&mut self, running: Running) {
        self.running.push(running);
        self.running.sort_unstable();
    }
}
