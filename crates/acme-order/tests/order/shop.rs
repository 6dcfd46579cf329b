//! A shop in which orders are placed, paid and swept, with a catalog of three products and a clock that tests move.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use acme_common::card::{CardOpener, CardSummary, SealedCard};
use acme_common::catalog::{Offer, PriceList};
use acme_common::event::Event;
use acme_common::id::{OrderId, ProductId};
use acme_common::json;
use acme_common::messaging::Consumer;
use acme_common::money::Money;
use acme_common::store::{PageRequest, StoreError};
use acme_common::telemetry::Trace;
use acme_http::testing::Client;
use acme_http::{Authorizer, Idempotency};
use acme_order::http::{self, AddOrder};
use acme_order::store::NewOrder;
use acme_order::{Order, Orders, ShipOrder, Sweep, UpdateOrder};
use acme_payment::{MemoryPayments, ValidatePayment};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sentry::protocol::Event as Reported;
use serde_json::{Value, json};

use super::shaky::{ShakyBus, ShakyOrders, Steps};

/// How long an order may stand still, in seconds.
pub(crate) const BOUND: i64 = 300;

pub(crate) struct Shop {
    pub(crate) steps: Arc<Steps>,
    pub(crate) orders: Arc<ShakyOrders>,
    pub(crate) bus: Arc<ShakyBus>,
    pub(crate) payments: Arc<MemoryPayments>,
    pub(crate) opener: CardOpener,
    delivered: Cell<usize>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let steps = Arc::<Steps>::default();
        Self {
            orders: Arc::new(ShakyOrders::new(steps.clone())),
            bus: Arc::new(ShakyBus { steps: steps.clone(), ..ShakyBus::default() }),
            steps,
            payments: Arc::default(),
            opener: CardOpener::generate(),
            delivered: Cell::default(),
        }
    }

    /// A client of all the order's routes.
    pub(crate) fn client(&self, authorizer: Authorizer) -> Client {
        let add = AddOrder {
            orders: self.orders.clone(),
            prices: Arc::new(Catalog),
            publisher: self.bus.clone(),
            sealer: self.opener.sealer(),
            clock: now,
        };
        let functions = http::functions(add, &Idempotency::new(self.orders.clone(), now));
        let service = [("order-update", http::update(Arc::new(self.update())))];
        Client::of_functions(functions.into_iter().chain(service), authorizer)
    }

    pub(crate) fn ship(&self) -> ShipOrder {
        ShipOrder::new(self.orders.clone(), self.bus.clone(), now)
    }

    pub(crate) fn update(&self) -> UpdateOrder {
        UpdateOrder::new(self.orders.clone(), now)
    }

    pub(crate) fn sweep(&self) -> Sweep {
        self.sweep_after(Duration::from_secs(BOUND.unsigned_abs()))
    }

    pub(crate) fn sweep_after(&self, after: Duration) -> Sweep {
        Sweep::new(self.orders.clone(), self.bus.clone(), after, now)
    }

    /// All orders that the store holds.
    pub(crate) async fn kept(&self) -> Vec<Order> {
        self.orders.kept.all(&PageRequest::first(PageRequest::MAX)).await.unwrap().items
    }

    /// The only order that the store holds.
    pub(crate) async fn order(&self) -> Order {
        let mut kept = self.kept().await;
        assert_eq!(kept.len(), 1);
        kept.remove(0)
    }

    /// Keeps an order whose payment was never requested, after `change` changed it.
    pub(crate) async fn keep(&self, change: impl FnOnce(&mut Order)) -> Order {
        let card = json::from_slice(sent()["card"].to_string().as_bytes()).unwrap();
        self.keep_with(change, |id| self.opener.sealer().seal(id, &card)).await
    }

    /// Keeps an order whose sealed card is gone.
    pub(crate) async fn keep_without_card(&self) -> Order {
        let summary =
            CardSummary { brand: "Visa".into(), last4: "1881".into(), exp_month: 11, exp_year: 2026 };
        self.keep_with(|_| (), |_| SealedCard::lost(summary)).await
    }

    async fn keep_with(
        &self,
        change: impl FnOnce(&mut Order),
        card: impl FnOnce(&OrderId) -> SealedCard,
    ) -> Order {
        let shop = Shop::new();
        shop.client(Authorizer::AllowAll).post("/order/add/dan", &sent()).await;
        let mut order = shop.order().await;
        change(&mut order);
        let (card, trace) = (card(&order.id), Trace::default());
        let new = NewOrder { order: &order, card: &card, trace: &trace, keyed: None };
        self.orders.kept.create(&new).await.unwrap();
        order
    }

    /// The published events, as their consumers read them.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.bus.kept.events().iter().map(|event| json!(event)).collect()
    }

    /// Brings the events from the bus to their consumers until no new event comes.
    pub(crate) async fn deliver(&self) {
        while self.delivered.get() < self.events().len() {
            let next = self.delivered.replace(self.delivered.get() + 1);
            self.hand_over(next).await;
        }
    }

    /// Brings event number `n` of the bus to its consumer, in the form in which consumers read it.
    pub(crate) async fn hand_over(&self, n: usize) {
        let event: Event = json::from_slice(self.events()[n].to_string().as_bytes()).unwrap();
        let validate =
            ValidatePayment::new(self.payments.clone(), self.bus.clone(), self.opener.clone(), now);
        match event {
            Event::PaymentRequested(_) => validate.consume(event).await.unwrap(),
            Event::CreditCardValidated(_) => self.ship().consume(event).await.unwrap(),
            _ => {}
        }
    }
}

