//! Sentry for AWS Lambda functions written in Rust: no event is lost when Lambda freezes the function, and no
//! caller ever waits for Sentry.
//!
//! # In Lambda
//! Call `init` at the start, wrap the handler, and add a layer to the runtime. Handlers need only `sentry`'s own
//! calls. The layer sends what is queued after the response has been posted and before the next event is asked for.
#![cfg_attr(feature = "lambda", doc = "```no_run")]
#![cfg_attr(not(feature = "lambda"), doc = "```ignore")]
//! use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
//! use sentry_lambda::{ErrorSite, Options};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     let sentry = sentry_lambda::init(Options { dsn: std::env::var("SENTRY_DSN").ok(), ..Options::default() });
//!     let handler = sentry.handler(service_fn(handle));
//!     Runtime::new(handler).layer(sentry.layer()).run().await
//! }
//!
//! async fn handle(event: LambdaEvent<String>) -> Result<usize, Error> {
//!     Ok(event.payload.parse::<usize>().here()?) // `here` notes the line that the event shows
//! }
//! ```
//! For HTTP, wrap the request service (an `axum::Router`, a `service_fn`) and give it to the adapter of
//! `lambda_http`: `Runtime::new(Adapter::from(sentry.handler(service))).layer(sentry.layer())`.
//!
//! `return Err(sentry.startup_error(error).await)` captures and sends an error of the start-up.
//!
//! # A batch
//! [`record`] gives each record a hub, a trace and a transaction of its own:
//! ```
//! use sentry_lambda::Record;
//!
//! # async fn work(_: &serde_json::Value) -> Result<(), std::fmt::Error> { Ok(()) }
//! # async fn example(event: serde_json::Value) {
//! let mut failed = Vec::new();
//! for message in event["Records"].as_array().into_iter().flatten() {
//!     let record = Record::from_sqs(message, 5); // the queue's maxReceiveCount
//!     if sentry_lambda::record(record, work(message)).await.is_err() {
//!         failed.push(message["messageId"].clone());
//!     }
//! }
//! # }
//! ```
//!
//! # Without Lambda
//! A server runs each request in its own [`UnitOfWork`], and a worker runs each message in its own.
//! [`Mode::Background`] sends envelopes as they come.
//! ```
//! use std::time::Duration;
//! use sentry_lambda::{ErrorSite, UnitOfWork, Mode, Options};
//!
//! # async fn example(headers: Vec<(String, String)>) {
//! // Once, inside the Tokio runtime that background mode sends on.
//! let sentry = sentry_lambda::init(Options {
//!     dsn: std::env::var("SENTRY_DSN").ok(),
//!     mode: Mode::Background,
//!     ..Options::default()
//! });
//!
//! let answer = UnitOfWork::new("GET /items/{id}", "http.server")
//!     .server_name("item-get") // one process may stand for many functions
//!     .trace_headers(headers)
//!     .run(async {
//!         if let Err(error) = "x".parse::<u32>().here() {
//!             sentry_lambda::capture_error(&error);
//!         }
//!         sentry_lambda::set_http_status(200);
//!         sentry_lambda::trace_headers() // for everything that is sent on
//!     })
//!     .await;
//!
//! sentry.close(Duration::from_secs(2)).await;
//! # }
//! ```
//!
//! # Snippets
//! The build script of one crate packs the sources into the binary. So they survive stripping, and nothing is
//! uploaded:
//! ```ignore
//! // build.rs
//! fn main() -> std::io::Result<()> {
//!     sentry_lambda::build::embed_sources()
//! }
//! // main.rs
//! let options = Options { sources: sentry_lambda::embedded_sources!(), ..Options::default() };
//! ```
//! [`ErrorSite::here`] and the panic hook know file, line and column in any build. With line tables in the binary or
//! beside it, the whole stack has lines. Without line tables, the stack has addresses and the build id, for uploaded
//! debug files.
//!
//! # Scrubbing
//! Before an envelope leaves the process, every item is searched for card numbers, passwords, tokens and similar
//! secrets. See [`scrub`].
//!
//! # Features
//! - `client` (default): capture, scrubbing, hubs, trace headers. No AWS crate is compiled.
//! - `transport`: delivery over the HTTP client of the AWS SDK; `https` adds its TLS stack to the default client.
//! - `lambda`: the two layers for `lambda_runtime`, and a `tracing` span around each unit of work.
//! - `aws-sdk`: the interceptor for AWS SDK clients.
//! - `build`: the build-script helper that embeds the sources.
//! - `logs`, `metrics`: Sentry's structured logs and metrics. Each makes the SDK start a thread.

#![cfg_attr(
    not(feature = "client"),
    allow(rustdoc::broken_intra_doc_links, reason = "what is linked is not built")
)]

#[cfg(feature = "aws-sdk")]
mod aws_sdk;
#[cfg(feature = "client")]
mod capture;
#[cfg(feature = "build")]
mod embed;
#[cfg(feature = "client")]
mod init;
#[cfg(feature = "client")]
mod integration;
#[cfg(feature = "lambda")]
mod lambda;
#[cfg(feature = "client")]
mod log;
#[cfg(feature = "client")]
mod options;
#[cfg(feature = "client")]
mod panic;
#[cfg(feature = "client")]
mod record;
#[cfg(feature = "client")]
pub mod scrub;
#[cfg(feature = "client")]
mod stack;
#[cfg(feature = "client")]
mod trace;
#[cfg(feature = "client")]
mod trail;
#[cfg(feature = "transport")]
mod transport;
#[cfg(feature = "client")]
mod unit;
#[cfg(feature = "client")]
mod unit_state;

#[cfg(feature = "aws-sdk")]
pub use aws_sdk::AwsSdkInterceptor;
#[cfg(feature = "client")]
pub use capture::{capture_error, capture_unhandled, set_http_status};
#[cfg(feature = "client")]
pub use init::{Sentry, Stats, init};
#[cfg(feature = "lambda")]
pub use lambda::{
    Boxed, Cron, Handler, HandlerError, InvocationFuture, InvocationLayer, InvocationService, Plain,
};
#[cfg(feature = "client")]
pub use options::{LastResort, Mode, Options, Spotlight};
#[cfg(feature = "client")]
pub use record::{Record, RecordError, record};
#[cfg(feature = "client")]
pub use trace::{trace_headers, trace_id};
#[cfg(feature = "client")]
pub use trail::ErrorSite;
#[cfg(feature = "client")]
pub use unit::{UnitOfWork, catch_panic};

/// The build-script helper.
#[cfg(feature = "build")]
pub mod build {
    pub use crate::embed::{embed_sources, pack_sources};
}

/// The sources that `build::embed_sources` (feature `build`) packed in this crate's build script. Pass them to
/// [`Options::sources`](crate::Options::sources).
#[macro_export]
macro_rules! embedded_sources {
    () => {
        include_bytes!(env!("SENTRY_LAMBDA_SOURCES")).as_slice()
    };
}
