//! Where payments are kept.

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use async_trait::async_trait;

use crate::payment::Payment;

/// A store of payments. An order has at most one payment, and a payment never changes.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Records `payment` unless its order already has a payment. Of many calls at once exactly one records its payment,
    /// and all return that payment.
    ///
    /// # Errors
    /// When the store fails. The payment may have been recorded even then.
    async fn record_once(&self, payment: Payment) -> Result<Recorded, StoreError>;

    /// The order's payment, or `None`.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError>;
}

/// The payment that an order has from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The stored payment. It may be another payment than the one in the call.
    pub payment: Payment,
    /// Whether this call recorded it.
    pub new: bool,
}