/// Three products: `bell` at 73.76, `bar` at 10.00, and `gym` at 6,000,000.00.
struct Catalog;

#[async_trait]
impl PriceList for Catalog {
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError> {
        let all = [("bell", "Kettle bell", 7_376), ("bar", "Bar", 1_000), ("gym", "The gym", 600_000_000)];
        let offers = all.map(|(id, name, cents)| Offer {
            id: ProductId::parse(id).unwrap(),
            name: name.into(),
            description: "as the catalog has it".into(),
            price: Money::from_cents(cents),
        });
        Ok(offers.into_iter().filter(|offer| ids.contains(&offer.id)).collect())
    }
}

/// An order as the shop's own client sends it: two kettle bells and a bar, and a good card in its last month.
pub(crate) fn sent() -> Value {
    json!({
        "firstname": "Elaine", "lastname": "B",
        "address": {"street": "1 Main", "city": "New York", "zip": "10001", "state": "NY", "country": "USA"},
        "email": "elaine@example.com", "delivery": "UPS/FEDEX",
        "card": {"type": "Visa", "number": "4012 8888 8888 1881", "expMonth": 11, "expYear": 2026, "cvv": "927"},
        "cart": [
            {"id": "bell", "name": "Kettle bell", "description": "16 kg", "quantity": 2, "price": 73.76},
            {"id": "bar", "name": "Bar", "description": "20 kg", "quantity": 1, "price": 10},
        ],
        "total": "157.52",
    })
}

/// The same order with another value where `pointer` points to. Null removes the member.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut body = sent();
    put(&mut body, pointer, value);
    body
}

pub(crate) fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent) {
        Some(Value::Object(members)) if value.is_null() => drop(members.remove(name)),
        Some(Value::Object(members)) => drop(members.insert(name.to_owned(), value)),
        Some(Value::Array(items)) => items[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} leads nowhere"),
    }
}

thread_local! {
    static AHEAD: Cell<i64> = const { Cell::new(0) };
}

/// Moves the clock of this test alone, because each test runs on its own thread.
pub(crate) fn pass_time(seconds: i64) {
    AHEAD.set(AHEAD.get() + seconds);
}

/// The moment at which every test starts, plus the time that the test let pass.
pub(crate) fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(AHEAD.get())
}

/// Runs `work`, and returns what Sentry received and what `work` returned.
pub(crate) fn watched<T>(work: impl Future<Output = T>) -> (Vec<Reported<'static>>, T) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut done = None;
    let reported = sentry::test::with_captured_events(|| done = Some(runtime.block_on(work)));
    (reported, done.unwrap())
}
