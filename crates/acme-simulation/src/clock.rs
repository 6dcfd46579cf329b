//! What time the running function takes it for.

use std::cell::Cell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// When every run begins, in seconds since 1970: 2026-11-23T10:00:00Z.
const BEGIN: i64 = 1_795_428_000;
/// The most that a clock is wrong, either way.
pub(crate) const MOST_WRONG: SignedDuration = SignedDuration::from_mins(10);

thread_local! {
    static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::UNIX_EPOCH) };
}

/// The time as the running function sees it: its `Clock`.
pub(crate) fn now() -> Timestamp {
    NOW.get()
}

/// Sets the clock of what runs next: `now` since the run began, and wrong by the sum of `errors`, within bounds.
pub(crate) fn set(now: Duration, errors: [SignedDuration; 2]) -> SignedDuration {
    let wrong = errors.into_iter().sum::<SignedDuration>().clamp(-MOST_WRONG, MOST_WRONG);
    let right = Timestamp::constant(BEGIN, 0) + now;
    NOW.set(right + wrong);
    wrong
}
