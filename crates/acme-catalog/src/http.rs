//! The catalog's three routes. Each function returns the router of one Lambda function.

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

use crate::product::ProductRequest;
use crate::store::Products;

type Store = Arc<dyn Products>;
type Answer = Result<Json<Value>, ApiError>;

/// `GET /products`: the whole catalog.
pub fn all(products: Store) -> Router {
    async fn handle(State(products): State<Store>) -> Answer {
        Ok(Json(json!({"data": products.all().await.here()?})))
    }
    route(&["/products"], routing::get(handle)).with_state(products)
}

/// `GET /products/{id}`: one product, both as the answer itself and as its `data`, since clients read either.
pub fn get(products: Store) -> Router {
    async fn handle(State(products): State<Store>, id: Result<Path<String>, PathRejection>) -> Answer {
        let unknown = || ApiError::not_found("id: expected the id of a product in the catalog");
        let id = id.ok().and_then(|Path(id)| ProductId::parse(&id));
        let product = products.get(&id.ok_or_else(unknown)?).await.here()?;
        let data = json!(product.ok_or_else(unknown)?);
        let mut answer = data.clone();
        answer["data"] = data;
        answer["status"] = json!(200);
        Ok(Json(answer))
    }
    route(&["/products/{id}"], routing::get(handle)).with_state(products)
}

/// `POST /products` or `/product`: adds a product, for staff. With an `Idempotency-Key`, the same product sent again is
/// added once.
pub fn add(products: Store, idempotency: Idempotency) -> Router {
    async fn handle(
        State(products): State<Store>,
        _: Staff,
        key: IdempotencyKey,
        Body(ProductRequest(product)): Body<ProductRequest>,
    ) -> Result<(StatusCode, Json<Value>), ApiError> {
        let answer = json!({
            "message": "Product created successfully!",
            "resourceId": product,
            "status": 201,
        });
        let keyed = key.keep(StatusCode::CREATED, &answer);
        products.add(product, keyed.as_ref()).await.here()?;
        Ok((StatusCode::CREATED, Json(answer)))
    }
    idempotency.per_caller(route(&["/products", "/product"], routing::post(handle)).with_state(products))
}
