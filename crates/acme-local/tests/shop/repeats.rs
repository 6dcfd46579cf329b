//! The process is killed twenty times, at random moments of the clients' work, and the clients repeat their requests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::process::{Shop, directory};
use crate::{good_card, order, wait_for};

const ORDERS: usize = 300;
const KILLS: usize = 20;
const CLIENTS: usize = 6;

/// What the clients still have to send, and the ids of the orders that they got, by Idempotency-Key.
#[derive(Default)]
struct Work {
    waiting: VecDeque<String>,
    placed: BTreeMap<String, String>,
    url: String,
}

/// Sends orders, each with one piece for the cart, until all are answered. A request that fails is repeated after the
/// others.
fn send(work: &Mutex<Work>, client: &Client, body: &Value) {
    let item = json!({"itemid": body["cart"][0]["id"], "quantity": 1});
    loop {
        let (key, client) = {
            let mut work = work.lock().unwrap();
            if work.placed.len() == ORDERS {
                return;
            }
            match work.waiting.pop_front() {
                Some(key) => (key, client.at(&work.url)),
                None => continue,
            }
        };
        let ask = |name: &str, path: &str, body: &Value| -> Option<Value> {
            let answer = client.with_key(&format!("{name}-{key}")).try_post(path, body).ok()?;
            assert!([200, 409, 503].contains(&answer.status), "{path}: {}", answer.text());
            (answer.status == 200).then(|| answer.json())
        };
        let placed = ask("cart", "/cart/item/add/han", &item)
            .and_then(|_| ask("order", "/order/add/han", body))
            .and_then(|answer| Some(answer["order_id"].as_str()?.to_owned()));
        let mut work = work.lock().unwrap();
        match placed {
            Some(id) => drop(work.placed.insert(key, id)),
            None => {
                work.waiting.push_back(key);
                drop(work);
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn what_is_repeated_until_it_is_answered_counts_once() {
    let directory = directory();
    let shop = Shop::start(&directory, &[]);
    let client = shop.client().logged_in("han");
    let body = order(&client, &good_card());
    let waiting = (0..ORDERS).map(|n| n.to_string()).collect();
    let work = Mutex::new(Work { waiting, url: shop.url().to_owned(), ..Work::default() });
    let shop = thread::scope(|scope| {
        let mut shop = shop;
        for _ in 0..CLIENTS {
            scope.spawn(|| send(&work, &client, &body));
        }
        for kill in 1..=KILLS {
            let answered = kill * ORDERS / (KILLS + 1);
            wait_for("more orders", || (work.lock().unwrap().placed.len() >= answered).then_some(()));
            shop.kill();
            shop = Shop::start(&directory, &[]);
            shop.url().clone_into(&mut work.lock().unwrap().url);
        }
        shop
    });
    let client = shop.client().logged_in("han");
    let orders = wait_for("the end of every order", || {
        let orders = client.get("/order/han?limit=1000").json();
        let orders = orders.as_array()?.clone();
        orders.iter().all(|order| order["status"] == "delivered").then_some(orders)
    });
    let work = work.into_inner().unwrap();
    let mut kept: Vec<_> = orders.iter().map(|order| order["_id"].as_str().unwrap()).collect();
    let mut answered: Vec<_> = work.placed.values().map(String::as_str).collect();
    kept.sort_unstable();
    answered.sort_unstable();
    assert_eq!(kept, answered, "every order is one of a key, and every key has one order");
    assert_eq!(client.get("/cart/items/total/han").json()["cartitemtotal"], ORDERS);
    for (key, id) in work.placed.iter().step_by(30) {
        let again = client.with_key(&format!("order-{key}")).post("/order/add/han", &body);
        assert_eq!((again.status, &again.json()["order_id"]), (200, &json!(id)));
    }
}
