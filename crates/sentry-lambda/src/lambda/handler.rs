//! The inner service: it sees the result of the handler.

use std::error::Error;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lambda_runtime::LambdaEvent;
use sentry::Level;
use tower::Service;

use crate::capture::{Capture, http_status};
use crate::unit_state;

/// The service that [`Sentry::handler`](crate::Sentry::handler) makes. `K` is the kind of its error. The compiler
/// infers it.
#[derive(Debug)]
pub struct Handler<S, K = Boxed> {
    service: S,
    location: &'static Location<'static>,
    kind: PhantomData<fn() -> K>,
}

impl<S: Clone, K> Clone for Handler<S, K> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), ..*self }
    }
}

impl<S, K> Handler<S, K> {
    pub(super) fn new(service: S, location: &'static Location<'static>) -> Self {
        Self { service, location, kind: PhantomData }
    }
}

/// The error of a handler: a boxed error, or any error type.
pub trait HandlerError<K> {
    /// The error itself.
    fn as_error(&self) -> &(dyn Error + 'static);
}

/// The kind of a boxed error, such as [`lambda_runtime::Error`].
#[derive(Debug)]
pub enum Boxed {}

/// The kind of any error type.
#[derive(Debug)]
pub enum Plain {}

impl HandlerError<Boxed> for Box<dyn Error + Send + Sync> {
    fn as_error(&self) -> &(dyn Error + 'static) {
        &**self
    }
}

impl<E: Error + 'static> HandlerError<Plain> for E {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl<S, K, P> Service<LambdaEvent<P>> for Handler<S, K>
where
    S: Service<LambdaEvent<P>>,
    S::Error: HandlerError<K>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = HandlerFuture<S::Future, Event<K>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<P>) -> Self::Future {
        note_called();
        HandlerFuture {
            future: Box::pin(self.service.call(event)),
            location: self.location,
            kind: PhantomData,
        }
    }
}

impl<S, K, B, R> Service<http::Request<B>> for Handler<S, K>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
    S::Error: HandlerError<K>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = HandlerFuture<S::Future, Http<K>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        note_called();
        HandlerFuture {
            future: Box::pin(self.service.call(request)),
            location: self.location,
            kind: PhantomData,
        }
    }
}

fn note_called() {
    if let Some(unit) = unit_state::current() {
        unit.note_handler_called();
    }
}

/// The future of a [`Handler`].
#[derive(Debug)]
pub struct HandlerFuture<F, O> {
    future: Pin<Box<F>>,
    location: &'static Location<'static>,
    kind: PhantomData<fn() -> O>,
}

/// The outcome of an event's handler.
#[derive(Debug)]
pub struct Event<K>(PhantomData<K>);

/// The outcome of a request's handler.
#[derive(Debug)]
pub struct Http<K>(PhantomData<K>);

/// Reports the outcome of a handler.
pub trait Outcome<T, E> {
    /// Reports the outcome in the current unit of work. `location` is where the handler was wrapped.
    fn report(result: &Result<T, E>, location: &'static Location<'static>);
}

impl<K, T, E: HandlerError<K>> Outcome<T, E> for Event<K> {
    fn report(result: &Result<T, E>, location: &'static Location<'static>) {
        if let Err(error) = result {
            Capture::unhandled().level(Level::Error).error(error.as_error(), location);
        }
    }
}

impl<K, R, E: HandlerError<K>> Outcome<http::Response<R>, E> for Http<K> {
    fn report(result: &Result<http::Response<R>, E>, location: &'static Location<'static>) {
        match result {
            Ok(response) => http_status(response.status().as_u16(), location),
            Err(_) => Event::<K>::report(result, location),
        }
    }
}

impl<F, T, E, O> Future for HandlerFuture<F, O>
where
    F: Future<Output = Result<T, E>>,
    O: Outcome<T, E>,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.future.as_mut().poll(cx));
        O::report(&result, self.location);
        Poll::Ready(result)
    }
}
