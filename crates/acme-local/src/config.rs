//! The settings of the shop, from arguments and environment variables. An error names the bad setting.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use acme_common::telemetry::CaptureSuccess;
use acme_common::time;
use acme_http::AuthMode;

/// The help text.
pub const USAGE: &str = "\
Usage: [NAME=value ...] acme-local [--memory | --seed]

Runs the whole shop on this machine. Defaults are in brackets.

  --memory   keeps no data: the database is gone when the process ends
  --seed     does not run the shop, but adds the demo data to the deployed table that TABLE_NAME names; STAFF_PASSWORD
             is the password of the user staff there, and AWS_REGION, AWS_ACCESS_KEY_ID and so on give access to AWS
  --help     prints this text

  HOST                       the IP address to listen on (127.0.0.1)
  PORT                       the port to listen on; 0 takes any free port (8080)
  DATA_DIR                   the folder for the database and the keys (.acme)
  AUTH_MODE                  1: the shop asks for tokens, and prices come from the catalog;
                             0: everything is open, and prices come from the client (1)
  DELIVERY_SECONDS           how long a delivery takes: shortest-longest in seconds, at most 900 (2-5)
  SWEEP_AFTER_SECONDS        how long an order may wait before the sweep repeats its event (60)
  SENTRY_DSN                 the Sentry project that gets errors (none)
  SENTRY_CAPTURE_SUCCESS     1: each good order is a message in Sentry; 0: it is none (1)
  SENTRY_TRACES_SAMPLE_RATE  the share of traces that Sentry gets (1.0)
  SENTRY_SPOTLIGHT           1, or the URL of a Spotlight that gets a copy (none)
  STAGE                      the environment in Sentry (none)
  VERSION                    the release in Sentry: the full SHA of a commit (none)";

/// The settings of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes any free port.
    pub port: u16,
    /// The database.
    pub database: Database,
    /// Whether the shop asks for tokens.
    pub auth_mode: AuthMode,
    /// Whether to add the demo data to a deployed table, and not to run the shop.
    pub seed: bool,
    /// How many seconds a delivery takes.
    pub delivery_seconds: RangeInclusive<u64>,
    /// How long an order may wait before the sweep repeats its event.
    pub sweep_after: Duration,
    /// Whether a success is a message in Sentry.
    pub capture_success: CaptureSuccess,
}

/// The place of all data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In memory. All data is gone when the process ends.
    Memory,
    /// In this directory.
    Directory(PathBuf),
}

/// An argument or a variable that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// There is no such argument.
    #[error("unknown argument `{0}`")]
    Argument(String),
    /// The variable has a bad value.
    #[error("{name}: expected {expected}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What would be right.
        expected: &'static str,
    },
}

impl Config {
    /// Reads the arguments, and the variables through `var`.
    ///
    /// # Errors
    /// The first setting that cannot be read.
    pub fn from_env(
        args: impl Iterator<Item = String>,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BadSetting> {
        let (mut memory, mut seed) = (false, false);
        for arg in args {
            match arg.as_str() {
                "--memory" => memory = true,
                "--seed" => seed = true,
                _ => return Err(BadSetting::Argument(arg)),
            }
        }
        let read = |name: &str, default: &str| {
            var(name).filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
        };
        let bad = |name, expected| BadSetting::Variable { name, expected };
        Ok(Self {
            host: read("HOST", "127.0.0.1").parse().map_err(|_| bad("HOST", "an IP address"))?,
            port: read("PORT", "8080").parse().map_err(|_| bad("PORT", "a number from 0 to 65535"))?,
            database: if memory {
                Database::Memory
            } else {
                Database::Directory(read("DATA_DIR", ".acme").into())
            },
            auth_mode: read("AUTH_MODE", "1").parse().map_err(|_| bad("AUTH_MODE", "0 or 1"))?,
            seed,
            delivery_seconds: time::delivery_seconds(&read("DELIVERY_SECONDS", "2-5")).ok_or_else(|| {
                bad("DELIVERY_SECONDS", "shortest-longest in seconds, at most 900, such as 2-5")
            })?,
            sweep_after: read("SWEEP_AFTER_SECONDS", "60")
                .parse()
                .map(|seconds: NonZeroU32| Duration::from_secs(seconds.get().into()))
                .map_err(|_| bad("SWEEP_AFTER_SECONDS", "a number of seconds, at least 1"))?,
            capture_success: read("SENTRY_CAPTURE_SUCCESS", "1")
                .parse()
                .map_err(|_| bad("SENTRY_CAPTURE_SUCCESS", "0, 1, false or true"))?,
        })
    }
}
