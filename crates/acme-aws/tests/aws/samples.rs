//! Data for the tests, and functions that write it to the table without the stores.

use acme_aws::Table;
use acme_cart::CartItem;
use acme_catalog::Product;
use acme_common::card::{CardSummary, SealedCard};
use acme_common::id::{OrderId, ProductId, UserId};
use acme_common::idempotency::Keyed;
use acme_common::money::Money;
use acme_common::store::StoreError;
use acme_common::telemetry::Trace;
use acme_order::store::NewOrder;
use acme_order::{Address, Order, Orders, Status};
use acme_user::password::PasswordHash;
use acme_user::user::{Credentials, Email, User, Username};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use jiff::Timestamp;

/// An item in DynamoDB's form.
pub(crate) type Item = std::collections::HashMap<String, AttributeValue>;

pub(crate) fn item(id: &str, quantity: u32) -> CartItem {
    CartItem {
        itemid: ProductId::parse(id).unwrap(),
        name: "Kettle bell".into(),
        description: "16 kg".into(),
        price: Money::from_cents(3_499),
        quantity,
    }
}

pub(crate) fn order(user: &UserId) -> Order {
    let now = Timestamp::now();
    Order {
        id: OrderId::random(),
        status: Status::PendingPayment,
        userid: user.clone(),
        firstname: String::new(),
        lastname: String::new(),
        address: Address::default(),
        email: String::new(),
        delivery: String::new(),
        card: CardSummary { brand: String::new(), last4: "1111".into(), exp_month: 1, exp_year: 2030 },
        cart: Vec::new(),
        total: Money::ZERO,
        created_at: now,
        updated_at: now,
        tracking_number: None,
        transaction_id: None,
    }
}

/// Keeps a new order with its sealed card.
pub(crate) async fn place(table: &Table, order: &Order) {
    place_with(table, order, None).await.unwrap();
}

pub(crate) async fn place_with(
    table: &Table,
    order: &Order,
    keyed: Option<&Keyed>,
) -> Result<(), StoreError> {
    let card = SealedCard { summary: order.card.clone(), sealed: "c2VhbGVk".into() };
    let trace = Trace(vec![("sentry-trace".into(), "t-s-1".into())]);
    table.create(&NewOrder { order, card: &card, trace: &trace, keyed }).await
}

pub(crate) fn product() -> Product {
    Product {
        id: ProductId::random(),
        name: "Rope".into(),
        short_description: String::new(),
        description: String::new(),
        image_url1: String::new(),
        image_url2: String::new(),
        image_url3: String::new(),
        price: Money::from_cents(999),
        tags: Vec::new(),
    }
}

pub(crate) fn credentials(username: &str) -> Credentials {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo";
    let user = User {
        id: UserId::random(),
        username: Username::parse(username).unwrap(),
        firstname: String::new(),
        lastname: String::new(),
        email: Email::parse("dan@example.com").unwrap(),
        staff: false,
    };
    Credentials { user, password: PasswordHash::parse(hash).unwrap() }
}

/// Everything in the table.
pub(crate) async fn items(table: &Table) -> Vec<Item> {
    let scan = table.client().scan().table_name("acme").into_paginator().items().send();
    scan.collect::<Result<_, _>>().await.unwrap()
}

/// The only item with this sort key.
pub(crate) async fn item_of(table: &Table, sk: &str) -> Item {
    let mut found: Vec<_> = items(table).await.into_iter().filter(|item| item["SK"] == s(sk)).collect();
    assert_eq!(found.len(), 1, "{sk}");
    found.remove(0)
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Copies of an item in the same shards of its indexes. Each copy has another id.
pub(crate) fn copies(of: &Item, count: usize, kind: &str) -> impl Iterator<Item = Item> {
    (0..count).map(move |i| {
        let id = format!("copy-{i}");
        let mut copy = of.clone();
        copy.insert("PK".into(), AttributeValue::S(format!("{kind}#{id}")));
        for name in ["id", "ListSK"] {
            copy.insert(name.into(), AttributeValue::S(id.clone()));
        }
        copy
    })
}

pub(crate) async fn put_all(table: &Table, items: impl IntoIterator<Item = Item>) {
    let puts: Vec<_> = items
        .into_iter()
        .map(|item| PutRequest::builder().set_item(Some(item)).build().unwrap())
        .map(|put| WriteRequest::builder().put_request(put).build())
        .collect();
    for batch in puts.chunks(25) {
        table.client().batch_write_item().request_items("acme", batch.to_vec()).send().await.unwrap();
    }
}
