//! The page at `/`, the description of the routes, the products' pictures, and `/health`.

use acme_catalog::demo;
use acme_http::{ApiError, route};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value;

/// The description of the routes, which the page at `/` lists.
const DESCRIPTION: &str = include_str!("../../../infra/openapi.json");

/// The start of the page. A point-of-sale page will replace this page.
const HEAD: &str = "<!doctype html>
<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">
<title>ACME Fitness Shop</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  code { font: 14px ui-monospace, monospace } td { padding: .15rem 1.5rem .15rem 0 }
</style>
<h1>ACME Fitness Shop</h1>
<p>The shop is open. These are its routes; the README shows how to call them, and <a href=\"/openapi.json\">this
description</a> what goes in and what comes out.</p>
<table>";

/// `/`, `/openapi.json`, `/health` and `/static/images/{name}`.
pub(crate) fn routes() -> Router {
    let index = index();
    Router::new()
        .route("/", get(async move || home(index)))
        .merge(route(&["/openapi.json"], get(async || description())))
        .merge(route(&["/health"], get(async || health())))
        .merge(route(&["/static/images/{name}"], get(image)))
}

/// Shows the routes on a page.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/", operation_id = "home", tag = "local",
    responses((
        status = 200, description = "The page.", body = String, content_type = "text/html",
        example = json!("<!doctype html>"),
    )),
))]
fn home(index: String) -> Html<String> {
    Html(index)
}

/// Shows this description.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/openapi.json", operation_id = "description", tag = "local",
    responses((
        status = 200, description = "The description.", body = Object,
        example = json!({"openapi": "3.1.0", "info": {}, "paths": {}}),
    )),
))]
fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// Says that the shop is open.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/health", operation_id = "health", tag = "local",
    responses((status = 200, description = "It is.", body = Health)),
))]
fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the shop is open.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Health {
    /// Always `ok`.
    #[cfg_attr(feature = "openapi", schema(examples("ok")))]
    status: &'static str,
}

/// Makes the page, with one row for each operation of the description.
fn index() -> String {
    let description: Value = serde_json::from_str(DESCRIPTION).unwrap_or_default();
    let paths = description["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods
            .filter(|(_, operation)| operation["x-function"].is_string())
            .map(move |operation| (path, operation))
    });
    operations.fold(HEAD.to_owned(), |page, (path, (method, operation))| {
        let summary = operation["summary"].as_str().unwrap_or_default();
        let method = method.to_uppercase();
        format!("{page}\n<tr><td>{summary}<td><code>{method} {path}</code>")
    }) + "\n</table></html>\n"
}

/// Shows a picture of the demo catalog.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/static/images/{name}", operation_id = "image", tag = "local",
    params(("name" = String, Path, description = "The last part of the picture's address.")),
    responses(
        (
            status = 200, description = "The picture.", body = String, content_type = "image/svg+xml",
            example = json!("<svg></svg>"),
        ),
        (status = 404, description = "name: no picture of the demo catalog has this name"),
    ),
))]
async fn image(name: Result<Path<String>, PathRejection>) -> Result<Response, ApiError> {
    let svg = name.ok().and_then(|Path(name)| demo::image(&name));
    let svg = svg.ok_or_else(|| ApiError::not_found("name: no picture of the demo catalog has this name"))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=3600")], svg)
        .into_response())
}

/// The description of the pages.
#[cfg(feature = "openapi")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(home, description, health, image))]
pub(crate) struct Description;
