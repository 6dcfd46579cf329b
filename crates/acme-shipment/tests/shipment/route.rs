//! `POST /ship`, called as a client of the shop's container services calls it.

use acme_common::messaging::Consumer;
use acme_http::Authorizer;
use acme_http::testing::{Client, Tokens};
use acme_shipment::http;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Carrier, Lost, order, written};

fn envelope() -> Value {
    json!({
        "metadata": {"domain": "Order", "source": "CLI", "type": "ShipmentRequested", "status": "success"},
        "data": {"_id": order(), "delivery": "UPS/FEDEX", "total": "100"},
    })
}

fn client(carrier: &Carrier, authorizer: Authorizer) -> Client {
    Client::new(http::ship(carrier.send.clone()), authorizer)
}

#[tokio::test]
async fn an_envelope_is_answered_by_an_envelope() {
    let carrier = Carrier::new();
    let client = client(&carrier, Authorizer::AllowAll);
    let answer = client.post("/ship", &envelope()).await;
    let sent = carrier.shipment().await.unwrap();
    let event = written("ShipmentSent", "shipped - pending delivery", &sent);
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &event));
    assert_eq!(client.post("/ship/", &envelope()).await.body, event, "asked again");
    assert!(carrier.bus.events().is_empty(), "the answer is the event");

    for (later, _) in carrier.bus.delayed() {
        carrier.deliver.consume(later).await.unwrap();
    }
    assert_eq!(client.post("/ship", &envelope()).await.body, event);
    assert_eq!(carrier.published(), ["ShipmentDelivered"; 3]);
    assert_eq!(carrier.bus.delayed().len(), 2);
}

#[tokio::test]
async fn what_is_away_is_a_503() {
    let carrier = Carrier::new();
    let client = client(&carrier, Authorizer::AllowAll);
    let away = StatusCode::SERVICE_UNAVAILABLE;
    carrier.shipments.loses.lock().unwrap().replace(Lost::Request);
    assert_eq!(client.post("/ship", &envelope()).await.status, away);
    carrier.bus.fail_next(1);
    assert_eq!(client.post("/ship", &envelope()).await.status, away);
    assert_eq!(client.post("/ship", &envelope()).await.status, StatusCode::OK);
    assert_eq!(carrier.bus.delayed().len(), 1);
}

#[tokio::test]
async fn a_fault_names_its_field() {
    let carrier = Carrier::new();
    let client = client(&carrier, Authorizer::AllowAll);
    let with = |pointer: &str, value: Value| {
        let mut body = envelope();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (body, field) in [
        (json!(7), "body"),
        (json!({}), "metadata.type"),
        (with("/metadata/type", json!("ShipmentLost")), "metadata.type"),
        (
            json!({"metadata": {"type": "ShipmentSent"}, "data": {"orderID": 1, "trackingNumber": 1}}),
            "metadata.type",
        ),
        (with("/data", json!([])), "data"),
        (with("/data/_id", json!("")), "data.orderID"),
        (with("/data/delivery", json!({})), "data.delivery"),
    ] {
        let answer = client.post("/ship", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: expected ")), "{body}: {message}");
    }
}

#[tokio::test]
async fn with_tokens_it_is_for_staff() {
    let tokens = Tokens::generate();
    let carrier = Carrier::new();
    let client = client(&carrier, tokens.authorizer.clone());
    let customer = client.bearer(&tokens.customer("1", "dan"));
    assert_eq!(client.post("/ship", &envelope()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(customer.post("/ship", &envelope()).await.status, StatusCode::FORBIDDEN);
    assert!(carrier.shipment().await.is_none());
    let staff = client.bearer(&tokens.staff());
    assert_eq!(staff.post("/ship", &envelope()).await.status, StatusCode::OK);
}
