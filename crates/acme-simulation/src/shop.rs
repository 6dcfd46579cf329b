//! The shop of a run: the real routes, consumers and sweep. Their stores and bus go step by step.

use std::collections::BTreeMap;
use std::sync::Arc;

use acme_common::card::CardOpener;
use acme_common::messaging::{Consumer, MAX_RECEIVES, Received, ReceivedMessage, Receiver};
use acme_common::telemetry;
use acme_http::testing::{Answer, Client, Tokens};
use acme_http::token::Claims;
use acme_http::{Authorizer, Idempotency};
use acme_order::http::AddOrder;
use acme_order::{ShipOrder, Sweep, UpdateOrder};
use acme_payment::ValidatePayment;
use acme_shipment::{DELIVERY_SECONDS, DeliverShipment, SendShipment};
use sentry_lambda::Record;
use serde_json::Value;

use crate::bus::{Bus, Consumers};
use crate::clock;
use crate::config::SWEEP_AFTER;
use crate::invocation::{Done, Work};
use crate::stores::Stores;

/// The expiry of every token. Tokens are checked against the real clock, so none may expire during a run.
const NEVER: i64 = 253_370_764_800;

/// The shop.
pub(crate) struct Shop {
    /// The stores without steps.
    pub(crate) stores: Stores,
    pub(crate) bus: Bus,
    routes: Client,
    /// The same routes, without authorization, for the director.
    open: Client,
    tokens: Tokens,
    receivers: BTreeMap<Consumers, Arc<Receiver>>,
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
        let idempotency = || Idempotency::new(steps.keys.clone(), clock::now);
        let routes = acme_order::http::add(add, idempotency())
            .merge(acme_order::http::of_user(steps.orders.clone()))
            .merge(acme_cart::http::add_item(steps.carts.clone(), steps.prices.clone(), idempotency()))
            .merge(acme_cart::http::items(steps.carts.clone()));
        let (orders, now) = (steps.orders, clock::now);
        let consumers: [(Consumers, Arc<dyn Consumer>); 5] = [
            (
                Consumers::PaymentValidate,
                Arc::new(ValidatePayment::new(steps.payments, publisher.clone(), opener, now)),
            ),
            (Consumers::OrderShip, Arc::new(ShipOrder::new(orders.clone(), publisher.clone(), now))),
            (
                Consumers::ShipmentSend,
                Arc::new(SendShipment::new(
                    steps.shipments.clone(),
                    publisher.clone(),
                    DELIVERY_SECONDS,
                    now,
                )),
            ),
            (
                Consumers::ShipmentDeliver,
                Arc::new(DeliverShipment::new(steps.shipments, publisher.clone(), now)),
            ),
            (Consumers::OrderUpdate, Arc::new(UpdateOrder::new(orders.clone(), now))),
        ];
        let receiver = |(to, consumer): (Consumers, _)| {
            (to, Arc::new(Receiver::new(to.name(), consumer, publisher.clone(), now)))
        };
        let receivers = consumers.into_iter().map(receiver).collect();
        Self {
            routes: Client::new(routes.clone(), tokens.authorizer.clone()),
            open: Client::new(routes, Authorizer::AllowAll),
            receivers,
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

    /// Makes the future of a request.
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

    /// Makes the future of a consumer that receives a message for the `receives`th time.
    pub(crate) fn consume(&self, to: Consumers, id: usize, body: String, receives: u32) -> Work {
        let receiver = self.receivers.get(&to).cloned();
        Box::pin(async move {
            let record = Record::new(to.name(), "simulation").receives(receives, MAX_RECEIVES);
            let message = ReceivedMessage { id: &id.to_string(), body: &body, receive_count: receives };
            match receiver {
                Some(receiver) => Done::Consumed(receiver.receive(record, message).await),
                None => Done::Consumed(Received::Handled),
            }
        })
    }

    /// Makes the future of one sweep.
    pub(crate) fn sweep(&self) -> Work {
        let sweep = self.sweep.clone();
        Box::pin(async move { Done::Swept(sweep.run().await.map_err(|error| telemetry::chain(&error))) })
    }
}
