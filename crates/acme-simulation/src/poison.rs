//! Messages that can never be handled.

use serde_json::{Value, json};

use crate::bus::Consumers;
use crate::fates::Fate;

/// Makes a poison message, and chooses the queue that it lands on.
pub(crate) fn message(fate: &mut Fate) -> (Consumers, String) {
    let to = Consumers::ALL[usize::try_from(fate.below(5)).unwrap_or_default()];
    let kind = fate.below(4);
    let nobody = format!("nobody-{:016x}", fate.seed());
    let body = match (kind, to) {
        (0, _) => return (to, r#"{"metadata":{"type":"#.to_owned()),
        (1, _) => event("NoSuchEvent", json!({})),
        // An event that another function consumes.
        (2, Consumers::PaymentValidate) => event("ShipmentRequested", json!({"_id": nobody})),
        (2, _) => event(
            "PaymentRequestedEvent",
            json!({"orderID": nobody, "total": "1.00", "card": {"number": "4111111111111111", "cvv": "1", "expMonth": 1, "expYear": 30}}),
        ),
        // An event about an order that does not exist, if the function looks for the order. Otherwise an event
        // without a needed field.
        (_, Consumers::OrderShip) => {
            let data = json!({"success": true, "orderID": nobody, "amount": "1.00", "transactionID": "t"});
            event("CreditCardValidatedEvent", data)
        }
        (_, Consumers::OrderUpdate) => shipment("ShipmentDelivered", &nobody),
        (_, Consumers::ShipmentDeliver) => shipment("DeliveryDue", &nobody),
        (_, Consumers::PaymentValidate) => event("PaymentRequestedEvent", json!({"orderID": nobody})),
        (_, Consumers::ShipmentSend) => event("ShipmentRequested", json!({"delivery": "UPS"})),
    };
    (to, body.to_string())
}

fn event(kind: &str, data: Value) -> Value {
    json!({"metadata": {"domain": "Test", "source": "cli", "type": kind, "status": "success"}, "data": data})
}

fn shipment(kind: &str, order: &str) -> Value {
    event(kind, json!({"trackingNumber": "n", "orderNumber": order, "status": "s"}))
}
