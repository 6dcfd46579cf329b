//! Cron check-ins of scheduled functions.

use std::time::{Duration, SystemTime};

use sentry::protocol::{
    MonitorCheckIn, MonitorCheckInStatus, MonitorConfig, MonitorIntervalUnit, MonitorSchedule,
};
use sentry::types::random_uuid;
use sentry::{Client, Envelope};

use super::facts::Facts;

/// The schedule of a scheduled function. With it, the first check-in creates the monitor in Sentry.
///
/// Without a schedule, check-ins go to the monitor whose slug is the rule's name.
#[derive(Clone, Debug)]
pub enum Cron {
    /// A crontab expression of five fields.
    Crontab(String),
    /// A rate in minutes.
    Minutes(u64),
}

impl Cron {
    fn config(&self, given: Option<Duration>) -> MonitorConfig {
        let schedule = match self {
            Self::Crontab(value) => MonitorSchedule::Crontab { value: value.clone() },
            Self::Minutes(value) => {
                MonitorSchedule::Interval { value: *value, unit: MonitorIntervalUnit::Minute }
            }
        };
        MonitorConfig {
            schedule,
            checkin_margin: Some(5),
            max_runtime: given.map(|given| given.as_secs().div_ceil(60).max(1)),
            timezone: Some("UTC".into()),
            failure_issue_threshold: None,
            recovery_threshold: None,
        }
    }
}

/// Sends the check-in of an invocation by a timer. `ok` says whether it ended well. Other triggers send none.
pub(super) fn check_in(client: &Client, cron: Option<&Cron>, facts: &Facts, ok: bool) {
    if facts.trigger.kind != "timer" {
        return;
    }
    let took = SystemTime::now().duration_since(facts.began).unwrap_or(Duration::ZERO);
    let check_in = MonitorCheckIn {
        check_in_id: random_uuid(),
        monitor_slug: slug(facts.trigger.schedule.as_deref().unwrap_or(&facts.function)),
        status: if ok { MonitorCheckInStatus::Ok } else { MonitorCheckInStatus::Error },
        environment: client.options().environment.as_deref().map(str::to_owned),
        duration: Some(took.as_secs_f64()),
        monitor_config: cron.map(|cron| cron.config(facts.given)),
    };
    let mut envelope = Envelope::new();
    envelope.add_item(check_in);
    client.send_envelope(envelope);
}

/// Makes a slug by Sentry's rules: lower case, digits, dashes and underscores, at most 50 characters.
fn slug(name: &str) -> String {
    let valid = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' }
    };
    name.chars().map(valid).take(50).collect()
}
