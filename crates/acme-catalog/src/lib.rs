//! The catalog: its products, its store, and a route for each of its three functions.

#[cfg(feature = "testing")]
pub mod conformance;
pub mod demo;
pub mod http;
#[cfg(feature = "testing")]
pub mod memory;
pub mod product;
pub mod store;

#[cfg(feature = "testing")]
pub use memory::MemoryProducts;
pub use product::Product;
pub use store::Products;
