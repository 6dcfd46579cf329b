//! What a failure needs is left of its history, and no more.

use std::time::Duration;

use acme_simulation::{Config, Invariant, Part, Rates, Store, shrink, simulate};

/// An order whose message was lost, in a shop that must come to rest at once.
#[test]
fn a_history_holds_what_the_failure_needs() {
    let rates = Rates { lost: 0.1, reordered: 0.5, carts: 0.0, ..Rates::NONE };
    let config = Config { orders: 50, rates, rest_within: Duration::ZERO, ..Config::default() };
    let violation = simulate(&config, Store::Memory, 1, &Part::whole()).unwrap().violation.unwrap();
    assert_eq!(violation.invariant, Invariant::ComesToRest);
    let shrunk = shrink(&config, Store::Memory, 1, &violation).unwrap();
    let [before, after] = shrunk.faults;
    assert!(shrunk.alone && after < before, "{after} of {before}");
    assert_eq!(shrunk.violation.client, violation.client);
    assert!(shrunk.history.contains("is lost\n"), "{}", shrunk.history);
    assert!(shrunk.history.ends_with(&format!("{}\n", shrunk.violation.seen)), "{}", shrunk.history);
    let again = shrink(&config, Store::Memory, 1, &violation).unwrap();
    assert_eq!(again.history, shrunk.history);
}
