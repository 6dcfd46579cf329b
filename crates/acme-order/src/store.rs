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

/// How long a store keeps a sealed card whose payment is never settled: a week, in seconds.
pub const CARD_SECONDS: i64 = 604_800;
/// After this many pushes an order is stuck. The sweep reports it once, and pushes it less often from then on.
pub const STUCK_AFTER: u32 = 10;
/// A stuck order waits this many times longer for its next push.
const STUCK_WAITS: i32 = 12;
/// How far two clocks of the shop may differ. A time that is further in the future is a clock's mistake.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// The most orders that one sweep gets, so that it ends before the next sweep begins.
pub const MOST_STALLED: usize = 1_000;

/// A store of orders. An order's status moves forward only, in whatever order the changes come.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Orders: Send + Sync {
    /// Keeps a new order, its sealed card, and the answer under its Idempotency-Key in one transaction: all of them or
    /// nothing. From then on the order ends, even if the request fails.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the key's claim does not hold any more; another error when the store fails.
    async fn create(&self, new: &NewOrder<'_>) -> Result<(), StoreError>;

    /// Makes the change if it moves the order forward. Returns `None` if there is no such order. A change to `success`
    /// or `error` settles the payment: the store deletes the sealed card, whether or not the order moved.
    ///
    /// # Errors
    /// When the store fails. The order may have moved even then.
    async fn advance(&self, id: &OrderId, change: &Change) -> Result<Option<Advanced>, StoreError>;

    /// A page of the user's orders, newest first.
    ///
    /// # Errors
    /// When the store fails, or when the cursor is not a cursor of this list.
    async fn of_user(&self, user: &UserId, page: &PageRequest) -> Result<Page<Order>, StoreError>;

    /// A page of all orders.
    ///
    /// # Errors
    /// When the store fails, or when the cursor is not a cursor of this list.
    async fn all(&self, page: &PageRequest) -> Result<Page<Order>, StoreError>;

    /// Orders that [stand still](Stillness::holds) and whose status is not final, at most [`MOST_STALLED`]. A later
    /// call finds the rest, once these were pushed. An order that cannot be read is reported and left out.
    ///
    /// # Errors
    /// When the store fails.
    async fn stalled(&self, stillness: &Stillness) -> Result<Vec<Stalled>, StoreError>;

    /// Counts a push of a stalled order at `now`, so that the order stands still only after another wait. Returns
    /// `false` when the order moved, or another sweep pushed it, since it was found.
    ///
    /// # Errors
    /// When the store fails.
    async fn pushed(&self, stalled: &Stalled, now: Timestamp) -> Result<bool, StoreError>;
}

/// A new order, and what the store keeps beside it.
#[derive(Debug, Clone, Copy)]
pub struct NewOrder<'a> {
    /// The order, whose payment is pending.
    pub order: &'a Order,
    /// The sealed card for the request for payment.
    pub card: &'a SealedCard,
    /// The trace in which the order was placed.
    pub trace: &'a Trace,
    /// The answer under the client's Idempotency-Key, if there is one.
    pub keyed: Option<&'a Keyed>,
}

/// When an order stands still: the next step had its time, or the order's time cannot be right.
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
    /// The status that the order moves to.
    pub status: Status,
    /// The payment's transaction, if this step brings one.
    pub transaction_id: Option<String>,
    /// The carrier's number, if this step brings one.
    pub tracking_number: Option<String>,
    /// When the step happened.
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
    /// The order's status.
    pub status: Status,
    /// When the order was last changed or pushed, by the clock of the function that did it.
    pub touched: Timestamp,
    /// When the order got its status.
    pub since: Timestamp,
    /// How often the order was pushed since then.
    pub pushes: u32,
    /// The way of delivery.
    pub delivery: String,
    /// The order's total.
    pub total: Money,
    /// The card to pay with, while the payment is pending. It is [`SealedCard::lost`] when the sealed card is gone.
    pub card: Option<SealedCard>,
    /// The trace in which the order was placed.
    pub trace: Trace,
}

impl Stillness {
    /// Whether an order stands still. `touched` is when it was last changed or pushed, `pushes` how often it was pushed
    /// since its last change. A time in the future comes from a clock that was ahead. It counts as standing still,
    /// because it would hide the order until then.
    pub fn holds(&self, touched: Timestamp, pushes: u32) -> bool {
        let stuck = pushes >= STUCK_AFTER;
        touched <= if stuck { self.stuck_before() } else { self.before() } || touched > self.future()
    }

    /// An order that was last touched at this time or earlier stands still.
    pub fn before(&self) -> Timestamp {
        // No order can be older than the clock's minimum.
        self.now.checked_sub(self.after).unwrap_or(Timestamp::MIN)
    }

    /// A stuck order that was last touched at this time or earlier stands still.
    pub fn stuck_before(&self) -> Timestamp {
        let waits = self.after.checked_mul(STUCK_WAITS).unwrap_or(SignedDuration::MAX);
        self.now.checked_sub(waits).unwrap_or(Timestamp::MIN)
    }

    /// The latest time at which an order can have been touched, if no clock is wrong.
    pub fn future(&self) -> Timestamp {
        self.now.checked_add(SKEW).unwrap_or(Timestamp::MAX)
    }
}
