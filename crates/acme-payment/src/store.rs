//! Where payments are kept.

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use async_trait::async_trait;

use crate::payment::Payment;

/// A store of payments, at most one per order, which never changes.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Records `payment` unless its order has one. Of many at once exactly one is new, and all return that one.
    ///
    /// # Errors
    /// When the store fails; the payment may have been recorded then.
    async fn record_once(&self, payment: Payment) -> Result<Recorded, StoreError>;

    /// The order's payment.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError>;
}

/// The payment that an order has from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The stored payment, which need not be the one that was to be recorded.
    pub payment: Payment,
    /// Whether it was recorded just now.
    pub new: bool,
}
