//! What a function's `main` calls: [`serve`] one route, [`consume`] one kind of event, or [`sweep`] on a schedule.
//!
//! Everything is made once, in the init phase, and only what the function asks of [`Function`] is made at all. What
//! goes wrong there is reported to Sentry, and sent, before the process ends.
//!
//! ```no_run
//! fn main() -> Result<(), acme_lambda::Error> {
//!     acme_lambda::serve("order-all", async |function| Ok(acme_order::http::all(function.table()?)))
//! }
//! ```

mod consume;
mod deadline;
mod function;
mod log;
mod serve;
mod start;
mod sweep;

pub use consume::{Batch, consume};
pub use function::Function;
pub use lambda_runtime::Error;
pub use serve::serve;
pub use sweep::sweep;
