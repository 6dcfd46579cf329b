//! The clock of the running function.

use std::cell::Cell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time at which every run begins, in seconds since 1970: 2026-11-23T10:00:00Z.
const BEGIN: i64 = 1_795_428_000;
/// The most that a clock is wrong, in either direction.
pub(crate) const MOST_WRONG: SignedDuration = SignedDuration::from_mins(10);

thread_local! {
    static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::UNIX_EPOCH) };
}

/// The time as the running function sees it. It is the function's `Clock`.
pub(crate) fn now() -> Timestamp {
    NOW.get()
}

/// Sets the clock for what runs next. `now` is the time since the run began. The clock is wrong by the sum of
/// `errors`, at most by [`MOST_WRONG`]. Returns by how much it is wrong.
pub(crate) fn set(now: Duration, errors: [SignedDuration; 2]) -> SignedDuration {
    let wrong = errors.into_iter().sum::<SignedDuration>().clamp(-MOST_WRONG, MOST_WRONG);
    let right = Timestamp::constant(BEGIN, 0) + now;
    NOW.set(right + wrong);
    wrong
}
