//! A run: which part of it is wanted, and its result.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use crate::fates::FaultId;
use crate::history::Watch;
use crate::invariants::Violation;

/// Which part of a run is wanted: the whole run, or what remains without some clients and faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The only client, if all others are left out.
    pub only: Option<u32>,
    /// The faults that must not happen.
    pub without: BTreeSet<FaultId>,
    /// Whose history is kept.
    pub watch: Watch,
}

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// The first broken invariant. The run ends with it.
    pub violation: Option<Violation>,
    /// What happened to the watched client, or to everybody.
    pub history: String,
    /// The faults that happened, if a history was kept.
    pub faults: Vec<FaultId>,
    /// The counters of the run.
    pub stats: Stats,
}

/// Counts of what happened in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Stats {
    pub orders: u64,
    pub accepted: u64,
    pub requests: u64,
    pub deliveries: u64,
    pub duplicates: u64,
    pub steps: u64,
    pub crashes: u64,
    pub throttled: u64,
    pub unknown: u64,
    pub pushes: u64,
    pub jumps: u64,
    pub dead_letters: u64,
    pub mistaken: u64,
}

impl Part {
    /// The whole run, without a history.
    pub fn whole() -> Self {
        Self { only: None, without: BTreeSet::new(), watch: Watch::Nobody }
    }
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.orders += other.orders;
        self.accepted += other.accepted;
        self.requests += other.requests;
        self.deliveries += other.deliveries;
        self.duplicates += other.duplicates;
        self.steps += other.steps;
        self.crashes += other.crashes;
        self.throttled += other.throttled;
        self.unknown += other.unknown;
        self.pushes += other.pushes;
        self.jumps += other.jumps;
        self.dead_letters += other.dead_letters;
        self.mistaken += other.mistaken;
    }
}
