//! Money: read from the results of float sums, exact in every sum, and refused when it is not an amount.

use acme_common::money::Money;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn amounts_are_read() {
    for (text, cents) in [
        ("0", 0),
        ("12", 1_200),
        ("12.", 1_200),
        ("12.5", 1_250),
        ("12.50", 1_250),
        (".5", 50),
        ("0.29", 29),
        ("007.10", 710),
        ("12.5000", 1_250),
        ("0.30000000000000004", 30),
        ("221.27999999999997", 22_128),
        ("0.9999999999", 100),
        ("10000000.00", 1_000_000_000),
    ] {
        assert_eq!(text.parse().map(Money::cents), Ok(cents), "{text}");
    }
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        ".",
        "-1",
        "-0.01",
        "+1",
        "1,5",
        "1 000",
        "1e3",
        "NaN",
        "inf",
        "$1",
        "1.2.3",
        "1.234",
        "0.001",
        "1.999",
        "0.00999",
        "10000000.01",
        "99999999999999999999",
        "9999999999999",
        "1.5x",
        "x",
        "٣",
        "１",
    ] {
        assert!(text.parse::<Money>().is_err(), "{text}");
    }
}

#[test]
fn below_zero_is_zero_and_beyond_all_bounds_is_the_bound() {
    assert_eq!(Money::from_cents(-1), Money::ZERO);
    let most = Money::from_cents(i64::MAX);
    assert_eq!(most.times(u32::MAX), most);
    assert_eq!([most, most].into_iter().sum::<Money>(), most);
    assert_eq!(json!(Money::from_cents(7_376)).to_string(), "73.76");
    assert_eq!(json!(Money::from_cents(400)).to_string(), "4");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(cents in 0..=Money::MAX.cents()) {
        let money = Money::from_cents(cents);
        prop_assert_eq!(money.to_string().parse(), Ok(money));
        prop_assert_eq!(json!(money).to_string().parse(), Ok(money));
    }

    #[test]
    fn numbers_have_two_decimals_at_most_however_large(cents in 0..=1_000_000_000_000_000_i64) {
        let written = json!(Money::from_cents(cents)).to_string();
        let (whole, decimals) = written.split_once('.').unwrap_or((&written, ""));
        prop_assert_eq!(format!("{whole}{decimals:0<2}").parse(), Ok(cents));
    }

    #[test]
    fn sums_of_floats_are_read_exactly(cents in prop::collection::vec(0..100_000_i64, 0..50)) {
        #[allow(clippy::cast_precision_loss, reason = "that is the point")]
        let float: f64 = cents.iter().map(|&c| c as f64 / 100.0).sum();
        let exact: Money = cents.iter().copied().map(Money::from_cents).sum();
        prop_assert_eq!(exact.cents(), cents.iter().sum::<i64>());
        // An empty sum of floats is -0.0 in Rust. No client sends that.
        prop_assert_eq!(json!(float.abs()).to_string().parse(), Ok(exact));
    }

    #[test]
    fn any_text_is_an_amount_or_refused(text in ".*", digits in "[0-9.]{0,40}") {
        for text in [text, digits] {
            if let Ok(money) = text.parse::<Money>() {
                prop_assert!(money <= Money::MAX);
            }
        }
    }
}
