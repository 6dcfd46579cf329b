//! The shop of a run: the real routes, consumers and sweep, on stores and a bus that go step by step.

use std::sync::Arc;

use acme_common::bus::{ConsumeError, Consumer};
use acme_common::card::CardOpener;
use acme_common::json;
use acme_common::telemetry;
use acme_http::testing::{Answer, Client, Tokens};
use acme_http::token::Claims;
use acme_http::{Gate, Idempotency};
use acme_order::http::AddOrder;
use acme_order::{Ship, Sweep, Update};
use acme_payment::Validate;
use acme_shipment::{DELIVERY_SECONDS, Deliver, Send};
use serde_json::Value;

use crate::bus::{Bus, Consumers};
use crate::clock;
use crate::config::SWEEP_AFTER;
use crate::invocation::{Done, Work};
use crate::stores::Stores;

/// No token ends during a run: tokens are checked against the real clock.
const NEVER: i64 = 253_370_764_800;

/// The shop.
pub(crate) struct Shop {
    /// The stores as they are.
    pub(crate) stores: Stores,
    pub(crate) bus: Bus,
    routes: Client,
    /// The same for whoever looks, without a token.
    open: Client,
    tokens: Tokens,
    validate: Arc<Validate>,
    ship: Arc<Ship>,
    send: Arc<Send>,
    deliver: Arc<Deliver>,
    update: Arc<Update>,
    sweep: Arc<Sweep>,
}

impl Shop {
    pub(crate) fn new(stores: Stores) -> Self {
        let (bus, opener, tokens) = (Bus::default(), CardOpener::generate(), Tokens::generate());
        let steps = stores.stepwise();
        let publisher = Arc::new(bus.clone());
        let add = AddOrder {
            orders: steps.orders.clone(),
            prices: steps.prices.clone(),
            publisher: publisher.clone(),
            sealer: opener.sealer(),
            clock: clock::now,
        };
        let idempotency = Idempotency::new(steps.keys.clone(), clock::now);
        let add_item =
            acme_cart::http::add_item(steps.carts.clone(), steps.prices.clone(), idempotency.clone());
        let routes = acme_order::http::add(add, idempotency)
            .merge(acme_order::http::of_user(steps.orders.clone()))
            .merge(add_item)
            .merge(acme_cart::http::items(steps.carts.clone()));
        let (orders, now) = (steps.orders, clock::now);
        Self {
            routes: Client::new(routes.clone(), tokens.gate.clone()),
            open: Client::new(routes, Gate::Open),
            validate: Arc::new(Validate::new(steps.payments, publisher.clone(), opener, now)),
            ship: Arc::new(Ship::new(orders.clone(), publisher.clone(), now)),
            send: Arc::new(Send::new(steps.shipments.clone(), publisher.clone(), DELIVERY_SECONDS, now)),
            deliver: Arc::new(Deliver::new(steps.shipments, publisher.clone(), now)),
            update: Arc::new(Update::new(orders.clone(), now)),
            sweep: Arc::new(Sweep::new(orders, publisher, SWEEP_AFTER, now)),
            tokens,
            stores,
            bus,
        }
    }

    /// A customer's access token.
    pub(crate) fn token(&self, user: &str) -> String {
        let mut claims = Claims::access(user, user, false, clock::now());
        claims.exp = NEVER;
        self.tokens.issuer.issue(&claims).unwrap_or_default()
    }

    /// Sends a request.
    pub(crate) fn post(&self, token: &str, path: String, key: Option<&str>, body: Value) -> Work {
        let mut client = self.routes.bearer(token);
        if let Some(key) = key {
            client = client.with("idempotency-key", key);
        }
        Box::pin(async move {
            let Answer { status, body, .. } = client.post(&path, &body).await;
            Done::Answered(status.as_u16(), body)
        })
    }

    /// What a customer sees at `path`.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.open.get(path).await.body
    }

    /// Hands a message to its consumer.
    pub(crate) fn consume(&self, to: Consumers, body: Vec<u8>) -> Work {
        let consumer: Arc<dyn Consumer> = match to {
            Consumers::PaymentValidate => self.validate.clone(),
            Consumers::OrderShip => self.ship.clone(),
            Consumers::ShipmentSend => self.send.clone(),
            Consumers::ShipmentDeliver => self.deliver.clone(),
            Consumers::OrderUpdate => self.update.clone(),
        };
        Box::pin(async move {
            let event = json::from_slice(&body).map_err(ConsumeError::from);
            Done::Consumed(match event {
                Ok(event) => consumer.consume(event).await,
                Err(error) => Err(error),
            })
        })
    }

    /// Sweeps once.
    pub(crate) fn sweep(&self) -> Work {
        let sweep = self.sweep.clone();
        Box::pin(async move { Done::Swept(sweep.run().await.map_err(|error| telemetry::chain(&error))) })
    }
}
