//! The status, in whatever order the changes come: it only rises, a final status stays, and the store agrees with a
//! model.

use acme_common::event::EventKind;
use acme_order::store::Change;
use acme_order::{Orders, Status};
use proptest::prelude::*;
use proptest::sample::select;

use super::consumers::{consume, declined, event};
use super::shop::{Shop, now, pass_time};

/// What can happen to an order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Happening {
    Paid,
    Declined,
    Sent,
    Arrived,
    Swept,
}

const HAPPENINGS: [Happening; 5] =
    [Happening::Paid, Happening::Declined, Happening::Sent, Happening::Arrived, Happening::Swept];

/// The status of an order after something happened: the rule in its simplest form.
fn model(status: Status, happening: Happening) -> Status {
    use Happening::{Arrived, Declined, Paid, Sent};
    use Status::{Delivered, Error, PendingPayment, Shipped, Success};
    match (status, happening) {
        (PendingPayment, Paid) => Success,
        (PendingPayment, Declined) => Error,
        (PendingPayment | Success, Sent) => Shipped,
        (PendingPayment | Success | Shipped, Arrived) => Delivered,
        (unmoved, _) => unmoved,
    }
}

#[test]
fn a_status_has_one_name_and_the_contracts_order() {
    let names = ["Pending Payment", "success", "error", "shipped - pending delivery", "delivered"];
    assert_eq!(Status::ALL.map(Status::name), names);
    for status in Status::ALL {
        assert_eq!(Status::parse(status.name()), Some(status));
        assert_eq!(serde_json::json!(status), status.name());
        let end = ["error", "delivered"].contains(&status.name());
        assert_eq!(status.is_final(), end);
        assert_eq!(Status::ALL.iter().any(|next| status.moves_to(*next)), !end, "{status:?}");
        assert!(!status.moves_to(status));
    }
    for unknown in ["", "Success", "shipped", "delivered ", "pending payment"] {
        assert_eq!(Status::parse(unknown), None);
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

proptest! {
    #[test]
    fn events_in_any_order_move_an_order_as_the_model_says(
        happenings in proptest::collection::vec(select(&HAPPENINGS[..]), 0..16),
    ) {
        run(async {
            let shop = Shop::new();
            let order = shop.keep(|_| ()).await;
            let (id, mut status) = (order.id.clone(), order.status);
            let (mut requests, mut pushes) = (0, 0);
            for &happening in &happenings {
                pass_time(300);
                let before = shop.order().await;
                match happening {
                    Happening::Paid => consume(&shop, event(EventKind::CreditCardValidated, &id)).await.unwrap(),
                    Happening::Declined => consume(&shop, declined(&id)).await.unwrap(),
                    Happening::Sent => consume(&shop, event(EventKind::ShipmentSent, &id)).await.unwrap(),
                    Happening::Arrived => consume(&shop, event(EventKind::ShipmentDelivered, &id)).await.unwrap(),
                    Happening::Swept => assert_eq!(shop.sweep().run().await.unwrap(), usize::from(!status.is_final())),
                }
                pushes += usize::from(happening == Happening::Swept && !status.is_final());
                status = model(status, happening);
                let settles = matches!(happening, Happening::Paid | Happening::Declined);
                requests += usize::from(settles && status == Status::Success);
                let after = shop.order().await;
                assert_eq!(after.status, status, "{happenings:?}");
                assert!(after.status.rank() >= before.status.rank());
                assert!(!before.status.is_final() || after == before, "nothing of it changes any more");
                assert_eq!(after.updated_at == now(), after.status != before.status);
                assert_eq!(after.transaction_id.is_some(), after.transaction_id == Some("t-1".into()));
                assert!(before.transaction_id.is_none() || before.transaction_id == after.transaction_id);
            }
            assert_eq!(shop.events().len(), requests + pushes);
        });
    }

    #[test]
    fn the_store_in_memory_moves_as_far_as_the_changes_lead(
        changes in proptest::collection::vec((select(&Status::ALL[..]), any::<bool>(), any::<bool>()), 0..16),
    ) {
        run(async {
            let shop = Shop::new();
            let mut expected = shop.keep(|_| ()).await;
            for (i, (status, paid, sent)) in changes.into_iter().enumerate() {
                pass_time(1);
                let change = Change {
                    status,
                    transaction_id: paid.then(|| format!("t-{i}")),
                    tracking_number: sent.then(|| format!("n-{i}")),
                    at: now(),
                };
                let happening = match status {
                    Status::PendingPayment => Happening::Swept,
                    Status::Success => Happening::Paid,
                    Status::Error => Happening::Declined,
                    Status::Shipped => Happening::Sent,
                    Status::Delivered => Happening::Arrived,
                };
                let next = model(expected.status, happening);
                let moved = next != expected.status;
                if moved {
                    (expected.status, expected.updated_at) = (next, change.at);
                    expected.transaction_id = change.transaction_id.clone().or(expected.transaction_id);
                    expected.tracking_number = change.tracking_number.clone().or(expected.tracking_number);
                }
                let advanced = shop.orders.kept.advance(&expected.id, &change).await.unwrap().unwrap();
                assert_eq!((advanced.moved, &advanced.order), (moved, &expected));
                assert_eq!(shop.order().await, expected);
            }
        });
    }
}
