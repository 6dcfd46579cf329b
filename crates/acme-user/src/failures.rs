//! The failed logins of a username: their number, how long they count, and when they lock the username.

use jiff::Timestamp;

/// The number of failed logins in one window that locks a username.
pub const MAX_FAILURES: u32 = 10;
/// The length of a window in seconds, from its first failure.
pub const WINDOW_SECONDS: i64 = 15 * 60;

/// The failed logins of a username in one window. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// The number of failures.
    pub count: u32,
    /// When the window ends, in seconds since 1970. The failures do not count any more then.
    pub ends: i64,
}

impl Failures {
    /// One failure in a new window.
    pub fn first(now: Timestamp) -> Self {
        Self { count: 1, ends: now.as_second().saturating_add(WINDOW_SECONDS) }
    }

    /// The failures with one more: in the same window, or in a new window if the old one has ended.
    #[must_use]
    pub fn and_one(self, now: Timestamp) -> Self {
        if self.count == 0 || self.is_over(now) {
            return Self::first(now);
        }
        Self { count: self.count.saturating_add(1), ..self }
    }

    /// Whether the window has ended.
    pub fn is_over(self, now: Timestamp) -> bool {
        self.ends <= now.as_second()
    }

    /// How many seconds the username is still locked. `None` if it is not locked.
    pub fn lock(self, now: Timestamp) -> Option<u64> {
        if self.count < MAX_FAILURES {
            return None;
        }
        u64::try_from(self.ends - now.as_second()).ok().filter(|&s| s > 0)
    }
}
