//! One call of a store or of the bus. The director decides when it happens and whether it fails.

use acme_common::store::StoreError;

use crate::stage::{Point, Verdict, wait};

/// Waits for the director, then makes the call `work` with the director's verdict. A refused call does nothing and
/// returns `refused`. A call whose answer is lost is done and returns `unknown`.
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

/// The error of a throttled call of a store. Nothing was done.
pub(crate) fn throttled() -> StoreError {
    StoreError::unavailable("throttled")
}

/// The error of a write that was sent and whose answer was lost.
pub(crate) fn unanswered() -> StoreError {
    StoreError::OutcomeUnknown("no answer came".into())
}
