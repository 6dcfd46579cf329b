//! Tests of the payment's public interface: the card check, the consumer, the route, and the store in memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

mod check;
mod consumer;
mod reports;
mod route;

use std::sync::{Arc, Mutex};

use acme_common::card::{Card, CardOpener};
use acme_common::event::{Event, PaymentRequested, RequestCard};
use acme_common::id::OrderId;
use acme_common::json::{Field, FromJson};
use acme_common::messaging::testing::RecordingPublisher;
use acme_common::messaging::{ConsumeError, Consumer};
use acme_common::money::Money;
use acme_common::store::StoreError;
use acme_payment::{MemoryPayments, Payment, Payments, Recorded, ValidatePayment};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};

#[tokio::test]
async fn the_store_in_memory_conforms() {
    acme_payment::conformance::check(&MemoryPayments::default()).await;
}

/// The moment at which every test takes place.
fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// A good card in its last month, in which `members` replace its own members.
fn sent(members: Value) -> Value {
    let mut card = json!({
        "type": "Visa", "number": "4111 1111 1111 1111", "expMonth": 11, "expYear": 2026, "cvv": "123",
    });
    for (name, value) in members.as_object().unwrap() {
        card[name] = value.clone();
    }
    card
}

fn card(members: Value) -> Card {
    Card::from_json(&Field::root(&sent(members))).unwrap()
}

fn clear(members: Value) -> RequestCard {
    RequestCard::Clear(card(members))
}

/// A store that can lose its next request, or the answer to that request.
#[derive(Default)]
struct Shaky {
    payments: MemoryPayments,
    loses: Mutex<Option<Lost>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lost {
    Request,
    Answer,
}

#[async_trait]
impl Payments for Shaky {
    async fn record_once(&self, payment: Payment) -> Result<Recorded, StoreError> {
        let lost = self.loses.lock().unwrap().take();
        if lost == Some(Lost::Request) {
            return Err(StoreError::unavailable("lost"));
        }
        let recorded = self.payments.record_once(payment).await?;
        if lost == Some(Lost::Answer) {
            return Err(StoreError::unavailable("lost"));
        }
        Ok(recorded)
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError> {
        self.payments.get(order).await
    }
}

struct Desk {
    payments: Arc<Shaky>,
    bus: Arc<RecordingPublisher>,
    opener: CardOpener,
    validate: ValidatePayment,
}

impl Desk {
    fn new() -> Self {
        let (payments, bus, opener) = (Arc::<Shaky>::default(), Arc::default(), CardOpener::generate());
        let validate = ValidatePayment::new(payments.clone(), Arc::clone(&bus) as _, opener.clone(), now);
        Self { payments, bus, opener, validate }
    }

    async fn consume(&self, card: RequestCard) -> Result<(), ConsumeError> {
        self.validate.consume(request(card)).await
    }

    async fn payment(&self) -> Option<Payment> {
        self.payments.get(&order()).await.unwrap()
    }

    fn published(&self) -> Vec<Value> {
        self.bus.events().iter().map(|event| json!(event)).collect()
    }
}

fn order() -> OrderId {
    OrderId::parse("3f-1").unwrap()
}

fn request(card: RequestCard) -> Event {
    Event::PaymentRequested(PaymentRequested { order_id: order(), card, total: Money::from_cents(7_376) })
}
