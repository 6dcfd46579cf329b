//! Pages through a kind that is spread over the shards of the index `list`.

use acme_common::store::{Page, PageRequest, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::store_error;
use crate::item::{Item, s};
use crate::table::{LIST, SHARDS, Table};

/// How many items one request reads at most; a page may take several.
const READ: i32 = 250;

/// Where in the list a page ended.
#[derive(Debug, Default)]
struct Place {
    shard: u32,
    after: String,
}

impl Table {
    /// A page of `kind`, shard by shard, each by `ListSK`. Items that share a `ListSK` are one entry, never cut apart.
    pub(crate) async fn list(&self, kind: &str, page: &PageRequest) -> Result<Page<Vec<Item>>, StoreError> {
        let start = match &page.cursor {
            Some(cursor) => Place::from_cursor(cursor).ok_or(StoreError::BadCursor)?,
            None => Place::default(),
        };
        let mut entries: Vec<(Place, Vec<Item>)> = Vec::new();
        for shard in start.shard..SHARDS {
            let after = if shard == start.shard { start.after.as_str() } else { "" };
            self.read_shard(kind, shard, after, page.limit, &mut entries).await?;
            if entries.len() > page.limit {
                break;
            }
        }
        let more = entries.len() > page.limit;
        entries.truncate(page.limit);
        let next = entries.last().filter(|_| more).map(|(place, _)| place.to_cursor());
        Ok(Page { items: entries.into_iter().map(|(_, items)| items).collect(), next })
    }

    /// Reads one shard until its end, or until there is one entry more than the page holds.
    async fn read_shard(
        &self,
        kind: &str,
        shard: u32,
        after: &str,
        limit: usize,
        entries: &mut Vec<(Place, Vec<Item>)>,
    ) -> Result<(), StoreError> {
        let query = self.query().index_name(LIST).limit(READ);
        let query = query.expression_attribute_values(":kind", s(format!("{kind}#{shard}")));
        // A sort key is never empty, so an empty one cannot be compared with either.
        let query = if after.is_empty() {
            query.key_condition_expression("ListPK = :kind")
        } else {
            query
                .key_condition_expression("ListPK = :kind AND ListSK > :after")
                .expression_attribute_values(":after", s(after))
        };
        let mut start = None;
        loop {
            let found = query.clone().set_exclusive_start_key(start).send().await.map_err(store_error)?;
            for item in found.items.unwrap_or_default() {
                let key = item.get("ListSK").and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
                let full = entries.len() > limit;
                match entries.last_mut() {
                    Some((place, items)) if place.shard == shard && place.after == key => items.push(item),
                    _ if full => return Ok(()),
                    _ => entries.push((Place { shard, after: key }, vec![item])),
                }
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }
}

impl Place {
    fn to_cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.shard, self.after))
    }

    fn from_cursor(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (shard, after) = text.split_once(':')?;
        let shard = shard.parse().ok().filter(|shard| *shard < SHARDS)?;
        (!after.is_empty() && after.len() <= 1024).then(|| Self { shard, after: after.to_owned() })
    }
}
