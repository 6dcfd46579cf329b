//! The dead letters, for staff: what there is, and how it is sent again. On AWS they are in queues, and `infra/dead-letters`
//! reads those.

use std::sync::Arc;

use acme_aws::Table;
use acme_aws::dead_letters::DeadLetterFilter;
use acme_common::id::OrderId;
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::messaging::DeadLetter;
use acme_common::store::{Page, PageRequest};
use acme_common::time::rfc3339;
use acme_http::{ApiError, Body, Paging, Staff, route};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::queue::Queue;

type Shared = (Arc<Table>, Arc<Queue>);

/// Which dead letters a request names.
#[derive(Debug, Default, Deserialize)]
struct DeadLetterQuery {
    queue: Option<String>,
    order: Option<String>,
}

/// A request to send dead letters again.
#[derive(Debug)]
struct Redrive {
    query: DeadLetterQuery,
    id: Option<String>,
    dry_run: bool,
}

/// `GET /dead-letters` and `POST /dead-letters/redrive`.
pub(crate) fn routes(table: Arc<Table>, queue: Arc<Queue>) -> Router {
    route(&["/dead-letters"], get(list))
        .merge(route(&["/dead-letters/redrive"], post(redrive)))
        .with_state((table, queue))
}

/// Lists dead letters, those of one queue or one order where the query says so. Their bodies are not shown: they hold
/// personal data.
async fn list(
    State((table, queue)): State<Shared>,
    _: Staff,
    paging: Paging,
    query: Result<Query<DeadLetterQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) =
        query.map_err(|_| ApiError::bad_request("query: expected queue and order, once each"))?;
    let page = table.dead_letters(&query.filter(&queue)?, &paging.0).await?;
    Ok(paging.answer(page, |letters| json!({"data": letters.iter().map(shown).collect::<Vec<_>>()})))
}

/// Sends dead letters again: the one of `id`, or up to 1,000 of those that `queue` and `order` name. Answers which, and
/// whether there are more; with `dryRun` it sends none.
async fn redrive(
    State((table, queue)): State<Shared>,
    _: Staff,
    Body(Redrive { query, id, dry_run }): Body<Redrive>,
) -> Result<Json<Value>, ApiError> {
    let filter = query.filter(&queue)?;
    let Page { items, next } = match &id {
        Some(id) => {
            let letter = table.dead_letter(id).await?;
            let letter = letter.ok_or_else(|| ApiError::not_found("id: expected that of a dead letter"))?;
            Page { items: vec![letter], next: None }
        }
        None => table.dead_letters(&filter, &PageRequest::first(PageRequest::MAX)).await?,
    };
    for letter in items.iter().filter(|_| !dry_run) {
        queue.redrive(letter)?;
    }
    let letters: Vec<Value> = items.iter().map(shown).collect();
    Ok(Json(json!({"dryRun": dry_run, "data": letters, "more": next.is_some()})))
}

impl DeadLetterQuery {
    fn filter(self, queue: &Queue) -> Result<DeadLetterFilter, ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (function, order) = (given(self.queue), given(self.order));
        let functions = queue.functions();
        if function.as_ref().is_some_and(|function| !functions.contains(function.as_str())) {
            let names = Vec::from_iter(functions).join(", ");
            return Err(ApiError::bad_request(format!("queue: expected one of {names}")));
        }
        let order_id = order.map(|order| {
            OrderId::parse(&order)
                .ok_or_else(|| ApiError::bad_request("order: expected an id of 1 to 128 characters"))
        });
        Ok(DeadLetterFilter { function, order_id: order_id.transpose()? })
    }
}

impl FromJson for Redrive {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        let text = |name| {
            let field = field.get(name);
            if field.is_present() { field.text(128).map(Some) } else { Ok(None) }
        };
        let dry_run = field.get("dryRun");
        Ok(Self {
            query: DeadLetterQuery { queue: text("queue")?, order: text("order")? },
            id: text("id")?,
            dry_run: if dry_run.is_present() { dry_run.boolean()? } else { false },
        })
    }
}

/// A dead letter as it is listed, in the words of its attributes on SQS.
fn shown(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id,
        "queue": letter.function,
        "reason": letter.reason,
        "receive_count": letter.receive_count,
        "failed_at": rfc3339(letter.failed_at),
        "order_id": letter.order_id,
        "trace_id": letter.trace_id,
    })
}
