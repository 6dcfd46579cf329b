//! The sweep: which event it publishes for which order, how often, and that no failure holds up other orders.

use std::time::Duration;

use acme_common::id::OrderId;
use acme_http::Authorizer;
use acme_order::Status;
use acme_order::store::{STUCK_AFTER, Stillness};
use acme_order::sweep::SweepError;
use acme_payment::{Outcome, Payments};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::shaky::Lost;
use super::shop::{BOUND, Shop, now, pass_time, sent, watched};

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["metadata"]["type"].as_str().unwrap()).collect()
}

#[test]
fn an_order_stands_still_from_its_bound_on_and_beyond_the_skew_of_clocks() {
    let still = Stillness { now: now(), after: SignedDuration::from_secs(BOUND) };
    let (instant, minute) = (SignedDuration::from_nanos(1), SignedDuration::from_secs(60));
    for (touched, holds) in [
        (still.before(), true),
        (still.before() + instant, false),
        (still.now, false),
        (still.now + minute, false),
        (still.now + minute + instant, true),
    ] {
        assert_eq!(still.holds(touched, STUCK_AFTER - 1), holds, "{touched}");
    }
    assert!(!still.holds(still.before(), STUCK_AFTER), "a stuck order waits longer");
    assert!(still.holds(still.stuck_before(), STUCK_AFTER));
}

#[tokio::test]
async fn each_status_calls_for_its_event() {
    for (status, event) in [
        (Status::PendingPayment, Some("PaymentRequestedEvent")),
        (Status::Success, Some("ShipmentRequested")),
        (Status::Shipped, Some("ShipmentRequested")),
        (Status::Error, None),
        (Status::Delivered, None),
    ] {
        let shop = Shop::new();
        let order = shop.keep(|order| order.status = status).await;
        pass_time(BOUND - 1);
        assert_eq!(shop.sweep().run().await.unwrap(), 0, "{status:?}, too early");
        pass_time(1);
        assert_eq!(shop.sweep().run().await.unwrap(), usize::from(event.is_some()), "{status:?}");
        let (id, events) = (json!(order.id), shop.events());
        let data = match event {
            Some("PaymentRequestedEvent") => {
                vec![json!({"orderID": id, "total": "157.52", "card": events[0]["data"]["card"]})]
            }
            Some(_) => vec![json!({"_id": id, "orderID": id, "delivery": "UPS/FEDEX"})],
            None => Vec::new(),
        };
        assert_eq!(kinds(&events), Vec::from_iter(event));
        assert_eq!(events.iter().map(|event| event["data"].clone()).collect::<Vec<_>>(), data);
        assert_eq!(shop.order().await, order, "a push changes nothing of the order");
    }
}

#[tokio::test]
async fn a_lost_request_is_sent_again_with_its_card_and_the_order_is_paid() {
    let shop = Shop::new();
    shop.client(Authorizer::AllowAll).post("/order/add/dan", &sent()).await;
    pass_time(BOUND);
    shop.sweep().run().await.unwrap();
    let events = shop.events();
    assert_eq!((events.len(), &events[0]), (2, &events[1]), "the very same event");
    shop.deliver().await;
    assert_eq!(shop.order().await.status, Status::Success);
    let kept = format!("{:?}", shop.orders.kept);
    assert!(!kept.contains(events[0]["data"]["card"]["sealed"].as_str().unwrap()), "the card is forgotten");
}

#[tokio::test]
async fn an_order_whose_payment_was_never_requested_is_paid_and_one_without_a_card_is_declined() {
    for (card, status) in [(true, Status::Success), (false, Status::Error)] {
        let shop = Shop::new();
        let order = if card { shop.keep(|_| ()).await } else { shop.keep_without_card().await };
        pass_time(BOUND);
        shop.sweep().run().await.unwrap();
        shop.deliver().await;
        assert_eq!(shop.order().await.status, status);
        let payment = shop.payments.get(&order.id).await.unwrap().unwrap();
        let unreadable = Outcome::Declined { reason: "creditcard cannot be read".into() };
        assert_eq!(payment.outcome == unreadable, !card, "{payment:?}");
        let (first, second) = (&shop.events()[0], &shop.events()[1]);
        assert_eq!(
            kinds(&[first.clone(), second.clone()]),
            ["PaymentRequestedEvent", "CreditCardValidatedEvent"]
        );
    }
}

/// Eight orders and a clock that was set back once hid all orders from the sweep.
#[tokio::test]
async fn a_clock_that_was_set_back_hides_no_order() {
    for back in [1, 59, 61, 600, 86_400] {
        let shop = Shop::new();
        for _ in 0..8 {
            shop.keep(|_| ()).await;
        }
        pass_time(-back);
        let pushed = shop.sweep().run().await.unwrap();
        assert_eq!(pushed, if back > 60 { 8 } else { 0 }, "{back} s");
        // Two clocks may differ by a minute. Within that minute the order is found one minute later.
        pass_time(BOUND + 60);
        assert_eq!(shop.sweep().run().await.unwrap(), 8, "{back} s");
        shop.deliver().await;
        assert!(shop.kept().await.iter().all(|order| order.status == Status::Success), "{back} s");
    }
}

