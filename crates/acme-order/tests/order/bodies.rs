//! Hundreds of broken orders. Each gets 200, or 400 with the name of the broken field.

use acme_http::Authorizer;
use acme_http::testing::{Client, Tokens};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::shop::{Shop, sent};

/// What can be done to a value to break it.
#[derive(Debug, Clone)]
enum Harm {
    Drop,
    Put(Value),
    Nest,
    NestDeep,
    Repeat,
}

fn harms() -> Vec<Harm> {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!(" "),
        json!("\""),
        json!("\"\""),
        json!("x"),
        json!("1"),
        json!("-1"),
        json!("1e9"),
        json!("NaN"),
        json!("\u{0}\u{7f}\u{feff}"),
        json!("💪".repeat(50)),
        json!("٣"),
        json!("9".repeat(400)),
        json!("x".repeat(5_000)),
        json!([]),
        json!({}),
        json!([[]]),
        json!({"": null}),
        json!(["Visa", 1]),
        json!({"number": "1", "id": "bell"}),
    ];
    let mut harms = vec![Harm::Drop, Harm::Nest, Harm::NestDeep, Harm::Repeat];
    harms.extend(values.map(Harm::Put));
    harms
}

impl Harm {
    /// Breaks the value that `pointer` points to, if it is still there.
    fn befall(&self, body: &mut Value, pointer: &str) {
        if matches!(self, Harm::Drop) {
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            match body.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.remove(name)),
                Some(Value::Array(items)) if !items.is_empty() => drop(items.pop()),
                _ => {}
            }
            return;
        }
        let Some(value) = body.pointer_mut(pointer) else { return };
        *value = match self {
            Harm::Drop => return,
            Harm::Put(other) => other.clone(),
            Harm::Nest => json!({"value": [value.take()]}),
            Harm::NestDeep => (0..200).fold(value.take(), |inner, _| json!([inner])),
            Harm::Repeat => json!(vec![value.take(); 101]),
        };
    }
}

/// Collects a pointer to every value of an order.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{here}/{name}"), all))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| places(value, &format!("{here}/{i}"), all))
        }
        _ => {}
    }
}

/// A pointer as the messages write it: `cart[0].price` for `/cart/0/price`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        match part.parse::<usize>() {
            Ok(i) => path.push_str(&format!("[{i}]")),
            Err(_) if path.is_empty() => path.push_str(part),
            Err(_) => path.push_str(&format!(".{part}")),
        }
    }
    path
}

/// Sends the broken order, and checks the answer.
async fn check(client: &Client, spoilt: &[(String, Harm)]) {
    let mut body = sent();
    for (pointer, harm) in spoilt {
        harm.befall(&mut body, pointer);
    }
    if body.to_string().len() > 256 * 1024 {
        return;
    }
    let answer = client.post("/order/add/dan", &body).await;
    if answer.status == 200 {
        return;
    }
    assert_eq!(answer.status, 400, "{spoilt:?}: {answer:?}");
    let message = answer.body["message"].as_str().unwrap();
    let (field, expected) = message.split_once(": expected ").unwrap_or_else(|| panic!("{message}"));
    assert!(!expected.is_empty() && message.len() < 200, "{message}");
    let root = spoilt.iter().any(|(pointer, harm)| pointer.is_empty() || matches!(harm, Harm::NestDeep));
    let named = spoilt.iter().map(|(pointer, _)| path(pointer)).any(|path| {
        let parent = path.rfind(['.', '[']).map_or("", |end| &path[..end]);
        field.starts_with(&path) || field == parent
    });
    assert!(named || (root && field == "body"), "{spoilt:?}: {message}");
}

/// Two clients that may place orders: one with a token, and one in a shop that asks for none.
fn clients(shop: &Shop) -> [Client; 2] {
    let tokens = Tokens::generate();
    let bearer = shop.client(tokens.authorizer.clone()).bearer(&tokens.customer("id-1", "dan"));
    [shop.client(Authorizer::AllowAll), bearer]
}

#[tokio::test]
async fn whatever_is_done_to_one_field_is_told_of_that_field() {
    let mut all = Vec::new();
    places(&sent(), "", &mut all);
    let (shop, mut sent) = (Shop::new(), 0);
    for client in clients(&shop) {
        for pointer in &all {
            for harm in harms() {
                check(&client, &[(pointer.clone(), harm)]).await;
                sent += 1;
            }
        }
    }
    assert!(sent > 1_000, "{sent}");
}

proptest! {
    #[test]
    fn whatever_is_done_to_some_fields_is_told_of_one_of_them(
        spoilt in proptest::collection::vec(
            (select({ let mut all = Vec::new(); places(&sent(), "", &mut all); all }), select(harms())),
            2..5,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let shop = Shop::new();
        for client in clients(&shop) {
            runtime.block_on(check(&client, &spoilt));
        }
    }
}
