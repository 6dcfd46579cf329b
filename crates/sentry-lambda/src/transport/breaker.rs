//! The circuit breaker: with Sentry down, one invocation waits for the bound, and the next ones hardly wait.

use std::time::{Duration, SystemTime};

/// The number of quick failures (refused, reset, 5xx) that opens the circuit.
const FAILURES: u32 = 3;
/// The longest wait between probes.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Breaker {
    failures: u32,
    first_wait: Duration,
    wait: Duration,
    /// When the next probe may go, if the circuit is open.
    open_until: Option<SystemTime>,
}

/// What may be sent now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    All,
    /// One envelope, to see whether Sentry is back.
    Probe,
    Nothing,
}

impl Breaker {
    pub(crate) fn new(first_wait: Duration) -> Self {
        Self { failures: 0, first_wait, wait: first_wait, open_until: None }
    }

    pub(crate) fn permit(&self, now: SystemTime) -> Permit {
        match self.open_until {
            None => Permit::All,
            // A clock set back must not keep the circuit open.
            Some(until) if until.duration_since(now).is_ok_and(|left| !left.is_zero() && left <= LONGEST) => {
                Permit::Nothing
            }
            Some(_) => Permit::Probe,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    /// Lets the next probe go at once.
    pub(crate) fn probe_now(&mut self, now: SystemTime) {
        self.open_until = self.open_until.map(|_| now);
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::new(self.first_wait);
    }

    /// Counts a failure. One that cost the whole bound opens the circuit by itself.
    pub(crate) fn failed(&mut self, cost_the_bound: bool, now: SystemTime) {
        self.failures += 1;
        if self.is_open() {
            self.wait = (self.wait * 2).min(LONGEST);
        } else if !cost_the_bound && self.failures < FAILURES {
            return;
        }
        self.open_until = now.checked_add(self.wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_three_or_one_costly_failure_and_doubles_its_wait() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let at = |s| start + Duration::from_secs(s);
        let mut breaker = Breaker::new(Duration::from_secs(5));
        breaker.failed(false, start);
        breaker.failed(false, start);
        assert_eq!(breaker.permit(start), Permit::All);
        breaker.failed(false, start);
        assert_eq!(breaker.permit(at(4)), Permit::Nothing);
        assert_eq!(breaker.permit(at(5)), Permit::Probe);
        breaker.failed(false, at(5));
        assert_eq!(breaker.permit(at(14)), Permit::Nothing);
        assert_eq!(breaker.permit(at(15)), Permit::Probe);
        breaker.succeeded();
        assert_eq!(breaker.permit(at(15)), Permit::All);
        breaker.failed(true, at(15));
        assert_eq!(breaker.permit(at(16)), Permit::Nothing);
        // The clock was set back.
        assert_eq!(breaker.permit(SystemTime::UNIX_EPOCH), Permit::Probe);
    }
}
