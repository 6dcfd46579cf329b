//! `POST /order/add/{userid}`: the answer, the prices, and every way in which clients write an order.

use acme_http::testing::Tokens;
use acme_http::{AuthMode, Authorizer};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::shop::{Shop, put, sent, with};

/// Places an order in a new shop and returns it as it is shown.
async fn placed(mode: AuthMode, body: &Value) -> Value {
    let (shop, tokens) = (Shop::new(), Tokens::generate());
    let client = match mode {
        AuthMode::Compatibility => shop.client(Authorizer::AllowAll),
        AuthMode::Tokens => shop.client(tokens.authorizer.clone()).bearer(&tokens.customer("id-1", "dan")),
    };
    let answer = client.post("/order/add/dan", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{body} in {mode:?}: {answer:?}");
    let shown = client.get("/order/dan").await.body[0].take();
    let payment = json!({
        "success": false, "status": 0, "message": "pending payment", "amount": shown["total"], "transactionID": "",
        "orderID": "",
    });
    assert_eq!(answer.body, json!({"order_id": shown["_id"], "userid": "dan", "payment": payment}));
    shown
}

const MODES: [AuthMode; 2] = [AuthMode::Compatibility, AuthMode::Tokens];

#[tokio::test]
async fn an_order_is_shown_as_the_contract_says() {
    for (mode, userid, bell, bar) in [
        (AuthMode::Compatibility, "dan", "16 kg", "20 kg"),
        (AuthMode::Tokens, "id-1", "as the catalog has it", "as the catalog has it"),
    ] {
        let mut shown = placed(mode, &sent()).await;
        assert_eq!(shown["_id"].take().as_str().unwrap().len(), 36);
        let expected = json!({
            "_id": null, "status": "Pending Payment", "userid": userid, "firstname": "Elaine", "lastname": "B",
            "address": {"street": "1 Main", "city": "New York", "zip": "10001", "state": "NY", "country": "USA"},
            "email": "elaine@example.com", "delivery": "UPS/FEDEX",
            "card": {"type": "Visa", "last4": "1881", "expMonth": 11, "expYear": 2026},
            "cart": [
                {"id": "bell", "name": "Kettle bell", "description": bell, "quantity": 2, "price": 73.76},
                {"id": "bar", "name": "Bar", "description": bar, "quantity": 1, "price": 10},
            ],
            "total": "157.52",
            "createdAt": "2026-11-23T10:00:00.000Z", "updatedAt": "2026-11-23T10:00:00.000Z",
        });
        assert_eq!(shown, expected);
    }
}

#[tokio::test]
async fn prices_are_the_catalogs_or_in_compatibility_mode_the_clients() {
    for (price, total, theirs, ours) in [
        (json!(73.76), json!("157.52"), ("157.52", json!(73.76)), ("157.52", json!(73.76))),
        (json!(0.01), json!("0.03"), ("0.03", json!(0.01)), ("157.52", json!(73.76))),
        (json!(0), json!(0), ("0.00", json!(0)), ("157.52", json!(73.76))),
        (json!("\"4\""), json!(100), ("100.00", json!(4)), ("157.52", json!(73.76))),
        (
            json!(10_000_000),
            json!("10000000.00"),
            ("10000000.00", json!(10_000_000)),
            ("157.52", json!(73.76)),
        ),
    ] {
        let mut body = with("/cart/0/price", price);
        body["total"] = total;
        put(&mut body, "/cart/0/name", json!("Bargain"));
        for (mode, (total, price), name) in
            [(AuthMode::Compatibility, theirs, "Bargain"), (AuthMode::Tokens, ours, "Kettle bell")]
        {
            let shown = placed(mode, &body).await;
            let line = &shown["cart"][0];
            assert_eq!(
                (&shown["total"], &line["price"], &line["name"]),
                (&json!(total), &price, &json!(name)),
                "{body} in {mode:?}"
            );
        }
    }
    // A client that uses the catalog's prices need not send prices.
    let mut bare = with("/total", Value::Null);
    bare["cart"] =
        json!([{"id": "bell", "quantity": 3}, {"id": "bar", "quantity": 1}, {"id": "bell", "quantity": 1}]);
    let shown = placed(AuthMode::Tokens, &bare).await;
    assert_eq!((&shown["total"], shown["cart"].as_array().unwrap().len()), (&json!("305.04"), 3));
    // The shop ignores an id, a status and a user that the client sends.
    let mut forged = sent();
    for (name, value) in [("_id", json!("1")), ("status", json!("delivered")), ("userid", json!("eve"))] {
        forged[name] = value;
    }
    for mode in MODES {
        let shown = placed(mode, &forged).await;
        assert_eq!(shown["status"], "Pending Payment");
        assert!(shown["_id"] != "1" && shown["userid"] != "eve", "{shown}");
    }
}

#[tokio::test]
async fn every_spelling_is_the_same_order() {
    let plain = placed(AuthMode::Compatibility, &sent()).await;
    let same = |mut shown: Value| {
        shown["_id"] = plain["_id"].clone();
        shown == plain
    };
    let card = |json: Value| with("/card", json);
    let number = "4012888888881881";
    for body in [
        with("/cart/0/quantity", json!("2")),
        with("/cart/0/quantity", json!(2.0)),
        with("/cart/0/price", json!("73.76")),
        with("/cart/0/price", json!("\"73.76\"")),
        with("/cart/1/price", json!("10.00")),
        with("/total", json!(157.52)),
        with("/total", json!("\"157.52\"")),
        with("/address/zip", json!(10001)),
        with("/more", json!({"unknown": [1, 2, 3]})),
        with("/card/password", json!("hunter2")),
        card(json!({"Type": "visa", "Number": number, "ExpiryMonth": "11", "ExpiryYear": "26", "CVV": 927})),
        card(json!({"type": "VISA", "number": number, "expMonth": "\"11\"", "expYear": 26, "ccv": "927"})),
        card(json!({"NUMBER": "4012-8888-8888-1881", "EXPMONTH": 11, "expiryyear": 2026, "Ccv": "927"})),
        card(
            json!({"type": "bahubali", "number": 4_012_888_888_881_881_i64, "expMonth": 11, "expYear": 2026, "ccv": 927}),
        ),
    ] {
        assert!(same(placed(AuthMode::Compatibility, &body).await), "{body}");
    }
    let mut lines = sent();
    lines["cart"] = json!([
        {"itemid": "bell", "name": "Kettle bell", "description": "16 kg", "quantity": "2", "price": "73.76"},
        {"ItemID": "bar", "Name": "Bar", "Description": "20 kg", "Quantity": 1, "Price": "10"},
    ]);
    assert!(same(placed(AuthMode::Compatibility, &lines).await), "lines of a cart");
    let text = sent().to_string();
    for (ours, theirs) in
        [("firstname", "firstName"), ("address", "Address"), ("email", "EMAIL"), ("cart", "Cart")]
    {
        let body =
            serde_json::from_str(&text.replace(&format!("\"{ours}\""), &format!("\"{theirs}\""))).unwrap();
        assert!(same(placed(AuthMode::Compatibility, &body).await), "{theirs}");
    }
}

/// What the clients of the older shops send, according to their documents.
#[tokio::test]
async fn the_older_clients_are_served() {
    let older = json!({
        "userid": "8888", "firstname": "Bill", "lastname": "Murray",
        "address": {"street": "123 Nice St", "city": "Chicago", "zip": "60613", "state": "IL", "country": "USA"},
        "email": "bill@example.com", "delivery": "UPS/FEDEX",
        "card": {"type": "amex/visa/mastercard/bahubali", "number": "349834797981", "expMonth": "12", "expYear": "2022",
            "ccv": "123"},
        "cart": [
            {"id": "1234", "description": "redpants", "quantity": "1", "price": "4"},
            {"id": "5678", "description": "bluepants", "quantity": "1", "price": "\"73.76\""},
        ],
        "total": "100",
    });
    let shown = placed(AuthMode::Compatibility, &older).await;
    assert_eq!(shown["total"], "100.00");
    assert_eq!(
        shown["card"],
        json!({"type": "American Express", "last4": "7981", "expMonth": 12, "expYear": 2022})
    );
    assert_eq!(
        shown["cart"][1],
        json!({"id": "5678", "name": "", "description": "bluepants", "quantity": 1, "price": 73.76})
    );

    let mut bare = sent();
    for name in ["firstname", "lastname", "address", "email", "delivery"] {
        put(&mut bare, &format!("/{name}"), Value::Null);
    }
    let shown = placed(AuthMode::Compatibility, &bare).await;
    assert_eq!(shown["address"], json!({"street": "", "city": "", "zip": "", "state": "", "country": ""}));
    assert_eq!(shown["firstname"], "");
}
