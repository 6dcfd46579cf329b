//! Reads pages of a kind whose items are spread over the shards of the index `list`.

use acme_common::store::{Page, PageRequest, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::store_error;
use crate::item::{Item, s};
use crate::response_size::{MAX_PAGE_BYTES, response_size};
use crate::table::{LIST, SHARDS, Table};

/// The most items that one request reads. A page may take several requests.
const READ: i32 = 250;

/// Where in the list a page ended.
#[derive(Debug, Default, PartialEq)]
struct ListPosition {
    shard: u32,
    after: String,
}

/// A page that is not complete yet.
struct PageBuilder {
    limit: usize,
    entries: Vec<(ListPosition, Vec<Item>)>,
    response_size: usize,
    /// Whether the list has more entries after this page.
    more: bool,
}

impl Table {
    /// A page of `kind`. It reads shard after shard, each in the order of `ListSK`. Items with the same `ListSK` are
    /// one entry, which no page cuts. The page has fewer than `page.limit` entries if more would be too large for an
    /// answer.
    pub(crate) async fn list(&self, kind: &str, page: &PageRequest) -> Result<Page<Vec<Item>>, StoreError> {
        let start = match &page.cursor {
            Some(cursor) => ListPosition::from_cursor(cursor).ok_or(StoreError::BadCursor)?,
            None => ListPosition::default(),
        };
        let mut page_builder =
            PageBuilder { limit: page.limit, entries: Vec::new(), response_size: 0, more: false };
        for shard in start.shard..SHARDS {
            let after = if shard == start.shard { start.after.as_str() } else { "" };
            self.read_shard(kind, shard, after, &mut page_builder).await?;
            if page_builder.more {
                break;
            }
        }
        let PageBuilder { entries, more, .. } = page_builder;
        let next = entries.last().filter(|_| more).map(|(place, _)| place.to_cursor());
        Ok(Page { items: entries.into_iter().map(|(_, items)| items).collect(), next })
    }

    /// Reads one shard to its end, or until the page is full and the list has more entries.
    async fn read_shard(
        &self,
        kind: &str,
        shard: u32,
        after: &str,
        page: &mut PageBuilder,
    ) -> Result<(), StoreError> {
        let query = self.query().index_name(LIST).limit(READ);
        let query = query.expression_attribute_values(":kind", s(format!("{kind}#{shard}")));
        // A sort key is never empty, so DynamoDB refuses a comparison with an empty one.
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
                page.take(ListPosition { shard, after: key }, item);
                if page.more {
                    return Ok(());
                }
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }
}

impl PageBuilder {
    /// Adds the next item, unless the page must end before the item's entry.
    fn take(&mut self, place: ListPosition, item: Item) {
        let same = self.entries.last().is_some_and(|(last, _)| *last == place);
        let before = self.entries.len() - usize::from(same);
        self.response_size += response_size(&item);
        // The page always takes one entry. Otherwise no page would ever reach the next entry.
        self.more = before == self.limit || (before > 0 && self.response_size > MAX_PAGE_BYTES);
        match self.entries.last_mut() {
            _ if self.more => self.entries.truncate(before),
            Some((_, items)) if same => items.push(item),
            _ => self.entries.push((place, vec![item])),
        }
    }
}

impl ListPosition {
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
