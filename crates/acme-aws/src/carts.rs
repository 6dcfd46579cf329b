//! Carts on DynamoDB. Each line of a cart is its own item, so two adds at once both count.

use acme_cart::cart::{Cart, CartItem};
use acme_cart::store::{AddError, Carts};
use acme_common::catalog::MAX_QUANTITY;
use acme_common::id::{ProductId, UserId};
use acme_common::idempotency::Keyed;
use acme_common::money::Money;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use serde::{Deserialize, Serialize};

use crate::item::{Item, corrupt, from_item, n, s, to_item};
use crate::table::{Table, shard};

/// The kind in the index `list`.
const KIND: &str = "CARTS";
/// The most writes of one transaction (DynamoDB's limit).
const TRANSACTION: usize = 100;

/// A line of a cart as the table holds it: `CART#<user>`, `ITEM#<itemid>`.
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
    itemid: String,
    name: String,
    description: String,
    price_cents: i64,
    quantity: u32,
}

fn pk(user: &UserId) -> String {
    format!("CART#{user}")
}

fn sk(item: &ProductId) -> String {
    format!("ITEM#{item}")
}

impl Row {
    fn new(user: &UserId, item: &CartItem) -> Self {
        Self {
            pk: pk(user),
            sk: sk(&item.itemid),
            list_pk: shard(KIND, user.as_str()),
            list_sk: user.to_string(),
            itemid: item.itemid.to_string(),
            name: item.name.clone(),
            description: item.description.clone(),
            price_cents: item.price.cents(),
            quantity: item.quantity,
        }
    }

    fn into_item(self) -> Result<CartItem, StoreError> {
        Ok(CartItem {
            itemid: ProductId::parse(&self.itemid).ok_or_else(|| corrupt("itemid"))?,
            name: self.name,
            description: self.description,
            price: Money::from_cents(self.price_cents),
            quantity: self.quantity,
        })
    }
}

#[async_trait]
impl Carts for Table {
    async fn add(&self, user: &UserId, item: CartItem, keyed: Option<&Keyed>) -> Result<(), AddError> {
        let row = Row::new(user, &item);
        let Some(room) = MAX_QUANTITY.checked_sub(item.quantity) else { return Err(AddError::TooMany) };
        let update = Update::builder().table_name(&self.name).key("PK", s(row.pk)).key("SK", s(row.sk));
        let update = update
            .update_expression(
                "SET ListPK = :lp, ListSK = :ls, itemid = :id, #name = :name, description = :d, priceCents = :p \
                 ADD quantity :q",
            )
            .condition_expression("attribute_not_exists(quantity) OR quantity <= :room")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":lp", s(row.list_pk))
            .expression_attribute_values(":ls", s(row.list_sk))
            .expression_attribute_values(":id", s(row.itemid))
            .expression_attribute_values(":name", s(row.name))
            .expression_attribute_values(":d", s(row.description))
            .expression_attribute_values(":p", n(row.price_cents))
            .expression_attribute_values(":q", n(row.quantity))
            .expression_attribute_values(":room", n(room));
        let update = update.build().map_err(StoreError::rejected)?;
        let update = TransactWriteItem::builder().update(update).build();
        match self.transact_keyed(vec![update], keyed).await? {
            None => Ok(()),
            Some(_) => Err(AddError::TooMany),
        }
    }

    async fn set_quantity(&self, user: &UserId, item: &ProductId, quantity: u32) -> Result<bool, StoreError> {
        let (pk, sk, there) = (s(pk(user)), s(sk(item)), "attribute_exists(PK)");
        if quantity == 0 {
            let delete = Delete::builder().table_name(&self.name).key("PK", pk).key("SK", sk);
            let delete = delete.condition_expression(there).build().map_err(StoreError::rejected)?;
            return self.once(TransactWriteItem::builder().delete(delete)).await;
        }
        let update = Update::builder().table_name(&self.name).key("PK", pk).key("SK", sk);
        let update = update
            .update_expression("SET quantity = :q")
            .condition_expression(there)
            .expression_attribute_values(":q", n(quantity));
        let update = update.build().map_err(StoreError::rejected)?;
        self.once(TransactWriteItem::builder().update(update)).await
    }

    async fn replace(&self, user: &UserId, items: Vec<CartItem>) -> Result<(), StoreError> {
        let rows: Vec<Row> = items.iter().map(|item| Row::new(user, item)).collect();
        let gone: Vec<Row> = self
            .rows_of(user)
            .await?
            .into_iter()
            .filter(|old| rows.iter().all(|new| new.sk != old.sk))
            .collect();
        let puts = rows.iter().map(|row| self.put(row));
        let deletes = gone.iter().map(|row| self.delete(row));
        let writes: Vec<TransactWriteItem> = puts.chain(deletes).collect::<Result<_, _>>()?;
        // One transaction may not be enough. The puts come before the deletes, so another try repairs a change that
        // stopped halfway.
        for writes in writes.chunks(TRANSACTION) {
            self.transact(writes.to_vec()).await?;
        }
        Ok(())
    }

    async fn get(&self, user: &UserId) -> Result<Cart, StoreError> {
        let items = self.rows_of(user).await?.into_iter().map(Row::into_item).collect::<Result<_, _>>()?;
        Ok(Cart { userid: user.clone(), cart: items })
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<Cart>, StoreError> {
        let Page { items, next } = self.list(KIND, page).await?;
        Ok(Page { items: items.into_iter().map(cart).collect::<Result<_, _>>()?, next })
    }
}

impl Table {
    async fn rows_of(&self, user: &UserId) -> Result<Vec<Row>, StoreError> {
        let query = self.query().consistent_read(true).key_condition_expression("PK = :pk");
        let items = self.query_all(query.expression_attribute_values(":pk", s(pk(user)))).await?;
        items.into_iter().map(from_item).collect()
    }

    /// Makes one change, unless its condition does not hold. It uses a transaction for this one change: when the answer
    /// is lost, the SDK sends the transaction again with the same token, and DynamoDB does not make the change twice.
    async fn once(&self, change: TransactWriteItemBuilder) -> Result<bool, StoreError> {
        Ok(self.transact(vec![change.build()]).await?.is_none())
    }

    fn put(&self, row: &Row) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.name).set_item(Some(to_item(row)?)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(StoreError::rejected)?).build())
    }

    fn delete(&self, row: &Row) -> Result<TransactWriteItem, StoreError> {
        let delete =
            Delete::builder().table_name(&self.name).key("PK", s(&row.pk)).key("SK", s(&row.sk)).build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(StoreError::rejected)?).build())
    }
}

/// Makes a cart of all its lines.
fn cart(items: Vec<Item>) -> Result<Cart, StoreError> {
    let rows: Vec<Row> = items.into_iter().map(from_item).collect::<Result<_, _>>()?;
    let user = rows.first().and_then(|row| UserId::parse(&row.list_sk)).ok_or_else(|| corrupt("ListSK"))?;
    let mut cart: Vec<CartItem> = rows.into_iter().map(Row::into_item).collect::<Result<_, _>>()?;
    cart.sort_by(|a, b| a.itemid.cmp(&b.itemid));
    Ok(Cart { userid: user, cart })
}
