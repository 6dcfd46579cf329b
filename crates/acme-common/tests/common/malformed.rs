//! More than a hundred kinds of malformed events. Each is refused with the name of the field at fault.

use acme_common::event::Event;
use serde_json::{Value, json};

use super::{fixture, read};

/// Replaces what `pointer` points to by each of `values`, and expects an error of `field`.
#[track_caller]
fn check(name: &str, pointer: &str, field: &str, values: &[Value]) -> usize {
    for value in values {
        let mut json = fixture(name);
        *json.pointer_mut(pointer).unwrap() = value.clone();
        let error = read::<Event>(&json).unwrap_err();
        assert_eq!(error.field, field, "{name}{pointer} = {value}");
        assert!(!error.to_string().contains("4222"), "{error}");
    }
    values.len()
}

#[test]
fn every_fault_names_its_field() {
    let long = json!("x".repeat(2_049));
    let no_id = [json!(null), json!(""), json!([]), json!({}), json!("a\tb"), long.clone()];
    let no_text = [json!([]), json!({}), json!(["x"]), long.clone()];
    let no_money = [
        json!(-1),
        json!("-1"),
        json!(1.234),
        json!("1.2.3"),
        json!("1e3"),
        json!(1e300),
        json!(10_000_000.01),
        json!("NaN"),
        json!("free"),
        json!(true),
        json!([]),
        json!({}),
    ];
    let no_number = [
        json!(-1),
        json!(10_000),
        json!(1.5),
        json!("1.5"),
        json!("x"),
        json!(""),
        json!(true),
        json!([]),
        json!({}),
    ];
    let no_object = [json!(7), json!("x"), json!([]), json!(true)];
    let nothing = [json!(null), json!("")];
    let (payment, result) = ("payment-requested.serverless.json", "credit-card-validated.serverless.json");
    let (request, sent) = ("shipment-requested.serverless.json", "shipment-sent.serverless.json");
    let delivered = "shipment-delivered.serverless.json";

    let mut kinds = 0;
    for name in [payment, result, request, sent, delivered] {
        kinds += check(name, "", "body", &no_object);
        kinds += check(name, "/metadata", "metadata.type", &no_object);
        kinds += check(name, "/metadata/type", "metadata.type", &nothing);
        kinds += check(name, "/metadata/type", "metadata.type", &no_text);
        kinds +=
            check(name, "/metadata/type", "metadata.type", &[json!("Nothing"), json!(7), json!("Payment")]);
        kinds += check(name, "/data", "data", &no_object);
        kinds += check(name, "/data", "data", &[json!(null)]);
    }
    for (name, pointer) in [
        (payment, "/data/orderID"),
        (result, "/data/orderID"),
        (request, "/data/_id"),
        (sent, "/data/orderNumber"),
        (delivered, "/data/orderNumber"),
    ] {
        kinds += check(name, pointer, "data.orderID", &no_id);
    }
    kinds += check(payment, "/data/total", "data.total", &no_money);
    kinds += check(payment, "/data/total", "data.total", &nothing);
    kinds += check(payment, "/data/card", "data.card", &no_object);
    for (pointer, field) in
        [("/data/card/ExpiryMonth", "data.card.expMonth"), ("/data/card/ExpiryYear", "data.card.expYear")]
    {
        kinds += check(payment, pointer, field, &no_number);
        kinds += check(payment, pointer, field, &[json!(null)]);
    }
    for (pointer, field) in [("/data/card/Number", "data.card.number"), ("/data/card/CVV", "data.card.cvv")] {
        kinds += check(payment, pointer, field, &no_text);
        kinds += check(payment, pointer, field, &nothing);
    }
    kinds += check(payment, "/data/card/Number", "data.card.number", &[json!(" "), json!("- -")]);
    kinds += check(payment, "/data/card/Type", "data.card.type", &no_text);
    kinds += check(result, "/data/amount", "data.amount", &no_money);
    kinds += check(result, "/data/status", "data.status", &no_number);
    kinds += check(result, "/data/message", "data.message", &no_text);
    kinds += check(result, "/data/transactionID", "data.transactionID", &no_text);
    kinds += check(
        result,
        "/data/success",
        "data.success",
        &[json!(null), json!(""), json!("yes"), json!(2), json!(1.0), json!([]), json!({})],
    );
    kinds += check(request, "/data/delivery", "data.delivery", &no_text);
    for name in [sent, delivered] {
        kinds += check(name, "/data/trackingNumber", "data.trackingNumber", &no_text);
        kinds += check(name, "/data/trackingNumber", "data.trackingNumber", &nothing);
    }
    assert!(kinds > 100, "{kinds}");
}

#[test]
fn a_malformed_seal_names_its_field() {
    let seal = json!({"type": "Visa", "last4": "2222", "expMonth": 12, "expYear": 2027, "sealed": "AA=="});
    for (member, values) in [
        ("sealed", vec![json!(""), json!([]), json!("x".repeat(2_049))]),
        ("last4", vec![json!("22222"), json!(42_222), json!([])]),
        ("expMonth", vec![json!(null), json!("x")]),
        ("expYear", vec![json!(null), json!(-1)]),
    ] {
        for value in values {
            let mut card = seal.clone();
            card[member] = value;
            let mut json = fixture("payment-requested.serverless.json");
            json["data"]["card"] = card;
            assert_eq!(read::<Event>(&json).unwrap_err().field, format!("data.card.{member}"));
        }
    }
}
