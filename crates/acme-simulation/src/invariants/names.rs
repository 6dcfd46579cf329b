//! The invariants and their names.

use std::time::Duration;

/// A rule that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Invariant {
    NoOrderIsLost,
    PaidOnce,
    ShippedOnce,
    ForwardOnly,
    GoodCardIsPaid,
    BadCardIsDeclined,
    OneKeyOneOrder,
    KeyedAddCountsOnce,
    NothingForNobody,
    DeadLettersArePoison,
    AnswersAsPromised,
    NothingPanics,
    ComesToRest,
    AsTheModel,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub invariant: Invariant,
    /// The client that owns the order, if there is one.
    pub client: Option<u32>,
    /// What was seen.
    pub seen: String,
    /// The time since the run began.
    pub at: Duration,
}

impl Invariant {
    /// The invariant in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoOrderIsLost => "an accepted order is never lost",
            Self::PaidOnce => "an order has at most one payment",
            Self::ShippedOnce => "an order has at most one shipment, and only when it is paid",
            Self::ForwardOnly => "a status never moves back",
            Self::GoodCardIsPaid => "a good card is never declined",
            Self::BadCardIsDeclined => "a bad card never pays",
            Self::OneKeyOneOrder => "one Idempotency-Key gives one order",
            Self::KeyedAddCountsOnce => "a cart add with an Idempotency-Key counts once",
            Self::NothingForNobody => "nothing is emitted for an order that does not exist",
            Self::DeadLettersArePoison => "the dead letters are exactly the poison",
            Self::AnswersAsPromised => "a request is answered as the contract says",
            Self::NothingPanics => "nothing panics",
            Self::ComesToRest => "nothing stands still for good",
            Self::AsTheModel => "at rest the shop is as the model says",
        }
    }
}
