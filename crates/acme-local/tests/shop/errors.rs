//! What Sentry gets about an order with an expired card, and about a good order.

use serde_json::{Value, json};

use crate::process::{Shop, directory};
use crate::sentry_server::SentryServer;
use crate::{good_card, order, wait_for};

const NUMBER: &str = "4111111111111111";
const RELEASE: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn an_expired_card_is_one_event_with_all_that_is_needed_and_nothing_secret() {
    let sentry = SentryServer::start();
    let variables = [("SENTRY_DSN", sentry.dsn.as_str()), ("VERSION", RELEASE), ("STAGE", "test")];
    let shop = Shop::owning(directory(), &variables);
    let client = shop.client().logged_in("elaine");

    let mut expired = good_card();
    expired["expYear"] = json!(2020);
    let placed = client.post("/order/add/elaine", &order(&client, &expired)).json();
    let id = placed["order_id"].as_str().unwrap();
    let ended = wait_for("the order's end", || {
        let order = client.get("/order/elaine").json()[0].clone();
        (order["status"] == "error").then_some(order)
    });
    assert_eq!(ended["card"], json!({"type": "Visa", "last4": "1111", "expMonth": 12, "expYear": 2020}));

    let text = format!("validation failed for order [{id}] : creditcard has expired");
    let is_it = |event: &&Value| event["exception"]["values"][0]["value"] == text.as_str();
    let event = wait_for("the event", || sentry.items("event").iter().find(is_it).cloned());
    // The order's last transaction comes after all of its events.
    wait_for("order-ship's transaction", || {
        sentry.items("transaction").into_iter().find(|t| t["server_name"] == "order-ship")
    });
    assert_eq!(sentry.items("event").len(), 1, "nothing else is reported");

    assert_eq!(event["tags"]["order.id"], id);
    assert_eq!(event["release"], RELEASE);
    assert_eq!(event["environment"], "test");
    assert_eq!(event["server_name"], "payment-validate");
    let crumbs = event["breadcrumbs"]["values"].as_array().unwrap();
    let crumb =
        crumbs.iter().find(|crumb| crumb["category"] == "CreditCardValidated").expect("the breadcrumb");
    assert_eq!(crumb["data"]["OrderID"], id);
    assert_eq!(crumb["data"]["Amount"], placed["payment"]["amount"]);
    assert_eq!(crumb["data"]["Success"], false);
    assert_eq!(crumb["data"]["TransactionID"], "-1");

    let frames = event["exception"]["values"][0]["stacktrace"]["frames"].as_array().expect("a stack");
    let line = frames.iter().rev().find(|frame| frame["in_app"] == true).expect("a frame of ours");
    assert!(line["context_line"].as_str().is_some_and(|line| !line.trim().is_empty()), "{line}");

    // All functions that handled the order share one trace.
    let trace = |item: &Value| item["contexts"]["trace"]["trace_id"].clone();
    let functions: Vec<_> = sentry
        .items("transaction")
        .into_iter()
        .filter(|t| trace(t) == trace(&event))
        .map(|t| t["server_name"].as_str().unwrap().to_owned())
        .collect();
    for function in ["order-add", "payment-validate", "order-ship"] {
        assert!(functions.iter().any(|f| f == function), "{function} is not in the trace: {functions:?}");
    }
    let bytes = sentry.bytes();
    assert!(!bytes.windows(NUMBER.len()).any(|window| window == NUMBER.as_bytes()), "a card number");
}

#[test]
fn a_good_order_is_one_message_and_none_with_the_switch_off() {
    for (switch, messages) in [("", 1), ("0", 0)] {
        let sentry = SentryServer::start();
        let variables =
            [("SENTRY_DSN", sentry.dsn.as_str()), ("STAGE", "test"), ("SENTRY_CAPTURE_SUCCESS", switch)];
        let shop = Shop::owning(directory(), &variables);
        let client = shop.client().logged_in("walter");
        let placed = client.post("/order/add/walter", &order(&client, &good_card())).json();
        let id = placed["order_id"].as_str().unwrap();
        wait_for("delivery", || {
            (client.get("/order/walter").json()[0]["status"] == "delivered").then_some(())
        });
        let about = |kind| {
            let items = sentry.items(kind).into_iter();
            items.filter(|item| item["tags"]["order.id"] == id).collect::<Vec<_>>()
        };
        // order-update moves the order twice. Its last transaction comes after all events about the order.
        wait_for("the last transaction", || {
            let updates = about("transaction").iter().filter(|t| t["server_name"] == "order-update").count();
            (updates == 2).then_some(())
        });
        let events = about("event");
        let texts: Vec<_> = events.iter().map(|event| (&event["message"], &event["level"])).collect();
        let message = json!(format!("validation successful for order [{id}]"));
        assert_eq!(texts, vec![(&message, &json!("info")); messages], "SENTRY_CAPTURE_SUCCESS={switch}");
    }
}
