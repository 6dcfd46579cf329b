//! Every invariant can break. If the shop lacks one guard, the simulation finds it by the invariant that the guard
//! protects.

use acme_simulation::{Config, Invariant, Part, Rates, simulate_on};

use super::broken::Fault;
use super::stores::with;

/// Messages come twice, in another order and again. Nothing else goes wrong.
const MILD: Rates =
    Rates { duplicates: 0.3, reordered: 0.5, lost_acks: 0.1, poison: 0.1, carts: 0.0, ..Rates::NONE };
const CARTS: Rates = Rates { carts: 1.0, ..MILD };

#[test]
fn a_shop_without_a_guard_is_found_out() {
    for (fault, rates, invariant) in [
        (Fault::StatusWithoutRank, MILD, Invariant::ForwardOnly),
        (Fault::OrderWithoutKey, MILD, Invariant::OneKeyOneOrder),
        (Fault::OrderNotKept, MILD, Invariant::NothingForNobody),
        (Fault::EndedOrdersHidden, MILD, Invariant::NoOrderIsLost),
        (Fault::SweepIsBlind, Rates { lost: 0.1, ..MILD }, Invariant::ComesToRest),
        (Fault::PaymentNotOnce, MILD, Invariant::PaidOnce),
        (Fault::PaidIsDeclined, MILD, Invariant::GoodCardIsPaid),
        (Fault::DeclinedIsPaid, MILD, Invariant::BadCardIsDeclined),
        (Fault::PaymentsAreAway, MILD, Invariant::DeadLettersArePoison),
        (Fault::ShipmentNotOnce, MILD, Invariant::ShippedOnce),
        (Fault::DeliveryNotKept, MILD, Invariant::AsTheModel),
        (Fault::AddCountsTwice, CARTS, Invariant::KeyedAddCountsOnce),
        (Fault::CartsAreBad, CARTS, Invariant::AnswersAsPromised),
    ] {
        let config = Config { orders: 40, rates, ..Config::default() };
        let found: Vec<_> = (1..=3)
            .filter_map(|seed| simulate_on(with(fault), &config, seed, &Part::whole()).unwrap().violation)
            .map(|violation| violation.invariant)
            .collect();
        assert!(found.contains(&invariant), "{fault:?} is found out as {found:?}");
    }
}

#[test]
fn a_panic_is_found() {
    let config = Config { orders: 5, rates: Rates::NONE, ..Config::default() };
    let run = simulate_on(with(Fault::ShipmentsPanic), &config, 1, &Part::whole()).unwrap();
    let violation = run.violation.unwrap();
    assert_eq!(
        (violation.invariant, &*violation.seen),
        (Invariant::NothingPanics, "shipment-send: told to panic")
    );
}

/// A check of the test itself: without a broken guard, the same rates find nothing.
#[test]
fn a_shop_with_all_guards_is_not() {
    let config = Config { orders: 40, rates: MILD, ..Config::default() };
    for seed in 1..=3 {
        let run = simulate_on(with(Fault::None), &config, seed, &Part::whole()).unwrap();
        assert_eq!(run.violation, None, "seed {seed}");
    }
}
