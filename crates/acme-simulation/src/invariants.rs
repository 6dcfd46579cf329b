//! What must hold after every step, and the knowledge of the shop that the checks need.
//!
//! The checks do not ask the shop's own rules. For example, the order of the statuses is written here a second time.

mod names;

use std::collections::{BTreeSet, HashMap};

use acme_common::event::Event;
use acme_common::id::OrderId;
use acme_order::Order;
use acme_order::status::Status;
use acme_payment::{Outcome, Payment};
use acme_shipment::Shipment;

pub use names::{Invariant, Violation};

/// An invariant that was found broken, and what was seen.
pub(crate) type Broken = (Invariant, String);

/// What is known of the shop so far.
#[derive(Debug, Default)]
pub(crate) struct World {
    orders: HashMap<OrderId, Known>,
    /// The orders of each client, in the order in which they were first seen.
    of_client: HashMap<u32, Vec<OrderId>>,
    /// The orders that have no final status.
    pub(crate) waiting: BTreeSet<OrderId>,
    /// What was seen since the last call of [`World::news`], for the history.
    news: Vec<String>,
}

/// What is known of an order.
#[derive(Debug, Clone)]
struct Known {
    client: u32,
    good_card: bool,
    accepted: bool,
    status: Status,
    paid: Option<Outcome>,
    tracking: Option<String>,
    /// The transaction and the tracking number that events carried.
    told: [Option<String>; 2],
}

impl World {
    /// The client that owns an order.
    pub(crate) fn owner(&self, order: &OrderId) -> Option<u32> {
        self.orders.get(order).map(|known| known.client)
    }

    /// The orders of a client.
    pub(crate) fn of_client(&self, client: u32) -> Vec<OrderId> {
        self.of_client.get(&client).cloned().unwrap_or_default()
    }

    /// Takes what was seen since the last call.
    pub(crate) fn news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// Checks all orders that a client has now.
    pub(crate) fn has_orders(
        &mut self,
        client: u32,
        good_card: bool,
        keyed: bool,
        orders: &[Order],
    ) -> Result<(), Broken> {
        if let Some(lost) =
            self.of_client(client).iter().find(|known| orders.iter().all(|order| order.id != **known))
        {
            return Err((Invariant::NoOrderIsLost, format!("order {lost} is gone")));
        }
        if keyed && orders.len() > 1 {
            return Err((Invariant::OneKeyOneOrder, format!("{} orders of client {client}", orders.len())));
        }
        orders.iter().try_for_each(|order| self.has_order(client, good_card, order))
    }

    fn has_order(&mut self, client: u32, good_card: bool, order: &Order) -> Result<(), Broken> {
        let Order { id, status, .. } = order;
        if order.status.is_final() {
            self.waiting.remove(id);
        } else {
            self.waiting.insert(id.clone());
        }
        let Some(known) = self.orders.get_mut(id) else {
            let status = *status;
            let (paid, tracking, told) = (None, None, [None, None]);
            let new = Known { client, good_card, accepted: false, status, paid, tracking, told };
            self.orders.insert(id.clone(), new);
            self.of_client.entry(client).or_default().push(id.clone());
            self.news.push(format!("order {id} is new, {}", status.name()));
            return Ok(());
        };
        if known.status == *status {
            return Ok(());
        }
        let text = format!("order {id} went from {} to {}", known.status.name(), status.name());
        if !is_forward(known.status, *status) {
            return Err((Invariant::ForwardOnly, text));
        }
        known.status = *status;
        self.news.push(text);
        known.judge(id)
    }

    /// Checks the payment that an order has now.
    pub(crate) fn has_payment(&mut self, payment: &Payment) -> Result<(), Broken> {
        let id = &payment.order_id;
        let Some(known) = self.orders.get_mut(id) else { return Ok(()) };
        match &known.paid {
            Some(before) if *before == payment.outcome => return Ok(()),
            Some(before) => {
                let seen = format!("the payment of order {id} was {before:?} and is {:?}", payment.outcome);
                return Err((Invariant::PaidOnce, seen));
            }
            None => {}
        }
        self.news.push(match &payment.outcome {
            Outcome::Paid { transaction_id } => format!("order {id} is paid by transaction {transaction_id}"),
            Outcome::Declined { reason } => format!("the payment of order {id} is declined: {reason}"),
        });
        known.paid = Some(payment.outcome.clone());
        known.judge(id)
    }

