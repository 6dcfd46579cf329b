//! Payments on DynamoDB: `PAYMENT#<order>`, written once.

use acme_common::id::OrderId;
use acme_common::money::Money;
use acme_common::store::StoreError;
use acme_common::time::rfc3339;
use acme_payment::payment::{Outcome, Payment};
use acme_payment::store::{Payments, Recorded};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::conditional;
use crate::item::{corrupt, from_item, to_item};
use crate::table::Table;

/// The sort key of a payment's item.
const SK: &str = "PAYMENT";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    order_id: String,
    amount_cents: i64,
    /// Only if the amount was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    /// Only if the payment was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    at: String,
}

fn pk(order: &OrderId) -> String {
    format!("PAYMENT#{order}")
}

impl Row {
    fn new(payment: &Payment) -> Self {
        let (transaction_id, reason) = match &payment.outcome {
            Outcome::Paid { transaction_id } => (Some(transaction_id.to_string()), None),
            Outcome::Declined { reason } => (None, Some(reason.clone())),
        };
        Self {
            pk: pk(&payment.order_id),
            sk: SK.to_owned(),
            order_id: payment.order_id.to_string(),
            amount_cents: payment.amount.cents(),
            transaction_id,
            reason,
            at: rfc3339(payment.at),
        }
    }

    fn into_payment(self) -> Result<Payment, StoreError> {
        let outcome = match (self.transaction_id, self.reason) {
            (Some(id), None) => {
                Outcome::Paid { transaction_id: id.parse().map_err(|_| corrupt("transactionId"))? }
            }
            (None, Some(reason)) => Outcome::Declined { reason },
            _ => return Err(corrupt("outcome")),
        };
        Ok(Payment {
            order_id: OrderId::parse(&self.order_id).ok_or_else(|| corrupt("orderId"))?,
            amount: Money::from_cents(self.amount_cents),
            outcome,
            at: self.at.parse().map_err(|_| corrupt("at"))?,
        })
    }
}

#[async_trait]
impl Payments for Table {
    async fn record_once(&self, payment: Payment) -> Result<Recorded, StoreError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(to_item(&Row::new(&payment))?));
        let put = put.condition_expression("attribute_not_exists(PK)").send().await;
        if conditional(put)?.is_some() {
            return Ok(Recorded { payment, new: true });
        }
        let payment = Payments::get(self, &payment.order_id).await?.ok_or_else(|| corrupt("payment"))?;
        Ok(Recorded { payment, new: false })
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Payment>, StoreError> {
        let item = self.item((pk(order), SK)).await?;
        item.map(|item| from_item::<Row>(item)?.into_payment()).transpose()
    }
}
