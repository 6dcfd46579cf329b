//! What every store of payments must do. The tests of each store run this suite.

#![allow(clippy::unwrap_used, missing_docs, reason = "for tests")]

use acme_common::id::OrderId;
use acme_common::money::Money;
use jiff::Timestamp;

use crate::payment::{Outcome, Payment, Reason};
use crate::store::{Payments, Recorded};

/// Runs the whole suite on an empty store.
pub async fn check(payments: &dyn Payments) {
    every_outcome_is_kept_whole(payments).await;
    the_first_payment_wins(payments).await;
    of_many_at_once_one_is_new(payments).await;
}

async fn every_outcome_is_kept_whole(payments: &dyn Payments) {
    for checked in [Ok(()), Err(Reason::Expired), Err(Reason::Sealed)] {
        for cents in [0, 1, 7_376, Money::MAX.cents(), Money::MAX.cents() * 100] {
            let payment = payment(&OrderId::random(), checked, cents);
            assert_eq!(payments.get(&payment.order_id).await.unwrap(), None);
            let recorded = payments.record_once(payment.clone()).await.unwrap();
            assert_eq!(recorded, Recorded { payment: payment.clone(), new: true });
            assert_eq!(payments.get(&payment.order_id).await.unwrap(), Some(payment));
        }
    }
}

async fn the_first_payment_wins(payments: &dyn Payments) {
    for first in [Ok(()), Err(Reason::Cvv)] {
        let order = OrderId::parse(&format!("an order of another shop/{first:?} é")).unwrap();
        let stored = payment(&order, first, 100);
        payments.record_once(stored.clone()).await.unwrap();
        for later in [Ok(()), Err(Reason::Cvv), Err(Reason::Sealed)] {
            let recorded = payments.record_once(payment(&order, later, 200)).await.unwrap();
            assert_eq!(recorded, Recorded { payment: stored.clone(), new: false });
        }
        assert_eq!(payments.get(&order).await.unwrap(), Some(stored));
    }
}

async fn of_many_at_once_one_is_new(payments: &dyn Payments) {
    let order = OrderId::random();
    let tries = (1..=20).map(|cents| payments.record_once(payment(&order, Ok(()), cents)));
    let recorded: Vec<Recorded> =
        futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(recorded.iter().filter(|r| r.new).count(), 1);
    assert!(recorded.iter().all(|r| r.payment == recorded[0].payment));
    assert_eq!(payments.get(&order).await.unwrap().as_ref(), Some(&recorded[0].payment));
}

fn payment(order: &OrderId, checked: Result<(), Reason>, cents: i64) -> Payment {
    Payment {
        order_id: order.clone(),
        amount: Money::from_cents(cents),
        outcome: Outcome::of(checked),
        at: Timestamp::from_millisecond(1_795_428_000_123).unwrap(),
    }
}
