//! The cart's eight routes. Each function returns the router of one Lambda function.

mod answer;

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
use serde_json::json;

use self::answer::{CartItemTotal, CartTotal, CartUser};
use crate::cart::{Cart, CartItem, CartRequest, ItemRequest, QuantityRequest, merged};
use crate::store::{AddError, Carts};

/// A store of carts.
pub type Store = Arc<dyn Carts>;
/// A list of prices.
pub type Prices = Arc<dyn PriceList>;
type Answer<T> = Result<Json<T>, ApiError>;

/// The routes by the name of their function, for a program that serves all of them.
pub fn functions(carts: &Store, prices: &Prices, idempotency: &Idempotency) -> Vec<(&'static str, Router)> {
    vec![
        ("cart-item-add", add_item(carts.clone(), prices.clone(), idempotency.clone())),
        ("cart-all", all(carts.clone())),
        ("cart-clear", clear(carts.clone())),
        ("cart-item-modify", modify_item(carts.clone())),
        ("cart-item-total", item_total(carts.clone())),
        ("cart-modify", modify(carts.clone(), prices.clone())),
        ("cart-total", total(carts.clone())),
        ("cart-items", items(carts.clone())),
    ]
}

/// Adds an item to the cart.
///
/// An item that is there already gets the sum of both quantities.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/cart/item/add/{userid}", operation_id = "cartItemAdd", tag = "cart",
    security(("token" = [])),
    params(Owner, IdempotencyKey),
    request_body = ItemRequest,
    responses(
        (status = 200, description = "The item is in the cart.", body = CartUser),
        (status = 409, description = "the cart holds 100 different items, and no more"),
    ),
))]
pub fn add_item(carts: Store, prices: Prices, idempotency: Idempotency) -> Router {
    async fn handle(
        State((carts, prices)): State<(Store, Prices)>,
        mode: AuthMode,
        owner: Owner,
        key: IdempotencyKey,
        Body(ItemRequest(item)): Body<ItemRequest>,
    ) -> Answer<CartUser> {
        let answer = user(&owner);
        let keyed = key.keep(StatusCode::OK, &json!(*answer));
        for item in priced(vec![item], mode, &*prices).await? {
            // Two adds at once may both pass this check. That does no harm: the limit keeps carts readable, and need
            // not be exact.
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

/// Lists all carts, a page at a time.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/cart/all", operation_id = "cartAll", tag = "cart",
    security(("token" = [])),
    params(Paging),
    responses((status = 200, description = "A page of carts.", body = Vec<Cart>)),
))]
pub fn all(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, _: Staff, paging: Paging) -> Result<Response, ApiError> {
        let page = carts.all(&paging.0).await.here()?;
        Ok(paging.answer(page, |carts| carts))
    }
    route(&["/cart/all"], get(handle)).with_state(carts)
}

/// Empties the cart. Older clients do it with a GET.
#[cfg_attr(feature = "openapi", utoipa::path(
    method(get, delete), path = "/cart/clear/{userid}", operation_id = "cartClear", tag = "cart",
    security(("token" = [])),
    params(Owner),
    responses((status = 200, description = "The cart is empty.")),
))]
pub fn clear(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Result<StatusCode, ApiError> {
        carts.replace(&owner.id, Vec::new()).await.here()?;
        Ok(StatusCode::OK)
    }
    route(&["/cart/clear/{userid}"], get(handle).delete(handle)).with_state(carts)
}

/// Sets the quantity of an item.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/cart/item/modify/{userid}", operation_id = "cartItemModify", tag = "cart",
    security(("token" = [])),
    params(Owner),
    request_body = QuantityRequest,
    responses(
        (status = 200, description = "The item has the new quantity, or is gone.", body = CartUser),
        (status = 404, description = "itemid: not in this cart"),
    ),
))]
pub fn modify_item(carts: Store) -> Router {
    async fn handle(
        State(carts): State<Store>,
        owner: Owner,
        Body(item): Body<QuantityRequest>,
    ) -> Answer<CartUser> {
        if carts.set_quantity(&owner.id, &item.itemid, item.quantity).await.here()? {
            Ok(user(&owner))
        } else {
            Err(ApiError::not_found("itemid: not in this cart"))
        }
    }
    route(&["/cart/item/modify/{userid}"], post(handle)).with_state(carts)
}

/// Counts the pieces in the cart.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/cart/items/total/{userid}", operation_id = "cartItemTotal", tag = "cart",
    security(("token" = [])),
    params(Owner),
    responses((status = 200, description = "The number of pieces.", body = CartItemTotal)),
))]
pub fn item_total(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Answer<CartItemTotal> {
        let cart = carts.get(&owner.id).await.here()?;
        Ok(Json(CartItemTotal { cartitemtotal: cart.pieces(), userid: owner.name_in_path }))
    }
    route(&["/cart/items/total/{userid}"], get(handle)).with_state(carts)
}

/// Replaces the cart.
///
/// Lines of the same item become one line.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/cart/modify/{userid}", operation_id = "cartModify", tag = "cart",
    security(("token" = [])),
    params(Owner),
    request_body = CartRequest,
    responses((status = 200, description = "The cart is the new one.", body = CartUser)),
))]
pub fn modify(carts: Store, prices: Prices) -> Router {
    async fn handle(
        State((carts, prices)): State<(Store, Prices)>,
        mode: AuthMode,
        owner: Owner,
        Body(CartRequest(items)): Body<CartRequest>,
    ) -> Answer<CartUser> {
        let items = priced(items, mode, &*prices).await?;
        carts.replace(&owner.id, merged(items)?).await.here()?;
        Ok(user(&owner))
    }
    route(&["/cart/modify/{userid}"], post(handle)).with_state((carts, prices))
}

/// Adds up what the cart costs.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/cart/total/{userid}", operation_id = "cartTotal", tag = "cart",
    security(("token" = [])),
    params(Owner),
    responses((status = 200, description = "The sum of all lines.", body = CartTotal)),
))]
pub fn total(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Answer<CartTotal> {
        let cart = carts.get(&owner.id).await.here()?;
        Ok(Json(CartTotal { carttotal: cart.total(), userid: owner.name_in_path }))
    }
    route(&["/cart/total/{userid}"], get(handle)).with_state(carts)
}

/// Shows the cart.
///
/// A user without a cart has an empty one.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/cart/items/{userid}", operation_id = "cartItems", tag = "cart",
    security(("token" = [])),
    params(Owner),
    responses((status = 200, description = "The items, sorted by their ids.", body = Cart)),
))]
pub fn items(carts: Store) -> Router {
    async fn handle(State(carts): State<Store>, owner: Owner) -> Answer<Cart> {
        let cart = carts.get(&owner.id).await.here()?;
        let userid = UserId::parse(&owner.name_in_path).unwrap_or(owner.id);
        Ok(Json(Cart { userid, ..cart }))
    }
    route(&["/cart/items/{userid}"], get(handle)).with_state(carts)
}

/// The items at the price that counts: the client's own price in compatibility mode, otherwise the catalog's price.
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

fn user(owner: &Owner) -> Json<CartUser> {
    Json(CartUser { userid: owner.name_in_path.clone() })
}

/// The description of the cart's routes.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(add_item, all, clear, modify_item, item_total, modify, total, items))]
pub struct Description;

impl From<AddError> for ApiError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::TooMany => Self::bad_request(error.to_string()),
            AddError::Store(error) => error.into(),
        }
    }
}
