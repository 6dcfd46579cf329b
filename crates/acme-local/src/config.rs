//! How the shop is run: from the environment, each fault named.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use acme_common::time;
use acme_http::AuthMode;

/// What `acme-local` says when it is not understood.
pub const USAGE: &str = "\
acme-local runs the whole shop on this machine.

  --memory           keep nothing: the database is gone when the process ends
  --seed             run nothing: put the demo data into the deployed table that TABLE_NAME and AWS_* name; STAFF_PASSWORD
                     is what the user staff gets there

  HOST               where to listen; 127.0.0.1
  PORT               where to listen, 0 for any free port; 8080
  DATA_DIR           where the database and the keys are kept; .acme
  AUTH_MODE          1: tokens are asked for, prices come from the catalog; 0: neither, for demos; 1
  DELIVERY_SECONDS   how long deliveries take, from least to most; 2-5
  SWEEP_AFTER_SECONDS  how long an order may stand still before it is given a push; 60
  SENTRY_DSN, STAGE, VERSION, SENTRY_TRACES_SAMPLE_RATE, SENTRY_SPOTLIGHT   what is told to Sentry";

/// How the shop is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub host: IpAddr,
    /// Where to listen; 0 for any free port.
    pub port: u16,
    /// Where everything is kept.
    pub database: Database,
    /// Whether tokens are asked for.
    pub auth_mode: AuthMode,
    /// Whether only a deployed table is to be seeded.
    pub seed: bool,
    /// How many seconds deliveries take.
    pub delivery_seconds: RangeInclusive<u64>,
    /// How long an order may stand still.
    pub sweep_after: Duration,
}

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// Nowhere: it is gone with the process.
    Memory,
    /// In this directory.
    Directory(PathBuf),
}

/// A setting that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {expected}")]
pub struct BadSetting {
    name: String,
    expected: &'static str,
}

impl Config {
    /// Reads the arguments and the variables that `var` gives.
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
                _ => return Err(BadSetting { name: arg, expected: "no such argument" }),
            }
        }
        let read = |name: &str, default: &str| {
            var(name).filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
        };
        let bad = |name: &str, expected| BadSetting { name: name.to_owned(), expected };
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
            delivery_seconds: time::delivery_seconds(&read("DELIVERY_SECONDS", "2-5"))
                .ok_or_else(|| bad("DELIVERY_SECONDS", "least-most in seconds, at most 900, such as 2-5"))?,
            sweep_after: read("SWEEP_AFTER_SECONDS", "60")
                .parse()
                .map(|seconds: NonZeroU32| Duration::from_secs(seconds.get().into()))
                .map_err(|_| bad("SWEEP_AFTER_SECONDS", "a number of seconds, at least 1"))?,
        })
    }
}
