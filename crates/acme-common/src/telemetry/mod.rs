//! How the shop reports to the log and to Sentry: the set-up, the steps of an order, errors, traces.

mod capture_success;
mod error;
mod options;
mod step;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;

pub use sentry_lambda::ErrorSite;

pub use capture_success::CaptureSuccess;
pub use error::{capture_error, chain};
pub use options::{DSN_DEADLINE, DSN_PARAMETER, Parameters, options};
pub use step::{Step, about_order, failure, step, warning};
pub use trace::Trace;

pub(crate) use error::capture_error_as;
