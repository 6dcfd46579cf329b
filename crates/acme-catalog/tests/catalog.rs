//! The catalog's routes, called as a client calls them, and its store in memory.

use std::sync::Arc;

use acme_catalog::product::ProductRequest;
use acme_catalog::{MemoryProducts, Product, Products, demo, http};
use acme_common::idempotency::MemoryKeys;
use acme_common::json::{Field, FromJson};
use acme_common::money::Money;
use acme_http::testing::{Client, Tokens};
use acme_http::{Authorizer, Idempotency};
use axum::http::StatusCode;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

#[tokio::test]
async fn the_store_in_memory_conforms() {
    acme_catalog::conformance::check(&MemoryProducts::default()).await;
}

fn behind(authorizer: Authorizer) -> Client {
    let keys = MemoryKeys::default();
    let products: http::Store = Arc::new(MemoryProducts::new(keys.clone()));
    let functions = http::functions(&products, &Idempotency::new(Arc::new(keys), Timestamp::now));
    Client::of_functions(functions, authorizer)
}

fn open() -> Client {
    behind(Authorizer::AllowAll)
}

#[tokio::test]
async fn a_product_is_added_and_read() {
    let shop = open();
    assert_eq!(shop.get("/products").await.body, json!({"data": []}));

    let sent = json!({
        "id": "mine", "Name": "Kettlebell", "shortdescription": "16 kg", "description": "Cast in one piece.",
        "imageurl1": "/1.svg", "imageUrl2": "/2.svg", "IMAGEURL3": "/3.svg", "price": "\"34.90\"", "tags": ["iron", 16],
    });
    let added = shop.post("/products", &sent).await;
    assert_eq!(added.status, StatusCode::CREATED);
    assert_eq!(added.body["message"], "Product created successfully!");
    assert_eq!(added.body["status"], 201);
    let product = added.body["resourceId"].clone();
    let id = product["id"].as_str().unwrap();
    assert_ne!(id, "mine");
    assert_eq!(
        product,
        json!({
            "id": id, "name": "Kettlebell", "shortDescription": "16 kg", "description": "Cast in one piece.",
            "imageUrl1": "/1.svg", "imageUrl2": "/2.svg", "imageUrl3": "/3.svg", "price": 34.9, "tags": ["iron", "16"],
        })
    );

    let got = shop.get(&format!("/products/{id}/")).await;
    let mut expected = product.clone();
    expected["data"] = product.clone();
    expected["status"] = json!(200);
    assert_eq!((got.status, got.body), (StatusCode::OK, expected));

    let bare = shop.post("/product/", &json!({"name": "Air", "price": 0})).await;
    assert_eq!(bare.status, StatusCode::CREATED);
    let bare = &bare.body["resourceId"];
    assert_eq!((&bare["shortDescription"], &bare["tags"]), (&json!(""), &json!([])));
    assert_eq!(shop.get("/products").await.body, json!({"data": [bare, product]}));
}

#[tokio::test]
async fn a_product_under_one_key_is_added_once() {
    let shop = open();
    let [rope, ball] = ["Rope", "Ball"].map(|name| json!({"name": name, "price": 1}));
    let added = shop.post_under_one_key("/products", &rope, &ball).await;
    assert_eq!(added.status, StatusCode::CREATED);
    assert_eq!(shop.get("/products").await.body, json!({"data": [added.body["resourceId"]]}));
}

#[tokio::test]
async fn what_is_not_there_is_a_404() {
    let long = "x".repeat(200);
    for id in ["none", "%20", "%00", "%FF", &long] {
        let answer = open().get(&format!("/products/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(answer.body["status"], 404);
    }
}

#[tokio::test]
async fn a_fault_names_its_field() {
    let shop = open();
    let with = |name: &str, value: Value| {
        let mut body = json!({"name": "n", "price": 1});
        body[name] = value;
        body
    };
    for (body, field) in [
        (json!([]), "body"),
        (json!({"price": 1}), "name"),
        (json!({"name": "n"}), "price"),
        (with("name", json!("")), "name"),
        (with("name", json!("x".repeat(257))), "name"),
        (with("shortDescription", json!("x".repeat(4097))), "shortDescription"),
        (with("description", json!(["x"])), "description"),
        (with("imageUrl2", json!({})), "imageUrl2"),
        (with("price", json!(-1)), "price"),
        (with("price", json!("1.234")), "price"),
        (with("tags", json!("iron")), "tags"),
        (with("tags", json!(vec!["x"; 51])), "tags"),
        (with("tags", json!(["iron", null])), "tags[1]"),
        (with("tags", json!(["x".repeat(65)])), "tags[0]"),
    ] {
        let answer = shop.post("/products", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: expected ")), "{body}: {message}");
    }
}

#[tokio::test]
async fn all_may_read_and_staff_may_add() {
    let tokens = Tokens::generate();
    let shop = behind(tokens.authorizer.clone());
    let (dan, staff) = (shop.bearer(&tokens.customer("id-1", "dan")), shop.bearer(&tokens.staff()));
    let bar = json!({"name": "Bar", "price": 10});
    for path in ["/products", "/product"] {
        assert_eq!(shop.post(path, &bar).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(dan.post(path, &bar).await.status, StatusCode::FORBIDDEN);
        assert_eq!(staff.post(path, &bar).await.status, StatusCode::CREATED);
    }
    let all = shop.get("/products").await;
    assert_eq!(all.body["data"].as_array().unwrap().len(), 2);
    let id = all.body["data"][0]["id"].as_str().unwrap();
    assert_eq!(shop.get(&format!("/products/{id}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_demo_assortment_has_all_its_pictures() {
    let store = MemoryProducts::default();
    let mut expected = demo::products();
    assert_eq!(expected.len(), 12);
    for product in &expected {
        for address in [&product.image_url1, &product.image_url2, &product.image_url3] {
            let svg = address.strip_prefix("/static/images/").and_then(demo::image);
            assert!(svg.is_some_and(|svg| svg.starts_with("<svg ")), "{address}");
        }
    }
    assert_eq!(demo::image("none.svg"), None);

    // A new start of the shop does not undo a change to one of its products.
    expected[0].price = Money::from_cents(1);
    store.add(expected[0].clone(), None).await.unwrap();
    demo::seed(&store).await.unwrap();
    expected.sort_by(Product::by_name);
    assert_eq!(store.all().await.unwrap(), expected);
}

/// JSON of any shape. It has the members of a product more often than pure chance would give.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        "\"?[0-9]{0,11}\\.?[0-9]{0,3}\"?".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("name".to_owned()),
        Just("PRICE".to_owned()),
        Just("tags".to_owned()),
        Just("imageUrl1".to_owned()),
        ".{0,8}",
    ];
    leaf.prop_recursive(3, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_a_product_or_a_fault_with_a_name(json in any_json()) {
        match ProductRequest::from_json(&Field::root(&json)) {
            Ok(ProductRequest(product)) => prop_assert!(!product.name.is_empty()),
            Err(fault) => prop_assert!(!fault.field.is_empty()),
        }
    }
}
