//! Which orders a store finds because they stand still, how it counts pushes, and when an order is stuck.

use acme_common::id::UserId;
use jiff::SignedDuration;

use super::samples::{at, card, change, new, order, trace};
use crate::status::Status;
use crate::store::{MOST_STALLED, Orders, STUCK_AFTER, Stalled, Stillness};

pub(super) async fn what_stands_still_is_found(orders: &dyn Orders) {
    let user = UserId::random();
    let (pending, paid, shipped, done, failed) =
        (order(&user, 10), order(&user, 10), order(&user, 10), order(&user, 10), order(&user, 10));
    let all = [&pending, &paid, &shipped, &done, &failed];
    for order in all {
        orders.create(&new(order)).await.unwrap();
    }
    for (order, status) in [
        (&paid, Status::Success),
        (&shipped, Status::Success),
        (&shipped, Status::Shipped),
        (&done, Status::Delivered),
        (&failed, Status::Error),
    ] {
        orders.advance(&order.id, &change(status, 20)).await.unwrap();
    }
    let find = async |stillness: &Stillness| {
        let mut found = orders.stalled(stillness).await.unwrap();
        let place = |stalled: &Stalled| all.iter().position(|order| order.id == stalled.id);
        found.retain(|stalled| place(stalled).is_some());
        found.sort_by_key(place);
        found
    };
    let ids = |found: &[Stalled]| found.iter().map(|stalled| stalled.id.clone()).collect::<Vec<_>>();
    for (now, still) in [
        (9, vec![]),
        (19, vec![]),
        (20, vec![&pending]),
        (29, vec![&pending]),
        (30, vec![&pending, &paid, &shipped]),
        // Two clocks may differ by a minute. A time that is further ahead comes from a clock that was wrong.
        (-40, vec![]),
        (-41, vec![&paid, &shipped]),
        (-51, vec![&pending, &paid, &shipped]),
    ] {
        let still: Vec<_> = still.into_iter().map(|order| order.id.clone()).collect();
        assert_eq!(ids(&find(&stillness(now)).await), still, "{now}");
    }
    let none = Stillness { now: at(30), after: SignedDuration::MAX };
    assert!(find(&none).await.is_empty(), "nothing can stand still for so long");

    let found = find(&stillness(30)).await;
    let cards: Vec<_> = found.iter().map(|stalled| stalled.card.clone()).collect();
    assert_eq!(cards, [Some(card()), None, None], "what is paid for needs no card");
    let [first, .., last] = &found[..] else { panic!("{found:?}") };
    assert_eq!((first.touched, first.since, first.total), (at(10), at(10), pending.total));
    assert_eq!((&first.trace, first.pushes), (&trace(), 0));
    assert_eq!((last.status, last.touched, &last.delivery), (Status::Shipped, at(20), &shipped.delivery));

    assert!(orders.pushed(first, at(40)).await.unwrap());
    assert!(!orders.pushed(first, at(41)).await.unwrap(), "it was pushed meanwhile");
    orders.advance(&paid.id, &change(Status::Delivered, 40)).await.unwrap();
    assert!(!orders.pushed(&found[1], at(41)).await.unwrap(), "it moved meanwhile");
    assert_eq!(ids(&find(&stillness(49)).await), std::slice::from_ref(&shipped.id));
    let again = find(&stillness(50)).await;
    assert_eq!((again[0].pushes, again[0].touched, again[0].since), (1, at(40), at(10)));
    assert_eq!(again[0].card, Some(card()), "a push takes nothing away");
}

pub(super) async fn what_moved_gets_no_push_though_its_time_is_the_same(orders: &dyn Orders) {
    let order = order(&UserId::random(), 10);
    orders.create(&new(&order)).await.unwrap();
    let found = orders.stalled(&stillness(30)).await.unwrap();
    let stalled = found.iter().find(|stalled| stalled.id == order.id).unwrap();
    orders.advance(&order.id, &change(Status::Success, 10)).await.unwrap();
    assert!(!orders.pushed(stalled, at(30)).await.unwrap());
}

pub(super) async fn what_is_stuck_is_found_less_often(orders: &dyn Orders) {
    let order = order(&UserId::random(), 10_000);
    orders.create(&new(&order)).await.unwrap();
    let find = async |now| {
        let found = orders.stalled(&stillness(now)).await.unwrap();
        found.into_iter().find(|stalled| stalled.id == order.id)
    };
    let mut now = 10_000;
    for pushes in 0..STUCK_AFTER {
        now += 10;
        let stalled = find(now).await.unwrap_or_else(|| panic!("not found after {pushes} pushes"));
        assert_eq!(stalled.pushes, pushes);
        assert!(orders.pushed(&stalled, at(now)).await.unwrap());
    }
    for (seconds, found) in [(10, false), (119, false), (120, true), (-61, true)] {
        assert_eq!(find(now + seconds).await.is_some(), found, "{seconds} s after the last push");
    }
    // An order that moves is not stuck any more.
    orders.advance(&order.id, &change(Status::Success, now)).await.unwrap();
    let stalled = find(now + 10).await.unwrap();
    assert_eq!((stalled.pushes, stalled.since), (0, at(now)));
}

pub(super) async fn of_many_that_stand_still_some_are_found_at_once(orders: &dyn Orders) {
    let user = UserId::random();
    let mut ids = Vec::new();
    for _ in 0..=MOST_STALLED {
        let order = order(&user, 10);
        orders.create(&new(&order)).await.unwrap();
        ids.push(order.id);
    }
    let mut found = Vec::new();
    loop {
        let stalled = orders.stalled(&stillness(100)).await.unwrap();
        assert!(stalled.len() <= MOST_STALLED, "{} at once", stalled.len());
        if stalled.is_empty() {
            break;
        }
        for stalled in stalled {
            assert!(orders.pushed(&stalled, at(95)).await.unwrap());
            found.push(stalled.id);
        }
    }
    ids.retain(|id| !found.contains(id));
    assert!(ids.is_empty(), "never found: {ids:?}");
}

/// What a sweep at this second looks for, when a step may take ten seconds.
fn stillness(seconds: i64) -> Stillness {
    Stillness { now: at(seconds), after: SignedDuration::from_secs(10) }
}
