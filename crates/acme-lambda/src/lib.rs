//! The entry points of the functions: [`serve`] for one route, [`consume`] for one kind of event, [`sweep`] for a
//! schedule.
//!
//! Everything is made once, in the init phase. Only what the function asks of [`Function`] is made. An error in the
//! init phase is sent to Sentry before the process ends.
//!
//! ```no_run
//! fn main() -> Result<(), acme_lambda::Error> {
//!     acme_lambda::serve("cart-all", async |function| Ok(acme_cart::http::all(function.table()?)))
//! }
//! ```

mod consume;
mod deadline;
mod function;
mod log;
mod queues;
mod serve;
mod start;
mod sweep;

pub use consume::{Batch, consume};
pub use function::Function;
pub use lambda_runtime::Error;
pub use serve::serve;
pub use sweep::sweep;
