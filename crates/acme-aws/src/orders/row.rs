//! An order as the table holds it: `ORDER#<id>`, with the keys of its three indexes.

use std::collections::BTreeMap;

use acme_common::card::{CardSummary, SealedCard};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::money::Money;
use acme_common::store::StoreError;
use acme_common::telemetry::Trace;
use acme_common::time::rfc3339;
use acme_order::status::Status;
use acme_order::store::Stalled;
use acme_order::{Address, Line, Order};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::corrupt;
use crate::table::shard;

/// The kind in the index `list`.
pub(super) const KIND: &str = "ORDERS";
/// The kind in the index `pending`.
pub(super) const PENDING_KIND: &str = "PENDING";
/// The sort key of an order's item.
pub(super) const SK: &str = "ORDER";
/// The sort key of the item with the card for an order's payment.
pub(super) const REQUEST_SK: &str = "REQUEST";

pub(super) fn pk(id: &OrderId) -> String {
    format!("ORDER#{id}")
}

pub(super) fn owner_pk(user: &UserId) -> String {
    format!("USER#{user}")
}

/// An order's item.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    #[serde(rename = "ListPK")]
    list_pk: String,
    #[serde(rename = "ListSK")]
    list_sk: String,
    #[serde(rename = "OwnerPK")]
    owner_pk: String,
    #[serde(rename = "OwnerSK")]
    pub(super) owner_sk: String,
    #[serde(rename = "PendingPK", skip_serializing_if = "Option::is_none")]
    pending_pk: Option<String>,
    #[serde(rename = "PendingSK", skip_serializing_if = "Option::is_none")]
    pending_sk: Option<String>,
    id: String,
    status: String,
    rank: u8,
    userid: String,
    firstname: String,
    lastname: String,
    address: AddressRow,
    email: String,
    delivery: String,
    card: CardRow,
    cart: Vec<LineRow>,
    total_cents: i64,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    /// How often the sweep has pushed the order since its status last changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pushes: u32,
    /// The headers of the trace in which the order was placed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    trace: BTreeMap<String, String>,
}

/// The card for an order's payment, until the payment is settled. It is its own item, so that it can expire.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestRow {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    order_id: String,
    card: CardRow,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct AddressRow {
    street: String,
    city: String,
    zip: String,
    state: String,
    country: String,
}

/// A card as the table holds it: its summary, and the sealed part that only the payment service can read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardRow {
    brand: String,
    last4: String,
    exp_month: u16,
    exp_year: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineRow {
    id: String,
    name: String,
    description: String,
    quantity: u32,
    price_cents: i64,
}

impl Row {
    pub(super) fn new(order: &Order, trace: &Trace) -> Self {
        let (id, created_at) = (order.id.as_str(), rfc3339(order.created_at));
        let by_time = format!("{created_at}#{id}");
        let pending = !order.status.is_final();
        Self {
            pk: pk(&order.id),
            sk: SK.to_owned(),
            list_pk: shard(KIND, id),
            list_sk: by_time.clone(),
            owner_pk: owner_pk(&order.userid),
            owner_sk: by_time,
            pending_pk: pending.then(|| shard(PENDING_KIND, id)),
            pending_sk: pending.then(|| rfc3339(order.updated_at)),
            id: id.to_owned(),
            status: order.status.name().to_owned(),
            rank: order.status.rank(),
            userid: order.userid.to_string(),
            firstname: order.firstname.clone(),
            lastname: order.lastname.clone(),
            address: AddressRow::new(&order.address),
            email: order.email.clone(),
            delivery: order.delivery.clone(),
            card: CardRow::new(&order.card, None),
            cart: order.cart.iter().map(LineRow::new).collect(),
            total_cents: order.total.cents(),
            created_at,
            updated_at: rfc3339(order.updated_at),
            tracking_number: order.tracking_number.clone(),
            transaction_id: order.transaction_id.clone(),
            pushes: 0,
            trace: trace.0.iter().cloned().collect(),
        }
    }

