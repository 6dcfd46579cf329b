//! Which cards are good: every brand of the contract, every fault, and any input.

use acme_common::card::{Brand, Card, brand_of};
use acme_common::json::{Field, FromJson};
use acme_payment::Reason;
use acme_payment::check::{check, luhn};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{card, now};

/// The brands as the contract lists them: the name, the prefixes, and how many digits a number has.
#[rustfmt::skip]
const BRANDS: &[(&str, &str, (usize, usize))] = &[
    ("Elo", "4011 431274 438935 451416 457393 4576 457631 457632 504175 627780 636297 636368 636369 \
        506699-506778 509000-509999 650031-650051 650405-650439 650485-650538 650541-650598 650700-650718 \
        650720-650727 650901-650920 651652-651679 655000-655019 655021", ANY),
    ("Cabal", "604201-604219", ANY),
    ("Hipercard", "384100 384140 384160 606282 637095 637568 637599 637609 637612", ANY),
    ("American Express", "34 37", ANY),
    ("Bankcard", "5610 560221-560225", ANY),
    ("China UnionPay", "62", ANY),
    ("Diners Club Carte Blanche", "300-305", (15, 15)),
    ("Diners Club Enroute", "2014 2149", ANY),
    ("Diners Club International", "300-305 309 36 38 39", (0, 14)),
    ("Discover", "6011 644-649 65", ANY),
    ("InterPayment", "636", (16, 19)),
    ("InstaPayment", "637-639", (16, 16)),
    ("Maestro", "5018 5020 5038 5612 5893 6304 6759 6761-6763 6390", ANY),
    ("Dankort", "5019", ANY),
    ("Mastercard", "51-55 2221-2720", ANY),
    ("JCB", "35", ANY),
    ("Aura", "50", ANY),
    ("Visa Electron", "4026 417500 4405 4508 4844 4913 4917", ANY),
    ("Visa", "4", ANY),
];
const ANY: (usize, usize) = (0, usize::MAX);

#[test]
fn every_end_of_every_range_is_of_its_brand() {
    for &(name, prefixes, _) in BRANDS {
        for (low, high) in ranges(prefixes) {
            for end in [low, high] {
                let is_of_it = |length| brand_of(&padded(end, length)).map(Brand::name) == Some(name);
                assert!((13..=19).any(is_of_it), "{end} is never of {name}");
            }
            for prefix in [low - 1, low, high, high + 1] {
                (12..=20).for_each(|length| check_number(&padded(prefix, length)));
            }
        }
    }
}

/// Asserts that a number with a right check digit is good exactly if a brand of the contract's list has its prefix and
/// length.
#[track_caller]
fn check_number(number: &str) {
    let is_of = |&&(_, prefixes, (min, max)): &&(&str, &str, (usize, usize))| {
        (min..=max).contains(&number.len())
            && ranges(prefixes).iter().any(|(low, high)| {
                let prefix: u32 = number[..low.to_string().len()].parse().unwrap();
                (*low..=*high).contains(&prefix)
            })
    };
    let brand = BRANDS.iter().find(is_of).map(|(name, ..)| *name);
    assert_eq!(brand_of(number).map(Brand::name), brand, "{number}");

    let cvv = if brand == Some("American Express") { "1234" } else { "123" };
    let card = |claimed| card(json!({"number": number, "type": claimed, "cvv": cvv}));
    let good =
        if brand.is_some() && (13..=19).contains(&number.len()) { Ok(()) } else { Err(Reason::Number) };
    assert_eq!(check(&card(json!(brand)), today()), good, "{number}");
    assert_eq!(check(&card(Value::Null), today()), good, "{number}");
    let other = if brand == Some("Visa") { "JCB" } else { "Visa" };
    assert_eq!(check(&card(json!(other)), today()), Err(Reason::Number), "{number}");
}

