//! The model: which events may happen next, and which properties must hold.

use stateright::{Model, Property};

use super::functions::How;
use super::state::{Key, Message, Order, Payment, Running, Shop};

/// How often each thing may happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Requests of each client. All have the same Idempotency-Key.
    pub(crate) requests: u8,
    /// Functions that die before a step, and steps that are done but not answered.
    pub(crate) faults: u8,
    pub(crate) duplicates: u8,
    pub(crate) losses: u8,
    /// Sweeps while something is under way.
    pub(crate) sweeps: u8,
    /// Functions that run at once for one order.
    pub(crate) at_once: usize,
}

/// The guards of the properties. A test switches each one off and sees a property break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guards {
    /// The first payment of an order counts.
    pub(crate) record_once: bool,
    /// The first shipment of an order counts.
    pub(crate) book_once: bool,
    /// A status changes only under the condition of its rank.
    pub(crate) rank: bool,
    /// The order is kept only under the condition that the claim on its key still holds.
    pub(crate) key: bool,
    /// The card is kept in the same transaction as the order.
    pub(crate) outbox: bool,
    /// There is a sweep.
    pub(crate) sweep: bool,
    /// A repeated message publishes its event again.
    pub(crate) emit_again: bool,
}

/// The life of one order, or of two.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) good_cards: Vec<bool>,
    pub(crate) bounds: Bounds,
    pub(crate) guards: Guards,
}

/// Something that happens to one order, given by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Request(usize),
    /// A claim expires.
    Lapse(usize),
    Deliver(usize, Message),
    DeliverUnanswered(usize, Message),
    Duplicate(usize, Message),
    Lose(usize, Message),
    Step(usize, usize),
    StepUnanswered(usize, usize),
    Crash(usize, usize),
    Sweep(usize),
    /// A sweep that finds an order which would otherwise stand still for ever.
    NeededSweep(usize),
}

impl Guards {
    pub(crate) const ALL: Self = Self {
        record_once: true,
        book_once: true,
        rank: true,
        key: true,
        outbox: true,
        sweep: true,
        emit_again: true,
    };
}

impl Model for Life {
    type State = Shop;
    type Action = Event;

    fn init_states(&self) -> Vec<Shop> {
        let orders = self.good_cards.iter().map(|good_card| Order::new(*good_card)).collect();
        let (faults, duplicates, losses, sweeps, needed_sweeps) = (0, 0, 0, 0, 0);
        vec![Shop { orders, faults, duplicates, losses, sweeps, needed_sweeps }]
    }

    fn actions(&self, shop: &Shop, events: &mut Vec<Event>) {
        let bounds = &self.bounds;
        for (number, order) in shop.orders.iter().enumerate() {
            let room = order.running.len() < bounds.at_once;
            if room && order.requests < bounds.requests {
                events.push(Event::Request(number));
            }
            if matches!(order.key, Key::Claimed(_)) {
                events.push(Event::Lapse(number));
            }
            let fault = shop.faults < bounds.faults;
            for (message, copies) in &order.waiting {
                if room {
                    events.push(Event::Deliver(number, *message));
                }
                if room && fault {
                    events.push(Event::DeliverUnanswered(number, *message));
                }
                if shop.duplicates < bounds.duplicates && *copies < 2 {
                    events.push(Event::Duplicate(number, *message));
                }
                if shop.losses < bounds.losses {
                    events.push(Event::Lose(number, *message));
                }
            }
            for at in 0..order.running.len() {
                events.push(Event::Step(number, at));
                if fault {
                    events.push(Event::StepUnanswered(number, at));
                    events.push(Event::Crash(number, at));
                }
            }
            if self.guards.sweep && !order.has_ended() {
                if order.is_idle() {
                    events.push(Event::NeededSweep(number));
                } else if room && shop.sweeps < bounds.sweeps {
                    events.push(Event::Sweep(number));
                }
            }
        }
    }

    fn next_state(&self, last: &Shop, event: Event) -> Option<Shop> {
        let mut shop = last.clone();
        match event {
            Event::Request(number) => {
                let order = &mut shop.orders[number];
                order.requests += 1;
                order.request(order.requests, self.guards);
            }
            Event::Lapse(number) => shop.orders[number].key = Key::Free,
            Event::Deliver(number, message) => shop.orders[number].deliver(message, How::Done, self.guards),
            Event::DeliverUnanswered(number, message) => {
                shop.faults += 1;
                shop.orders[number].deliver(message, How::Unanswered, self.guards);
            }
            Event::Duplicate(number, message) => {
                shop.duplicates += 1;
                shop.orders[number].send(message);
            }
            Event::Lose(number, message) => {
                shop.losses += 1;
                shop.orders[number].take(message);
            }
            Event::Step(number, at) => shop.orders[number].step(at, How::Done, self.guards),
            Event::StepUnanswered(number, at) => {
                shop.faults += 1;
                shop.orders[number].step(at, How::Unanswered, self.guards);
            }
            Event::Crash(number, at) => {
                shop.faults += 1;
                // A message that was not acknowledged comes again.
                if let Running::Emit { message, .. } | Running::Settle { message, .. } =
                    shop.orders[number].running.remove(at)
                {
                    shop.orders[number].send(message);
                }
            }
            Event::Sweep(number) => {
                shop.sweeps += 1;
                shop.orders[number].sweep();
            }
            Event::NeededSweep(number) => {
                shop.needed_sweeps += 1;
                shop.orders[number].sweep();
            }
        }
        Some(shop)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn all(shop: &Shop, holds: impl Fn(&Order) -> bool) -> bool {
            shop.orders.iter().all(holds)
        }
        vec![
            Property::always("paid at most once", |_, shop| all(shop, |order| order.payments <= 1)),
            Property::always("shipped at most once", |_, shop| all(shop, |order| order.shipments <= 1)),
            Property::always("shipped only when paid", |_, shop| {
                all(shop, |order| order.shipments == 0 || matches!(order.payment, Some(Payment::Paid { .. })))
            }),
            Property::always("a status only moves forward", |_, shop| all(shop, |order| !order.moved_back)),
            Property::always("a good card is never declined", |_, shop| {
                all(shop, |order| !order.good_card || order.payment != Some(Payment::Declined))
            }),
            Property::always("a bad card never pays", |_, shop| {
                all(shop, |order| order.good_card || !matches!(order.payment, Some(Payment::Paid { .. })))
            }),
            Property::always("one key gives one order", |_, shop| all(shop, |order| order.kept <= 1)),
            Property::always("an accepted order is kept", |_, shop| {
                all(shop, |order| !order.accepted || order.status.is_some())
            }),
            Property::always("no order makes a dead letter", |_, shop| {
                all(shop, |order| order.dead_letters == 0)
            }),
            // This counts only after the client's last request. Until then an order may still come.
            Property::eventually("every order ends", |life: &Life, shop| {
                all(shop, |order| {
                    order.requests == life.bounds.requests && order.is_idle() && order.has_ended()
                })
            }),
            Property::sometimes("an order is accepted and ends", |_, shop| {
                all(shop, |order| order.accepted && order.status.is_some() && order.has_ended())
            }),
        ]
    }

    fn within_boundary(&self, shop: &Shop) -> bool {
        // Each needed sweep leads its order to its end, unless a fault or a loss disturbs it. So more needed sweeps
        // than this are not explored.
        let orders = u8::try_from(self.good_cards.len()).unwrap_or(u8::MAX);
        shop.needed_sweeps <= orders + self.bounds.faults + self.bounds.losses
    }
}
