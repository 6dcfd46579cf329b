//! What every store of products must do. The tests of each store run this suite.

#![allow(clippy::unwrap_used, missing_docs, reason = "for tests")]

use acme_common::catalog::MAX_DESCRIPTION;
use acme_common::id::ProductId;
use acme_common::idempotency::conformance::unclaimed;
use acme_common::money::Money;
use acme_common::store::StoreError;

use crate::product::Product;
use crate::store::Products;

/// Runs the whole suite on an empty store.
pub async fn check(products: &dyn Products) {
    an_empty_catalog(products).await;
    what_is_added_under_a_taken_key_is_not_there(products).await;
    what_is_added_is_there(products).await;
    the_list_is_whole_and_sorted(products).await;
    offers_of_many_unknown_and_repeated_ids(products).await;
}

async fn an_empty_catalog(products: &dyn Products) {
    let unknown = ProductId::random();
    assert_eq!(products.get(&unknown).await.unwrap(), None);
    assert_eq!(products.all().await.unwrap(), []);
    assert_eq!(products.offers(&[]).await.unwrap(), []);
    assert_eq!(products.offers(&[unknown]).await.unwrap(), []);
}

async fn what_is_added_under_a_taken_key_is_not_there(products: &dyn Products) {
    let rope = product("Rope", 100);
    let added = products.add(rope.clone(), Some(&unclaimed())).await;
    assert!(matches!(added, Err(StoreError::KeyTaken)), "{added:?}");
    assert_eq!(products.get(&rope.id).await.unwrap(), None);
}

async fn what_is_added_is_there(products: &dyn Products) {
    let full = product("Kettlebell", 3_499);
    let bare = Product {
        short_description: String::new(),
        description: String::new(),
        image_url1: String::new(),
        image_url2: String::new(),
        image_url3: String::new(),
        tags: Vec::new(),
        ..product("Rope", 0)
    };
    for added in [&full, &bare] {
        products.add(added.clone(), None).await.unwrap();
        assert_eq!(products.get(&added.id).await.unwrap().as_ref(), Some(added));
    }
    let renamed = Product {
        name: "A Kettlebell".into(),
        price: Money::from_cents(2_999),
        tags: vec!["sale".into()],
        ..full
    };
    products.add(renamed.clone(), None).await.unwrap();
    assert_eq!(products.get(&renamed.id).await.unwrap().as_ref(), Some(&renamed));
    assert_eq!(products.all().await.unwrap(), [renamed, bare], "the old name is gone");
}

/// Asks for more products than one batch holds. Together they are also larger than 1 MB, the limit of one page of a
/// DynamoDB query.
async fn the_list_is_whole_and_sorted(products: &dyn Products) {
    let mut expected = products.all().await.unwrap();
    for i in 0..120 {
        let long = Product {
            description: "\u{1f3cb}".repeat(MAX_DESCRIPTION),
            ..product(&format!("Plate {}", i * 7 % 40), i)
        };
        products.add(long.clone(), None).await.unwrap();
        expected.push(long);
    }
    expected.sort_by(Product::by_name);
    let all = products.all().await.unwrap();
    assert!(all == expected, "{} of {} products", all.len(), expected.len());
}

async fn offers_of_many_unknown_and_repeated_ids(products: &dyn Products) {
    let all = products.all().await.unwrap();
    let known = all.iter().map(|product| product.id.clone());
    let unknown = (0..30).map(|_| ProductId::random());
    let ids: Vec<_> = known.clone().chain(unknown).chain(known).collect();
    let mut offers = products.offers(&ids).await.unwrap();
    offers.sort_by(|a, b| a.id.cmp(&b.id));
    let mut expected: Vec<_> = all.iter().map(Product::offer).collect();
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(offers, expected);
}

fn product(name: &str, cents: i64) -> Product {
    let slug = name.to_lowercase().replace(' ', "-");
    Product {
        id: ProductId::random(),
        name: name.to_owned(),
        short_description: format!("{name} in short"),
        description: format!("{name} in full"),
        image_url1: format!("/static/images/{slug}-1.svg"),
        image_url2: format!("/static/images/{slug}-2.svg"),
        image_url3: format!("/static/images/{slug}-3.svg"),
        price: Money::from_cents(cents),
        tags: vec!["strength".into(), "home".into()],
    }
}
