//! The simulation itself: the same seed gives the same run, and every invariant can be broken.

#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

use acme_simulation::{Config, Part, Store, Watch, simulate};

/// First of all: without this, no seed means anything.
#[test]
fn the_same_seed_gives_the_same_history_byte_for_byte() {
    let config = Config { orders: 60, ..Config::default() };
    let watched = Part { watch: Watch::Everybody, ..Part::whole() };
    for store in [Store::Memory, Store::DynamoDb] {
        let run = |seed| simulate(&config, store, seed, &watched).unwrap();
        for seed in 1..=3 {
            let (first, second) = (run(seed), run(seed));
            assert!(first.history.lines().count() > 100);
            assert_eq!(first.history, second.history, "seed {seed} on {store}");
            assert_eq!((first.stats, first.faults), (second.stats, second.faults));
        }
        assert_ne!(run(1).history, run(2).history);
    }
}
