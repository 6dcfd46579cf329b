//! The order's routes. Each function returns the router of one Lambda function.

mod add;
mod service;

use std::sync::Arc;

use acme_common::telemetry::ErrorSite;
use acme_http::{ApiError, Owner, Paging, Staff, route};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

pub use add::{AddOrder, add};
pub use service::update;

use crate::store::Orders;

/// `GET /order/all`: all orders, for staff, a page at a time.
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

/// `GET /order/{userid}`: a user's orders, newest first, a page at a time.
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
