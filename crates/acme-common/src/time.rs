//! Time: one type of clock that tests can set, and one way to write a time.

use std::ops::RangeInclusive;

use jiff::Timestamp;

/// Returns the present time: [`Timestamp::now`], or a function of a test.
pub type Clock = fn() -> Timestamp;

/// A time as `2026-11-23T10:00:00.000Z`. It always has 24 characters, so the order of the texts is the order of the
/// times.
pub fn rfc3339(instant: Timestamp) -> String {
    format!("{instant:.3}")
}

/// The longest delivery, in seconds. SQS cannot delay a message for longer.
const LONGEST_DELIVERY: u64 = 900;

/// Reads a range of seconds such as `5-119`, in the form of `DELIVERY_SECONDS`. A single number is both ends. Returns
/// `None` for any other text, and for more than the 900 seconds for which SQS can delay a message.
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
