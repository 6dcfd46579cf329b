//! A model check of the life of an order: every interleaving of its functions, within small bounds. It has crashes,
//! lost answers, duplicates, late and lost messages, clients that repeat their requests, and sweeps at any time.
//!
//! The simulation runs the real code on some interleavings. This test runs a small model on all of them. The model
//! uses the real ranks of the statuses.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "for tests")]

mod functions;
mod life;
mod state;

use std::collections::BTreeSet;
use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

use life::{Bounds, Guards, Life};

/// The bounds are small, so that every test run can check them. `WIDE=1` is for `make model-check`.
fn bounds() -> Bounds {
    if std::env::var_os("WIDE").is_some() {
        return Bounds { requests: 2, faults: 2, duplicates: 2, losses: 1, sweeps: 1, at_once: 2 };
    }
    Bounds { requests: 2, faults: 1, duplicates: 1, losses: 1, sweeps: 1, at_once: 2 }
}

fn check(name: &str, life: Life) {
    let begin = Instant::now();
    let checker = life.checker().threads(2).spawn_dfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("{name}: {states} states, {depth} deep, in {:.1} s", begin.elapsed().as_secs_f64());
    checker.assert_properties();
}

#[test]
fn a_good_card_is_paid_shipped_and_delivered_once() {
    check("good card", Life { good_cards: vec![true], bounds: bounds(), guards: Guards::ALL });
}

#[test]
fn a_bad_card_ends_as_error_and_is_never_shipped() {
    check("bad card", Life { good_cards: vec![false], bounds: bounds(), guards: Guards::ALL });
}

#[test]
fn two_orders_do_not_disturb_each_other() {
    let bounds = Bounds { requests: 1, faults: 1, duplicates: 1, losses: 0, sweeps: 0, at_once: 1 };
    check("two orders", Life { good_cards: vec![true, false], bounds, guards: Guards::ALL });
}

/// Every guard is needed: without one of them, the property that it protects breaks.
#[test]
fn each_guard_holds_a_property() {
    for (guard, without, property) in [
        ("record once", Guards { record_once: false, ..Guards::ALL }, "paid at most once"),
        ("book once", Guards { book_once: false, ..Guards::ALL }, "shipped at most once"),
        ("rank", Guards { rank: false, ..Guards::ALL }, "a status only moves forward"),
        ("key", Guards { key: false, ..Guards::ALL }, "one key gives one order"),
        ("outbox", Guards { outbox: false, ..Guards::ALL }, "a good card is never declined"),
        ("sweep", Guards { sweep: false, ..Guards::ALL }, "every order ends"),
        ("emit again", Guards { emit_again: false, ..Guards::ALL }, "every order ends"),
    ] {
        let requests = if without.key { 1 } else { 2 };
        let bounds = Bounds { requests, faults: 1, duplicates: 1, losses: 1, sweeps: 1, at_once: 2 };
        let life = Life { good_cards: vec![true], bounds, guards: without };
        let enough = HasDiscoveries::AllOf(BTreeSet::from([property]));
        let checker = life.checker().finish_when(enough).spawn_bfs().join();
        let found = checker.discoveries();
        let path =
            found.get(property).unwrap_or_else(|| panic!("without {guard}, {property} holds all the same"));
        println!("without {guard}, {property} breaks in {} steps", path.clone().into_actions().len());
    }
}
