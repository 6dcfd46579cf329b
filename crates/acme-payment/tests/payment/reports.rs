//! What Sentry and the log get about a payment, and that nobody gets anything of its card.

use acme_common::card::{CardOpener, SealedCard};
use acme_common::event::RequestCard;
use acme_common::id::OrderId;
use acme_common::telemetry::{CaptureSuccess, testing};
use acme_payment::Outcome;
use sentry::Level;
use sentry::protocol::Event as Reported;
use serde_json::{Value, json};

use super::{Desk, card, clear, order};

#[test]
fn each_card_has_one_end_and_all_hear_of_it() {
    let desk = Desk::new;
    let elsewhere = CardOpener::generate().sealer().seal(&order(), &card(json!({})));
    let other_order = OrderId::random();
    let rows = [
        (json!({}), None),
        (json!({"expMonth": 10}), Some("creditcard has expired")),
        (json!({"number": "4111111111111112"}), Some("creditcard number is invalid")),
        (json!({"expMonth": 13}), Some("creditcard expiry is invalid")),
        (json!({"cvv": "9x7"}), Some("creditcard CVV is invalid")),
    ];
    for (members, reason) in rows {
        check_end(&desk(), clear(members.clone()), reason);
        let desk = desk();
        let sealed = desk.opener.sealer().seal(&order(), &card(members));
        check_end(&desk, RequestCard::Sealed(sealed), reason);
    }
    let desk = desk();
    let stolen = desk.opener.sealer().seal(&other_order, &card(json!({})));
    check_end(&desk, RequestCard::Sealed(stolen), Some("creditcard cannot be read"));
    check_end(&Desk::new(), RequestCard::Sealed(elsewhere), Some("creditcard cannot be read"));
    check_end(&Desk::new(), lost(), Some("creditcard cannot be read"));
}

#[track_caller]
fn check_end(desk: &Desk, card: RequestCard, reason: Option<&str>) {
    let mut stored = None;
    let (reported, log) = watched(CaptureSuccess::default(), async {
        desk.consume(card).await.unwrap();
        stored = desk.payment().await;
    });
    let stored = stored.unwrap();
    let transaction = match &stored.outcome {
        Outcome::Paid { transaction_id } => Some(transaction_id.to_string()),
        Outcome::Declined { .. } => None,
    };
    assert_eq!(desk.published(), [validated(transaction.as_deref())]);

    let (text, line) = match (reason, &transaction) {
        (None, Some(transaction)) => (
            "validation successful for order [3f-1]".to_owned(),
            format!("order 3f-1 paid 73.76, transaction {transaction}"),
        ),
        (Some(reason), None) => (
            format!("validation failed for order [3f-1] : {reason}"),
            format!("order 3f-1 payment declined: {reason}"),
        ),
        _ => panic!("{reason:?}, but {stored:?}"),
    };
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains(&line) && log.contains("order_id=3f-1"), "{log}");

    let [event] = reported.as_slice() else {
        panic!("{reported:?}");
    };
    match reason {
        None => assert_eq!(event.message.as_deref(), Some(text.as_str())),
        Some(_) => {
            assert_eq!(event.exception[0].value.as_deref(), Some(text.as_str()));
            let frame = event.exception[0].stacktrace.as_ref().unwrap().frames.last().unwrap();
            assert!(frame.filename.as_ref().unwrap().ends_with("src/validate.rs"), "{frame:?}");
        }
    }
    assert_eq!(event.level, if reason.is_some() { Level::Error } else { Level::Info });
    assert_eq!(event.tags["order.id"], "3f-1");
    let issue = reason.map_or(vec!["validation successful"], |reason| vec!["validation failed", reason]);
    assert_eq!(event.fingerprint.as_ref(), issue, "one issue for all orders that end so");
    let crumb = &event.breadcrumbs[0];
    assert_eq!(crumb.category.as_deref(), Some("CreditCardValidated"));
    let data = json!({
        "Amount": "73.76", "OrderID": "3f-1", "Success": reason.is_none(),
        "Message": reason.unwrap_or("transaction successful"),
        "TransactionID": transaction.as_deref().unwrap_or("-1"),
    });
    assert_eq!(json!(crumb.data), data);

    let everything = json!([event, log, desk.published(), format!("{stored:?}")]).to_string();
    for secret in ["11111111", "1111 1111", "9x7"] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
}

/// The card of an order that waited for longer than the shop keeps sealed cards.
fn lost() -> RequestCard {
    RequestCard::Sealed(SealedCard::lost(card(json!({})).summary()))
}

#[test]
fn a_redelivery_tells_the_same_result_and_reports_nothing_anew() {
    for (first, again) in [
        (clear(json!({})), clear(json!({}))),
        (clear(json!({})), clear(json!({"expMonth": 10}))),
        (clear(json!({})), lost()),
        (clear(json!({"cvv": "1"})), clear(json!({}))),
        (lost(), clear(json!({}))),
    ] {
        let desk = Desk::new();
        let (reported, log) = watched(CaptureSuccess::default(), async {
            desk.consume(first).await.unwrap();
            let payment = desk.payment().await;
            desk.consume(again).await.unwrap();
            assert_eq!(desk.payment().await, payment);
            sentry::capture_message("the end", Level::Info);
        });
        let published = desk.published();
        assert_eq!(published.len(), 2);
        assert_eq!(published[0], published[1]);
        let [_, end] = reported.as_slice() else {
            panic!("{reported:?}");
        };
        assert_eq!(end.breadcrumbs.len(), 2);
        assert_eq!(end.breadcrumbs[0].data, end.breadcrumbs[1].data);
        assert!(log.contains("order 3f-1 payment is recorded already: "), "{log}");
    }
}

#[test]
fn with_the_switch_off_a_good_card_is_no_message_and_a_declined_one_is_an_error() {
    for (members, reports, line) in
        [(json!({}), 0, "order 3f-1 paid 73.76"), (json!({"expMonth": 10}), 1, "order 3f-1 payment declined")]
    {
        let desk = Desk::new();
        let off = CaptureSuccess(false);
        let (reported, log) = watched(off, async { desk.consume(clear(members)).await.unwrap() });
        assert_eq!(reported.len(), reports, "{reported:?}");
        assert!(reported.iter().all(|event| event.level == Level::Error), "{reported:?}");
        assert!(log.contains(line), "{log}");
    }
}

/// The payment's result as the contract writes it.
fn validated(transaction: Option<&str>) -> Value {
    let (success, status, message) = match transaction {
        Some(_) => (true, 200, "success"),
        None => (false, 400, "error"),
    };
    json!({
        "metadata": {
            "domain": "Payment", "source": "ValidateCreditCard", "type": "CreditCardValidatedEvent", "status": message,
        },
        "data": {
            "success": success, "status": status, "message": message, "amount": "73.76",
            "transactionID": transaction.unwrap_or("-1"), "orderID": "3f-1",
        },
    })
}

/// Runs `work`, and returns what Sentry and the log received.
fn watched(
    capture_success: CaptureSuccess,
    work: impl Future<Output = ()>,
) -> (Vec<Reported<'static>>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    testing::watched(capture_success, || runtime.block_on(work))
}
