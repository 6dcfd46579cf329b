//! Failed logins of a username: how many, until when they count, and when they are too many.

use jiff::Timestamp;

/// How many failed logins in one window lock a username.
pub const MAX_FAILURES: u32 = 10;
/// How long a window is, from its first failure, in seconds.
pub const WINDOW_SECONDS: i64 = 15 * 60;

/// The failed logins of a username in one window; none by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many there were.
    pub count: u32,
    /// When the window ends and they are forgotten, in seconds since 1970.
    pub ends: i64,
}

impl Failures {
    /// One failure in a new window.
    pub fn first(now: Timestamp) -> Self {
        Self { count: 1, ends: now.as_second().saturating_add(WINDOW_SECONDS) }
    }

    /// With one failure more: in the same window, or in a new one if it has ended.
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

    /// For how many seconds more the username is locked; `None` when it is not.
    pub fn lock(self, now: Timestamp) -> Option<u64> {
        if self.count < MAX_FAILURES {
            return None;
        }
        u64::try_from(self.ends - now.as_second()).ok().filter(|&s| s > 0)
    }
}
