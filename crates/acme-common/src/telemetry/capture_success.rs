//! The setting that decides whether a success is a message in Sentry.

use std::str::FromStr;

use sentry::Integration;

use crate::json::FieldError;

/// Whether a success, such as a payment, is a message in Sentry: the setting `SENTRY_CAPTURE_SUCCESS`, which is on by
/// default. The setting is an integration of the Sentry client. So it belongs to the client and is read once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureSuccess(pub bool);

impl Default for CaptureSuccess {
    fn default() -> Self {
        Self(true)
    }
}

impl FromStr for CaptureSuccess {
    type Err = FieldError;

    /// Reads the value of `SENTRY_CAPTURE_SUCCESS`.
    fn from_str(text: &str) -> Result<Self, FieldError> {
        match text {
            "0" | "false" => Ok(Self(false)),
            "1" | "true" => Ok(Self(true)),
            _ => Err(FieldError::new("SENTRY_CAPTURE_SUCCESS", "0, 1, false or true")),
        }
    }
}

impl Integration for CaptureSuccess {
    fn name(&self) -> &'static str {
        "capture-success"
    }
}

/// Whether the current client captures successes. A client without the setting does.
pub(super) fn is_on() -> bool {
    let is_off = sentry::with_integration(|CaptureSuccess(on): &CaptureSuccess, _| !on);
    !is_off
}
