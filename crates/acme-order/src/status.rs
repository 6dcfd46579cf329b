//! The order's status, which moves forward only.

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

    /// The status with this name, or `None`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// How far the order has come. An order moves to a status only when its rank is below
    /// [`reached_from_below`](Self::reached_from_below) of that status. So a store checks the move in one condition.
    pub const fn rank(self) -> u8 {
        match self {
            Status::PendingPayment => 0,
            Status::Success => 1,
            Status::Shipped => 2,
            Status::Delivered => 3,
            // The highest rank, because no status follows an error.
            Status::Error => 4,
        }
    }

    /// An order moves to this status only from a rank below this number. It moves to `error` from pending only.
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

    /// Whether an order with this status knows how its payment ended. Such an order needs its card no more.
    pub const fn has_payment_outcome(self) -> bool {
        matches!(self, Status::Success | Status::Error)
    }

    /// Whether no other status can follow.
    pub const fn is_final(self) -> bool {
        matches!(self, Status::Error | Status::Delivered)
    }
}
