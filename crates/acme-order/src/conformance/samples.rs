//! The orders, changes and cards that the suite works with.

use std::sync::OnceLock;

use acme_common::card::{CardSummary, SealedCard};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::money::Money;
use acme_common::telemetry::Trace;
use jiff::{SignedDuration, Timestamp};

use crate::order::{Address, Line, Order};
use crate::status::Status;
use crate::store::{Change, NewOrder};

pub(super) fn new(order: &Order) -> NewOrder<'_> {
    static BESIDE: OnceLock<(SealedCard, Trace)> = OnceLock::new();
    let (card, trace) = BESIDE.get_or_init(|| (card(), trace()));
    NewOrder { order, card, trace, keyed: None }
}

pub(super) fn trace() -> Trace {
    Trace(vec![("baggage".into(), "sentry-sampled=true".into()), ("sentry-trace".into(), "t-s-1".into())])
}

pub(super) fn at(seconds: i64) -> Timestamp {
    "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

pub(super) fn change(status: Status, seconds: i64) -> Change {
    Change {
        status,
        transaction_id: Some("t-1".into()),
        tracking_number: Some("n-1".into()),
        at: at(seconds),
    }
}

pub(super) fn card() -> SealedCard {
    let summary = CardSummary { brand: "Visa".into(), last4: "1111".into(), exp_month: 1, exp_year: 2030 };
    SealedCard { summary, sealed: "c2VhbGVk".into() }
}

pub(super) fn order(user: &UserId, seconds: i64) -> Order {
    let line = Line {
        id: ProductId::parse("p-1").unwrap(),
        name: "Kettle bell".into(),
        description: "16 kg".into(),
        quantity: 2,
        price: Money::from_cents(3_499),
    };
    Order {
        id: OrderId::random(),
        status: Status::PendingPayment,
        userid: user.clone(),
        firstname: "Elaine".into(),
        lastname: "B".into(),
        address: Address { street: "1 Main".into(), city: "NY".into(), ..Address::default() },
        email: "elaine@example.com".into(),
        delivery: "UPS/FEDEX".into(),
        card: card().summary,
        cart: vec![line],
        total: Money::from_cents(6_998),
        created_at: at(seconds),
        updated_at: at(seconds),
        tracking_number: None,
        transaction_id: None,
    }
}
