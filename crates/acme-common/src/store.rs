//! What all stores share: errors, and pages of a list.

use std::error::Error;

/// Why a store could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, throttles, or took too long. Another try may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A write was sent but no answer came, so the write may have been done. Another try is safe if the write is
    /// conditional.
    #[error("the store did not answer, so the write may have been done")]
    OutcomeUnknown(#[source] Box<dyn Error + Send + Sync>),
    /// Another request claimed the Idempotency-Key meanwhile. Nothing was written.
    #[error("Idempotency-Key: another request with this key is in progress")]
    KeyTaken,
    /// The store refused the request, or holds data that this program does not understand. Another try will not help.
    #[error("the store refused the request or holds bad data")]
    Rejected(#[source] Box<dyn Error + Send + Sync>),
    /// A cursor that did not come from a page of this list.
    #[error("cursor: expected a cursor from a page of this list")]
    BadCursor,
}

impl StoreError {
    /// Makes an [`Unavailable`](Self::Unavailable) of any error.
    pub fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(error.into())
    }

    /// Makes a [`Rejected`](Self::Rejected) of any error.
    pub fn rejected(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Rejected(error.into())
    }
}

/// Asks for one page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many entries at most, from 1 to [`PageRequest::MAX`].
    pub limit: usize,
    /// Where the previous page ended. The text has a meaning for the store only.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The most entries of one page.
    pub const MAX: usize = 1_000;

    /// Asks for the first `limit` entries.
    pub fn first(limit: usize) -> Self {
        Self { limit, cursor: None }
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(100)
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// The cursor of the next page, or `None` at the list's end.
    pub next: Option<String>,
}

/// Cuts a page out of a list in memory. The cursor is a position in the list.
///
/// # Errors
/// [`StoreError::BadCursor`] when the cursor is not a number.
pub fn page_of<T>(all: impl IntoIterator<Item = T>, page: &PageRequest) -> Result<Page<T>, StoreError> {
    let start = match &page.cursor {
        Some(cursor) => cursor.parse().map_err(|_| StoreError::BadCursor)?,
        None => 0_usize,
    };
    let mut rest = all.into_iter().skip(start);
    let items: Vec<T> = rest.by_ref().take(page.limit).collect();
    let next = rest.next().map(|_| start.saturating_add(items.len()).to_string());
    Ok(Page { items, next })
}
