//! Time: one clock type that tests can set, and one way to write an instant.

use std::ops::RangeInclusive;

use jiff::Timestamp;

/// Where "now" comes from: [`Timestamp::now`], or a test's own.
pub type Clock = fn() -> Timestamp;

/// An instant as `2026-11-23T10:00:00.000Z`: always 24 characters, so that text sorts as time does.
pub fn rfc3339(instant: Timestamp) -> String {
    format!("{instant:.3}")
}

/// The longest delivery in seconds: what SQS can delay a message.
const LONGEST_DELIVERY: u64 = 900;

/// Reads `least-most` in seconds, as `DELIVERY_SECONDS` has it, or one number for both; `None` for anything else, and for
/// more than the 900 seconds that SQS can delay a message.
///
/// ```
/// assert_eq!(acme_common::time::delivery_seconds("5-119"), Some(5..=119));
/// assert_eq!(acme_common::time::delivery_seconds("119-5"), None);
/// ```
pub fn delivery_seconds(text: &str) -> Option<RangeInclusive<u64>> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let range = least.trim().parse().ok()?..=most.trim().parse().ok()?;
    (!range.is_empty() && *range.end() <= LONGEST_DELIVERY).then_some(range)
}
