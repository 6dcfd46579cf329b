//! Products on DynamoDB: `PRODUCT#<id>`. They are also the price list.

use acme_catalog::{Product, Products};
use acme_common::catalog::{Offer, PriceList};
use acme_common::id::ProductId;
use acme_common::idempotency::Keyed;
use acme_common::money::Money;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

use crate::item::{Item, corrupt, from_item, s, to_item};
use crate::table::{Table, shard};

/// The kind in the index `list`.
const KIND: &str = "PRODUCTS";
/// The sort key of a product's item.
const SK: &str = "PRODUCT";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    #[serde(rename = "ListPK")]
    list_pk: String,
    #[serde(rename = "ListSK")]
    list_sk: String,
    id: String,
    name: String,
    short_description: String,
    description: String,
    image_url1: String,
    image_url2: String,
    image_url3: String,
    price_cents: i64,
    tags: Vec<String>,
}

fn pk(id: &ProductId) -> String {
    format!("PRODUCT#{id}")
}

impl Row {
    fn new(product: Product) -> Self {
        let id = product.id.to_string();
        Self {
            pk: pk(&product.id),
            sk: SK.to_owned(),
            list_pk: shard(KIND, &id),
            list_sk: id.clone(),
            id,
            name: product.name,
            short_description: product.short_description,
            description: product.description,
            image_url1: product.image_url1,
            image_url2: product.image_url2,
            image_url3: product.image_url3,
            price_cents: product.price.cents(),
            tags: product.tags,
        }
    }

    fn into_product(self) -> Result<Product, StoreError> {
        Ok(Product {
            id: ProductId::parse(&self.id).ok_or_else(|| corrupt("id"))?,
            name: self.name,
            short_description: self.short_description,
            description: self.description,
            image_url1: self.image_url1,
            image_url2: self.image_url2,
            image_url3: self.image_url3,
            price: Money::from_cents(self.price_cents),
            tags: self.tags,
        })
    }
}

#[async_trait]
impl Products for Table {
    async fn get(&self, id: &ProductId) -> Result<Option<Product>, StoreError> {
        self.item((pk(id), SK)).await?.map(product).transpose()
    }

    async fn all(&self) -> Result<Vec<Product>, StoreError> {
        let mut products = Vec::new();
        let mut page = PageRequest::first(PageRequest::MAX);
        loop {
            let Page { items, next } = self.list(KIND, &page).await?;
            for item in items.into_iter().flatten() {
                products.push(product(item)?);
            }
            page.cursor = next;
            if page.cursor.is_none() {
                break;
            }
        }
        products.sort_by(Product::by_name);
        Ok(products)
    }

    async fn add(&self, product: Product, keyed: Option<&Keyed>) -> Result<(), StoreError> {
        let put = Put::builder().table_name(&self.name).set_item(Some(to_item(&Row::new(product))?)).build();
        let put = TransactWriteItem::builder().put(put.map_err(StoreError::rejected)?).build();
        self.transact_keyed(vec![put], keyed).await.map(|_| ())
    }
}

#[async_trait]
impl PriceList for Table {
    async fn offers(&self, ids: &[ProductId]) -> Result<Vec<Offer>, StoreError> {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        let keys = ids.iter().map(|id| Item::from([("PK".into(), s(pk(id))), ("SK".into(), s(SK))]));
        let items = self.items(keys.collect()).await?;
        items.into_iter().map(|item| Ok(product(item)?.offer())).collect()
    }
}

fn product(item: Item) -> Result<Product, StoreError> {
    from_item::<Row>(item)?.into_product()
}
