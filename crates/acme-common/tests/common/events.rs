//! Events: the events of all producers are read as the same event, and written in the contract's exact form.

use acme_common::card::{CardOpener, CardSummary, SealedCard};
use acme_common::event::{Event, EventKind, PaymentRequested, PaymentResult, RequestCard};
use acme_common::id::OrderId;
use acme_common::money::Money;
use serde_json::{Value, json};

use super::{event, fixture, read};

/// How the shop writes each kind of fixture, whichever producer it came from.
fn written(kind: &str) -> Value {
    let envelope = |(domain, source), kind, status, data| {
        json!({
            "metadata": {"domain": domain, "source": source, "type": kind, "status": status},
            "data": data,
        })
    };
    let result = |success, status, message, transaction| {
        let data = json!({
            "success": success, "status": status, "message": message, "amount": "123.00",
            "transactionID": transaction, "orderID": "12345",
        });
        envelope(("Payment", "ValidateCreditCard"), "CreditCardValidatedEvent", message, data)
    };
    let shipment = |kind, status| {
        let data = json!({
            "trackingNumber": "6bc3b96b-19e9-42d3-bff8-91a2c431d1d6",
            "orderNumber": "12345", "orderID": "12345", "status": status,
        });
        envelope(("Shipment", "SendShipment"), kind, "success", data)
    };
    match kind {
        "payment-requested" => envelope(
            ("Order", "AddOrder"),
            "PaymentRequestedEvent",
            "success",
            json!({
                "orderID": "12345", "total": "123.00",
                "card": {"type": "Visa", "last4": "2222", "expMonth": 12, "expYear": 2027},
            }),
        ),
        "credit-card-validated" => result(true, 200, "success", "3f846704-af12-4ea9-a98c-8d7b37e10b54"),
        "credit-card-declined" => result(false, 400, "error", "-1"),
        "shipment-requested" => envelope(
            ("Order", "ShipOrder"),
            "ShipmentRequested",
            "success",
            json!({"_id": "12345", "orderID": "12345", "delivery": "UPS/FEDEX"}),
        ),
        "shipment-sent" => shipment("ShipmentSent", "shipped - pending delivery"),
        "shipment-delivered" => shipment("ShipmentDelivered", "delivered"),
        "delivery-due" => shipment("DeliveryDue", "shipped - pending delivery"),
        other => panic!("a fixture of no known kind: {other}"),
    }
}

#[test]
fn events_of_every_producer_are_read_and_written_alike() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (kind, _) = name.split_once('.').unwrap();
        let event = event(&name);
        let json = json!(event);
        assert_eq!(json, written(kind), "{name}");
        assert_eq!(event.order_id().unwrap().as_str(), "12345");
        assert_eq!(json["metadata"]["type"], event.kind().name());
        assert!(!json.to_string().contains("4222"), "{name}");
        assert!(!format!("{event:?}").contains("4222"), "{name}");
        if let Event::PaymentRequested(request) = &event {
            let RequestCard::Clear(card) = &request.card else {
                panic!("{name}: {request:?}");
            };
            assert_eq!((card.number(), card.cvv()), ("4222222222222", "123"));
        } else {
            assert_eq!(json!(read::<Event>(&json).unwrap()), json, "what we write, we read");
        }
        seen += 1;
    }
    assert_eq!(seen, 14);
}

#[test]
fn trace_headers_and_unknown_members_do_no_harm() {
    let mut json = fixture("shipment-sent.serverless.json");
    json["metadata"]["sentry-trace"] = json!("771a43a4192642f0b136d5159a501700-1000000000000000-1");
    json["metadata"]["STATUS"] = json!(["anything"]);
    json["data"]["weather"] = json!({"sunny": [true]});
    assert_eq!(json!(read::<Event>(&json).unwrap()), written("shipment-sent"));
}

#[test]
fn a_sealed_card_travels_and_a_clear_one_does_not() {
    let Event::PaymentRequested(clear) = event("payment-requested.serverless.json") else {
        panic!("another event");
    };
    let RequestCard::Clear(card) = &clear.card else {
        panic!("another card");
    };
    let opener = CardOpener::generate();
    let seal = opener.sealer().seal(&clear.order_id, card);
    let sealed = Event::PaymentRequested(PaymentRequested {
        card: RequestCard::Sealed(seal.clone()),
        ..clear.clone()
    });
    let json = json!(sealed);
    let mut expected = written("payment-requested");
    expected["data"]["card"]["sealed"] = json!(seal.sealed);
    assert_eq!(json, expected);
    assert!(!format!("{sealed:?}").contains("4222222222222"));
    let Event::PaymentRequested(arrived) = read(&json).unwrap() else {
        panic!("another event");
    };
    let RequestCard::Sealed(arrived) = arrived.card else {
        panic!("another card");
    };
    assert_eq!(arrived, seal);
    assert_eq!(opener.open(&clear.order_id, &arrived).unwrap().number(), card.number());

    let error = read::<Event>(&json!(Event::PaymentRequested(clear))).unwrap_err();
    assert_eq!(error.field, "data.card.number", "a summary is no card");
}

#[test]
fn a_request_without_a_card_is_none() {
    let mut json = fixture("payment-requested.serverless.json");
    json["data"].as_object_mut().unwrap().remove("card");
    assert_eq!(read::<Event>(&json).unwrap_err().field, "data.card");
}

#[test]
fn a_lost_card_travels_and_opens_for_nobody() {
    let summary = CardSummary { brand: "Visa".into(), last4: "2222".into(), exp_month: 11, exp_year: 2026 };
    let card = SealedCard::lost(summary);
    let (order_id, total) = (OrderId::parse("12345").unwrap(), Money::from_cents(29));
    let sent =
        PaymentRequested { order_id: order_id.clone(), card: RequestCard::Sealed(card.clone()), total };
    let Event::PaymentRequested(arrived) = read(&json!(Event::PaymentRequested(sent))).unwrap() else {
        panic!("another event");
    };
    assert!(matches!(&arrived.card, RequestCard::Sealed(arrived) if *arrived == card));
    assert!(CardOpener::generate().open(&order_id, &card).is_err());
}

#[test]
fn a_pending_payment_is_of_no_order_yet() {
    assert_eq!(
        json!(PaymentResult::pending(Money::from_cents(7_376))),
        json!({
            "success": false, "status": 0, "message": "pending payment", "amount": "73.76",
            "transactionID": "", "orderID": "",
        })
    );
}

#[test]
fn every_kind_has_the_name_and_origin_of_the_contract() {
    let rows = EventKind::ALL.map(|kind| (kind.name(), kind.origin()));
    assert_eq!(
        rows,
        [
            ("PaymentRequestedEvent", ("Order", "AddOrder")),
            ("CreditCardValidatedEvent", ("Payment", "ValidateCreditCard")),
            ("ShipmentRequested", ("Order", "ShipOrder")),
            ("ShipmentSent", ("Shipment", "SendShipment")),
            ("ShipmentDelivered", ("Shipment", "SendShipment")),
            ("DeliveryDue", ("Shipment", "SendShipment")),
        ]
    );
}
