//! The cart's routes, called as a client calls them, and its store in memory.

use std::sync::Arc;

use acme_cart::{MemoryCarts, http};
use acme_common::catalog::{Offer, PriceList};
use acme_common::id::ProductId;
use acme_common::idempotency::MemoryKeys;
use acme_common::money::Money;
use acme_common::store::StoreError;
use acme_http::testing::{Client, Tokens};
use acme_http::{Authorizer, Idempotency};
use async_trait::async_trait;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

#[tokio::test]
async fn the_store_in_memory_conforms() {
    acme_cart::conformance::check(&MemoryCarts::default()).await;
}

/// A catalog of one product, `bar`, at 10.00.
struct OneProduct;

#[async_trait]
impl PriceList for OneProduct {
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError> {
        let bar = |id: &&ProductId| id.as_str() == "bar";
        Ok(ids
            .iter()
            .filter(bar)
            .map(|id| Offer {
                id: id.clone(),
                name: "Bar".into(),
                description: "20 kg".into(),
                price: Money::from_cents(1000),
            })
            .collect())
    }
}

fn behind(authorizer: Authorizer) -> Client {
    let keys = MemoryKeys::default();
    let carts: http::Store = Arc::new(MemoryCarts::new(keys.clone()));
    let prices: http::Prices = Arc::new(OneProduct);
    let idempotency = Idempotency::new(Arc::new(keys), Timestamp::now);
    Client::of_functions(http::functions(&carts, &prices, &idempotency), authorizer)
}

fn open() -> Client {
    behind(Authorizer::AllowAll)
}

fn sent(itemid: &str, quantity: Value, price: Value) -> Value {
    json!({"itemid": itemid, "name": "n", "description": "d", "quantity": quantity, "price": price})
}

