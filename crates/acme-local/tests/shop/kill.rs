//! The process is killed in the middle of fifty orders, and then started again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::client::Client;
use crate::process::{Shop, directory};
use crate::{good_card, order, wait_for};

const ORDERS: usize = 50;
const CLIENTS: usize = 5;

#[test]
fn every_order_that_was_answered_is_delivered_once() {
    let directory = directory();
    let shop = Shop::start(&directory, &[]);
    let client = shop.client().logged_in("han");
    let body = order(&client, &good_card());
    let answered_so_far = AtomicUsize::new(0);
    let (answered, mut printed) = thread::scope(|scope| {
        let place = || {
            let tries = (0..ORDERS / CLIENTS).map_while(|_| placed(&client, &body));
            tries
                .inspect(|_| {
                    answered_so_far.fetch_add(1, Ordering::Relaxed);
                })
                .collect::<Vec<_>>()
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(place)).collect();
        wait_for("half of the orders", || {
            (answered_so_far.load(Ordering::Relaxed) >= ORDERS / 2).then_some(())
        });
        let printed = shop.kill();
        (clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<BTreeSet<_>>(), printed)
    });
    assert!((ORDERS / 2..ORDERS).contains(&answered.len()), "killed in the middle: {}", answered.len());

    let shop = Shop::start(&directory, &[]);
    let client = shop.client().logged_in("han");
    let orders = wait_for("the end of every order", || {
        let orders = client.get("/order/han?limit=1000").json();
        let orders: BTreeMap<String, Value> = orders
            .as_array()?
            .iter()
            .map(|order| (order["_id"].as_str().unwrap().to_owned(), order.clone()))
            .collect();
        orders
            .values()
            .all(|order| order["status"] == "delivered" || order["status"] == "error")
            .then_some(orders)
    });
    for id in &answered {
        assert_eq!(orders[id]["status"], "delivered", "{id} was answered with 200");
    }
    printed.extend(shop.printed());
    let mut told_of = 0;
    for (id, order) in &orders {
        let told = |before: &str| -> BTreeSet<&str> {
            let of_this = printed.iter().filter(|line| line.starts_with(&format!("order {id} ")));
            of_this.filter_map(|line| line.split_once(before)).map(|(_, number)| number).collect()
        };
        let (payments, shipments) = (told(", transaction "), told("tracking number "));
        // The kill may come between a payment and its log line. But no log line may name another payment.
        for (told, kept) in [(&payments, "transactionID"), (&shipments, "trackingNumber")] {
            let kept: BTreeSet<_> = order[kept].as_str().into_iter().collect();
            assert!(told.is_subset(&kept), "{id} has {kept:?}, and {told:?} were told");
        }
        told_of += payments.len() + shipments.len();
    }
    assert!(told_of >= orders.len(), "most of it is told: {told_of}");
    println!("{} of {ORDERS} orders answered before the kill, {} kept", answered.len(), orders.len());
}

/// The id of an order that got a 200, or `None` once the shop has ended.
fn placed(client: &Client, body: &Value) -> Option<String> {
    let answer = client.try_post("/order/add/han", body).ok()?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Some(answer.json()["order_id"].as_str().unwrap().to_owned())
}
