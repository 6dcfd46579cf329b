//! Rate limits: which categories Sentry asked us not to send, and until when.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// The limit after a 429 without a header, by Sentry's rules for SDKs.
const BARE_429: Duration = Duration::from_secs(60);
/// A longer limit is a mistake, and is cut to this.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The limits in force. The longest limit wins, even over a later one.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// The end of each category's limit. `""` stands for all categories.
    until: HashMap<String, SystemTime>,
}

impl Limits {
    /// Reads a response's `X-Sentry-Rate-Limits`, with any status. Without it, a 429 limits all categories for the
    /// time in `Retry-After`, or for a minute.
    pub(crate) fn update(
        &mut self,
        status: u16,
        limits: Option<&str>,
        retry_after: Option<&str>,
        now: SystemTime,
    ) {
        let understood = limits.is_some_and(|limits| {
            limits.split(',').filter(|limit| self.parse(limit, now).is_some()).count() > 0
        });
        if !understood && status == 429 {
            let seconds = retry_after.and_then(|value| seconds(value, now));
            self.extend("", seconds.unwrap_or(BARE_429), now);
        }
    }

    /// Reads one limit, `seconds:category;category:scope:...`. No category means all categories.
    fn parse(&mut self, limit: &str, now: SystemTime) -> Option<()> {
        let mut fields = limit.trim().split(':');
        let wait = fields.next().and_then(|s| seconds(s, now))?;
        let categories = fields.next().unwrap_or_default().trim();
        if categories.is_empty() {
            self.extend("", wait, now);
        }
        for category in categories.split(';').map(str::trim).filter(|c| !c.is_empty()) {
            self.extend(category, wait, now);
        }
        Some(())
    }

    fn extend(&mut self, category: &str, wait: Duration, now: SystemTime) {
        let until = now.checked_add(wait.min(LONGEST)).unwrap_or(now);
        let known = self.until.entry(category.to_owned()).or_insert(until);
        *known = until.max(*known);
    }

    /// Whether items of this category must not be sent now.
    pub(crate) fn is_limited(&self, category: &str, now: SystemTime) -> bool {
        ["", category].iter().any(|c| self.until.get(*c).is_some_and(|until| *until > now))
    }
}

/// Reads a number of seconds, possibly with a fraction, or an HTTP date.
fn seconds(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.ceil()).ok();
    }
    use aws_smithy_types::date_time::{DateTime, Format};
    let date = DateTime::from_str(value, Format::HttpDate).ok()?;
    let date = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(date.secs()).ok()?))?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(updates: &[(u16, Option<&str>, Option<&str>)], at: u64, category: &str) -> bool {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let mut limits = Limits::default();
        for (status, header, retry) in updates {
            limits.update(*status, *header, *retry, now);
        }
        limits.is_limited(category, now + Duration::from_secs(at))
    }

    #[test]
    fn headers() {
        let header = Some("10:transaction;error:key, 100:log_item:organization:quota");
        for (updates, at, category, expected) in [
            (vec![(200, header, None)], 9, "error", true),
            (vec![(200, header, None)], 11, "error", false),
            (vec![(429, header, Some("900"))], 11, "error", false),
            (vec![(200, header, None)], 99, "log_item", true),
            (vec![(200, header, None)], 9, "session", false),
            (vec![(200, Some("30::organization"), None)], 29, "anything", true),
            (vec![(429, None, Some("5"))], 4, "error", true),
            (vec![(429, None, Some("5"))], 6, "error", false),
            (vec![(429, None, Some("Sun, 06 Nov 1994 08:49:47 GMT"))], 9, "error", true),
            (vec![(429, None, Some("Sun, 06 Nov 1994 08:49:47 GMT"))], 11, "error", false),
            (vec![(429, None, None)], 59, "error", true),
            (vec![(429, None, None)], 61, "error", false),
            (vec![(429, Some("nonsense"), None)], 59, "error", true),
            (vec![(429, Some("nonsense"), Some("5"))], 6, "error", false),
            (vec![(503, None, Some("5"))], 1, "error", false),
            // The longest wins, in either order.
            (vec![(429, None, Some("100")), (429, None, Some("1"))], 50, "error", true),
            (vec![(200, Some("1:error"), None), (200, Some("100:error"), None)], 50, "error", true),
        ] {
            assert_eq!(after(&updates, at, category), expected, "{updates:?} {at} {category}");
        }
    }
}
