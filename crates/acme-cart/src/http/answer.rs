//! The answers of the cart's routes that are not a whole cart.

use acme_common::money::Money;
use serde::Serialize;

/// Whose cart was changed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct CartUser {
    /// The user, as the path names them.
    #[cfg_attr(feature = "openapi", schema(value_type = acme_common::id::UserId))]
    pub(super) userid: String,
}

/// How many pieces are in a cart.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct CartItemTotal {
    /// The number of pieces.
    #[cfg_attr(feature = "openapi", schema(examples(2)))]
    pub(super) cartitemtotal: u64,
    /// The user, as the path names them.
    #[cfg_attr(feature = "openapi", schema(value_type = acme_common::id::UserId))]
    pub(super) userid: String,
}

/// What a cart costs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct CartTotal {
    /// The sum of its lines.
    pub(super) carttotal: Money,
    /// The user, as the path names them.
    #[cfg_attr(feature = "openapi", schema(value_type = acme_common::id::UserId))]
    pub(super) userid: String,
}
