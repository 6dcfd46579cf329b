//! Shortens the history of a failure: leaves out the other clients, and every fault that the failure does not need.

use std::collections::BTreeSet;
use std::error::Error;

use crate::config::{Config, Store};
use crate::director::simulate;
use crate::fates::FaultId;
use crate::history::Watch;
use crate::invariants::Violation;
use crate::run::{Part, Run};

/// The most clients that further runs may simulate to find a shorter history.
const MOST_CLIENTS: u64 = 50_000;
/// The cost of a run with one client, counted in clients. The clock and the sweep go on as in a whole run.
const ALONE: u64 = 50;

/// A failure with the shortest history that was found.
#[derive(Debug)]
pub struct Shrunk {
    /// The failure.
    pub violation: Violation,
    /// What happened to the client.
    pub history: String,
    /// Whether all other clients are left out.
    pub alone: bool,
    /// The number of faults and of the client's optional actions, at first and at the end.
    pub faults: [usize; 2],
}

/// Finds a short history that ends in `violation`. The seed must lead to `violation`.
///
/// # Errors
/// When the stores cannot be made, or the seed does not lead to `violation` again.
pub fn shrink(
    config: &Config,
    store: Store,
    seed: u64,
    violation: &Violation,
) -> Result<Shrunk, Box<dyn Error + Send + Sync>> {
    let watch = violation.client.map_or(Watch::Everybody, Watch::Client);
    let fails = |part: &Part| -> Result<Option<(Violation, Run)>, Box<dyn Error + Send + Sync>> {
        let mut run = simulate(config, store, seed, part)?;
        let broken = run.violation.take_if(|broken| broken.invariant == violation.invariant);
        Ok(broken.map(|broken| (broken, run)))
    };
    let mut part = Part { watch, ..Part::whole() };
    let (mut best, mut run) = fails(&part)?.ok_or("the seed does not lead to the same end again")?;
    if best != *violation {
        return Err(format!("the seed leads to another end: {best:?}").into());
    }
    let mut budget = MOST_CLIENTS;
    let alone = Part { only: violation.client, ..part.clone() };
    let mut cost = u64::from(config.orders);
    if let Some((broken, alone_run)) = fails(&alone)?.filter(|_| violation.client.is_some()) {
        (best, run, part, cost) = (broken, alone_run, alone, ALONE);
    }
    let at_first = run.faults.len();
    let mut chunk = at_first.div_ceil(2);
    while chunk > 0 && budget > cost {
        let mut shorter = false;
        for some in run.faults.clone().chunks(chunk) {
            budget = budget.saturating_sub(cost);
            if budget <= cost {
                break;
            }
            let without: BTreeSet<FaultId> = part.without.iter().chain(some).copied().collect();
            let less = Part { without, ..part.clone() };
            if let Some((broken, less_run)) = fails(&less)? {
                // Without some faults, others may happen. Only a shorter history is wanted.
                if less_run.history.len() < run.history.len() {
                    (best, run, part, shorter) = (broken, less_run, less, true);
                    break;
                }
            }
        }
        if !shorter {
            chunk /= 2;
        }
    }
    let faults = [at_first, run.faults.len()];
    Ok(Shrunk { violation: best, history: run.history, alone: part.only.is_some(), faults })
}
