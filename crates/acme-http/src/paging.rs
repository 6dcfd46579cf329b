//! Pages of a list: `?limit=` and `?cursor=` ask for a page, and a `Link` header leads to the next page.

use acme_common::store::{Page, PageRequest};
use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// The page that a request asks for: `limit` entries (1 to 1,000, by default 100) after `cursor`. The second field is
/// the rest of the query, which the link to the next page repeats.
#[derive(Debug, Clone)]
pub struct Paging(pub PageRequest, String);

#[derive(Deserialize)]
struct PageQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::<PageQuery>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::bad_request("query: expected limit and cursor, once each"))?;
        let mut page =
            PageRequest { cursor: query.cursor.filter(|c| !c.is_empty()), ..PageRequest::default() };
        if let Some(limit) = query.limit.filter(|l| !l.is_empty()) {
            page.limit =
                limit.parse().ok().filter(|n| (1..=PageRequest::MAX).contains(n)).ok_or_else(|| {
                    ApiError::bad_request(format!(
                        "limit: expected a whole number from 1 to {}",
                        PageRequest::MAX
                    ))
                })?;
        }
        let others =
            parts.uri.query().unwrap_or_default().split('&').filter(|pair| {
                !pair.is_empty() && !matches!(pair.split('=').next(), Some("limit" | "cursor"))
            });
        Ok(Self(page, others.map(|pair| format!("&{pair}")).collect()))
    }
}

impl Paging {
    /// Answers with a page. `body` makes the body, which has the same form with and without a next page.
    pub fn answer<T, B: Serialize>(&self, page: Page<T>, body: impl FnOnce(Vec<T>) -> B) -> Response {
        let mut response = Json(body(page.items)).into_response();
        // A relative reference (RFC 8288, RFC 3986 section 4.2) is right behind any prefix, such as a stage.
        let (limit, others) = (self.0.limit, &self.1);
        let link = page.next.map(|cursor| format!("<?limit={limit}&cursor={cursor}{others}>; rel=\"next\""));
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}
