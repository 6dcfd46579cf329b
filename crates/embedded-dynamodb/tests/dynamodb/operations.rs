//! Every operation that the shop uses, once.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, DeleteRequest, Get, ItemResponse, KeysAndAttributes, Put,
    PutRequest, ReturnConsumedCapacity, ReturnValue, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
    TransactGetItem, TransactWriteItem, Update, WriteRequest,
};

use crate::{Item, at, get, line, lines, n, put, s};

#[tokio::test]
async fn tables() {
    let client = lines().await;
    let described = client.describe_table().table_name("lines").send().await.unwrap().table.unwrap();
    assert_eq!(described.table_status, Some(TableStatus::Active));
    assert_eq!(described.global_secondary_indexes()[0].index_name(), Some("names"));
    assert_eq!(client.list_tables().send().await.unwrap().table_names(), ["lines"]);

    let ttl = TimeToLiveSpecification::builder().attribute_name("expiresAt").enabled(true).build().unwrap();
    let set = client.update_time_to_live().table_name("lines").time_to_live_specification(ttl);
    assert!(set.send().await.unwrap().time_to_live_specification.unwrap().enabled());
    let ttl = client.describe_time_to_live().table_name("lines").send().await.unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    assert_eq!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled));

    client.delete_table().table_name("lines").send().await.unwrap();
    assert!(client.list_tables().send().await.unwrap().table_names().is_empty());
}

#[tokio::test]
async fn one_item() {
    let client = lines().await;
    assert_eq!(get(&client, "dan", "1").await, None);
    let put = client.put_item().table_name("lines").set_item(Some(line("dan", "1", 2)));
    let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
    // One unit for the item and one for its copy in the index.
    assert_eq!(put.consumed_capacity.unwrap().capacity_units(), Some(2.0));
    assert_eq!(get(&client, "dan", "1").await, Some(line("dan", "1", 2)));

    let add = client.update_item().table_name("lines").set_key(Some(at("dan", "1")));
    let add = add.update_expression("ADD quantity :more").expression_attribute_values(":more", n(3));
    let added = add.return_values(ReturnValue::AllNew).send().await.unwrap();
    assert_eq!(added.attributes, Some(line("dan", "1", 5)));

    let delete = client.delete_item().table_name("lines").set_key(Some(at("dan", "1")));
    let deleted = delete.return_values(ReturnValue::AllOld).send().await.unwrap();
    assert_eq!(deleted.attributes, Some(line("dan", "1", 5)));
    assert_eq!(get(&client, "dan", "1").await, None);
}

#[tokio::test]
async fn every_type_of_attribute_comes_back() {
    let client = lines().await;
    let mut item = line("dan", "1", 1);
    let list = AttributeValue::L(vec![s("a"), n(1), AttributeValue::M(Item::from([("b".into(), s("c"))]))]);
    let bytes = |text: &str| aws_sdk_dynamodb::primitives::Blob::new(text);
    item.extend([
        ("truth".into(), AttributeValue::Bool(false)),
        ("nothing".into(), AttributeValue::Null(true)),
        ("bytes".into(), AttributeValue::B(bytes("\u{0}é"))),
        ("list".into(), list),
        ("texts".into(), AttributeValue::Ss(vec!["a".into(), "ö".into()])),
        ("numbers".into(), AttributeValue::Ns(vec!["-1.5".into(), "12345678901234567890".into()])),
        ("blobs".into(), AttributeValue::Bs(vec![bytes("x"), bytes("y")])),
        ("empty".into(), s("")),
        ("quotes \" and \\".into(), s("\u{1f9d8} \n \"")),
    ]);
    put(&client, item.clone()).await;
    assert_eq!(get(&client, "dan", "1").await, Some(item));
}

