//! The ids of orders, users and products. Each has its own type.

use std::fmt;

use serde::Serialize;

use crate::json::{Field, FieldError, FromJson};
use crate::random;

/// The longest id that the shop reads, in characters. Its own ids are UUIDs, but ids of older producers may not be.
pub const MAX_ID: usize = 128;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new random id (UUID version 4).
            pub fn random() -> Self {
                Self(random::uuid().to_string())
            }

            /// The id in `text`, if it has 1 to [`MAX_ID`] characters and no control character.
            pub fn parse(text: &str) -> Option<Self> {
                let good = !text.is_empty() && text.chars().count() <= MAX_ID && !text.chars().any(char::is_control);
                good.then(|| Self(text.to_owned()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromJson for $name {
            fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
                let text = field.text(MAX_ID)?;
                Self::parse(&text).ok_or_else(|| field.expected("an id without control characters"))
            }
        }

        #[cfg(feature = "openapi")]
        impl $name {
            /// An id for examples.
            pub fn example() -> Self {
                Self($example.to_owned())
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::openapi::text(1..=MAX_ID).examples([$example]).into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// An order's id.
    OrderId,
    "7f8d8e1c-5f1e-4d0e-8f0a-2a4c7e1f9b11"
);
id!(
    /// A user's id. In compatibility mode it is the name that the client uses for the user.
    UserId,
    "1838deba-b534-4598-9725-016435ba3b72"
);
id!(
    /// A product's id, which is a cart item's `itemid` as well.
    ProductId,
    "e5cdb0d7-46df-4cce-b529-977a16a2a0cc"
);