#[test]
fn faults_are_found_in_order() {
    let rows = [
        (json!({}), None),
        (json!({"type": "bahubali"}), None),
        (json!({"number": 378_282_246_310_005_u64, "type": "amex", "cvv": "0000"}), None),
        (json!({"expMonth": 12}), None),
        (json!({"expMonth": 1, "expYear": 27}), None),
        (json!({"expMonth": 10}), Some(Reason::Expired)),
        (json!({"expMonth": 12, "expYear": 2025}), Some(Reason::Expired)),
        (json!({"expMonth": 10, "number": "x", "cvv": "x"}), Some(Reason::Expired)),
        (json!({"number": "4111111111111112"}), Some(Reason::Number)),
        (json!({"number": "4111x1111x1111x1111"}), Some(Reason::Number)),
        (json!({"number": "0000000000000000"}), Some(Reason::Number)),
        (json!({"number": "４１１１１１１１１１１１１１１１"}), Some(Reason::Number)),
        (json!({"type": "Mastercard"}), Some(Reason::Number)),
        (json!({"type": "Visa Electron"}), Some(Reason::Number)),
        (json!({"number": "x", "expMonth": 13, "cvv": "x"}), Some(Reason::Number)),
        (json!({"expMonth": 13}), Some(Reason::Expiry)),
        (json!({"expMonth": 0, "expYear": 2027}), Some(Reason::Expiry)),
        (json!({"expMonth": 9999, "expYear": 9999, "cvv": "x"}), Some(Reason::Expiry)),
        (json!({"cvv": "1234"}), Some(Reason::Cvv)),
        (json!({"cvv": "12"}), Some(Reason::Cvv)),
        (json!({"cvv": "12x"}), Some(Reason::Cvv)),
        (json!({"cvv": "１"}), Some(Reason::Cvv)),
        (json!({"number": "378282246310005", "type": "amex"}), Some(Reason::Cvv)),
    ];
    for (members, fault) in rows {
        let checked = check(&card(members.clone()), today());
        assert_eq!(checked.err(), fault, "{members}");
    }
}

#[test]
fn reasons_have_the_words_that_clients_know() {
    for (reason, text) in [
        (Reason::Expired, "creditcard has expired"),
        (Reason::Number, "creditcard number is invalid"),
        (Reason::Expiry, "creditcard expiry is invalid"),
        (Reason::Cvv, "creditcard CVV is invalid"),
        (Reason::Sealed, "creditcard cannot be read"),
    ] {
        assert_eq!(reason.to_string(), text);
    }
}

proptest! {
    #[test]
    fn no_input_panics(
        number in ".{0,40}", digits in "[0-9]{0,40}", cvv in ".{1,8}", kind in ".{0,64}",
        month in 0..=9999, year in 0..=9999, day in 0..100_000_i32,
    ) {
        luhn(&number);
        brand_of(&number);
        for number in [number, digits] {
            let sent = json!({"number": number, "cvv": cvv, "type": kind, "expMonth": month, "expYear": year});
            if let Ok(card) = Card::from_json(&Field::root(&sent)) {
                let _ = check(&card, Date::MIN.saturating_add(day.days()));
                let _ = check(&card, Date::MAX.saturating_sub(day.days()));
            }
        }
    }

    #[test]
    fn one_wrong_digit_breaks_a_number(digits in "[0-9]{12,18}", place in 0..19_usize, by in 1..10_u32) {
        let number = with_check_digit(&digits);
        prop_assert!(luhn(&number));
        let place = place % number.len();
        let wrong = (number[place..=place].parse::<u32>().unwrap() + by) % 10;
        let wrong = format!("{}{wrong}{}", &number[..place], &number[place + 1..]);
        prop_assert!(!luhn(&wrong), "{wrong}");
    }

    #[test]
    fn a_card_is_good_through_the_last_day_of_its_month(year in 2000..9998_i16, month in 1..=12_i8) {
        let card = card(json!({"expYear": year, "expMonth": month}));
        let last = date(year, month, 1).last_of_month();
        prop_assert_eq!(check(&card, last), Ok(()));
        prop_assert_eq!(check(&card, last.tomorrow().unwrap()), Err(Reason::Expired));
    }
}

fn today() -> Date {
    now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The ranges in a row of prefixes. A single prefix is a range of one.
fn ranges(prefixes: &str) -> Vec<(u32, u32)> {
    let range = |text: &str| {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        (low.parse().unwrap(), high.parse().unwrap())
    };
    prefixes.split_whitespace().map(range).collect()
}

/// A number with this length and a right check digit that starts with `prefix`.
fn padded(prefix: u32, length: usize) -> String {
    with_check_digit(&format!("{prefix:0<width$}", width = length - 1))
}

fn with_check_digit(digits: &str) -> String {
    let fits = |number: &String| luhn(number);
    (0..10).map(|digit| format!("{digits}{digit}")).find(fits).unwrap()
}
