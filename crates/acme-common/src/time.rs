//! Time: one clock type that tests can set, and one way to write an instant.

use jiff::Timestamp;

/// Where "now" comes from: [`Timestamp::now`], or a test's own.
pub type Clock = fn() -> Timestamp;

/// An instant as `2026-11-23T10:00:00.000Z`: always 24 characters, so that text sorts as time does.
pub fn rfc3339(instant: Timestamp) -> String {
    format!("{instant:.3}")
}
