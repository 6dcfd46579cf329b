//! Stores in memory. Each breaks one rule.

use std::collections::HashMap;
use std::sync::Mutex;

use acme_cart::store::AddError;
use acme_cart::{Cart, CartItem, Carts, MemoryCarts};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::idempotency::Keyed;
use acme_common::random;
use acme_common::store::{Page, PageRequest, StoreError};
use acme_order::status::Status;
use acme_order::store::{Advanced, Change, NewOrder, Stalled, Stillness};
use acme_order::{MemoryOrders, Order, Orders};
use acme_payment::{Outcome, Payment, Payments, Reason, Recorded};
use acme_shipment::{Booked, Delivered, MemoryShipments, Shipment, Shipments};
use async_trait::async_trait;
use jiff::Timestamp;

/// The rule that a store breaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// The last change of a status counts, whatever its rank.
    StatusWithoutRank,
    /// Orders are kept without their keys.
    OrderWithoutKey,
    /// New orders are not kept.
    OrderNotKept,
    /// Orders that ended are not listed.
    EndedOrdersHidden,
    /// The sweep finds no order.
    SweepIsBlind,
    /// The last payment counts.
    PaymentNotOnce,
    /// A good card is declined.
    PaidIsDeclined,
    /// A bad card pays.
    DeclinedIsPaid,
    /// Payments are never recorded.
    PaymentsAreAway,
    /// The last shipment counts.
    ShipmentNotOnce,
    /// A delivery is published but not kept.
    DeliveryNotKept,
    /// Shipments panic.
    ShipmentsPanic,
    /// An add counts twice.
    AddCountsTwice,
    /// Carts cannot be read.
    CartsAreBad,
}

#[derive(Debug, Default)]
pub(crate) struct BrokenOrders {
    pub(crate) kept: MemoryOrders,
    pub(crate) fault: Fault,
    pub(crate) last: Mutex<HashMap<OrderId, Status>>,
}

impl BrokenOrders {
    fn as_it_stands(&self, mut order: Order) -> Order {
        if let Some(status) = self.last.lock().unwrap().get(&order.id) {
            order.status = *status;
        }
        order
    }
}

#[async_trait]
impl Orders for BrokenOrders {
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError> {
        match self.fault {
            Fault::OrderNotKept => Ok(()),
            Fault::OrderWithoutKey => self.kept.create(&NewOrder { keyed: None, ..*new }).await,
            _ => self.kept.create(new).await,
        }
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        let advanced = self.kept.advance(id, change).await?;
        if self.fault != Fault::StatusWithoutRank {
            return Ok(advanced);
        }
        self.last.lock().unwrap().insert(id.clone(), change.status);
        Ok(advanced.map(|advanced| Advanced { order: self.as_it_stands(advanced.order), moved: true }))
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let Page { items, next } = self.kept.of_user(user, page).await?;
        let mut items: Vec<Order> = items.into_iter().map(|order| self.as_it_stands(order)).collect();
        items.retain(|order| self.fault != Fault::EndedOrdersHidden || !order.status.is_final());
        Ok(Page { items, next })
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        self.kept.all(page).await
    }

    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError> {
        if self.fault == Fault::SweepIsBlind {
            return Ok(Vec::new());
        }
        self.kept.stalled(stillness).await
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        self.kept.pushed(stalled, now).await
    }
}

#[derive(Debug, Default)]
pub(crate) struct BrokenPayments {
    pub(crate) kept: Mutex<HashMap<OrderId, Payment>>,
    pub(crate) fault: Fault,
}

#[async_trait]
impl Payments for BrokenPayments {
    async fn record_once(&self, mut payment: Payment) -> Result<Recorded, StoreError> {
        match self.fault {
            Fault::PaidIsDeclined => payment.outcome = Outcome::of(Err(Reason::Number)),
            Fault::DeclinedIsPaid => payment.outcome = Outcome::of(Ok(())),
            Fault::PaymentsAreAway => return Err(StoreError::unavailable("away")),
            _ => {}
        }
        let mut kept = self.kept.lock().unwrap();
        match kept.get(&payment.order_id).filter(|_| self.fault != Fault::PaymentNotOnce) {
            Some(known) => Ok(Recorded { payment: known.clone(), new: false }),
            None => {
                kept.insert(payment.order_id.clone(), payment.clone());
                Ok(Recorded { payment, new: true })
            }
        }
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError> {
        Ok(self.kept.lock().unwrap().get(order).cloned())
    }
}

#[derive(Debug)]
pub(crate) struct BrokenShipments {
    pub(crate) kept: MemoryShipments,
    pub(crate) fault: Fault,
}

#[async_trait]
impl Shipments for BrokenShipments {
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError> {
        assert!(self.fault != Fault::ShipmentsPanic, "told to panic");
        let booked = self.kept.book_once(shipment).await?;
        if self.fault != Fault::ShipmentNotOnce || booked.new {
            return Ok(booked);
        }
        // Another tracking number for the same order.
        Ok(Booked { shipment: Shipment { tracking_number: random::uuid(), ..booked.shipment }, new: true })
    }

    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError> {
        if self.fault != Fault::DeliveryNotKept {
            return self.kept.deliver(order, now).await;
        }
        let sent = self.kept.get(order).await?;
        Ok(sent.map(|shipment| Delivered { shipment, first: true }))
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError> {
        self.kept.get(order).await
    }
}

#[derive(Debug)]
pub(crate) struct BrokenCarts {
    pub(crate) kept: MemoryCarts,
    pub(crate) fault: Fault,
}

#[async_trait]
impl Carts for BrokenCarts {
    async fn add(&self, user: &UserId, item: CartItem, keyed: Option<&Keyed>) -> Result<(), AddError> {
        if self.fault == Fault::AddCountsTwice {
            self.kept.add(user, item.clone(), None).await?;
        }
        self.kept.add(user, item, keyed).await
    }

    async fn set_quantity(&self, user: &UserId, item: &ProductId, quantity: u32) -> Result<bool, StoreError> {
        self.kept.set_quantity(user, item, quantity).await
    }

    async fn replace(&self, user: &UserId, items: Vec<CartItem>) -> Result<(), StoreError> {
        self.kept.replace(user, items).await
    }

    async fn get(&self, user: &UserId) -> Result<Cart, StoreError> {
        if self.fault == Fault::CartsAreBad {
            return Err(StoreError::rejected("no cart"));
        }
        self.kept.get(user).await
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Cart>, StoreError> {
        self.kept.all(page).await
    }
}
