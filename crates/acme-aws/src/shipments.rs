//! Shipments on DynamoDB: `SHIPMENT#<order>`, booked once and delivered once.

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use acme_common::time::rfc3339;
use acme_shipment::shipment::{Shipment, Status};
use acme_shipment::store::{Booked, Delivered, Shipments};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::conditional;
use crate::item::{Item, corrupt, from_item, s, to_item};
use crate::table::Table;

/// The sort key of a shipment's item.
const SK: &str = "SHIPMENT";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    order_id: String,
    delivery: String,
    tracking_number: String,
    sent_at: String,
    /// Only if the shipment arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
}

fn pk(order: &OrderId) -> String {
    format!("SHIPMENT#{order}")
}

impl Row {
    fn new(shipment: &Shipment) -> Self {
        Self {
            pk: pk(&shipment.order_id),
            sk: SK.to_owned(),
            order_id: shipment.order_id.to_string(),
            delivery: shipment.delivery.clone(),
            tracking_number: shipment.tracking_number.to_string(),
            sent_at: rfc3339(shipment.sent_at),
            delivered_at: match shipment.status {
                Status::Sent => None,
                Status::Delivered { at } => Some(rfc3339(at)),
            },
        }
    }
}

fn shipment(item: Item) -> Result<Shipment, StoreError> {
    let row: Row = from_item(item)?;
    let instant = |text: &str| text.parse::<Timestamp>().map_err(|_| corrupt("time"));
    Ok(Shipment {
        order_id: OrderId::parse(&row.order_id).ok_or_else(|| corrupt("orderId"))?,
        delivery: row.delivery,
        tracking_number: row.tracking_number.parse().map_err(|_| corrupt("trackingNumber"))?,
        sent_at: instant(&row.sent_at)?,
        status: match row.delivered_at {
            None => Status::Sent,
            Some(at) => Status::Delivered { at: instant(&at)? },
        },
    })
}

#[async_trait]
impl Shipments for Table {
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError> {
        let put =
            self.client.put_item().table_name(&self.name).set_item(Some(to_item(&Row::new(&shipment))?));
        let put = put.condition_expression("attribute_not_exists(PK)").send().await;
        if conditional(put)?.is_some() {
            return Ok(Booked { shipment, new: true });
        }
        let shipment = Shipments::get(self, &shipment.order_id).await?.ok_or_else(|| corrupt("shipment"))?;
        Ok(Booked { shipment, new: false })
    }

    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError> {
        let update =
            self.client.update_item().table_name(&self.name).key("PK", s(pk(order))).key("SK", s(SK));
        let update = update
            .update_expression("SET deliveredAt = :now")
            .condition_expression("attribute_exists(PK) AND attribute_not_exists(deliveredAt)")
            .expression_attribute_values(":now", s(rfc3339(now)))
            .return_values(ReturnValue::AllNew);
        let (found, first) = match conditional(update.send().await)? {
            Some(updated) => (updated.attributes.map(shipment).transpose()?, true),
            None => (Shipments::get(self, order).await?, false),
        };
        Ok(found.map(|shipment| Delivered { shipment, first }))
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError> {
        self.item((pk(order), SK)).await?.map(shipment).transpose()
    }
}