    pub(super) fn into_order(self) -> Result<Order, StoreError> {
        Ok(Order {
            id: OrderId::parse(&self.id).ok_or_else(|| corrupt("id"))?,
            status: Status::parse(&self.status).ok_or_else(|| corrupt("status"))?,
            userid: UserId::parse(&self.userid).ok_or_else(|| corrupt("userid"))?,
            firstname: self.firstname,
            lastname: self.lastname,
            address: self.address.into_address(),
            email: self.email,
            delivery: self.delivery,
            card: self.card.into_summary(),
            cart: self.cart.into_iter().map(LineRow::into_line).collect::<Result<_, _>>()?,
            total: Money::from_cents(self.total_cents),
            created_at: instant(&self.created_at)?,
            updated_at: instant(&self.updated_at)?,
            tracking_number: self.tracking_number,
            transaction_id: self.transaction_id,
        })
    }

    /// The order in the form for the sweep. While its payment is pending, its card counts as lost until the card is
    /// found.
    pub(super) fn into_stalled(self) -> Result<Stalled, StoreError> {
        let status = Status::parse(&self.status).ok_or_else(|| corrupt("status"))?;
        let lost = || SealedCard::lost(self.card.into_summary());
        Ok(Stalled {
            id: OrderId::parse(&self.id).ok_or_else(|| corrupt("id"))?,
            status,
            touched: instant(self.pending_sk.as_deref().unwrap_or_default())?,
            since: instant(&self.updated_at)?,
            pushes: self.pushes,
            delivery: self.delivery,
            total: Money::from_cents(self.total_cents),
            card: (status == Status::PendingPayment).then(lost),
            trace: Trace(self.trace.into_iter().collect()),
        })
    }
}

impl RequestRow {
    pub(super) fn new(id: &OrderId, card: &SealedCard, expires_at: i64) -> Self {
        Self {
            pk: pk(id),
            sk: REQUEST_SK.to_owned(),
            order_id: id.to_string(),
            card: CardRow::new(&card.summary, Some(card.sealed.clone())),
            expires_at,
        }
    }

    /// The order's id and its card.
    pub(super) fn into_card(self) -> Option<(OrderId, SealedCard)> {
        Some((OrderId::parse(&self.order_id)?, self.card.into_sealed()?))
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl AddressRow {
    fn new(address: &Address) -> Self {
        let Address { street, city, zip, state, country } = address.clone();
        Self { street, city, zip, state, country }
    }

    fn into_address(self) -> Address {
        let Self { street, city, zip, state, country } = self;
        Address { street, city, zip, state, country }
    }
}

impl CardRow {
    fn new(card: &CardSummary, sealed: Option<String>) -> Self {
        let CardSummary { brand, last4, exp_month, exp_year } = card.clone();
        Self { brand, last4, exp_month, exp_year, sealed }
    }

    fn into_summary(self) -> CardSummary {
        let Self { brand, last4, exp_month, exp_year, .. } = self;
        CardSummary { brand, last4, exp_month, exp_year }
    }

    fn into_sealed(mut self) -> Option<SealedCard> {
        let sealed = self.sealed.take()?;
        Some(SealedCard { summary: self.into_summary(), sealed })
    }
}

impl LineRow {
    fn new(line: &Line) -> Self {
        let Line { id, name, description, quantity, price } = line.clone();
        Self { id: id.to_string(), name, description, quantity, price_cents: price.cents() }
    }

    fn into_line(self) -> Result<Line, StoreError> {
        Ok(Line {
            id: ProductId::parse(&self.id).ok_or_else(|| corrupt("id in its cart"))?,
            name: self.name,
            description: self.description,
            quantity: self.quantity,
            price: Money::from_cents(self.price_cents),
        })
    }
}

fn instant(text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| corrupt("time"))
}
