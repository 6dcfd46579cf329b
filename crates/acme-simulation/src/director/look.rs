//! Checks the stored state after each step, and the shown state at the end.

use acme_common::id::{OrderId, UserId};
use acme_common::store::{PageRequest, StoreError};
use acme_payment::Outcome;
use acme_shipment::Status;

use super::{Director, Ended};
use crate::clients::{Call, Client};
use crate::invariants::{Broken, Invariant};
use crate::model::{self, Effects, End, Order, Shown};
use crate::stage::Touch;

impl Director<'_> {
    /// Checks what a step of a client has touched.
    pub(super) async fn look(&mut self, client: Option<u32>, touched: Touch) -> Ended {
        let Some(number) = client else { return Ok(()) };
        let looked = match touched {
            Touch::Nothing | Touch::Keys | Touch::Bus => return Ok(()),
            Touch::Orders => self.look_at_orders(number).await,
            Touch::Payments | Touch::Shipments => self.look_at_effects(number, touched).await,
            Touch::Carts => self.look_at_cart(number).await,
        };
        for news in self.world.news() {
            self.history.note(self.now, client, || format!("    {news}"));
        }
        looked.map_err(|broken| (broken, client))
    }

    async fn look_at_orders(&mut self, number: u32) -> Result<(), Broken> {
        let client = &self.clients[number as usize];
        let user = UserId::parse(&client.user).ok_or_else(|| unseen(&"the user has no id"))?;
        let page = self.shop.stores.orders.of_user(&user, &PageRequest::default()).await.map_err(unread)?;
        self.world.has_orders(number, client.good_card, client.keyed(Call::OrderAdd), &page.items)
    }

    async fn look_at_effects(&mut self, number: u32, touched: Touch) -> Result<(), Broken> {
        for order in self.world.of_client(number) {
            if touched == Touch::Payments {
                if let Some(payment) = self.shop.stores.payments.get(&order).await.map_err(unread)? {
                    self.world.has_payment(&payment)?;
                }
            } else if let Some(shipment) = self.shop.stores.shipments.get(&order).await.map_err(unread)? {
                self.world.has_shipment(&shipment)?;
            }
        }
        Ok(())
    }

    async fn look_at_cart(&mut self, number: u32) -> Result<(), Broken> {
        let client = &self.clients[number as usize];
        let user = UserId::parse(&client.user).ok_or_else(|| unseen(&"the user has no id"))?;
        let cart = self.shop.stores.carts.get(&user).await.map_err(unread)?;
        let (pieces, each) = (cart.pieces(), client.quantity);
        if client.keyed(Call::CartAdd) && pieces > u64::from(each) {
            let seen = format!("the cart of client {number} has {pieces} pieces after one add of {each}");
            return Err((Invariant::KeyedAddCountsOnce, seen));
        }
        Ok(())
    }

    /// Compares the shop at rest with the model.
    pub(super) async fn compare(&mut self) -> Ended {
        self.transport.is_over().map_err(|broken| (broken, None))?;
        for number in 0..self.config.orders {
            if self.clients[number as usize].tasks.iter().any(|task| task.sent > 0) {
                self.compare_client(number).await.map_err(|broken| (broken, Some(number)))?;
            }
        }
        Ok(())
    }

    async fn compare_client(&mut self, number: u32) -> Result<(), Broken> {
        let client = &self.clients[number as usize];
        let listed = self.shop.get(&format!("/order/{}", client.user)).await;
        let listed = listed.as_array().ok_or_else(|| unseen(&listed))?;
        let mut shown = Shown::default();
        for order in listed {
            let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
            let (id, status, total) = (text("_id"), text("status"), text("total"));
            let told = [text("transactionID"), text("trackingNumber")];
            let end = self.end_of(&id, &total, told).await.map_err(unread)?;
            shown.orders.push(Order { id, status, total, end });
        }
        shown.orders.sort();
        self.stats.orders += shown.orders.len() as u64;
        let client = &self.clients[number as usize];
        let cart = self.shop.get(&format!("/cart/items/{}", client.user)).await;
        let lines = cart["cart"].as_array().ok_or_else(|| unseen(&cart))?;
        let pieces: u64 = lines.iter().filter_map(|line| line["quantity"].as_u64()).sum();
        shown.pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
        let expected = model::expected(&told(client), &shown);
        if shown == expected {
            return Ok(());
        }
        Err((Invariant::AsTheModel, format!("expected {expected:?}, found {shown:?}")))
    }

    /// How an order ended, as its payment and its shipment are stored.
    async fn end_of(&self, id: &str, total: &str, told: [String; 2]) -> Result<End, StoreError> {
        let Some(id) = OrderId::parse(id) else { return Ok(End::Muddled("no id".to_owned())) };
        let payment = self.shop.stores.payments.get(&id).await?;
        let shipment = self.shop.stores.shipments.get(&id).await?;
        Ok(match (payment.as_ref().map(|payment| &payment.outcome), &shipment) {
            (Some(Outcome::Declined { .. }), None) if told.iter().all(String::is_empty) => End::Declined,
            (Some(Outcome::Paid { transaction_id }), Some(sent))
                if told == [transaction_id.to_string(), sent.tracking_number.to_string()]
                    && payment.as_ref().is_some_and(|payment| payment.amount.to_string() == total)
                    && matches!(sent.status, Status::Delivered { .. }) =>
            {
                End::Delivered(told)
            }
            _ => End::Muddled(format!("{told:?}, {payment:?}, {shipment:?}")),
        })
    }
}

/// What a client did and what it was told, for the model.
fn told(client: &Client) -> model::Client {
    let effects = |call| {
        let task = client.tasks.iter().find(|task| task.call == call);
        task.map_or_else(Effects::default, |task| Effects {
            keyed: task.keyed,
            sent: task.sent,
            told: task.answered.clone(),
        })
    };
    model::Client {
        good_card: client.good_card,
        total: client.total().to_string(),
        orders: effects(Call::OrderAdd),
        adds: effects(Call::CartAdd),
        quantity: client.quantity,
    }
}

fn unread(error: StoreError) -> Broken {
    unseen(&acme_common::telemetry::chain(&error))
}

fn unseen(what: &dyn std::fmt::Debug) -> Broken {
    (Invariant::AsTheModel, format!("the shop cannot be looked at: {what:?}"))
}