#[tokio::test]
async fn a_cart_from_its_first_item_to_its_end() {
    let shop = open();
    let add = async |body| shop.post("/cart/item/add/dan", &body).await;
    let first = add(sent("1", json!("1"), json!("\"73.76\""))).await;
    assert_eq!((first.status, first.body), (StatusCode::OK, json!({"userid": "dan"})));
    add(sent("1", json!(2), json!(73.76))).await;
    add(sent("2", json!("3"), json!("4"))).await;

    assert_eq!(shop.get("/cart/items/total/dan/").await.body, json!({"cartitemtotal": 6, "userid": "dan"}));
    assert_eq!(shop.get("/cart/total/dan").await.body, json!({"carttotal": 233.28, "userid": "dan"}));
    let items = json!([
        {"itemid": "1", "name": "n", "description": "d", "price": 73.76, "quantity": 3},
        {"itemid": "2", "name": "n", "description": "d", "price": 4, "quantity": 3},
    ]);
    assert_eq!(shop.get("/cart/items/dan").await.body, json!({"userid": "dan", "cart": items}));
    assert_eq!(shop.get("/cart/all").await.body, json!([{"userid": "dan", "cart": items}]));

    shop.post("/cart/item/modify/dan", &json!({"itemid": "2", "quantity": 0})).await;
    let gone = shop.post("/cart/item/modify/dan", &json!({"itemid": "2", "quantity": 1})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    shop.post(
        "/cart/modify/dan",
        &json!({"userid": "eve", "cart": [sent("9", json!(1), json!(1)), sent("9", json!(1), json!(1))]}),
    )
    .await;
    assert_eq!(shop.get("/cart/total/dan").await.body["carttotal"], json!(2));

    for method in ["GET", "DELETE"] {
        let cleared = shop.send(method, "/cart/clear/dan", "").await;
        assert_eq!((cleared.status, cleared.body), (StatusCode::OK, Value::Null));
    }
    assert_eq!(shop.get("/cart/items/dan").await.body, json!({"userid": "dan", "cart": []}));
    assert_eq!(shop.get("/cart/all").await.body, json!([]));
}

#[tokio::test]
async fn an_add_under_one_key_counts_once() {
    let shop = open();
    let [two, three] = [2, 3].map(|quantity| sent("1", json!(quantity), json!(1)));
    let added = shop.post_under_one_key("/cart/item/add/dan", &two, &three).await;
    assert_eq!(added.status, StatusCode::OK);
    assert_eq!(shop.get("/cart/items/total/dan").await.body["cartitemtotal"], 2);
}

fn line(itemid: &str, name: &str, quantity: u32, price: u32) -> Value {
    json!({"itemid": itemid, "name": name, "description": "", "quantity": quantity, "price": price})
}

#[tokio::test]
async fn a_whole_cart_is_what_adding_its_lines_one_by_one_makes() {
    let (whole, single) = (open(), open());
    let lines = [
        line("1", "old", 9_000, 1),
        line("2", "other", 10_000, 1),
        line("1", "newer", 999, 2),
        line("1", "last", 1, 3),
    ];
    for line in &lines {
        assert_eq!(single.post("/cart/item/add/dan", line).await.status, StatusCode::OK, "{line}");
    }
    assert_eq!(whole.post("/cart/modify/dan", &json!({"cart": lines})).await.status, StatusCode::OK);
    let cart = whole.get("/cart/items/dan").await.body;
    assert_eq!(cart, single.get("/cart/items/dan").await.body);
    assert_eq!(cart["cart"][0], line("1", "last", 10_000, 3));
}

#[tokio::test]
async fn a_cart_is_full_at_a_hundred_different_items() {
    let client = open();
    let add = async |item: usize| {
        client.post("/cart/item/add/dan", &sent(&format!("i-{item}"), json!(1), json!(1))).await
    };
    for item in 0..100 {
        assert_eq!(add(item).await.status, StatusCode::OK);
    }
    let full = add(100).await;
    assert_eq!(full.status, StatusCode::CONFLICT, "{:?}", full.body);
    assert_eq!(add(7).await.status, StatusCode::OK, "more of what is in it");
    assert_eq!(client.get("/cart/items/total/dan").await.body["cartitemtotal"], 101);
}

#[tokio::test]
async fn a_fault_names_its_field() {
    let shop = open();
    let full = sent("1", json!(10_000), json!(1));
    for (path, body, field) in [
        ("/cart/item/add/dan", json!([]), "body"),
        ("/cart/item/add/dan", json!({"quantity": 1, "price": 1}), "itemid"),
        ("/cart/item/add/dan", sent("1", json!(0), json!(1)), "quantity"),
        ("/cart/item/add/dan", sent("1", json!(10_001), json!(1)), "quantity"),
        ("/cart/item/add/dan", sent("1", json!(1.5), json!(1)), "quantity"),
        ("/cart/item/add/dan", sent("1", json!(1), json!(-1)), "price"),
        ("/cart/item/add/dan", sent("1", json!(1), json!("1.234")), "price"),
        ("/cart/item/add/dan", sent("1", json!(1), Value::Null), "price"),
        ("/cart/item/modify/dan", json!({"itemid": "1"}), "quantity"),
        ("/cart/modify/dan", json!({}), "cart"),
        ("/cart/modify/dan", json!({"cart": [sent("1", json!(1), json!(1)), 7]}), "cart[1]"),
        ("/cart/modify/dan", json!({"cart": [sent("1", json!(1), Value::Null)]}), "cart[0].price"),
        (
            "/cart/modify/dan",
            json!({"cart": [full, sent("2", json!(1), json!(1)), full]}),
            "cart[2].quantity",
        ),
    ] {
        let answer = shop.post(path, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: expected ")), "{path} {body}: {message}");
        assert_eq!(answer.body["status"], 400);
        assert!(answer.body["requestId"].is_string());
    }
}

#[tokio::test]
async fn carts_belong_to_their_users() {
    let tokens = Tokens::generate();
    let shop = behind(tokens.authorizer.clone());
    let (dan, eve) =
        (shop.bearer(&tokens.customer("id-1", "dan")), shop.bearer(&tokens.customer("id-2", "eve")));
    let staff = shop.bearer(&tokens.staff());
    let added = dan.post("/cart/item/add/dan", &sent("bar", json!(2), json!(0.01))).await;
    assert_eq!(added.status, StatusCode::OK);
    // The name and the id mean the same cart, and the price is the catalog's price.
    assert_eq!(dan.get("/cart/total/id-1").await.body, json!({"carttotal": 20, "userid": "id-1"}));
    assert_eq!(staff.get("/cart/total/id-1").await.body["carttotal"], 20);
    for name in ["dan", "id-1"] {
        let cart = dan.get(&format!("/cart/items/{name}")).await.body;
        assert_eq!((&cart["userid"], cart["cart"].as_array().unwrap().len()), (&json!(name), 1));
    }
    let unknown = dan.post("/cart/item/add/dan", &sent("club", json!(1), json!(1))).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(unknown.body["message"].as_str().unwrap().starts_with("itemid: "));

    for (method, path) in [
        ("POST", "/cart/item/add/dan"),
        ("GET", "/cart/clear/dan"),
        ("DELETE", "/cart/clear/dan"),
        ("POST", "/cart/item/modify/dan"),
        ("GET", "/cart/items/total/dan"),
        ("POST", "/cart/modify/dan"),
        ("GET", "/cart/total/id-1"),
        ("GET", "/cart/items/id-1"),
        ("GET", "/cart/all"),
    ] {
        assert_eq!(shop.send(method, path, "{}").await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(eve.send(method, path, "{}").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(staff.get("/cart/all").await.status, StatusCode::OK);
}
