//! The order's routes. Each function returns the router of one Lambda function.

mod add;
mod service;

use std::sync::Arc;

use acme_common::telemetry::ErrorSite;
use acme_http::{ApiError, Idempotency, Owner, Paging, Staff, route};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

pub use add::{AddOrder, add};
pub use service::update;

#[cfg(feature = "openapi")]
use crate::order::Order;
use crate::store::Orders;

/// The routes by the name of their function, for a program that serves all of them.
pub fn functions(shop: AddOrder, idempotency: &Idempotency) -> Vec<(&'static str, Router)> {
    let orders = shop.orders.clone();
    vec![
        ("order-add", add(shop, idempotency.clone())),
        ("order-all", all(orders.clone())),
        ("order-user", of_user(orders)),
    ]
}

/// Lists all orders, a page at a time.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/order/all", operation_id = "orderAll", tag = "orders",
    security(("token" = [])),
    params(Paging),
    responses((status = 200, description = "A page of orders.", body = Vec<Order>)),
))]
pub fn all(orders: Arc<dyn Orders>) -> Router {
    async fn handle(
        State(orders): State<Arc<dyn Orders>>,
        _: Staff,
        paging: Paging,
    ) -> Result<Response, ApiError> {
        let page = orders.all(&paging.0).await.here()?;
        Ok(paging.answer(page, |orders| orders))
    }
    route(&["/order/all"], get(handle)).with_state(orders)
}

/// Lists a user's orders, newest first, a page at a time.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/order/{userid}", operation_id = "orderUser", tag = "orders",
    security(("token" = [])),
    params(Owner, Paging),
    responses((status = 200, description = "A page of orders.", body = Vec<Order>)),
))]
pub fn of_user(orders: Arc<dyn Orders>) -> Router {
    async fn handle(
        State(orders): State<Arc<dyn Orders>>,
        owner: Owner,
        paging: Paging,
    ) -> Result<Response, ApiError> {
        let page = orders.of_user(&owner.id, &paging.0).await.here()?;
        Ok(paging.answer(page, |orders| orders))
    }
    route(&["/order/{userid}"], get(handle)).with_state(orders)
}

/// The description of the order's routes.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(add::add, all, of_user, service::update))]
pub struct Description;
