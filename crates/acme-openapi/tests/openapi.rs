//! The committed description matches the code, and every route in the list of functions is described.

#![allow(clippy::unwrap_used, reason = "for tests")]

use std::fs;
use std::path::Path;

use acme_common::catalog::Offer;
use acme_openapi::document;
use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

#[test]
fn the_committed_description_is_what_the_code_says() {
    let committed = read("infra/openapi.json");
    let described = document(&read("functions/functions.toml")).unwrap();
    let line = committed.lines().zip(described.lines()).position(|(old, new)| old != new);
    assert!(
        committed == described,
        "infra/openapi.json is stale from line {}: run `make generate`",
        line.map_or(0, |line| line + 1)
    );
}

#[test]
fn the_product_of_the_examples_is_in_the_demo_catalog() {
    assert!(acme_catalog::demo::products().iter().any(|product| product.offer() == Offer::example()));
}

#[test]
fn a_function_serves_what_the_list_says() {
    let list = "[function.x]\nroutes = [\"GET /cart/all\"]\ncallers = \"staff\"\n[function.order-ship]\nconsumes = []";
    let described: Value = serde_json::from_str(&document(list).unwrap()).unwrap();
    let operation = |path: &str| &described["paths"][path]["get"];
    assert_eq!(operation("/cart/all")["x-function"], "x");
    assert_eq!(operation("/cart/all")["x-who"], "staff");
    assert!(operation("/cart/all").get("servers").is_none());
    // Only the local shop has a route that no function serves.
    assert!(operation("/users").get("x-function").is_none());
    assert_eq!(operation("/users")["servers"][0]["url"], "http://127.0.0.1:8080");
}

#[test]
fn a_route_that_nobody_describes_is_named() {
    for (list, fault) in [
        ("[function.x]\nroutes = [\"GET /nothing\"]", "functions.toml: no domain describes GET /nothing"),
        ("[function.x]\nroutes = [\"PUT /cart/all\"]", "functions.toml: no domain describes PUT /cart/all"),
        ("[function.x]\ncallers = \"nobody\"", "functions.toml: "),
        ("function", "functions.toml: "),
    ] {
        let found = document(list).unwrap_err().to_string();
        assert!(found.starts_with(fault), "{found}");
    }
}

/// Collects the objects that may have members without a description.
fn open<'a>(place: String, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && schema["additionalProperties"] != false {
                found.push((place.clone(), schema));
            }
            for (name, part) in members.iter().filter(|(name, _)| !name.starts_with("example")) {
                open(format!("{place}/{name}"), part, found);
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| open(place.clone(), part, found)),
        _ => {}
    }
}

#[test]
fn only_what_clients_send_may_have_other_members() {
    let described: Value = serde_json::from_str(&read("infra/openapi.json")).unwrap();
    let mut found = Vec::new();
    open(String::new(), &described, &mut found);
    let mut names: Vec<_> =
        found.iter().map(|(place, _)| place.split('/').nth(3).unwrap_or_default()).collect();
    names.dedup();
    let sent = [
        "AccessToken",
        "CardInput",
        "CartInput",
        "CartItemChange",
        "CartItemInput",
        "Login",
        "OrderInput",
        "PayRequest",
        "PaymentRequestedEvent",
        "ProductInput",
        "Redrive",
        "RefreshToken",
        "Registration",
        "SealedCard",
        "ShipmentEvent",
        "ShipmentRequestedEvent",
    ];
    assert_eq!(names, sent);
}