    /// Checks the shipment that an order has now.
    pub(crate) fn has_shipment(&mut self, shipment: &Shipment) -> Result<(), Broken> {
        let (id, number) = (&shipment.order_id, shipment.tracking_number.to_string());
        let Some(known) = self.orders.get_mut(id) else { return Ok(()) };
        if !matches!(known.paid, Some(Outcome::Paid { .. })) {
            return Err((Invariant::ShippedOnce, format!("order {id} is shipped and not paid")));
        }
        match &known.tracking {
            Some(before) if *before == number => return Ok(()),
            Some(before) => {
                let seen = format!("order {id} is shipped as {before} and as {number}");
                return Err((Invariant::ShippedOnce, seen));
            }
            None => {}
        }
        self.news.push(format!("order {id} is shipped as {number}"));
        known.tracking = Some(number);
        Ok(())
    }

    /// Checks an event that was published.
    pub(crate) fn is_told(&mut self, event: &Event) -> Result<(), Broken> {
        let id = event.order_id();
        let Some(known) = id.and_then(|id| self.orders.get_mut(id)) else {
            let seen = format!("{} for order {id:?}", event.kind().name());
            return Err((Invariant::NothingForNobody, seen));
        };
        let (place, told, invariant) = match event {
            Event::CreditCardValidated(result) => (0, &result.transaction_id, Invariant::PaidOnce),
            Event::ShipmentSent(shipment)
            | Event::ShipmentDelivered(shipment)
            | Event::DeliveryDue(shipment) => (1, &shipment.tracking_number, Invariant::ShippedOnce),
            _ => return Ok(()),
        };
        match &known.told[place] {
            Some(before) if before != told => {
                Err((invariant, format!("{} told {before} and {told}", event.kind().name())))
            }
            _ => {
                known.told[place] = Some(told.clone());
                Ok(())
            }
        }
    }

    /// Checks an order that a client was told is accepted.
    pub(crate) fn is_accepted(&mut self, client: u32, order: &str) -> Result<(), Broken> {
        let id = OrderId::parse(order);
        let Some((id, known)) = id.as_ref().and_then(|id| Some((id, self.orders.get_mut(id)?))) else {
            return Err((Invariant::NoOrderIsLost, format!("order {order} was accepted and is not there")));
        };
        if known.client != client {
            return Err((
                Invariant::OneKeyOneOrder,
                format!("client {client} was given order {id} of another"),
            ));
        }
        known.accepted = true;
        known.judge(id)
    }
}

impl Known {
    /// Whether the payment fits the card. For an order that no client was told of, only the model can say that, at
    /// the end.
    fn judge(&self, id: &OrderId) -> Result<(), Broken> {
        let paid = matches!(self.paid, Some(Outcome::Paid { .. }));
        if paid && !self.good_card {
            return Err((Invariant::BadCardIsDeclined, format!("order {id} is paid with a bad card")));
        }
        let declined = matches!(self.paid, Some(Outcome::Declined { .. })) || self.status == Status::Error;
        if declined && self.good_card && self.accepted {
            return Err((Invariant::GoodCardIsPaid, format!("order {id} was accepted and is declined")));
        }
        Ok(())
    }
}

/// Whether an order may go from one status to another.
fn is_forward(from: Status, to: Status) -> bool {
    use Status::{Delivered, Error, PendingPayment, Shipped, Success};
    matches!(
        (from, to),
        (PendingPayment, Success | Error | Shipped | Delivered)
            | (Success, Shipped | Delivered)
            | (Shipped, Delivered)
    )
}
