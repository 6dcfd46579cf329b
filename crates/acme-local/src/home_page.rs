//! The page at `/`, the description of the routes, the products' pictures, and `/health`.

use acme_catalog::demo;
use acme_http::{ApiError, route};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// What the shop serves, which the page at `/` lists.
const DESCRIPTION: &str = include_str!("../../../infra/openapi.json");

/// The page's frame, until the point-of-sale page is built.
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
    let description = ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION);
    Router::new()
        .route("/", get(async move || Html(index)))
        .merge(route(&["/openapi.json"], get(async move || description)))
        .merge(route(&["/health"], get(async || Json(json!({"status": "ok"})))))
        .merge(route(&["/static/images/{name}"], get(image)))
}

/// The page: a row per operation of the description.
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

async fn image(name: Result<Path<String>, PathRejection>) -> Result<Response, ApiError> {
    let svg = name.ok().and_then(|Path(name)| demo::image(&name));
    let svg = svg.ok_or_else(|| ApiError::not_found("name: expected a picture of the demo catalog"))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=3600")], svg)
        .into_response())
}
