//! Bodies that are no orders. The answer names the field at fault, and nothing is kept or published.

use acme_common::catalog::Offer;
use acme_common::id::{ProductId, UserId};
use acme_common::json;
use acme_common::money::Money;
use acme_http::testing::{Client, Tokens};
use acme_http::{AuthMode, Authorizer};
use acme_order::order_request::OrderRequest;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::shop::{Shop, now, sent, with};

/// Asserts that the answer refuses `body` because of `field`.
async fn refused(client: &Client, body: &Value, field: &str) {
    let answer = client.post("/order/add/dan", body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    let message = answer.body["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("{field}: expected ")), "{body}: {message}");
    assert!(!message.contains("8888"), "{message}");
}

fn client(shop: &Shop, mode: AuthMode) -> Client {
    let tokens = Tokens::generate();
    match mode {
        AuthMode::Compatibility => shop.client(Authorizer::AllowAll),
        AuthMode::Tokens => shop.client(tokens.authorizer.clone()).bearer(&tokens.customer("id-1", "dan")),
    }
}

#[tokio::test]
async fn a_fault_names_its_field_in_both_modes() {
    let long = |length| json!("x".repeat(length));
    let line = json!({"id": "bell", "quantity": 1, "price": 1});
    let rows = [
        ("/firstname", long(129), "firstname"),
        ("/firstname", json!([]), "firstname"),
        ("/lastname", json!({}), "lastname"),
        ("/email", long(255), "email"),
        ("/delivery", long(257), "delivery"),
        ("/address", json!("1 Main"), "address"),
        ("/address", json!([]), "address"),
        ("/address/zip", json!([10001]), "address.zip"),
        ("/address/street", long(257), "address.street"),
        ("/card", Value::Null, "card"),
        ("/card", json!("4012888888881881"), "card"),
        ("/card/number", Value::Null, "card.number"),
        ("/card/number", json!(""), "card.number"),
        ("/card/number", json!(" - "), "card.number"),
        ("/card/number", json!("4012888888881881".repeat(3)), "card.number"),
        ("/card/expMonth", Value::Null, "card.expMonth"),
        ("/card/expMonth", json!("May"), "card.expMonth"),
        ("/card/expMonth", json!(-1), "card.expMonth"),
        ("/card/expYear", json!(99_999), "card.expYear"),
        ("/card/expYear", json!("20 26"), "card.expYear"),
        ("/card/cvv", Value::Null, "card.cvv"),
        ("/card/cvv", json!("123456789"), "card.cvv"),
        ("/card/type", json!(["Visa"]), "card.type"),
        ("/card/type", long(65), "card.type"),
        ("/cart", Value::Null, "cart"),
        ("/cart", json!({}), "cart"),
        ("/cart", json!([]), "cart"),
        ("/cart", json!(vec![line; 101]), "cart"),
        ("/cart/1", json!("bar"), "cart[1]"),
        ("/cart/1/id", Value::Null, "cart[1].id"),
        ("/cart/1/id", json!(""), "cart[1].id"),
        ("/cart/1/id", json!("a\u{7}b"), "cart[1].id"),
        ("/cart/1/id", long(129), "cart[1].id"),
        ("/cart/0/quantity", Value::Null, "cart[0].quantity"),
        ("/cart/0/quantity", json!(0), "cart[0].quantity"),
        ("/cart/0/quantity", json!(-1), "cart[0].quantity"),
        ("/cart/0/quantity", json!(1.5), "cart[0].quantity"),
        ("/cart/0/quantity", json!(10_001), "cart[0].quantity"),
        ("/cart/0/quantity", json!("99999999999999999999"), "cart[0].quantity"),
        ("/cart/0/price", json!(-1), "cart[0].price"),
        ("/cart/0/price", json!("1.234"), "cart[0].price"),
        ("/cart/0/price", json!(10_000_000.01), "cart[0].price"),
        ("/cart/0/price", json!("free"), "cart[0].price"),
        ("/cart/0/name", long(257), "cart[0].name"),
        ("/cart/0/description", long(4_097), "cart[0].description"),
        ("/total", json!("a lot"), "total"),
        ("/total", json!(1e300), "total"),
    ];
    for mode in [AuthMode::Compatibility, AuthMode::Tokens] {
        let shop = Shop::new();
        let client = client(&shop, mode);
        for (pointer, value, field) in rows.clone() {
            refused(&client, &with(pointer, value), field).await;
        }
        for body in [json!([]), json!("order"), json!(7), Value::Null] {
            refused(&client, &body, "body").await;
        }
        assert!(shop.kept().await.is_empty() && shop.events().is_empty());
    }
}

#[tokio::test]
async fn some_faults_are_faults_in_one_mode() {
    let gyms = |quantity: u32| with("/cart/0", json!({"id": "gym", "quantity": quantity, "price": 1}));
    // An order that costs as much as an order may, and this many more bars.
    let dearest = |more: usize| {
        let line = |id, quantity| json!({"id": id, "quantity": quantity, "price": 1});
        let cart = [vec![line("gym", 1)], vec![line("bar", 10_000); 40], vec![line("bar", 1); more]].concat();
        with("/cart", json!(cart))
    };
    let unpriced = with("/cart/1/price", Value::Null);
    for (body, in_compatibility, with_tokens) in [
        (with("/total", Value::Null), Some("total"), None),
        (unpriced, Some("cart[1].price"), None),
        (with("/cart/1/id", json!("yacht")), None, Some("cart[1].id")),
        (with("/card/type", json!("bahubali")), None, Some("card.type")),
        (with("/card/type", json!("")), None, Some("card.type")),
        (with("/card/type", json!(7)), None, Some("card.type")),
        (with("/card/type", Value::Null), None, None),
        (with("/card/type", json!("AMEX")), None, None),
        (gyms(1), None, None),
        (dearest(0), None, None),
        // This is more than the events of the payment may carry. Such an order would never end.
        (dearest(1), None, Some("cart")),
        (gyms(2), None, Some("cart")),
        (gyms(10_000), None, Some("cart")),
    ] {
        for (mode, fault) in [(AuthMode::Compatibility, in_compatibility), (AuthMode::Tokens, with_tokens)] {
            let shop = Shop::new();
            let client = client(&shop, mode);
            match fault {
                Some(field) => refused(&client, &body, field).await,
                None => {
                    let answer = client.post("/order/add/dan", &body).await;
                    assert_eq!(answer.status, StatusCode::OK, "{body} in {mode:?}: {answer:?}");
                    shop.deliver().await;
                    assert_ne!(shop.kept().await[0].status.name(), "Pending Payment", "{body} in {mode:?}");
                }
            }
        }
    }
}

/// Calls each mode directly, because names and descriptions of this size come from the catalog or from the client.
#[test]
fn an_order_that_no_item_can_hold_is_refused_in_both_modes() {
    let id = ProductId::parse("bell").unwrap();
    let description = "\u{1f3cb}".repeat(4_096);
    let line = json!({"id": id, "quantity": 1, "price": 1, "description": description});
    let offer = Offer { id, name: "Kettle bell".into(), description, price: Money::from_cents(100) };
    for (lines, good) in [(1, true), (18, true), (19, false), (100, false)] {
        let body = with("/cart", json!(vec![line.clone(); lines])).to_string();
        let read = || json::from_slice::<OrderRequest>(body.as_bytes()).unwrap();
        let user = || UserId::parse("dan").unwrap();
        let modes = [
            read().at_client_price(user(), now()),
            read().at_catalog_price(user(), std::slice::from_ref(&offer), now()),
        ];
        for order in modes {
            let fault = order.map(|order| order.cart.len()).map_err(|error| error.field);
            assert_eq!(fault, if good { Ok(lines) } else { Err("cart".into()) });
        }
    }
}

#[tokio::test]
async fn a_large_order_is_read_and_a_larger_body_is_not() {
    let shop = Shop::new();
    let client = shop.client(Authorizer::AllowAll);
    let line = json!({"id": "bell", "quantity": 10_000, "price": 1000, "description": "x".repeat(2_400)});
    let full = with("/cart", json!(vec![line.clone(); 100]));
    assert_eq!(client.post("/order/add/dan", &full).await.status, StatusCode::OK);
    let mut larger = sent();
    larger["more"] = json!("x".repeat(256 * 1024));
    assert_eq!(client.post("/order/add/dan", &larger).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(shop.kept().await.len(), 1);
}
