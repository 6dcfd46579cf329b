//! The cart: its rules, its store, and a route for each of its eight functions.

pub mod cart;
#[cfg(feature = "testing")]
pub mod conformance;
pub mod http;
#[cfg(feature = "testing")]
pub mod memory;
pub mod store;

pub use cart::{Cart, CartItem};
#[cfg(feature = "testing")]
pub use memory::MemoryCarts;
pub use store::Carts;
