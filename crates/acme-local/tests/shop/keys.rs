//! Fifty clients send one request at once under one Idempotency-Key. It has one effect, and the answers do not
//! contradict each other.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::client::Client;
use crate::process::{Shop, directory};
use crate::{good_card, order, wait_for};

const CLIENTS: usize = 50;

/// Sends `body` from all clients at once, and then once more. Returns the answer, which must be the same for all
/// clients.
fn all_at_once(client: &Client, path: &str, body: &Value, good: u16) -> Value {
    let answers: Vec<_> = thread::scope(|scope| {
        let send = || client.post(path, body);
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(send)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let statuses: BTreeSet<_> = answers.iter().map(|answer| answer.status).collect();
    assert!(statuses.is_subset(&BTreeSet::from([good, 409])), "{path}: {statuses:?}");
    let again = client.post(path, body);
    assert_eq!(again.status, good, "{path}: {}", again.text());
    let answered: Vec<_> = answers.iter().filter(|answer| answer.status == good).collect();
    assert!(!answered.is_empty(), "{path}");
    assert!(answered.iter().all(|answer| answer.json() == again.json()), "{path}");
    let waiting = answers.iter().filter(|answer| answer.status == 409);
    assert!(waiting.clone().all(|answer| answer.text().contains("is in progress")), "{path}");
    again.json()
}

#[test]
fn one_key_is_one_effect_on_each_route_that_adds_or_creates() {
    let shop = Shop::owning(directory(), &[]);
    let (nobody, staff) = (shop.client().with_key("k-1"), shop.client().logged_in("staff"));
    let walter = shop.client().logged_in("walter");
    let body = order(&walter, &good_card());

    let placed = all_at_once(&walter.with_key("order"), "/order/add/walter", &body, 200);
    let orders = wait_for("delivery", || {
        let orders = walter.get("/order/walter").json();
        (orders[0]["status"] == "delivered").then_some(orders)
    });
    assert_eq!((orders.as_array().unwrap().len(), &orders[0]["_id"]), (1, &placed["order_id"]));

    let item = json!({"itemid": body["cart"][0]["id"], "quantity": 3});
    all_at_once(&walter.with_key("cart"), "/cart/item/add/walter", &item, 200);
    assert_eq!(walter.get("/cart/items/total/walter").json()["cartitemtotal"], 3);

    let product = json!({"name": "Sled", "shortDescription": "s", "description": "d", "imageUrl1": "/1",
        "imageUrl2": "/2", "imageUrl3": "/3", "price": 12.5, "tags": []});
    let added = all_at_once(&staff.with_key("product"), "/products", &product, 201);
    let products = staff.get("/products").json();
    let sleds: Vec<_> = products["data"].as_array().unwrap().iter().filter(|p| p["name"] == "Sled").collect();
    assert_eq!(sleds, [&added["resourceId"]]);

    let person = json!({"username": "newman", "password": "vmware1!", "firstname": "N", "lastname": "N",
        "email": "newman@example.com"});
    let registered = all_at_once(&nobody, "/register", &person, 201);
    let people = staff.get("/users").json();
    let of_that_name = people["data"].as_array().unwrap().iter().filter(|user| user["username"] == "newman");
    assert_eq!(of_that_name.map(|user| &user["id"]).collect::<Vec<_>>(), [&registered["resourceId"]]);

    // Another caller may use the same key for another request. The same caller may not.
    let eric = shop.client().logged_in("eric").with_key("order");
    let his = eric.post("/order/add/eric", &body);
    assert!(his.status == 200 && his.json()["order_id"] != placed["order_id"]);
    for (client, path, body) in [
        (walter.with_key("order"), "/order/add/walter", order(&walter, &json!({"type": "Visa"}))),
        (walter.with_key("order"), "/cart/item/add/walter", item),
        (nobody, "/register", json!({"username": "kramer"})),
    ] {
        assert_eq!(client.post(path, &body).status, 422, "{path}");
    }
}
