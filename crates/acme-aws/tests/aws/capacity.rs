//! Reading one user's cart and orders costs the same, however many other users there are.

use std::sync::{Arc, Mutex};

use acme_aws::Table;
use acme_cart::store::Carts;
use acme_common::id::UserId;
use acme_common::store::PageRequest;
use acme_order::store::Orders;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::samples::{item, items, order, place, put_all};
use crate::{embedded, table_of};

/// Counts the queries, and adds up their read capacity in read request units.
#[derive(Debug, Clone, Default)]
struct Meter(Arc<Mutex<(f64, u32)>>);

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Ok(output)) = context.output_or_error() {
            let query = output.downcast_ref::<QueryOutput>().and_then(QueryOutput::consumed_capacity);
            if let Some(units) = query.and_then(|capacity| capacity.capacity_units()) {
                let mut total = self.0.lock().unwrap();
                *total = (total.0 + units, total.1 + 1);
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_users_data_costs_the_same_among_ten_and_ten_thousand_others() {
    let (few, many) = (cost_among(10).await, cost_among(10_000).await);
    assert!(few.0 > 0.0, "capacity is reported");
    assert_eq!(few, many);
}

/// The capacity and the number of queries for reading one user's cart and orders, among `others` other users.
async fn cost_among(others: usize) -> (f64, u32) {
    let local = embedded().table("acme");
    let meter = Meter::default();
    let config = local.client().config().to_builder().interceptor(meter.clone()).build();
    let table = table_of(Table::new(Client::from_conf(config), "acme")).await;
    populate(&table, others).await;
    let dan = UserId::random();
    fill(&table, &dan).await;

    *meter.0.lock().unwrap() = (0.0, 0);
    assert_eq!(Carts::get(&table, &dan).await.unwrap().cart.len(), 1);
    assert_eq!(table.of_user(&dan, &PageRequest::default()).await.unwrap().items.len(), 1);
    let cost = *meter.0.lock().unwrap();
    println!("among {others} others: {} read request units in {} queries", cost.0, cost.1);
    cost
}

/// Puts copies of one user's items into the table. Each copy has the id of another user and of another order.
async fn populate(table: &Table, others: usize) {
    fill(table, &UserId::random()).await;
    let items = items(table).await;
    let ids: Vec<String> = items
        .iter()
        .flat_map(|item| item["PK"].as_s().unwrap().split_once('#'))
        .map(|(_, id)| id.to_owned())
        .collect();
    let copies = (0..others).flat_map(|other| {
        let (items, ids) = (&items, &ids);
        items.iter().map(move |item| {
            let item = item.iter().map(|(name, value)| {
                let value = value.as_s().ok().map(|text| {
                    let renamed = ids.iter().enumerate().fold(text.clone(), |text, (i, id)| {
                        text.replace(id.as_str(), &format!("{other}-{i}"))
                    });
                    AttributeValue::S(renamed)
                });
                (name.clone(), value.unwrap_or_else(|| item[name].clone()))
            });
            item.collect()
        })
    });
    put_all(table, copies).await;
    assert_eq!(crate::samples::items(table).await.len(), 3 * (others + 1));
}

async fn fill(table: &Table, user: &UserId) {
    table.add(user, item("p-1", 1), None).await.unwrap();
    place(table, &order(user)).await;
}
