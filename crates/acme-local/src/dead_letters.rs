//! The routes for staff that list dead letters and send them again. On AWS the dead letters are in queues, and
//! `infra/dead-letters` reads those.

#[cfg(feature = "openapi")]
mod described;

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
use serde::{Deserialize, Serialize};

use crate::queue::Queue;

type Shared = (Arc<Table>, Arc<Queue>);

/// Which dead letters a request names.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
struct DeadLetterQuery {
    /// The function that failed.
    queue: Option<String>,
    /// An order's id.
    order: Option<String>,
}

/// A request to send dead letters again.
#[derive(Debug)]
struct Redrive {
    query: DeadLetterQuery,
    id: Option<String>,
    dry_run: bool,
}

/// A dead letter as it is listed, in the words of its attributes on SQS.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DeadLetter, examples(json!(described::letter()))))]
struct Listed {
    /// The message's id.
    id: String,
    /// The function that failed.
    queue: String,
    /// Why it failed.
    reason: String,
    /// How often the function received the message.
    receive_count: u32,
    /// When it failed for the last time.
    #[cfg_attr(feature = "openapi", schema(schema_with = acme_common::openapi::time))]
    failed_at: String,
    /// The order that the message is about, where it names one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    order_id: Option<OrderId>,
    /// The trace in which it failed, where there was one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    trace_id: Option<String>,
}

/// A page of dead letters.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DeadLetters))]
struct ListedPage {
    /// The dead letters, without their bodies.
    data: Vec<Listed>,
}

/// What a redrive sent, or would send.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Redriven {
    /// The dead letters that it is about.
    data: Vec<Listed>,
    /// Whether nothing was sent.
    #[serde(rename = "dryRun")]
    #[cfg_attr(feature = "openapi", schema(examples(false)))]
    dry_run: bool,
    /// Whether more dead letters match.
    #[cfg_attr(feature = "openapi", schema(examples(false)))]
    more: bool,
}

/// `GET /dead-letters` and `POST /dead-letters/redrive`.
pub(crate) fn routes(table: Arc<Table>, queue: Arc<Queue>) -> Router {
    route(&["/dead-letters"], get(list))
        .merge(route(&["/dead-letters/redrive"], post(redrive)))
        .with_state((table, queue))
}

/// Lists dead letters, a page at a time.
///
/// Their bodies are not shown, since they hold personal data.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/dead-letters", operation_id = "deadLetters", tag = "local",
    security(("token" = [])),
    params(DeadLetterQuery, Paging),
    responses((status = 200, description = "A page of dead letters.", body = ListedPage)),
))]
async fn list(
    State((table, queue)): State<Shared>,
    _: Staff,
    paging: Paging,
    query: Result<Query<DeadLetterQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) =
        query.map_err(|_| ApiError::bad_request("query: expected queue and order, once each"))?;
    let page = table.dead_letters(&query.filter(&queue)?, &paging.0).await?;
    Ok(paging.answer(page, |letters| ListedPage { data: letters.into_iter().map(listed).collect() }))
}

/// Sends dead letters back to their queues.
///
/// It sends the one with this `id`, or up to 1,000 that match `queue` and `order`. With `dryRun` it sends none.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/dead-letters/redrive", operation_id = "redrive", tag = "local",
    security(("token" = [])),
    request_body = Redrive,
    responses(
        (status = 200, description = "What was sent.", body = Redriven),
        (status = 404, description = "id: no dead letter has this id"),
    ),
))]
async fn redrive(
    State((table, queue)): State<Shared>,
    _: Staff,
    Body(Redrive { query, id, dry_run }): Body<Redrive>,
) -> Result<Json<Redriven>, ApiError> {
    let filter = query.filter(&queue)?;
    let Page { items, next } = match &id {
        Some(id) => {
            let letter = table.dead_letter(id).await?;
            let letter = letter.ok_or_else(|| ApiError::not_found("id: no dead letter has this id"))?;
            Page { items: vec![letter], next: None }
        }
        None => table.dead_letters(&filter, &PageRequest::first(PageRequest::MAX)).await?,
    };
    for letter in items.iter().filter(|_| !dry_run) {
        queue.redrive(letter)?;
    }
    let data = items.into_iter().map(listed).collect();
    Ok(Json(Redriven { data, dry_run, more: next.is_some() }))
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

/// The part of a dead letter that is shown.
fn listed(letter: DeadLetter) -> Listed {
    Listed {
        id: letter.id,
        queue: letter.function,
        reason: letter.reason,
        receive_count: letter.receive_count,
        failed_at: rfc3339(letter.failed_at),
        order_id: letter.order_id,
        trace_id: letter.trace_id,
    }
}

/// The description of the dead letters' routes.
#[cfg(feature = "openapi")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, redrive))]
pub(crate) struct Description;
