//! The shop: the endpoint or consumer of every function. All share one table and one queue. Each has its own name in
//! Sentry.

use std::sync::Arc;

use acme_aws::Table;
use acme_common::card::CardOpener;
use acme_common::event::EventKind;
use acme_http::{AuthMode, Authorizer, Idempotency, app, endpoint};
use acme_order::http::AddOrder;
use acme_order::{Orders, ShipOrder, UpdateOrder};
use acme_payment::ValidatePayment;
use acme_shipment::{DeliverShipment, SendShipment};
use axum::Router;
use jiff::Timestamp;

use crate::config::Config;
use crate::dead_letters;
use crate::home_page;
use crate::keys::Keys;
use crate::queue::{Queue, Subscription};
use crate::reporting::reporting;

/// The parts of the shop.
pub(crate) struct Shop {
    table: Arc<Table>,
    queue: Arc<Queue>,
    keys: Keys,
    authorizer: Authorizer,
    validate: Arc<ValidatePayment>,
    send: Arc<SendShipment>,
    update: Arc<UpdateOrder>,
}

impl Shop {
    pub(crate) fn new(config: &Config, table: Arc<Table>, queue: Arc<Queue>, keys: Keys) -> Self {
        let authorizer = match config.auth_mode {
            AuthMode::Compatibility => Authorizer::AllowAll,
            AuthMode::Tokens => Authorizer::Tokens(keys.verifier.clone()),
        };
        let opener: CardOpener = keys.opener.clone();
        let seconds = config.delivery_seconds.clone();
        Self {
            validate: Arc::new(ValidatePayment::new(table.clone(), queue.clone(), opener, Timestamp::now)),
            send: Arc::new(SendShipment::new(table.clone(), queue.clone(), seconds, Timestamp::now)),
            update: Arc::new(UpdateOrder::new(table.clone(), Timestamp::now)),
            table,
            queue,
            keys,
            authorizer,
        }
    }

    /// The orders, for the sweep.
    pub(crate) fn orders(&self) -> Arc<dyn Orders> {
        self.table.clone()
    }

    /// The functions that consume events.
    pub(crate) fn consumers(&self) -> Vec<Subscription> {
        let (table, queue) = (&self.table, &self.queue);
        vec![
            Subscription {
                function: "payment-validate",
                kinds: &[EventKind::PaymentRequested],
                consumer: self.validate.clone(),
            },
            Subscription {
                function: "order-ship",
                kinds: &[EventKind::CreditCardValidated],
                consumer: Arc::new(ShipOrder::new(table.clone(), queue.clone(), Timestamp::now)),
            },
            Subscription {
                function: "shipment-send",
                kinds: &[EventKind::ShipmentRequested],
                consumer: self.send.clone(),
            },
            Subscription {
                function: "shipment-deliver",
                kinds: &[EventKind::DeliveryDue],
                consumer: Arc::new(DeliverShipment::new(table.clone(), queue.clone(), Timestamp::now)),
            },
            Subscription {
                function: "order-update",
                kinds: &[EventKind::ShipmentSent, EventKind::ShipmentDelivered],
                consumer: self.update.clone(),
            },
        ]
    }

    /// All routes: those of the functions, of the container services and of the dead letters, and the pages.
    pub(crate) fn routes(&self) -> Router {
        let letters = ("acme-local", dead_letters::routes(self.table.clone(), self.queue.clone()));
        let functions = self.functions().into_iter().chain(self.services()).chain([letters]);
        let endpoints = functions.fold(home_page::routes(), |all, (function, routes)| {
            all.merge(reporting(function, endpoint(routes, self.authorizer.clone())))
        });
        app(endpoints)
    }

    /// The HTTP functions, by name.
    fn functions(&self) -> Vec<(&'static str, Router)> {
        let table = &self.table;
        let Keys { issuer, verifier, opener } = &self.keys;
        let idempotency = Idempotency::new(table.clone(), Timestamp::now);
        let add_order = AddOrder {
            orders: table.clone(),
            prices: table.clone(),
            publisher: self.queue.clone(),
            sealer: opener.sealer(),
            clock: Timestamp::now,
        };
        let (carts, prices): (acme_cart::http::Store, acme_cart::http::Prices) =
            (table.clone(), table.clone());
        let (products, users): (acme_catalog::http::Store, acme_user::http::Store) =
            (table.clone(), table.clone());
        [
            acme_cart::http::functions(&carts, &prices, &idempotency),
            acme_catalog::http::functions(&products, &idempotency),
            acme_order::http::functions(add_order, &idempotency),
            acme_user::http::functions(&users, issuer, verifier, &idempotency, Timestamp::now),
        ]
        .concat()
    }

    /// Routes that only the container services have, each with the name of the function that does the same.
    fn services(&self) -> [(&'static str, Router); 3] {
        [
            ("payment-validate", acme_payment::http::pay(self.validate.clone())),
            ("shipment-send", acme_shipment::http::ship(self.send.clone())),
            ("order-update", acme_order::http::update(self.update.clone())),
        ]
    }
}