#[tokio::test]
async fn queries_and_scans_by_page() {
    let client = lines().await;
    for id in ["1", "2", "3", "4", "5"] {
        put(&client, line("dan", id, 1)).await;
        put(&client, line("eve", id, 1)).await;
    }
    let of_dan = client.query().table_name("lines").key_condition_expression("#u = :u AND id > :id");
    let of_dan = of_dan.expression_attribute_names("#u", "user").expression_attribute_values(":u", s("dan"));
    let of_dan = of_dan.expression_attribute_values(":id", s("1")).scan_index_forward(false).limit(3);
    let page = of_dan.clone().send().await.unwrap();
    assert_eq!(ids(page.items()), ["5", "4", "3"]);
    let rest = of_dan.set_exclusive_start_key(page.last_evaluated_key).send().await.unwrap();
    assert_eq!((ids(rest.items()), &rest.last_evaluated_key), (vec!["2"], &None));

    let named = client.query().table_name("lines").index_name("names").key_condition_expression("#n = :n");
    let named = named.expression_attribute_names("#n", "name").expression_attribute_values(":n", s("bell"));
    let items = named.into_paginator().page_size(4).items().send().collect::<Result<Vec<_>, _>>().await;
    assert_eq!(ids(&items.unwrap()), ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5"]);

    let scan = client.scan().table_name("lines").into_paginator().page_size(3).items().send();
    let all: BTreeSet<_> = scan.collect::<Result<Vec<_>, _>>().await.unwrap().iter().map(who).collect();
    assert_eq!(all.len(), 10);
}

fn ids(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_s().unwrap().as_str()).collect()
}

fn who(item: &Item) -> (String, String) {
    (item["user"].as_s().unwrap().clone(), item["id"].as_s().unwrap().clone())
}

#[tokio::test]
async fn batches() {
    let client = lines().await;
    let put = |id: &str| PutRequest::builder().set_item(Some(line("dan", id, 1))).build().unwrap();
    let puts = ["1", "2", "3"].map(|id| WriteRequest::builder().put_request(put(id)).build());
    client.batch_write_item().request_items("lines", puts.to_vec()).send().await.unwrap();
    let delete = DeleteRequest::builder().set_key(Some(at("dan", "2"))).build().unwrap();
    let delete = WriteRequest::builder().delete_request(delete).build();
    client.batch_write_item().request_items("lines", vec![delete]).send().await.unwrap();

    let keys = ["1", "2", "3"].map(|id| at("dan", id));
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.to_vec())).build().unwrap();
    let got = client.batch_get_item().request_items("lines", keys).send().await.unwrap();
    assert_eq!(got.responses.unwrap()["lines"], [line("dan", "1", 1), line("dan", "3", 1)]);
    assert!(got.unprocessed_keys.unwrap().is_empty());
}

#[tokio::test]
async fn transactions() {
    let client = lines().await;
    put(&client, line("dan", "1", 1)).await;
    put(&client, line("dan", "2", 2)).await;
    let there = ConditionCheck::builder().table_name("lines").set_key(Some(at("dan", "1")));
    let there = there.condition_expression("attribute_exists(id)").build().unwrap();
    let new = Put::builder().table_name("lines").set_item(Some(line("dan", "3", 3))).build().unwrap();
    let more = Update::builder().table_name("lines").set_key(Some(at("dan", "4")));
    let more = more.update_expression("ADD quantity :q").expression_attribute_values(":q", n(4));
    let gone = Delete::builder().table_name("lines").set_key(Some(at("dan", "2"))).build().unwrap();
    let write = TransactWriteItem::builder;
    let all = client.transact_write_items().transact_items(write().condition_check(there).build());
    let all = all.transact_items(write().put(new).build());
    let all = all.transact_items(write().update(more.build().unwrap()).build());
    let all = all.transact_items(write().delete(gone).build()).client_request_token("once");
    // The second request repeats the first one.
    for _ in 0..2 {
        all.clone().send().await.unwrap();
    }

    let get = |id| Get::builder().table_name("lines").set_key(Some(at("dan", id))).build().unwrap();
    let gets = ["1", "2", "3", "4"].map(|id| TransactGetItem::builder().get(get(id)).build());
    let got = client.transact_get_items().set_transact_items(Some(gets.to_vec())).send().await.unwrap();
    let quantity = |got: &ItemResponse| got.item().map(|item| item["quantity"].clone());
    let quantities: Vec<_> = got.responses().iter().map(quantity).collect();
    assert_eq!(quantities, [Some(n(1)), None, Some(n(3)), Some(n(4))]);
}
