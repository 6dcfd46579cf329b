//! One call of a store or of the bus, as the director lets it happen.

use acme_common::store::StoreError;

use crate::stage::{Point, Verdict, wait};

/// Makes the call `work` when the director says so, and does to it what the director says. What fails, fails with
/// `refused` where nothing was done, and with `unknown` where it was.
pub(crate) async fn call<T, E>(
    point: Point,
    refused: impl FnOnce() -> E,
    unknown: impl FnOnce() -> E,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match wait(point).await {
        Verdict::Go => work.await,
        Verdict::Refuse => Err(refused()),
        Verdict::LoseAnswer => {
            let _ = work.await;
            Err(unknown())
        }
    }
}

/// A throttled call of a store: nothing was done.
pub(crate) fn throttled() -> StoreError {
    StoreError::unavailable("throttled")
}

/// A write that was sent, and whose answer was lost.
pub(crate) fn unanswered() -> StoreError {
    StoreError::OutcomeUnknown("no answer came".into())
}
