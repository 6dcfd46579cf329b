//! The settings of a run: its seed, its size, its store, and how often each thing goes wrong.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

/// How long an order may stand still before the sweep pushes it.
pub(crate) const SWEEP_AFTER: Duration = Duration::from_secs(300);
/// How often the sweep runs.
pub(crate) const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// The shortest time over which the clients arrive, so that a small run also has sweeps and jumps of the clock.
const LEAST_SPAN: Duration = Duration::from_secs(600);
/// The time from one client to the next in a large run.
const BETWEEN_CLIENTS: Duration = Duration::from_millis(100);

/// The stores of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// In memory.
    Memory,
    /// The adapter to DynamoDB, with a DynamoDB that is embedded in this process.
    DynamoDb,
}

/// How often each fault happens, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// The share of messages that are sent twice.
    pub duplicates: f64,
    /// The share of messages that are late, so that later ones overtake them.
    pub reordered: f64,
    /// The share of messages that are lost, as after four days in a queue that nobody reads.
    pub lost: f64,
    /// The share of acknowledgements that are lost, so that the message comes again.
    pub lost_acks: f64,
    /// The share of invocations that are killed at one of their steps.
    pub crashes: f64,
    /// The share of steps that are refused. Nothing is done then.
    pub throttles: f64,
    /// The share of writes that are done but answered with an error.
    pub unknown: f64,
    /// The share of steps that hang for many seconds.
    pub hangs: f64,
    /// The share of invocations on a machine whose clock is wrong by up to ten minutes.
    pub skewed: f64,
    /// The share of possible jumps at which the clock of all machines jumps by up to ten minutes.
    pub jumps: f64,
    /// The share of clients that put a poison message on a queue.
    pub poison: f64,
    /// The share of clients that also put something into their cart. This is not a fault.
    pub carts: f64,
}

/// Selects one of the rates.
type Rate = fn(&mut Rates) -> &mut f64;

/// The environment variable of each rate.
const RATES: [(&str, Rate); 12] = [
    ("DUPLICATES", |rates| &mut rates.duplicates),
    ("REORDERED", |rates| &mut rates.reordered),
    ("LOST", |rates| &mut rates.lost),
    ("LOST_ACKS", |rates| &mut rates.lost_acks),
    ("CRASHES", |rates| &mut rates.crashes),
    ("THROTTLES", |rates| &mut rates.throttles),
    ("UNKNOWN", |rates| &mut rates.unknown),
    ("HANGS", |rates| &mut rates.hangs),
    ("SKEWED", |rates| &mut rates.skewed),
    ("JUMPS", |rates| &mut rates.jumps),
    ("POISON", |rates| &mut rates.poison),
    ("CARTS", |rates| &mut rates.carts),
];

/// The settings of one run, or of many runs that differ in their seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The first seed.
    pub seed: u64,
    /// The number of seeds, counted from the first.
    pub seeds: u64,
    /// The number of clients in each run. Each places an order.
    pub orders: u32,
    /// The stores. Each seed runs on each of them.
    pub stores: Vec<Store>,
    /// How often each thing goes wrong.
    pub rates: Rates,
    /// The longest time that an order may stand still after nothing goes wrong any more.
    pub rest_within: Duration,
}

/// A variable with a value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {expected}")]
pub struct BadSetting {
    name: &'static str,
    expected: &'static str,
}

impl Rates {
    /// The rates at which the shop must hold its invariants.
    pub const USUAL: Self = Self {
        duplicates: 0.20,
        reordered: 0.30,
        lost: 0.005,
        lost_acks: 0.02,
        crashes: 0.10,
        throttles: 0.05,
        unknown: 0.02,
        hangs: 0.005,
        skewed: 0.10,
        jumps: 0.50,
        poison: 0.01,
        carts: 0.30,
    };

    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        duplicates: 0.0,
        reordered: 0.0,
        lost: 0.0,
        lost_acks: 0.0,
        crashes: 0.0,
        throttles: 0.0,
        unknown: 0.0,
        hangs: 0.0,
        skewed: 0.0,
        jumps: 0.0,
        poison: 0.0,
        carts: 0.30,
    };
}

impl Default for Config {
    /// One seed of a thousand orders in memory.
    fn default() -> Self {
        Self {
            seed: 1,
            seeds: 1,
            orders: 1_000,
            stores: vec![Store::Memory],
            rates: Rates::USUAL,
            rest_within: SWEEP_AFTER * 2,
        }
    }
}

impl Config {
    /// Reads the settings with `var`, which reads an environment variable. A variable that is not set keeps the
    /// default.
    ///
    /// # Errors
    /// When a variable has a value that cannot be read.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Result<Self, BadSetting> {
        let mut config = Self::default();
        set(&var, "SEED", "a whole number", &mut config.seed)?;
        set(&var, "SEEDS", "a whole number", &mut config.seeds)?;
        set(&var, "ORDERS", "a whole number", &mut config.orders)?;
        if let Some(stores) = var("STORE") {
            let expected = "memory, dynamodb or both";
            config.stores = Store::parse(&stores).ok_or(BadSetting { name: "STORE", expected })?;
        }
        for (name, rate) in RATES {
            let (rate, expected) = (rate(&mut config.rates), "a number from 0 to 1");
            set(&var, name, expected, rate)?;
            if !(0.0..=1.0).contains(rate) {
                return Err(BadSetting { name, expected });
            }
        }
        Ok(config)
    }

    /// The command that repeats one seed on one store.
    pub fn command(&self, seed: u64, store: Store) -> String {
        let (mut ours, mut usual) = (self.rates, Rates::USUAL);
        let unusual: String = RATES
            .into_iter()
            .map(|(name, rate)| (name, *rate(&mut ours), *rate(&mut usual)))
            .filter(|(_, ours, usual)| ours != usual)
            .map(|(name, ours, _)| format!("{name}={ours} "))
            .collect();
        format!("{unusual}SEED={seed} ORDERS={} STORE={store} make simulate", self.orders)
    }

    /// The seeds, in order.
    pub fn seeds(&self) -> Range<u64> {
        self.seed..self.seed.saturating_add(self.seeds)
    }

    /// The time over which the clients arrive.
    pub(crate) fn span(&self) -> Duration {
        LEAST_SPAN.max(BETWEEN_CLIENTS * self.orders)
    }
}

impl Store {
    fn parse(text: &str) -> Option<Vec<Self>> {
        match text {
            "memory" => Some(vec![Self::Memory]),
            "dynamodb" => Some(vec![Self::DynamoDb]),
            "both" => Some(vec![Self::Memory, Self::DynamoDb]),
            _ => None,
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::DynamoDb => "dynamodb",
        })
    }
}

fn set<T: FromStr>(
    var: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    expected: &'static str,
    value: &mut T,
) -> Result<(), BadSetting> {
    if let Some(text) = var(name).filter(|text| !text.is_empty()) {
        *value = text.parse().map_err(|_| BadSetting { name, expected })?;
    }
    Ok(())
}
