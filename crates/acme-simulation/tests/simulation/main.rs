//! Tests of the simulation itself: a seed repeats, today's shop holds its invariants, and a broken shop is found.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "for tests")]

mod broken;
mod finds;
mod settings;
mod shrinks;
mod stores;

use acme_simulation::{Config, Part, Store, Watch, simulate};

/// The most important test: without it, no seed means anything.
#[test]
fn the_same_seed_gives_the_same_history_byte_for_byte() {
    let watched = Part { watch: Watch::Everybody, ..Part::whole() };
    for (store, orders) in [(Store::Memory, 60), (Store::DynamoDb, 10)] {
        let config = Config { orders, ..Config::default() };
        let run = |seed| simulate(&config, store, seed, &watched).unwrap();
        let (first, second) = (run(1), run(1));
        assert!(first.history.lines().count() > 100, "{}", first.history);
        assert_eq!(first.history, second.history, "{store}");
        assert_eq!((first.stats, first.faults), (second.stats, second.faults));
        assert_ne!(first.history, run(2).history);
    }
}

/// A small run of `make simulate`.
#[test]
fn nothing_is_lost_and_nothing_done_twice() {
    for (store, orders, seeds) in [(Store::Memory, 150, 3), (Store::DynamoDb, 20, 1)] {
        let config = Config { orders, ..Config::default() };
        for seed in 1..=seeds {
            let run = simulate(&config, store, seed, &Part::whole()).unwrap();
            assert_eq!(run.violation, None, "{}", config.command(seed, store));
            assert!(run.stats.crashes > 0 && run.stats.pushes > 0, "{:?}", run.stats);
        }
    }
}
