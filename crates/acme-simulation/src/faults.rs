//! Stores whose every call is a step. The director may delay a step, let it fail or break it off.

use std::sync::Arc;

use acme_cart::store::AddError;
use acme_cart::{Cart, CartItem, Carts};
use acme_common::catalog::{Offer, PriceList};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::idempotency::{Claim, Claimed, IdempotencyKeys, Keyed, Released};
use acme_common::store::{Page, PageRequest, StoreError};
use acme_order::store::{Advanced, Change, NewOrder, Stalled, Stillness};
use acme_order::{Order, Orders};
use acme_payment::{Payment, Payments, Recorded};
use acme_shipment::{Booked, Delivered, Shipment, Shipments};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::calls::{call, throttled, unanswered};
use crate::stage::{Point, Touch};

/// A store whose calls are steps.
pub(crate) struct Stepwise<S: ?Sized>(pub(crate) Arc<S>);

/// One step: a call that touches something, of one order or of none in particular.
async fn step<T, E: From<StoreError>>(
    name: &'static str,
    touches: Touch,
    order: Option<&OrderId>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let point = Point { name, touches, order: order.cloned() };
    call(point, || throttled().into(), || unanswered().into(), work).await
}

#[async_trait]
impl Orders for Stepwise<dyn Orders> {
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError> {
        step("orders.create", Touch::Orders, Some(&new.order.id), self.0.create(new)).await
    }

    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError> {
        step("orders.advance", Touch::Orders, Some(id), self.0.advance(id, change)).await
    }

    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        step("orders.of_user", Touch::Nothing, None, self.0.of_user(user, page)).await
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        step("orders.all", Touch::Nothing, None, self.0.all(page)).await
    }

    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError> {
        step("orders.stalled", Touch::Nothing, None, self.0.stalled(stillness)).await
    }

    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError> {
        step("orders.pushed", Touch::Orders, Some(&stalled.id), self.0.pushed(stalled, now)).await
    }
}

#[async_trait]
impl Payments for Stepwise<dyn Payments> {
    async fn record_once(&self, payment: Payment) -> Result<Recorded, StoreError> {
        let id = payment.order_id.clone();
        step("payments.record_once", Touch::Payments, Some(&id), self.0.record_once(payment)).await
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError> {
        step("payments.get", Touch::Nothing, Some(order), self.0.get(order)).await
    }
}

#[async_trait]
impl Shipments for Stepwise<dyn Shipments> {
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError> {
        let id = shipment.order_id.clone();
        step("shipments.book_once", Touch::Shipments, Some(&id), self.0.book_once(shipment)).await
    }

    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError> {
        step("shipments.deliver", Touch::Shipments, Some(order), self.0.deliver(order, now)).await
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError> {
        step("shipments.get", Touch::Nothing, Some(order), self.0.get(order)).await
    }
}

#[async_trait]
impl Carts for Stepwise<dyn Carts> {
    async fn add(&self, user: &UserId, item: CartItem, keyed: Option<&Keyed>) -> Result<(), AddError> {
        step("carts.add", Touch::Carts, None, self.0.add(user, item, keyed)).await
    }

    async fn set_quantity(&self, user: &UserId, item: &ProductId, quantity: u32) -> Result<bool, StoreError> {
        step("carts.set_quantity", Touch::Carts, None, self.0.set_quantity(user, item, quantity)).await
    }

    async fn replace(&self, user: &UserId, items: Vec<CartItem>) -> Result<(), StoreError> {
        step("carts.replace", Touch::Carts, None, self.0.replace(user, items)).await
    }

    async fn get(&self, user: &UserId) -> Result<Cart, StoreError> {
        step("carts.get", Touch::Nothing, None, self.0.get(user)).await
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Cart>, StoreError> {
        step("carts.all", Touch::Nothing, None, self.0.all(page)).await
    }
}

#[async_trait]
impl PriceList for Stepwise<dyn PriceList> {
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError> {
        step("products.offers", Touch::Nothing, None, self.0.offers(ids)).await
    }
}

#[async_trait]
impl IdempotencyKeys for Stepwise<dyn IdempotencyKeys> {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        step("keys.claim", Touch::Keys, None, self.0.claim(claim)).await
    }

    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError> {
        step("keys.keep", Touch::Keys, None, self.0.keep(keyed)).await
    }

    async fn release(&self, claim: &Claim) -> Result<Released, StoreError> {
        step("keys.release", Touch::Keys, None, self.0.release(claim)).await
    }
}
