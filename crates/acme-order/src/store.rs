//! Where orders are kept.

use acme_common::card::SealedCard;
use acme_common::id::{OrderId, UserId};
use acme_common::idempotency::Keyed;
use acme_common::money::Money;
use acme_common::store::{Page, PageRequest, StoreError};
use acme_common::telemetry::Trace;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::order::Order;
use crate::status::Status;

/// How long a sealed card is kept at most, in seconds, should its payment never be settled: a week.
pub const CARD_SECONDS: i64 = 604_800;
/// After how many pushes an order is stuck: it is reported, and pushed less often from then on.
pub const STUCK_AFTER: u32 = 10;
/// How many times longer a stuck order waits for its next push.
const STUCK_WAITS: i32 = 12;
/// How far two clocks of the shop may differ before a time in the future is taken for a clock's mistake.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// The most orders that a sweep is given at once, so that it ends before the next one begins.
pub const MOST_STALLED: usize = 1_000;

/// A store of orders, whose status moves forward only, whatever order the changes come in.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Orders: Send + Sync {
    /// Keeps a new order, its sealed card, and the answer under its Idempotency-Key, in one transaction: all or nothing.
    /// From then on the order ends, whatever becomes of the request that brought it.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the key's claim does not hold any more, or when the store fails.
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError>;

    /// Moves the order forward, if that is forward. `None` if there is no such order. A change to `success` or `error`
    /// settles the payment: the sealed card is deleted, whether or not the order moved.
    ///
    /// # Errors
    /// When the store fails; the order may have moved then.
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

    /// Orders that are not at their end and [stand still](Stillness::holds): at most [`MOST_STALLED`], those that are left
    /// are found once these were pushed. One that cannot be read is reported and left out.
    ///
    /// # Errors
    /// When the store fails.
    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError>;

    /// Counts a push of a stalled order at `now`, so that it stands still only after another while. `false` when the order
    /// moved or was pushed by another sweep since it was found.
    ///
    /// # Errors
    /// When the store fails.
    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError>;
}

/// A new order with all that is kept beside it.
#[derive(Debug, Clone, Copy)]
pub struct NewOrder<'a> {
    /// The order, whose payment is pending.
    pub order: &'a Order,
    /// The card that its payment is requested with.
    pub card: &'a SealedCard,
    /// The trace in which it was placed.
    pub trace: &'a Trace,
    /// The answer under the client's Idempotency-Key, if there is one.
    pub keyed: Option<&'a Keyed>,
}

/// When an order stands still: whoever was to take the next step had its time, or the order's time cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stillness {
    /// The time of the sweep.
    pub now: Timestamp,
    /// How long a step may take.
    pub after: SignedDuration,
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
    /// When it was last touched: its last change or push, by the clock of whoever did it.
    pub touched: Timestamp,
    /// Since when it has its status.
    pub since: Timestamp,
    /// How often it was pushed since then.
    pub pushes: u32,
    /// The way of delivery.
    pub delivery: String,
    /// What it costs.
    pub total: Money,
    /// The card to pay with, while the payment is pending. One that is gone is [lost](SealedCard::lost).
    pub card: Option<SealedCard>,
    /// The trace in which it was placed.
    pub trace: Trace,
}

impl Stillness {
    /// Whether an order that was last touched at `touched`, and was pushed `pushes` times since its last change, stands
    /// still. A time in the future was written by a clock that was ahead, and would hide the order until then.
    pub fn holds(&self, touched: Timestamp, pushes: u32) -> bool {
        let stuck = pushes >= STUCK_AFTER;
        touched <= if stuck { self.stuck_before() } else { self.before() } || touched > self.future()
    }

    /// An order that was last touched then or earlier stands still.
    pub fn before(&self) -> Timestamp {
        // No order can be older than the clock's minimum.
        self.now.checked_sub(self.after).unwrap_or(Timestamp::MIN)
    }

    /// An order that is stuck, and was last touched then or earlier, stands still.
    pub fn stuck_before(&self) -> Timestamp {
        let waits = self.after.checked_mul(STUCK_WAITS).unwrap_or(SignedDuration::MAX);
        self.now.checked_sub(waits).unwrap_or(Timestamp::MIN)
    }

    /// No order can have been touched later than this.
    pub fn future(&self) -> Timestamp {
        self.now.checked_add(SKEW).unwrap_or(Timestamp::MAX)
    }
}
