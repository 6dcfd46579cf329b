//! The order's status, which only ever moves forward.

use serde::Serialize;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples("delivered")))]
pub enum Status {
    /// Placed; its payment is not settled.
    #[serde(rename = "Pending Payment")]
    PendingPayment,
    /// Paid.
    #[serde(rename = "success")]
    Success,
    /// Not paid, and over.
    #[serde(rename = "error")]
    Error,
    /// On its way.
    #[serde(rename = "shipped - pending delivery")]
    Shipped,
    /// Arrived, and over.
    #[serde(rename = "delivered")]
    Delivered,
}

impl Status {
    /// Every status there is.
    pub const ALL: [Status; 5] =
        [Status::PendingPayment, Status::Success, Status::Error, Status::Shipped, Status::Delivered];

    /// The status as the contract writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::PendingPayment => "Pending Payment",
            Status::Success => "success",
            Status::Error => "error",
            Status::Shipped => "shipped - pending delivery",
            Status::Delivered => "delivered",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// How far the order has come. A stored order moves to a status only from a lower rank than
    /// [`reached_from_below`](Self::reached_from_below) says, which a store checks in one condition.
    pub const fn rank(self) -> u8 {
        match self {
            Status::PendingPayment => 0,
            Status::Success => 1,
            Status::Shipped => 2,
            Status::Delivered => 3,
            // Above all others: nothing follows it.
            Status::Error => 4,
        }
    }

    /// The rank below which a stored order must be to move to this status. An order ends as `error` from pending only.
    pub const fn reached_from_below(self) -> u8 {
        match self {
            Status::Error => 1,
            other => other.rank(),
        }
    }

    /// Whether an order at `self` moves to `next`.
    pub const fn moves_to(self, next: Status) -> bool {
        self.rank() < next.reached_from_below()
    }

    /// Whether an order of this status knows how its payment ended, so that its card is needed no more.
    pub const fn has_payment_outcome(self) -> bool {
        matches!(self, Status::Success | Status::Error)
    }

    /// Whether nothing follows.
    pub const fn is_final(self) -> bool {
        matches!(self, Status::Error | Status::Delivered)
    }
}
