//! A run: which part of it is wanted, and how it went.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use crate::fates::FaultId;
use crate::history::Watch;
use crate::invariants::Violation;

/// Which part of a run is wanted: all of it, or what is left when clients and faults are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The only client, if there is one.
    pub only: Option<u32>,
    /// The faults that do not happen.
    pub without: BTreeSet<FaultId>,
    /// Whose history is kept.
    pub watch: Watch,
}

/// How a run went.
#[derive(Debug)]
pub struct Run {
    /// The first invariant that was found broken, with which the run ended.
    pub violation: Option<Violation>,
    /// What happened to whom was watched.
    pub history: String,
    /// The faults that happened, where a history was kept.
    pub faults: Vec<FaultId>,
    /// What happened how often.
    pub stats: Stats,
}

/// What happened how often.
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
    /// All of the run, and no history.
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
