//! Where orders are kept.

use acme_common::card::SealedCard;
use acme_common::id::{OrderId, UserId};
use acme_common::money::Money;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::order::Order;
use crate::status::Status;

/// How long an Idempotency-Key is remembered, in seconds.
pub const KEY_SECONDS: i64 = 24 * 60 * 60;
/// The most orders that a sweep is given at once, so that it ends before the next one begins.
pub const MOST_STALLED: usize = 1_000;

/// A store of orders, whose status moves forward only, whatever order the changes come in.
///
/// Every implementation passes the suite in `contract`.
#[async_trait]
pub trait Orders: Send + Sync {
    /// Keeps a new order and, in the same step, its Idempotency-Key.
    ///
    /// # Errors
    /// When the store fails; nothing is kept then.
    async fn create(&self, order: &Order, key: Option<&IdempotencyKey>) -> Result<Created, StoreError>;

    /// Notes that the order's payment was requested with `card` at `now`, from when on it counts as standing still. Once
    /// the payment is settled, this does nothing, and the card is forgotten.
    ///
    /// # Errors
    /// When the store fails.
    async fn payment_requested(
        &self,
        id: &OrderId,
        card: &SealedCard,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Moves the order forward, if that is forward. `None` if there is no such order.
    ///
    /// # Errors
    /// When the store fails.
    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError>;

    /// A user's orders, newest first, a page at a time.
    ///
    /// # Errors
    /// When the store fails, or the cursor is not one of its own.
    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError>;

    /// All orders, a page at a time.
    ///
    /// # Errors
    /// When the store fails, or the cursor is not one of its own.
    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError>;

    /// Orders that are not at their end and stand still since `before` or longer: at most [`MOST_STALLED`], those that
    /// are left are found once these were pushed. One that cannot be read is reported and left out.
    ///
    /// # Errors
    /// When the store fails.
    async fn stalled(&self, before: Timestamp) -> Result<Vec<Stalled>, StoreError>;

    /// Notes that a stalled order was given a push at `now`, so that it counts as stalled only after another while.
    /// Returns whether it still stood as it was found.
    ///
    /// # Errors
    /// When the store fails.
    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError>;
}

/// What a client's Idempotency-Key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key; the same key of two users is two keys.
    pub key: String,
    /// What was sent with it.
    pub fingerprint: String,
}

/// What became of a new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is kept.
    New,
    /// The key was used before, with the same content, for this order.
    Before(Box<Order>),
    /// The key was used before, with other content.
    KeyReused,
}

/// A step in an order's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where to.
    pub status: Status,
    /// The payment's transaction, if this step brings one.
    pub transaction_id: Option<String>,
    /// The carrier's number, if this step brings one.
    pub tracking_number: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An order after a [`Change`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advanced {
    /// The order as it stands now.
    pub order: Order,
    /// Whether the change moved it.
    pub moved: bool,
}

/// An order that stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stalled {
    /// The order.
    pub id: OrderId,
    /// Where it stands.
    pub status: Status,
    /// Since when: its last change or push.
    pub since: Timestamp,
    /// The way of delivery.
    pub delivery: String,
    /// What it costs.
    pub total: Money,
    /// The card with which its payment was requested, while that is not settled.
    pub card: Option<SealedCard>,
}
