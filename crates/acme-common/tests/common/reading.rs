//! Liberal reading: what counts as text, a number, an amount or true, where a value is found, and what is refused.

use std::fmt::Debug;

use acme_common::event::Event;
use acme_common::id::OrderId;
use acme_common::json::{Field, FieldError, from_slice};
use acme_common::money::Money;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::read;

/// Reads the value of each row as the member `x` of an object. `None` means an error that names `x`.
#[track_caller]
fn check<T: PartialEq + Debug>(
    read: impl Fn(&Field<'_>) -> Result<T, FieldError>,
    rows: impl IntoIterator<Item = (Value, Option<T>)>,
) {
    for (value, expected) in rows {
        let got = read(&Field::root(&json!({"x": value})).get("X"));
        match (&got, &expected) {
            (Err(error), None) => assert_eq!(error.field, "X"),
            _ => assert_eq!(got.as_ref().ok(), expected.as_ref(), "{value}"),
        }
    }
}

#[test]
fn values_are_read_liberally() {
    let text = |text: &str| Some(text.to_owned());
    check(
        |field| field.text(4),
        [
            (json!("abcd"), text("abcd")),
            (json!("éééé"), text("éééé")),
            (json!(12), text("12")),
            (json!(true), text("true")),
            (json!(" a "), text(" a ")),
            (json!("abcde"), None),
            (json!(12345), None),
            (json!(""), None),
            (json!(null), None),
            (json!([]), None),
            (json!({}), None),
        ],
    );
    check(
        |field| field.text_or_empty(1),
        [(json!(null), text("")), (json!(""), text("")), (json!("ab"), None), (json!([1]), None)],
    );
    check(
        |field| field.integer(-1..=100),
        [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(" \"7\" "), Some(7)),
            (json!(7.0), Some(7)),
            (json!(-1), Some(-1)),
            (json!("007"), Some(7)),
            (json!(101), None),
            (json!(-2), None),
            (json!(7.5), None),
            (json!("7.5"), None),
            (json!(1e300), None),
            (json!(u64::MAX), None),
            (json!("seven"), None),
            (json!(""), None),
            (json!(true), None),
            (json!(null), None),
            (json!([7]), None),
        ],
    );
    let cents = |cents| Some(Money::from_cents(cents));
    check(
        |field| field.money(),
        [
            (json!(73.76), cents(7_376)),
            (json!(100), cents(10_000)),
            (json!("4"), cents(400)),
            (json!("\"73.76\""), cents(7_376)),
            (json!(" 1.50 "), cents(150)),
            (json!(0.1 + 0.2), cents(30)),
            (json!(1.005), None),
            (json!(-1), None),
            (json!(1e300), None),
            (json!(10_000_000.01), None),
            (json!("free"), None),
            (json!(false), None),
            (json!(null), None),
            (json!({}), None),
        ],
    );
    check(
        |field| field.boolean(),
        [
            (json!(true), Some(true)),
            (json!("true"), Some(true)),
            (json!("True"), Some(true)),
            (json!("\"true\""), Some(true)),
            (json!(1), Some(true)),
            (json!("1"), Some(true)),
            (json!(false), Some(false)),
            (json!("FALSE"), Some(false)),
            (json!(0), Some(false)),
            (json!("yes"), None),
            (json!(2), None),
            (json!(""), None),
            (json!(null), None),
            (json!([true]), None),
        ],
    );
    check(
        |field| field.list(2).map(|list| list.len()),
        [
            (json!([]), Some(0)),
            (json!([1, 2]), Some(2)),
            (json!([1, 2, 3]), None),
            (json!({"0": 1}), None),
            (json!("1"), None),
            (json!(null), None),
        ],
    );
    let id = |text| OrderId::parse(text);
    check(
        |field| field.read::<OrderId>(),
        [
            (json!("3f-1"), id("3f-1")),
            (json!(12345), id("12345")),
            (json!("é/ x"), id("é/ x")),
            (json!("x".repeat(128)), id(&"x".repeat(128))),
            (json!("x".repeat(129)), None),
            (json!("a\nb"), None),
            (json!("\u{0}"), None),
            (json!(""), None),
            (json!({}), None),
        ],
    );
}

#[test]
fn a_member_is_found_in_any_case_and_spelling() {
    let json =
        json!({"imageurl1": 1, "Number": 2, "number": 3, "_id": 4, "orderNumber": null, "list": [{"A": 5}]});
    let root = Field::root(&json);
    let number = |field: &Field<'_>| field.integer(0..=9).ok();
    assert_eq!(number(&root.get("imageUrl1")), Some(1));
    assert_eq!(number(&root.get("number")), Some(3), "the exact spelling wins");
    assert_eq!(number(&root.get("Number")), Some(2));
    assert_eq!(number(&root.any(&["orderID", "_id"])), Some(4));
    assert!(!root.get("orderNumber").is_present(), "null counts as absent");
    assert_eq!(root.any(&["orderID", "orderNumber"]).path(), Some("orderID"));
    let inner = root.get("list").list(1).unwrap()[0].get("a");
    assert_eq!((number(&inner), inner.path()), (Some(5), Some("list[0].a")));
    assert_eq!(root.path(), None);
    assert_eq!(root.get("number").get("inside").text(1).unwrap_err().field, "number.inside");
}

#[test]
fn what_is_no_json_is_a_fault_of_the_body_and_repeats_nothing_of_it() {
    for (bytes, expected) in [
        ("", "JSON (ends too early at line 1, column 0)"),
        ("{\"secret\":", "JSON (ends too early at line 1, column 10)"),
        ("{\n  secret}", "JSON (syntax at line 2, column 3)"),
        ("{} secret", "JSON (syntax at line 1, column 4)"),
        ("7", "an object"),
        ("null", "an object"),
    ] {
        let error = from_slice::<Event>(bytes.as_bytes()).unwrap_err();
        assert_eq!((error.field.as_str(), error.expected.as_str()), ("body", expected));
    }
    assert!(from_slice::<Value>("[".repeat(100_000).as_bytes()).is_err(), "depth is bounded");
}

proptest! {
    #[test]
    fn any_json_is_an_event_or_a_named_fault(json in any_json()) {
        if let Err(error) = read::<Event>(&json) {
            prop_assert!(!error.field.is_empty() && !error.expected.is_empty());
        }
    }

    #[test]
    fn any_bytes_are_an_event_or_a_named_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(from_slice::<Event>(&bytes).is_err());
    }
}

/// Any JSON. Many of its members and values are those of events.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        ".{0,20}",
        "-?[0-9]{1,20}(\\.[0-9]{0,20})?",
        Just("PaymentRequested".to_owned()),
        Just("CreditCardValidatedEvent".to_owned()),
        Just("ShipmentSent".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "metadata",
        "type",
        "data",
        "orderID",
        "_id",
        "card",
        "Number",
        "expMonth",
        "ExpiryYear",
        "cvv",
        "sealed",
        "total",
        "success",
        "status",
        "amount",
        "delivery",
        "trackingNumber",
        "other",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let members = prop::collection::vec((names.clone(), inner.clone()), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}
