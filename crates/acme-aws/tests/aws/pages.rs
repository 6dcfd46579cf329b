//! Stores read lists to their end that are larger than one page of a query.

use std::collections::BTreeSet;

use acme_aws::Table;
use acme_cart::CartItem;
use acme_cart::store::Carts;
use acme_catalog::Products;
use acme_common::id::{ProductId, UserId};
use acme_common::money::Money;
use acme_common::store::{Page, PageRequest};
use acme_order::store::Stillness;
use acme_order::{Line, Order, Orders};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::json;

use crate::samples::{copies, item, item_of, items, order, place, product, put_all};
use crate::table;

/// The longest description that a line may have. Each character has four bytes.
fn long() -> String {
    "\u{1f3cb}".repeat(4_096)
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Asserts that a query for `pk`, in an index or in the table, has more than one page.
async fn has_pages(table: &Table, index: Option<&str>, name: &str, pk: AttributeValue, limit: Option<i32>) {
    let query = table.client().query().table_name("acme").set_index_name(index.map(Into::into));
    let query = query.set_limit(limit).key_condition_expression("#pk = :pk");
    let query = query.expression_attribute_names("#pk", name).expression_attribute_values(":pk", pk);
    let found = query.send().await.unwrap();
    assert!(found.last_evaluated_key.is_some(), "{} items in one page", found.count);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_of_long_lines_is_whole() {
    let (table, dan) = (table().await, UserId::random());
    let line = |i: u32| CartItem { description: long(), ..item(&i.to_string(), 1) };
    let lines: Vec<_> = (100..200).map(line).collect();
    table.replace(&dan, lines.clone()).await.unwrap();
    has_pages(&table, None, "PK", text(format!("CART#{dan}")), None).await;
    assert!(Carts::get(&table, &dan).await.unwrap().cart == lines);
    let all = Carts::all(&table, &PageRequest::default()).await.unwrap();
    assert!(all.next.is_none() && all.items.len() == 1 && all.items[0].cart == lines);
    table.replace(&dan, Vec::new()).await.unwrap();
    assert!(items(&table).await.is_empty(), "it is cleared whole");
}

/// An order of about 160 KB.
fn large(user: &UserId, seconds: i64) -> Order {
    let line = Line {
        id: ProductId::parse("bell").unwrap(),
        name: "Kettle bell".into(),
        description: long(),
        quantity: 1,
        price: Money::from_cents(3_499),
    };
    let order = order(user);
    let created_at = order.created_at - SignedDuration::from_secs(seconds);
    Order { cart: vec![line; 10], created_at, updated_at: created_at, ..order }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_large_orders_are_all_there() {
    let (table, dan) = (table().await, UserId::random());
    let orders: Vec<_> = (0..20).map(|seconds| large(&dan, seconds)).collect();
    for order in &orders {
        place(&table, order).await;
    }
    has_pages(&table, Some("orders-by-user"), "OwnerPK", text(format!("USER#{dan}")), None).await;
    let page = table.of_user(&dan, &PageRequest::default()).await.unwrap();
    let ids = |orders: &[Order]| orders.iter().map(|order| order.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&page.items), page.next), (ids(&orders), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_stand_still_in_one_shard_are_found() {
    let table = table().await;
    let order = large(&UserId::random(), 0);
    place(&table, &order).await;
    let one = item_of(&table, "ORDER").await;
    put_all(&table, copies(&one, 20, "ORDER")).await;
    has_pages(&table, Some("pending"), "PendingPK", one["PendingPK"].clone(), None).await;
    let stillness = Stillness { now: order.created_at, after: SignedDuration::ZERO };
    assert_eq!(table.stalled(&stillness).await.unwrap().len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_products_of_one_shard_are_listed() {
    let table = table().await;
    Products::add(&table, product(), None).await.unwrap();
    let one = items(&table).await.remove(0);
    put_all(&table, copies(&one, 600, "PRODUCT")).await;
    has_pages(&table, Some("list"), "ListPK", one["ListPK"].clone(), Some(250)).await;
    let ids: BTreeSet<_> =
        Products::all(&table).await.unwrap().into_iter().map(|product| product.id).collect();
    assert_eq!(ids.len(), 601);
}

/// The most bytes of an answer that Lambda accepts.
const LAMBDA: usize = 6 * 1024 * 1024;

/// Characters that need four bytes or more in an answer.
const LETTERS: [&str; 3] = ["\u{1f3cb}", "\"", "\u{1}"];

/// The size of a list in an answer: its JSON, as text inside Lambda's own JSON.
fn size<T: Serialize>(list: &[T]) -> usize {
    json!(json!(list).to_string()).to_string().len()
}

/// Reads a list to its end in the largest pages that the shop allows. Asserts that each page fits into an answer.
async fn read<T: Serialize>(mut page_of: impl AsyncFnMut(PageRequest) -> Page<T>) -> (usize, Vec<T>) {
    let (mut pages, mut all, mut page) = (0, Vec::new(), PageRequest::first(PageRequest::MAX));
    loop {
        let got = page_of(page.clone()).await;
        let bytes = size(&got.items);
        assert!(bytes < LAMBDA && !got.items.is_empty(), "{bytes} bytes");
        pages += 1;
        all.extend(got.items);
        page.cursor = got.next;
        if page.cursor.is_none() {
            return (pages, all);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_orders_fits_into_an_answer() {
    for letter in LETTERS {
        let (table, dan) = (table().await, UserId::random());
        for _ in 0..20 {
            let mut order = large(&dan, 0);
            order.cart[0].description = letter.repeat(4_096);
            order.cart = vec![order.cart[0].clone(); 20];
            place(&table, &order).await;
        }
        let all = read(async |page| Orders::all(&table, &page).await.unwrap()).await;
        let his = read(async |page| table.of_user(&dan, &page).await.unwrap()).await;
        for (pages, orders) in [all, his] {
            let ids: BTreeSet<_> = orders.iter().map(|order| &order.id).collect();
            assert_eq!((orders.len(), ids.len()), (20, 20), "{letter:?}");
            assert!(pages > 1, "{letter:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_carts_fits_into_an_answer_and_cuts_none() {
    for letter in LETTERS {
        let table = table().await;
        for _ in 0..4 {
            let line = |i: u32| CartItem { description: letter.repeat(4_096), ..item(&i.to_string(), 1) };
            table.replace(&UserId::random(), (0..100).map(line).collect()).await.unwrap();
        }
        let (pages, carts) = read(async |page| Carts::all(&table, &page).await.unwrap()).await;
        assert_eq!(carts.iter().map(|cart| cart.cart.len()).collect::<Vec<_>>(), [100; 4], "{letter:?}");
        let users: BTreeSet<_> = carts.iter().map(|cart| &cart.userid).collect();
        assert!(users.len() == 4 && pages > 1, "{letter:?}: {pages} pages");
    }
}
