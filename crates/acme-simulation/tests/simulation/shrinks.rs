//! A shortened history keeps what the failure needs, and little more.

use std::time::Duration;

use acme_simulation::{Config, Invariant, Part, Rates, Store, shrink, simulate};

/// An order whose message was lost or refused. The shop must be at rest at once, so this is a failure.
#[test]
fn a_history_holds_what_the_failure_needs() {
    let rates = Rates { lost: 0.1, reordered: 0.5, throttles: 0.1, carts: 0.0, ..Rates::NONE };
    let config = Config { orders: 50, rates, rest_within: Duration::ZERO, ..Config::default() };
    let (mut faults, mut left) = (0, 0);
    for seed in 1..=6 {
        let run = simulate(&config, Store::Memory, seed, &Part::whole()).unwrap();
        let Some(violation) = run.violation else { continue };
        assert_eq!(violation.invariant, Invariant::ComesToRest);
        let shrunk = shrink(&config, Store::Memory, seed, &violation).unwrap();
        assert_eq!((shrunk.alone, shrunk.violation.client), (true, violation.client));
        let cause = ["is lost\n", ": throttled\n"].into_iter().find(|cause| shrunk.history.contains(cause));
        assert!(cause.is_some(), "{}", shrunk.history);
        assert!(shrunk.history.ends_with(&format!("{}\n", shrunk.violation.seen)), "{}", shrunk.history);
        assert_eq!(shrink(&config, Store::Memory, seed, &violation).unwrap().history, shrunk.history);
        let [before, after] = shrunk.faults;
        (faults, left) = (faults + before, left + after);
    }
    assert!(0 < left && left < faults, "{left} of {faults}");
}
