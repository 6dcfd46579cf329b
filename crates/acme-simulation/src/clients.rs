//! The clients. Each places one order, and some also put something into their cart. They give up, repeat and change
//! requests.

use std::sync::LazyLock;
use std::time::Duration;

use acme_catalog::{Product, demo};
use acme_common::money::Money;
use serde_json::{Value, json};

use crate::fates::{Fate, Fates, Fault};

/// Number, verification value and expiry year of good cards, and of bad ones.
const GOOD: [(&str, &str, u16); 3] =
    [("4111111111111111", "123", 2099), ("5555555555554444", "321", 2099), ("378282246310005", "1234", 2099)];
const BAD: [(&str, &str, u16); 3] =
    [("4111111111111111", "123", 2020), ("4111111111111112", "123", 2099), ("4111111111111111", "12", 2099)];
/// The product that every client buys.
static PRODUCT: LazyLock<Product> = LazyLock::new(|| demo::products().swap_remove(0));
/// The longest time that a client waits before it tries again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    OrderAdd,
    CartAdd,
}

impl Call {
    /// The name of the call in the history.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OrderAdd => "order",
            Self::CartAdd => "cart",
        }
    }
}

/// One thing that a client wants, and how it asks for it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) call: Call,
    /// Whether it sends an Idempotency-Key.
    pub(crate) keyed: bool,
    pub(crate) begins: Duration,
    /// How often the client tries until it is answered.
    attempts: u32,
    /// How long the client waits for an answer.
    pub(crate) patience: Duration,
    /// Whether the client sends two requests at once.
    pub(crate) twice: bool,
    /// What the client sends after it was answered: the same request again (`false`), or another one under the same
    /// key (`true`).
    later: Vec<bool>,
    /// How many requests were sent that may have an effect.
    pub(crate) sent: u32,
    /// The numbers of the requests whose answer the client waits for.
    open: Vec<u32>,
    tries: u32,
    /// What the answers with 200 said: the order's id.
    pub(crate) answered: Vec<String>,
}

/// A client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) user: String,
    pub(crate) token: String,
    pub(crate) good_card: bool,
    pub(crate) quantity: u32,
    card: (&'static str, &'static str, u16),
    pub(crate) tasks: Vec<Task>,
    pub(crate) poisons_at: Option<Duration>,
}

impl Client {
    /// Makes client `number`. `fate` decides what it does.
    pub(crate) fn new(
        number: u32,
        token: impl FnOnce(&str) -> String,
        fates: &mut Fates,
        fate: &mut Fate,
        span: Duration,
    ) -> Self {
        let begins = Duration::from_micros(fate.below(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)));
        let good_card = fate.chance(0.8);
        let which = usize::try_from(fate.below(3)).unwrap_or_default();
        let quantity = 1 + u32::try_from(fate.below(3)).unwrap_or_default();
        let order = Task::new(Call::OrderAdd, begins, fates, fate);
        let cart = fates.strikes(fate, Fault::Cart);
        let add = Task::new(Call::CartAdd, begins, fates, fate);
        let tasks = [(order, true), (add, cart)].into_iter().filter_map(|(task, does)| does.then_some(task));
        let poisons_at = fates.strikes(fate, Fault::Poison).then_some(begins);
        let user = format!("client-{number}");
        let token = token(&user);
        let card = if good_card { GOOD[which] } else { BAD[which] };
        Self { user, token, good_card, quantity, card, tasks: tasks.collect(), poisons_at }
    }

    /// The path and the body of a request. With `other`, the request asks for something else.
    pub(crate) fn request(&self, call: Call, other: bool) -> (String, Value) {
        let product = &PRODUCT.id;
        let quantity = self.quantity + u32::from(other);
        match call {
            Call::CartAdd => {
                (format!("/cart/item/add/{}", self.user), json!({"itemid": product, "quantity": quantity}))
            }
            Call::OrderAdd => {
                let (number, cvv, year) = self.card;
                let body = json!({
                    "firstname": "Elaine", "lastname": "B", "email": "elaine@example.com", "delivery": "UPS/FEDEX",
                    "address": {"street": "1 Main", "city": "New York", "zip": "10001", "state": "NY", "country": "USA"},
                    "card": {"number": number, "expMonth": 12, "expYear": year, "cvv": cvv},
                    "cart": [{"id": product, "quantity": quantity}],
                });
                (format!("/order/add/{}", self.user), body)
            }
        }
    }

    /// The price of the order.
    pub(crate) fn total(&self) -> Money {
        PRODUCT.price.times(self.quantity)
    }

    /// The Idempotency-Key of a task.
    pub(crate) fn key(&self, task: usize) -> Option<String> {
        self.tasks[task].keyed.then(|| format!("{}-key-{task}", self.user))
    }

    /// Whether the client sends an Idempotency-Key with this call.
    pub(crate) fn keyed(&self, call: Call) -> bool {
        self.tasks.iter().any(|task| task.call == call && task.keyed)
    }
}

impl Task {
    fn new(call: Call, begins: Duration, fates: &mut Fates, fate: &mut Fate) -> Self {
        let begins = begins + fate.millis(0..=1_000);
        let keyed = fate.chance(0.75);
        let attempts = if fates.strikes(fate, Fault::GiveUp) { 1 } else { 12 };
        let patience = fate.millis(300..=20_000);
        let twice = fates.strikes(fate, Fault::Twice);
        let (again, other) = (fates.strikes(fate, Fault::Again), fates.strikes(fate, Fault::Other));
        // Without a key, the same request again would be another order.
        let later = [(again, false), (other, true)];
        let later = later.into_iter().filter(|(does, _)| *does && keyed).map(|(_, other)| other).collect();
        Self {
            call,
            keyed,
            begins,
            attempts,
            patience,
            twice,
            later,
            sent: 0,
            open: Vec::new(),
            tries: 0,
            answered: Vec::new(),
        }
    }

    /// The next request: its number, and whether it asks for something else. `None` if there is nothing to send.
    pub(crate) fn next(&mut self) -> Option<(u32, bool)> {
        let other = if self.answered.is_empty() { false } else { self.later.pop()? };
        let attempt = self.tries;
        self.tries += 1;
        self.sent += u32::from(!other);
        self.open.push(attempt);
        Some((attempt, other))
    }

    /// Ends the wait for an answer. `false` if the client no longer waited.
    pub(crate) fn close(&mut self, attempt: u32) -> bool {
        let before = self.open.len();
        self.open.retain(|open| *open != attempt);
        self.open.len() < before
    }

    /// How long the client waits before its next request. `None` if there is none.
    pub(crate) fn pause(&self, fate: &mut Fate) -> Option<Duration> {
        if !self.answered.is_empty() {
            return (!self.later.is_empty()).then(|| fate.millis(0..=60_000));
        }
        let pause = fate.millis(50..=1_000) * 2_u32.pow(self.tries.min(8));
        (self.tries < self.attempts).then_some(pause.min(LONGEST_PAUSE))
    }
}
