//! The functions of the model, step by step.

use acme_order::status::Status;

use super::life::Guards;
use super::state::{Add, Key, Message, Order, Payment, Running, Shipment};

/// What the transport and the store do to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Done,
    /// The step is done, but the function is told that it failed.
    Unanswered,
}

/// What a consumer does after it has changed the state.
enum Then {
    Emit(Message, Option<Message>),
    Settle { paid: bool },
    Nothing,
}

impl Order {
    /// Begins order-add. It claims the key first.
    pub(crate) fn request(&mut self, claimant: u8, guards: Guards) {
        match self.key {
            Key::Answered if guards.key => self.accepted = true,
            // Another request is in progress.
            Key::Claimed(_) if guards.key => {}
            _ => {
                self.key = Key::Claimed(claimant);
                self.run(Running::Add { claimant, next: Add::Keep });
            }
        }
    }

    /// Begins the consumer of a message. It changes the state first.
    pub(crate) fn deliver(&mut self, message: Message, how: How, guards: Guards) {
        self.take(message);
        match (self.change(message, guards), how) {
            // The message can never be handled.
            (None, _) => self.dead_letters += 1,
            (_, How::Unanswered) => self.send(message),
            (Some(Then::Emit(event, then)), How::Done) => self.run(Running::Emit { message, event, then }),
            (Some(Then::Settle { paid }), How::Done) => self.run(Running::Settle { message, paid }),
            (Some(Then::Nothing), How::Done) => {}
        }
    }

    /// Begins the sweep. It looks for the event that the order waits for.
    pub(crate) fn sweep(&mut self) {
        if let Some(found) = self.expected_event() {
            self.run(Running::Sweep(found));
        }
    }

    /// Lets the function at `at` take its next step.
    pub(crate) fn step(&mut self, at: usize, how: How, guards: Guards) {
        match self.running.remove(at) {
            Running::Add { claimant, next } => self.add(claimant, next, how, guards),
            Running::Emit { message, event, then } => {
                self.send(event);
                match then {
                    // The message is not acknowledged, so it comes again.
                    _ if how == How::Unanswered => self.send(message),
                    Some(event) => self.run(Running::Emit { message, event, then: None }),
                    None => {}
                }
            }
            Running::Settle { message, paid } => match self.settle(paid, guards) {
                None => self.dead_letters += 1,
                Some(_) if how == How::Unanswered => self.send(message),
                Some(Status::Success) => {
                    self.run(Running::Emit { message, event: Message::ShipmentRequested, then: None });
                }
                Some(_) => {}
            },
            Running::Sweep(event) => self.send(event),
        }
    }

    fn add(&mut self, claimant: u8, next: Add, how: How, guards: Guards) {
        let next = match next {
            Add::Keep if self.key == Key::Claimed(claimant) || !guards.key => {
                self.status = self.status.or(Some(Status::PendingPayment));
                self.kept += 1;
                self.card = guards.outbox;
                self.key = Key::Answered;
                if how == How::Done { Add::Publish } else { Add::Release }
            }
            Add::Keep => Add::Release,
            Add::Publish => {
                self.send(Message::PaymentRequested { card: true });
                // In the old design, the card was kept only now.
                self.card |= !guards.outbox && self.status == Some(Status::PendingPayment);
                // If the function dies now, it has published but answers nobody.
                self.accepted |= how == How::Done;
                return;
            }
            Add::Release => {
                match self.key {
                    Key::Answered => self.accepted = true,
                    Key::Claimed(holder) if holder == claimant => self.key = Key::Free,
                    _ => {}
                }
                return;
            }
        };
        self.run(Running::Add { claimant, next });
    }

    /// Changes the state for a message, and returns what the consumer does next. `None` if the message is poison.
    fn change(&mut self, message: Message, guards: Guards) -> Option<Then> {
        let emit = |event| Some(Then::Emit(event, None));
        match message {
            Message::PaymentRequested { card } => {
                let paid = Payment::Paid { transaction: self.payments + 1 };
                let checked = if card && self.good_card { paid } else { Payment::Declined };
                let new = self.payment.is_none() || !guards.record_once;
                if new {
                    self.payment = Some(checked);
                    self.payments += 1;
                }
                if !new && !guards.emit_again {
                    return Some(Then::Nothing);
                }
                emit(Message::CreditCardValidated(self.payment.unwrap_or(checked)))
            }
            Message::CreditCardValidated(payment) => {
                let paid = matches!(payment, Payment::Paid { .. });
                self.card = false;
                Some(Then::Settle { paid })
            }
            Message::ShipmentRequested => {
                if self.shipment.is_none() || !guards.book_once {
                    self.shipments += 1;
                    self.shipment = Some(Shipment { tracking: self.shipments, delivered: false });
                }
                let Shipment { tracking, delivered } = self.shipment?;
                let due = if delivered {
                    Message::ShipmentDelivered { tracking }
                } else {
                    Message::DeliveryDue { tracking }
                };
                Some(Then::Emit(Message::ShipmentSent { tracking }, Some(due)))
            }
            Message::DeliveryDue { .. } => {
                let shipment = self.shipment.as_mut()?;
                shipment.delivered = true;
                emit(Message::ShipmentDelivered { tracking: shipment.tracking })
            }
            Message::ShipmentSent { .. } => self.advance(Status::Shipped, guards).map(|_| Then::Nothing),
            Message::ShipmentDelivered { .. } => {
                self.advance(Status::Delivered, guards).map(|_| Then::Nothing)
            }
        }
    }

    fn settle(&mut self, paid: bool, guards: Guards) -> Option<Status> {
        self.advance(if paid { Status::Success } else { Status::Error }, guards)
    }

    /// Moves the order, if the real ranks say that this is forward.
    fn advance(&mut self, next: Status, guards: Guards) -> Option<Status> {
        let stored = self.status?;
        if stored.moves_to(next) || !guards.rank {
            self.moved_back |= !may_follow(stored, next);
            self.status = Some(next);
        }
        self.status
    }

    /// The event that the sweep sends. `None` if the order has a final status.
    fn expected_event(&self) -> Option<Message> {
        match self.status.filter(|status| !status.is_final())? {
            Status::PendingPayment => Some(Message::PaymentRequested { card: self.card }),
            _ => Some(Message::ShipmentRequested),
        }
    }
}

/// Whether a status may follow another. This does not use the ranks.
fn may_follow(before: Status, after: Status) -> bool {
    use Status::{Delivered, Error, PendingPayment, Shipped, Success};
    before == after
        || matches!(
            (before, after),
            (PendingPayment, _) | (Success, Shipped | Delivered) | (Shipped, Delivered)
        ) && !(after == Error && before != PendingPayment)
}
