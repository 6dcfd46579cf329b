//! A poison message: it is listed with its reason, survives a restart, is repaired and sent again, and is then handled.

use std::path::Path;

use dynoxide::Database;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::process::{Shop, directory};
use crate::{good_card, order, wait_for};

/// Changes the tracking number of an order's shipment directly in the database.
fn set_tracking_number(directory: &TempDir, order: &str, number: &str) {
    let path = Path::new(directory.path()).join("dynamodb.sqlite");
    let database = Database::new(path.to_str().unwrap()).unwrap();
    let update = json!({
        "TableName": "acme", "Key": {"PK": {"S": format!("SHIPMENT#{order}")}, "SK": {"S": "SHIPMENT"}},
        "UpdateExpression": "SET trackingNumber = :number", "ConditionExpression": "attribute_exists(PK)",
        "ExpressionAttributeValues": {":number": {"S": number}},
    });
    database.update_item(serde_json::from_value(update).unwrap()).unwrap();
}

fn letters(staff: &Client, query: &str) -> Vec<Value> {
    let answer = staff.get(&format!("/dead-letters{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"].as_array().unwrap().clone()
}

/// Places an order, and waits until it has this status.
fn placed(client: &Client, status: &str) -> (String, Value) {
    let id = client.post("/order/add/elaine", &order(client, &good_card())).json()["order_id"].clone();
    let id = id.as_str().unwrap().to_owned();
    (id.clone(), reached(client, &id, status))
}

fn reached(client: &Client, id: &str, status: &str) -> Value {
    wait_for(status, || {
        let orders = client.get("/order/elaine").json();
        orders.as_array()?.iter().find(|order| order["_id"] == id && order["status"] == status).cloned()
    })
}

#[test]
fn a_poisoned_message_is_listed_mended_sent_again_and_done() {
    let directory = directory();
    // The sweep must not push the order during this test.
    let settings = [("DELIVERY_SECONDS", "4"), ("SWEEP_AFTER_SECONDS", "100000")];
    let shop = Shop::start(&directory, &settings);
    let client = shop.client().logged_in("elaine");
    let (id, shipped) = placed(&client, "shipped - pending delivery");
    set_tracking_number(&directory, &id, "what is this");

    let staff = shop.client().logged_in("staff");
    let letter = wait_for("the dead letter", || letters(&staff, "").into_iter().next());
    assert_eq!((&letter["queue"], &letter["receive_count"]), (&json!("shipment-deliver"), &json!(5)));
    assert_eq!(letter["order_id"], id);
    let reason = letter["reason"].as_str().unwrap();
    assert!(reason.contains("an item of the table has no good trackingNumber"), "{reason}");
    assert!(letter["failed_at"].as_str().is_some_and(|at| at.len() == 24), "{letter}");
    assert!(letter.get("body").is_none(), "it may hold personal data");

    // The dead letter survives a crash. The sweep at the start pushes the order, and shipment-send cannot read its
    // shipment either.
    shop.kill();
    let shop = Shop::start(&directory, &settings);
    let (client, staff) = (shop.client().logged_in("elaine"), shop.client().logged_in("staff"));
    let both = wait_for("the sweep's dead letter", || {
        let letters = letters(&staff, &format!("?order={id}"));
        (letters.len() == 2).then_some(letters)
    });
    assert!(both.contains(&letter), "{both:?}");
    assert_eq!(letters(&staff, "?queue=shipment-deliver&limit=1")[0], letter);
    assert!(letters(&staff, "?order=another").is_empty());

    // A message that is sent again before the repair becomes the same dead letter again.
    let redrive = |body: Value| staff.post("/dead-letters/redrive", &body).json();
    assert_eq!(
        redrive(json!({"id": letter["id"]})),
        json!({"dryRun": false, "data": [letter], "more": false})
    );
    let again = wait_for("the next failure", || {
        let again = letters(&staff, "?queue=shipment-deliver").into_iter().next()?;
        (again["failed_at"] != letter["failed_at"]).then_some(again)
    });
    assert_eq!((&again["id"], &again["reason"]), (&letter["id"], &letter["reason"]));

    set_tracking_number(&directory, &id, shipped["trackingNumber"].as_str().unwrap());
    let dry = redrive(json!({"order": id, "dryRun": "true"}));
    assert_eq!((&dry["dryRun"], dry["data"].as_array().unwrap().len()), (&json!(true), 2));
    assert_eq!(letters(&staff, "").len(), 2, "nothing was sent");
    assert_eq!(redrive(json!({"order": id}))["data"].as_array().unwrap().len(), 2);
    let done = reached(&client, &id, "delivered");
    assert_eq!(done["trackingNumber"], shipped["trackingNumber"], "shipped once");
    wait_for("the end of the dead letters", || letters(&staff, "").is_empty().then_some(()));
    assert_eq!(redrive(json!({})), json!({"dryRun": false, "data": [], "more": false}));
}

#[test]
fn dead_letters_are_for_staff_and_a_bad_request_names_its_fault() {
    let shop = Shop::owning(directory(), &[]);
    for (client, status) in [(shop.client(), 401), (shop.client().logged_in("elaine"), 403)] {
        assert_eq!(client.get("/dead-letters").status, status);
        assert_eq!(client.post("/dead-letters/redrive", &json!({})).status, status);
    }
    let staff = shop.client().logged_in("staff");
    for (query, field) in [
        ("queue=nowhere", "queue"),
        ("order=%00", "order"),
        ("queue=a&queue=b", "query"),
        ("limit=0", "limit"),
    ] {
        let answer = staff.get(&format!("/dead-letters?{query}"));
        let text = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && text.starts_with(&format!("{field}: expected ")), "{query}: {text}");
    }
    for (body, status, field) in [
        (json!({"queue": "nowhere"}), 400, "queue"),
        (json!({"queue": []}), 400, "queue"),
        (json!({"order": "a\tb"}), 400, "order"),
        (json!({"dryRun": "perhaps"}), 400, "dryRun"),
        (json!([]), 400, "body"),
        (json!({"id": "m-1"}), 404, "id"),
    ] {
        let answer = staff.post("/dead-letters/redrive", &body);
        let text = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(answer.status == status && text.starts_with(&format!("{field}: ")), "{body}: {text}");
    }
}
