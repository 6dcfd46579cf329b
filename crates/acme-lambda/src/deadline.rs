//! The deadline of an invocation. Work is given up before Lambda ends the process.
//!
//! A process that Lambda ends answers nobody: its caller keeps waiting, and its whole batch is delivered again. So
//! the work stops a moment earlier, and there is time for an answer.

use std::time::{Duration, SystemTime};

use acme_common::event::Event;
use acme_common::messaging::{ConsumeError, Consumer};
use acme_http::ApiError;
use async_trait::async_trait;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_http::RequestExt;
use lambda_runtime::Context;
use tokio::time::{Instant, timeout_at};

/// The time that is left for an answer. It is shorter than the margin of Sentry's timeout warning, so the warning
/// comes first and names the call that the function waited for.
const FOR_AN_ANSWER: Duration = Duration::from_millis(500);
/// The time that is left to send a message to the dead letters, and to answer for the rest of its batch.
const FOR_A_BATCH: Duration = Duration::from_secs(2);

tokio::task_local! {
    static END: Option<Instant>;
}

/// A consumer that gives up an event when the invocation's time is over.
pub(crate) struct WithDeadline<C>(pub(crate) C);

/// The invocation's time was over. Nobody knows whether the event was handled, so it is delivered again.
#[derive(Debug, thiserror::Error)]
#[error("the function's time was over before the event was handled")]
struct OutOfTime;

#[async_trait]
impl<C: Consumer> Consumer for WithDeadline<C> {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        match END.try_with(|end| *end).ok().flatten() {
            Some(end) => match timeout_at(end, self.0.consume(event)).await {
                Ok(consumed) => consumed,
                Err(_) => Err(ConsumeError::Retry(OutOfTime.into())),
            },
            None => self.0.consume(event).await,
        }
    }
}

/// Runs `work`. Its [`WithDeadline`] consumers stop before the invocation of `context` ends.
pub(crate) async fn with_deadline<T>(context: &Context, work: impl Future<Output = T>) -> T {
    END.scope(end(context, FOR_A_BATCH), work).await
}

/// Answers a request before its invocation ends. If the time is over, the answer says that the outcome is unknown.
pub(crate) async fn answer_in_time(request: Request, next: Next) -> Response {
    let end = request.lambda_context_ref().and_then(|context| end(context, FOR_AN_ANSWER));
    let Some(end) = end else { return next.run(request).await };
    match timeout_at(end, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("the function's time was over before the request was handled");
            ApiError::out_of_time().into_response()
        }
    }
}

/// When the work of an invocation must end. `None` if its deadline has passed, as a local emulator may say.
fn end(context: &Context, margin: Duration) -> Option<Instant> {
    let deadline = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(context.deadline))?;
    let left = deadline.duration_since(SystemTime::now()).ok()?;
    Instant::now().checked_add(left - margin.min(left / 2))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use acme_common::event::ShipmentRequested;
    use acme_common::id::OrderId;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use lambda_http::Service;

    use super::*;

    /// An invocation that ends in this many milliseconds.
    fn invocation(milliseconds: i64) -> Context {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let deadline = i64::try_from(now.as_millis()).unwrap_or_default() + milliseconds;
        let mut context = Context::default();
        context.deadline = u64::try_from(deadline).unwrap_or_default();
        context
    }

    fn ends_in(milliseconds: i64) -> Option<Duration> {
        let end = end(&invocation(milliseconds), FOR_A_BATCH);
        end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// A consumer that never finishes.
    struct Never;

    #[async_trait]
    impl Consumer for Never {
        async fn consume(&self, _: Event) -> Result<(), ConsumeError> {
            pending().await
        }
    }

    /// The output of `work`. It must end, although it waits for something that never comes.
    async fn ended<T>(work: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(10), work).await.unwrap()
    }

    #[tokio::test]
    async fn an_event_is_given_up_when_the_time_is_over() {
        let request = ShipmentRequested { order_id: OrderId::random(), delivery: String::new() };
        let consumed = WithDeadline(Never).consume(Event::ShipmentRequested(request));
        let error = ended(with_deadline(&invocation(100), consumed)).await.unwrap_err();
        let ConsumeError::Retry(cause) = error else { panic!("{error}") };
        assert_eq!(cause.to_string(), "the function's time was over before the event was handled");
    }

    #[tokio::test]
    async fn a_request_is_answered_when_the_time_is_over() {
        let route = Router::new().route("/", get(pending::<()>)).layer(from_fn(answer_in_time));
        let mut app = acme_http::endpoint(route, acme_http::Authorizer::AllowAll);
        let request = Request::new(Body::empty()).with_lambda_context(invocation(100));
        let answer = ended(app.call(request)).await.unwrap();
        assert_eq!(answer.status(), 503);
        let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("the outcome is unknown"), "{body:?}");
    }

    #[test]
    fn work_ends_before_the_invocation_does() {
        let second = Duration::from_secs(1);
        for (deadline, ends) in [(30_000, 28 * second), (2_000, second), (1_000, second / 2)] {
            let left = ends_in(deadline).unwrap_or_default();
            assert!(left <= ends && ends - left < second / 10, "{deadline}: {left:?}");
        }
        assert_eq!(ends_in(-1_000), None);
    }
}
