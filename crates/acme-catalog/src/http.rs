//! The catalog's three routes. Each function returns the router of one Lambda function.

mod answer;

use std::sync::Arc;

use acme_common::id::ProductId;
use acme_common::telemetry::ErrorSite;
use acme_http::{ApiError, Body, Idempotency, IdempotencyKey, Staff, route};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing;
use axum::{Json, Router};
use serde_json::{Value, json};

use self::answer::{ProductAnswer, ProductCreated, Products as AllProducts};
use crate::product::ProductRequest;
use crate::store::Products;

/// A store of products.
pub type Store = Arc<dyn Products>;
type Answer<T> = Result<Json<T>, ApiError>;

/// The routes by the name of their function, for a program that serves all of them.
pub fn functions(products: &Store, idempotency: &Idempotency) -> Vec<(&'static str, Router)> {
    vec![
        ("catalog-all", all(products.clone())),
        ("catalog-get", get(products.clone())),
        ("catalog-add", add(products.clone(), idempotency.clone())),
    ]
}

/// Lists the whole catalog, sorted by name.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/products", operation_id = "catalogAll", tag = "catalog",
    responses((status = 200, description = "All products.", body = AllProducts)),
))]
pub fn all(products: Store) -> Router {
    async fn handle(State(products): State<Store>) -> Answer<AllProducts> {
        Ok(Json(AllProducts { data: products.all().await.here()? }))
    }
    route(&["/products"], routing::get(handle)).with_state(products)
}

/// Shows a product.
///
/// The answer contains the product twice, because clients read either its own members or `data`.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/products/{id}", operation_id = "catalogGet", tag = "catalog",
    params(("id" = ProductId, Path, description = "The product's id.")),
    responses(
        (status = 200, description = "The product.", body = ProductAnswer),
        (status = 404, description = "id: no product in the catalog has this id"),
    ),
))]
pub fn get(products: Store) -> Router {
    async fn handle(
        State(products): State<Store>,
        id: Result<Path<String>, PathRejection>,
    ) -> Answer<ProductAnswer> {
        let unknown = || ApiError::not_found("id: no product in the catalog has this id");
        let id = id.ok().and_then(|Path(id)| ProductId::parse(&id));
        let product = products.get(&id.ok_or_else(unknown)?).await.here()?;
        Ok(Json(ProductAnswer::of(product.ok_or_else(unknown)?)))
    }
    route(&["/products/{id}"], routing::get(handle)).with_state(products)
}

/// Adds a product.
///
/// The shop makes its id. Older clients call `/product`.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/products", operation_id = "catalogAdd", tag = "catalog",
    security(("token" = [])),
    params(IdempotencyKey),
    request_body = ProductRequest,
    responses((status = 201, description = "The product is in the catalog.", body = ProductCreated)),
))]
pub fn add(products: Store, idempotency: Idempotency) -> Router {
    async fn handle(
        State(products): State<Store>,
        _: Staff,
        key: IdempotencyKey,
        Body(ProductRequest(product)): Body<ProductRequest>,
    ) -> Result<(StatusCode, Json<Value>), ApiError> {
        let message = "Product created successfully!";
        let answer = json!(ProductCreated { message, resource_id: &product, status: 201 });
        let keyed = key.keep(StatusCode::CREATED, &answer);
        products.add(product, keyed.as_ref()).await.here()?;
        Ok((StatusCode::CREATED, Json(answer)))
    }
    idempotency.per_caller(route(&["/products", "/product"], routing::post(handle)).with_state(products))
}

/// The description of the catalog's routes.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(all, get, add), modifiers(&OlderPath))]
pub struct Description;

/// The second path for adding a product, which older clients use.
#[cfg(feature = "openapi")]
struct OlderPath;

#[cfg(feature = "openapi")]
impl utoipa::Modify for OlderPath {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let add = api.paths.paths.get("/products").and_then(|item| item.post.clone());
        if let Some(mut add) = add {
            add.operation_id = Some("catalogAddSingular".to_owned());
            let item = utoipa::openapi::PathItem::new(utoipa::openapi::HttpMethod::Post, add);
            api.paths.paths.insert("/product".to_owned(), item);
        }
    }
}
