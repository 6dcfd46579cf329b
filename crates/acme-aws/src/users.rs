//! Users on DynamoDB. `USER#<id>` holds the public data. `LOGIN#<username>` holds the data for a login, and the failed
//! logins.

use acme_common::id::UserId;
use acme_common::idempotency::Keyed;
use acme_common::store::{Page, PageRequest, StoreError};
use acme_user::failures::{Failures, MAX_FAILURES};
use acme_user::password::PasswordHash;
use acme_user::store::{Login, RegisterError, Users};
use acme_user::user::{Credentials, Email, User, Username};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::conditional;
use crate::item::{Item, corrupt, from_item, n, s, to_item};
use crate::table::{Table, shard};

/// The kind in the index `list`.
const KIND: &str = "USERS";
/// The sort key of a user's item.
const USER_SK: &str = "USER";
/// The sort key of the item with the password's hash.
const CREDENTIALS_SK: &str = "CREDENTIALS";
/// The sort key of the item that counts a username's failed logins.
const FAILURES_SK: &str = "FAILURES";
/// How often a failed login is counted again because a window ended or began meanwhile.
const TRIES: u32 = 5;

/// The keys of an item, and its keys in the index `list` if the item is in a list.
#[derive(Serialize, Deserialize)]
struct Keys {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    #[serde(rename = "ListPK", skip_serializing_if = "Option::is_none")]
    list_pk: Option<String>,
    #[serde(rename = "ListSK", skip_serializing_if = "Option::is_none")]
    list_sk: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(flatten)]
    keys: Keys,
    id: String,
    username: String,
    firstname: String,
    lastname: String,
    email: String,
    staff: bool,
    /// Only in the item for the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailuresRow {
    count: u32,
    expires_at: i64,
}

fn user_pk(id: &UserId) -> String {
    format!("USER#{id}")
}

fn login_pk(username: &Username) -> String {
    format!("LOGIN#{}", username.key())
}

impl Row {
    fn public(user: &User) -> Self {
        let id = user.id.to_string();
        let keys = Keys {
            pk: user_pk(&user.id),
            sk: USER_SK.to_owned(),
            list_pk: Some(shard(KIND, &id)),
            list_sk: Some(id),
        };
        Self::new(user, keys, None)
    }

    fn login(credentials: &Credentials) -> Self {
        let user = &credentials.user;
        let keys = Keys {
            pk: login_pk(&user.username),
            sk: CREDENTIALS_SK.to_owned(),
            list_pk: None,
            list_sk: None,
        };
        Self::new(user, keys, Some(credentials.password.as_phc().to_owned()))
    }

    fn new(user: &User, keys: Keys, password_hash: Option<String>) -> Self {
        Self {
            keys,
            id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            firstname: user.firstname.clone(),
            lastname: user.lastname.clone(),
            email: user.email.as_str().to_owned(),
            staff: user.staff,
            password_hash,
        }
    }

    fn into_user(self) -> Result<User, StoreError> {
        Ok(User {
            id: UserId::parse(&self.id).ok_or_else(|| corrupt("id"))?,
            username: Username::parse(&self.username).ok_or_else(|| corrupt("username"))?,
            firstname: self.firstname,
            lastname: self.lastname,
            email: Email::parse(&self.email).ok_or_else(|| corrupt("email"))?,
            staff: self.staff,
        })
    }

    fn into_credentials(mut self) -> Result<Credentials, StoreError> {
        let hash = self.password_hash.take().and_then(|phc| PasswordHash::parse(&phc));
        let password = hash.ok_or_else(|| corrupt("passwordHash"))?;
        Ok(Credentials { user: self.into_user()?, password })
    }
}

#[async_trait]
impl Users for Table {
    async fn register(&self, user: Credentials, keyed: Option<&Keyed>) -> Result<(), RegisterError> {
        let writes = [Row::public(&user.user), Row::login(&user)].map(|row| {
            let put = Put::builder().table_name(&self.name).set_item(Some(to_item(&row)?));
            let put =
                put.condition_expression("attribute_not_exists(PK)").build().map_err(StoreError::rejected)?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        let writes = writes.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        match self.transact_keyed(writes, keyed).await? {
            None => Ok(()),
            Some(_) => Err(RegisterError::Taken),
        }
    }

    async fn by_id(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.item((user_pk(id), USER_SK)).await?.map(user).transpose()
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<User>, StoreError> {
        let Page { items, next } = self.list(KIND, page).await?;
        Ok(Page { items: items.into_iter().flatten().map(user).collect::<Result<_, _>>()?, next })
    }

    async fn login(&self, username: &Username) -> Result<Login, StoreError> {
        let query = self.query().consistent_read(true).key_condition_expression("PK = :pk");
        let mut login = Login::default();
        for item in self.query_all(query.expression_attribute_values(":pk", s(login_pk(username)))).await? {
            match item.get("SK").and_then(|sk| sk.as_s().ok()).map(String::as_str) {
                Some(CREDENTIALS_SK) => login.credentials = Some(from_item::<Row>(item)?.into_credentials()?),
                Some(FAILURES_SK) => login.failures = failures(item)?,
                _ => {}
            }
        }
        Ok(login)
    }

    async fn failed_login(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError> {
        for _ in 0..TRIES {
            // First it counts in the present window. If there is no window, it begins one. Another request may begin a
            // window before it.
            if let Some(failures) =
                self.count(username, now, "SET #count = #count + :one", "expiresAt > :now").await?
            {
                return Ok(failures);
            }
            let begin = "SET #count = :one, expiresAt = :ends";
            let none = "attribute_not_exists(expiresAt) OR expiresAt <= :now";
            if let Some(failures) = self.count(username, now, begin, none).await? {
                return Ok(failures);
            }
        }
        Err(StoreError::unavailable("the failures of a username kept changing"))
    }

    async fn clear_failures(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete.key("PK", s(login_pk(username))).key("SK", s(FAILURES_SK));
        let delete = delete
            .condition_expression("attribute_not_exists(PK) OR #count < :max OR expiresAt <= :now")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":max", n(MAX_FAILURES))
            .expression_attribute_values(":now", n(now.as_second()))
            .return_values(ReturnValue::AllOld);
        match conditional(delete.send().await)? {
            Some(deleted) => deleted.attributes.map(failures).transpose().map(Option::unwrap_or_default),
            None => Ok(self.login(username).await?.failures),
        }
    }
}

impl Table {
    /// Counts one failed login with `expression`, if `condition` holds.
    async fn count(
        &self,
        username: &Username,
        now: Timestamp,
        expression: &str,
        condition: &str,
    ) -> Result<Option<Failures>, StoreError> {
        let update = self.client.update_item().table_name(&self.name);
        let update = update.key("PK", s(login_pk(username))).key("SK", s(FAILURES_SK));
        let mut update = update
            .update_expression(expression)
            .condition_expression(condition)
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":now", n(now.as_second()))
            .return_values(ReturnValue::AllNew);
        if expression.contains(":ends") {
            update = update.expression_attribute_values(":ends", n(Failures::first(now).ends));
        }
        let updated = conditional(update.send().await)?;
        updated.and_then(|updated| updated.attributes).map(failures).transpose()
    }
}

fn user(item: Item) -> Result<User, StoreError> {
    from_item::<Row>(item)?.into_user()
}

fn failures(item: Item) -> Result<Failures, StoreError> {
    let FailuresRow { count, expires_at } = from_item(item)?;
    Ok(Failures { count, ends: expires_at })
}
