//! A payment, and how it ended.

use acme_common::event::PaymentResult;
use acme_common::id::OrderId;
use acme_common::money::Money;
use acme_common::random;
use jiff::Timestamp;
use uuid::Uuid;

/// The only payment of an order. It contains nothing of the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The order.
    pub order_id: OrderId,
    /// The amount.
    pub amount: Money,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub at: Timestamp,
}

/// How a payment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The amount was paid.
    Paid {
        /// The transaction.
        transaction_id: Uuid,
    },
    /// Nothing was paid.
    Declined {
        /// Why, in the words of a [`Reason`]. It is text, so that later versions can read records of reasons that they
        /// no longer have.
        reason: String,
    },
}

/// Why a payment was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// The card's last month is over.
    #[error("creditcard has expired")]
    Expired,
    /// The number has a wrong length or check digit, or belongs to no known brand or not to the brand that the card
    /// names.
    #[error("creditcard number is invalid")]
    Number,
    /// The month is not 1 to 12.
    #[error("creditcard expiry is invalid")]
    Expiry,
    /// The CVV does not have as many digits as the brand's CVVs.
    #[error("creditcard CVV is invalid")]
    Cvv,
    /// The card is sealed for another order or with another key, was changed after that, or is gone.
    #[error("creditcard cannot be read")]
    Sealed,
}

impl Outcome {
    /// The outcome of a check: a new transaction, or the reason why there is none.
    pub fn of(checked: Result<(), Reason>) -> Self {
        match checked {
            Ok(()) => Self::Paid { transaction_id: random::uuid() },
            Err(reason) => Self::Declined { reason: reason.to_string() },
        }
    }

    /// The outcome as events and answers write it. `order_id` is `None` for a payment about no order.
    pub fn result(&self, order_id: Option<OrderId>, amount: Money) -> PaymentResult {
        match self {
            Self::Paid { transaction_id } => {
                PaymentResult::accepted(order_id, amount, transaction_id.to_string())
            }
            Self::Declined { .. } => PaymentResult::declined(order_id, amount),
        }
    }
}

impl Payment {
    /// The payment as events and answers write it.
    pub fn result(&self) -> PaymentResult {
        self.outcome.result(Some(self.order_id.clone()), self.amount)
    }
}
