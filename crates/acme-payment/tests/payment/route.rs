//! `POST /pay`, called as a client of the shop's container services calls it.

use std::sync::Arc;

use acme_common::card::CardOpener;
use acme_common::id::OrderId;
use acme_common::messaging::testing::RecordingPublisher;
use acme_http::Authorizer;
use acme_http::testing::{Client, Tokens};
use acme_payment::{MemoryPayments, Payments, ValidatePayment, http};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{now, sent};

struct Service {
    payments: Arc<MemoryPayments>,
    bus: Arc<RecordingPublisher>,
    client: Client,
}

fn service(authorizer: Authorizer) -> Service {
    let (payments, bus) = (Arc::<MemoryPayments>::default(), Arc::default());
    let validate = ValidatePayment::new(payments.clone(), Arc::clone(&bus) as _, CardOpener::generate(), now);
    Service { payments, bus, client: Client::new(http::pay(Arc::new(validate)), authorizer) }
}

fn envelope(members: Value) -> Value {
    json!({
        "metadata": {"domain": "Order", "source": "CLI", "type": "PaymentRequested", "status": "success"},
        "data": {"orderID": "12345", "card": sent(members), "total": "123"},
    })
}

fn old(card: Value) -> Value {
    json!({"card": card, "total": "123"})
}

#[tokio::test]
async fn an_envelope_is_answered_by_an_envelope() {
    let service = service(Authorizer::AllowAll);
    for (order, members, success) in
        [("1", json!({"type": "bahubali"}), true), ("2", json!({"expMonth": 1}), false)]
    {
        let mut body = envelope(members);
        body["data"]["orderID"] = json!(order);
        let answer = service.client.post("/pay", &body).await;
        let payment = service.payments.get(&OrderId::parse(order).unwrap()).await;
        let result = payment.unwrap().unwrap().result();
        assert_eq!(result.success, success);
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body["metadata"]["type"], "CreditCardValidatedEvent");
        assert_eq!(answer.body["metadata"]["status"], if success { "success" } else { "error" });
        assert_eq!(answer.body["data"], json!(result));
        assert_eq!(service.client.post("/pay/", &body).await.body, answer.body, "asked again");
    }
    assert!(service.bus.events().is_empty(), "the answer is the event");
}

#[tokio::test]
async fn the_old_form_gets_a_bare_result() {
    let client = service(Authorizer::AllowAll).client;
    let card = json!({"number": "4222222222222", "expYear": "2026", "expMonth": "11", "ccv": "123"});
    let mut paid = client.post("/pay", &old(card)).await;
    let transaction = paid.body["transactionID"].take();
    assert!(uuid::Uuid::parse_str(transaction.as_str().unwrap()).is_ok());
    let result = |success, status, message, transaction: Value| {
        json!({
            "success": success, "status": status, "message": message, "amount": "123.00",
            "transactionID": transaction, "orderID": "",
        })
    };
    assert_eq!((paid.status, paid.body), (StatusCode::OK, result(true, 200, "success", Value::Null)));
    let card = json!({"number": "4222222222222", "expYear": "2018", "expMonth": "12", "ccv": "123"});
    let declined = client.post("/pay", &old(card)).await;
    assert_eq!((declined.status, declined.body), (StatusCode::OK, result(false, 400, "error", json!("-1"))));
}

#[tokio::test]
async fn a_fault_names_its_field() {
    let Service { client, payments, .. } = service(Authorizer::AllowAll);
    let without = |card: Value| {
        let mut body = envelope(json!({}));
        body["data"]["card"] = card;
        body
    };
    let mut other = envelope(json!({}));
    other["metadata"]["type"] = json!("ShipmentSent");
    other["data"]["trackingNumber"] = json!("1");
    for (body, field) in [
        (json!([]), "body"),
        (json!({}), "card"),
        (json!({"card": sent(json!({}))}), "total"),
        (old(json!({"number": "4"})), "card.expMonth"),
        (old(sent(json!({"number": " - "}))), "card.number"),
        (envelope(json!({"expYear": "soon"})), "data.card.expYear"),
        (without(Value::Null), "data.card"),
        (without(json!("4111")), "data.card"),
        (other, "metadata.type"),
        (json!({"metadata": {}}), "metadata.type"),
    ] {
        let answer = client.post("/pay", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: expected ")), "{body}: {message}");
        assert_eq!(payments.get(&OrderId::parse("12345").unwrap()).await.unwrap(), None, "{body}");
    }
}

#[tokio::test]
async fn with_tokens_it_is_for_staff_and_for_known_brands() {
    let tokens = Tokens::generate();
    let client = service(tokens.authorizer.clone()).client;
    let (staff, customer) = (client.bearer(&tokens.staff()), client.bearer(&tokens.customer("1", "dan")));
    let body = envelope(json!({}));
    assert_eq!(client.post("/pay", &body).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(customer.post("/pay", &body).await.status, StatusCode::FORBIDDEN);
    assert_eq!(staff.post("/pay", &body).await.status, StatusCode::OK);
    let unknown = json!({"type": "bahubali"});
    for (body, field) in [(envelope(unknown.clone()), "data.card.type"), (old(sent(unknown)), "card.type")] {
        let answer = staff.post("/pay", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: expected ")), "{message}");
    }
}
