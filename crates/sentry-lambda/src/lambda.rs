//! The two layers for `lambda_runtime`.
//!
//! The outer layer, [`Sentry::layer`], wraps everything that the runtime does with an invocation. It begins with the
//! event. It ends after the response has been posted and before the next event is asked for, and flushes there. The
//! inner layer, [`Sentry::handler`], wraps the handler and sees its result.

mod cloudwatch;
mod cron;
mod facts;
mod handler;
mod http;
mod invocation_future;
mod memory;
mod outline;
mod sigterm;
mod timeout;
mod trigger;

use std::panic::Location;
use std::task::{Context, Poll};

use lambda_runtime::LambdaInvocation;
use tower::{Layer, Service};

pub use self::cron::Cron;
pub use self::handler::{Boxed, Handler, HandlerError, Plain};
pub use self::invocation_future::InvocationFuture;
use crate::init::Sentry;

impl Sentry {
    /// Makes the outer layer, for [`Runtime::layer`](lambda_runtime::Runtime::layer).
    ///
    /// It gives each invocation a hub, a trace, a transaction, contexts and tags. It captures the timeout warning,
    /// and it flushes after the response.
    pub fn layer(&self) -> InvocationLayer {
        InvocationLayer { sentry: self.clone() }
    }

    /// Wraps the handler, to report its result. An `Err` is captured with its whole chain. A 5xx response is an
    /// event, a 4xx response is a breadcrumb.
    ///
    /// The service takes [`LambdaEvent`](lambda_runtime::LambdaEvent)s, or [`http::Request`](::http::Request)s within
    /// the adapter of `lambda_http`. Its error is a boxed error or any error type. The answer to Lambda does not
    /// change.
    #[track_caller]
    pub fn handler<S, K>(&self, service: S) -> Handler<S, K> {
        let location = Location::caller();
        if let Some(shared) = &self.inner {
            let _ = shared.handler_at.set(location);
        }
        Handler::new(service, location)
    }
}

/// The layer that [`Sentry::layer`] makes.
#[derive(Clone, Debug)]
pub struct InvocationLayer {
    sentry: Sentry,
}

impl<S> Layer<S> for InvocationLayer {
    type Service = InvocationService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InvocationService { inner, sentry: self.sentry.clone() }
    }
}

/// The service that [`InvocationLayer`] makes.
#[derive(Clone, Debug)]
pub struct InvocationService<S> {
    inner: S,
    sentry: Sentry,
}

impl<S> Service<LambdaInvocation> for InvocationService<S>
where
    S: Service<LambdaInvocation, Response = (), Error = lambda_runtime::Error>,
{
    type Response = ();
    type Error = lambda_runtime::Error;
    type Future = InvocationFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let started = self.sentry.inner.as_ref().and_then(|shared| {
            let facts = facts::Facts::new(&invocation, shared);
            Some((facts.start()?, facts, shared.clone()))
        });
        let Some((started, facts, shared)) = started else {
            let context = &invocation.context;
            let function = context.env_config.function_name.as_str();
            let span = tracing::error_span!("unit", function, request_id = context.request_id.as_str());
            return InvocationFuture::disabled(span.in_scope(|| self.inner.call(invocation)), span.clone());
        };
        // `call` runs in the unit, because it may do work itself, such as deserializing the event.
        let work = started.enter(|| self.inner.call(invocation));
        InvocationFuture::new(started.bind(work), facts, shared)
    }
}