#[test]
fn an_order_that_no_push_moves_is_reported_as_stuck_once() {
    let shop = Shop::new();
    let (reported, id) = watched(async {
        let order = shop.keep(|order| order.status = Status::Shipped).await;
        for _ in 0..STUCK_AFTER + 5 {
            pass_time(12 * BOUND);
            assert_eq!(shop.sweep().run().await.unwrap(), 1);
        }
        order.id
    });
    let stuck: Vec<_> = reported.iter().filter(|event| event.level == sentry::Level::Error).collect();
    let [stuck] = &stuck[..] else { panic!("{stuck:?}") };
    let text = stuck.exception.values.last().unwrap().value.clone().unwrap();
    let start = format!("order [{id}] is stuck as shipped - pending delivery since 2026-11-23T");
    assert!(text.starts_with(&start) && text.ends_with(": 10 pushes did not move it"), "{text}");
    assert_eq!(stuck.tags.get("order.id").map(String::as_str), Some(id.as_str()));
}

/// An event that the transport never accepts must not hold up the orders behind it in every sweep.
#[tokio::test]
async fn a_push_that_fails_counts() {
    let shop = Shop::new();
    let order = shop.keep(|order| order.status = Status::Success).await;
    pass_time(BOUND);
    shop.bus.kept.fail_next(1);
    assert!(matches!(shop.sweep().run().await, Err(SweepError::Publish(_))));
    assert_eq!(shop.sweep().run().await.unwrap(), 0, "it makes way");
    pass_time(BOUND);
    assert_eq!(shop.sweep().run().await.unwrap(), 1);
    assert_eq!(shop.events()[0]["data"]["_id"], order.id.as_str());
}

#[tokio::test]
async fn an_order_is_pushed_once_in_a_bound() {
    let shop = Shop::new();
    shop.keep(|order| order.status = Status::Success).await;
    for (seconds, pushed) in
        [(0, 0), (BOUND, 1), (0, 0), (60, 0), (BOUND - 61, 0), (1, 1), (1, 0), (2 * BOUND, 1)]
    {
        pass_time(seconds);
        assert_eq!(shop.sweep().run().await.unwrap(), pushed, "{seconds} s later");
    }
    assert_eq!(shop.events().len(), 3);
}

#[tokio::test]
async fn nothing_stands_still_for_longer_than_time_runs() {
    let shop = Shop::new();
    shop.keep(|_| ()).await;
    for (after, pushed) in [(Duration::MAX, 0), (Duration::from_secs(u64::MAX / 2), 0), (Duration::ZERO, 1)] {
        assert_eq!(shop.sweep_after(after).run().await.unwrap(), pushed, "{after:?}");
    }
}

#[test]
fn of_two_sweeps_at_once_one_counts_the_push_and_reports_it() {
    let shop = Shop::new();
    let (reported, ()) = watched(async {
        shop.keep(|_| ()).await;
        pass_time(BOUND);
        let (one, two) = (shop.sweep(), shop.sweep());
        let (one, two) = futures_util::future::join(one.run(), two.run()).await;
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        shop.deliver().await;
        assert_eq!(shop.order().await.status, Status::Success);
    });
    let pushes = reported.iter().filter(|event| event.level == sentry::Level::Warning);
    assert_eq!(pushes.count(), 1, "{reported:?}");
}

#[tokio::test]
async fn one_that_fails_holds_up_no_other_and_is_reached_by_the_next_sweep() {
    // The steps of a sweep over two orders: it finds them, publishes for each of them, and counts a push of each of
    // them.
    for (step, lost, events, again) in [
        (0, Lost::Request, 0, 2),
        (1, Lost::Request, 1, 0),
        (1, Lost::Answer, 2, 0),
        (2, Lost::Request, 1, 0),
        (3, Lost::Request, 2, 1),
        (4, Lost::Request, 2, 1),
    ] {
        let shop = Shop::new();
        for _ in 0..2 {
            shop.keep(|order| order.status = Status::Success).await;
        }
        pass_time(BOUND);
        shop.steps.break_after(step, lost);
        let error = shop.sweep().run().await.unwrap_err();
        let of_the_bus = matches!(error, SweepError::Publish(_));
        assert_eq!(
            (of_the_bus, error.to_string().as_str()),
            ((1..=2).contains(&step), "the sweep did not get through")
        );
        assert_eq!(shop.events().len(), events, "{step} {lost:?}");
        assert_eq!(shop.sweep().run().await.unwrap(), again, "{step} {lost:?}");
        pass_time(BOUND);
        assert_eq!(shop.sweep().run().await.unwrap(), 2, "{step} {lost:?}");
    }
}

#[test]
fn each_push_is_reported_under_its_own_order() {
    let shop = Shop::new();
    let (reported, ids) = watched(async {
        let mut ids = Vec::<OrderId>::new();
        for status in [Status::PendingPayment, Status::Success, Status::Shipped, Status::Delivered] {
            ids.push(shop.keep(|order| order.status = status).await.id);
        }
        pass_time(BOUND);
        shop.sweep().run().await.unwrap();
        sentry::capture_message("the end", sentry::Level::Info);
        ids
    });
    let texts = [
        "stood still as Pending Payment: PaymentRequestedEvent was sent again",
        "stood still as success: ShipmentRequested was sent again",
        "stood still as shipped - pending delivery: ShipmentRequested was sent again",
    ];
    let [warnings @ .., end] = &reported[..] else { panic!("{reported:?}") };
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    for ((warning, id), text) in warnings.iter().zip(&ids).zip(texts) {
        assert_eq!(warning.message, Some(format!("order [{id}] {text}")));
        assert_eq!(warning.level, sentry::Level::Warning);
        assert_eq!(warning.tags.get("order.id").map(String::as_str), Some(id.as_str()));
    }
    assert!(!end.tags.values().any(|id| ids[..3].iter().any(|swept| swept.as_str() == id)), "{:?}", end.tags);
}
