//! The cart's eight routes. Each function returns the router of one Lambda function.

use std::sync::Arc;

use acme_common::catalog::{LineRequest, MAX_LINES, PriceList};
use acme_common::id::UserId;
use acme_common::telemetry::ErrorSite;
use acme_http::{ApiError, AuthMode, Body, Idempotency, IdempotencyKey, Owner, Paging, Staff, route};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::cart::{Cart, CartItem, CartRequest, ItemRequest, QuantityRequest, merged};
use crate::store::{AddError, Carts};

type Store = Arc<dyn Carts>;
type Prices = Arc<dyn PriceList>;
type Answer = Result<Json<Value>, ApiError>;

/// `POST /cart/item/add/{userid}`: adds one item to a user's cart. With an `Idempotency-Key`, the same add sent again
/// counts once.
pub fn add_item(carts: Store, prices: Prices, idempotency: Idempotency) -> Router {
    async fn handle(
        State((carts, prices)): State<(Store, Prices)>,
        mode: AuthMode,
        owner: Owner,
        key: IdempotencyKey,
        Body(ItemRequest(item)): Body<ItemRequest>,
    ) -> Answer {
        let answer = userid(&owner);
        let keyed = key.keep(StatusCode::OK, &answer);
        for item in priced(vec![item], mode, &*prices).await? {
            // Two adds at once may pass together: the bound keeps carts readable, and need not be exact.
            let cart = carts.get(&owner.id).await.here()?.cart;
            if cart.len() >= MAX_LINES && cart.iter().all(|known| known.itemid != item.itemid) {
                let message = format!("the cart holds {MAX_LINES} different items, and no more");
                return Err(ApiError::conflict(message));
            }
            carts.add(&owner.id, item, keyed.as_ref()).await.here()?;
        }
        Ok(answer)
    }
    idempotency.per_caller(route(&["/cart/item/add/{userid}"], post(handle)).with_state((carts, prices)))
}

/// `GET /cart/all`: all carts, for staff, a page at a time.
pub fn all(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, _: Staff, paging: Paging) -> Result<Response, ApiError> {
        let page = carts.all(&paging.0).await.here()?;
        Ok(paging.answer(page, |carts| carts))
    }
    route(&["/cart/all"], get(handle)).with_state(carts)
}

/// `GET` or `DELETE /cart/clear/{userid}`: empties a user's cart.
pub fn clear(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Result<StatusCode, ApiError> {
        carts.replace(&owner.id, Vec::new()).await.here()?;
        Ok(StatusCode::OK)
    }
    route(&["/cart/clear/{userid}"], get(handle).delete(handle)).with_state(carts)
}

/// `POST /cart/item/modify/{userid}`: sets the quantity of one item.
pub fn modify_item(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner, Body(item): Body<QuantityRequest>) -> Answer {
        if carts.set_quantity(&owner.id, &item.itemid, item.quantity).await.here()? {
            Ok(userid(&owner))
        } else {
            Err(ApiError::not_found("itemid: expected an item of this cart"))
        }
    }
    route(&["/cart/item/modify/{userid}"], post(handle)).with_state(carts)
}

/// `GET /cart/items/total/{userid}`: how many pieces are in a user's cart.
pub fn item_total(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Answer {
        let cart = carts.get(&owner.id).await.here()?;
        Ok(Json(json!({"cartitemtotal": cart.pieces(), "userid": owner.asked})))
    }
    route(&["/cart/items/total/{userid}"], get(handle)).with_state(carts)
}

/// `POST /cart/modify/{userid}`: puts a whole cart in the place of the one that was there.
pub fn modify(carts: Store, prices: Prices) -> Router {
    async fn handle(
        State((carts, prices)): State<(Store, Prices)>,
        mode: AuthMode,
        owner: Owner,
        Body(CartRequest(items)): Body<CartRequest>,
    ) -> Answer {
        let items = priced(items, mode, &*prices).await?;
        carts.replace(&owner.id, merged(items)?).await.here()?;
        Ok(userid(&owner))
    }
    route(&["/cart/modify/{userid}"], post(handle)).with_state((carts, prices))
}

/// `GET /cart/total/{userid}`: what a user's cart costs.
pub fn total(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Answer {
        let cart = carts.get(&owner.id).await.here()?;
        Ok(Json(json!({"carttotal": cart.total(), "userid": owner.asked})))
    }
    route(&["/cart/total/{userid}"], get(handle)).with_state(carts)
}

/// `GET /cart/items/{userid}`: a user's cart.
pub fn items(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Result<Json<Cart>, ApiError> {
        let cart = carts.get(&owner.id).await.here()?;
        let userid = UserId::parse(&owner.asked).unwrap_or(owner.id);
        Ok(Json(Cart { userid, ..cart }))
    }
    route(&["/cart/items/{userid}"], get(handle)).with_state(carts)
}

/// The items at the price that counts: the client's own in compatibility mode, else the catalog's.
async fn priced(
    items: Vec<LineRequest>,
    mode: AuthMode,
    prices: &dyn PriceList,
) -> Result<Vec<CartItem>, ApiError> {
    let bought: Result<Vec<_>, _> = match mode {
        AuthMode::Compatibility => items.iter().map(LineRequest::at_client_price).collect(),
        AuthMode::Tokens => {
            let ids: Vec<_> = items.iter().map(|item| item.id.clone()).collect();
            let offers = prices.offers(&ids).await.here()?;
            items.iter().map(|item| item.at_catalog_price(&offers)).collect()
        }
    };
    Ok(bought?.into_iter().zip(&items).map(|(offer, item)| CartItem::new(offer, item.quantity)).collect())
}

fn userid(owner: &Owner) -> Json<Value> {
    Json(json!({"userid": owner.asked}))
}

impl From<AddError> for ApiError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::TooMany => Self::bad_request(error.to_string()),
            AddError::Store(error) => error.into(),
        }
    }
}
