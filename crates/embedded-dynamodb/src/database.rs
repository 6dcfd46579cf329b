//! The database behind the client. It is in memory or in a file, and uses the machine's clock or another clock.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError};

use crate::operation::{self, Answer};

/// A DynamoDB in this process. Clones share the data.
#[derive(Clone)]
pub struct EmbeddedDynamoDb {
    database: Database,
}

/// The database could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] DynoxideError);

impl EmbeddedDynamoDb {
    /// Makes an empty database in memory. The data is gone when the last clone is dropped.
    ///
    /// # Errors
    /// When SQLite cannot be started.
    pub fn memory() -> Result<Self, Error> {
        Ok(Self { database: Database::memory()? })
    }

    /// Makes an empty database in memory whose items expire by `clock` and not by the machine's clock.
    ///
    /// # Errors
    /// When SQLite cannot be started.
    pub fn memory_at(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Result<Self, Error> {
        Ok(Self { database: Database::memory_with_clock(Arc::new(GivenClock(clock)))? })
    }

    /// Opens the database in the file at `path`. Creates the file if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, or is not such a database.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { database: Database::new(&path.to_string_lossy())? })
    }

    /// The HTTP client for the configuration of an SDK client.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Answers one request of DynamoDB's JSON protocol. `target` is the header `x-amz-target`.
    pub fn answer(&self, target: &str, body: &[u8]) -> Answer {
        operation::answer(&self.database, target, body)
    }

    /// Deletes the items whose time to live is over, and returns their number. DynamoDB does this by itself.
    ///
    /// The call blocks. Other requests may be answered during the call.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn sweep_ttl(&self) -> Result<usize, Error> {
        Ok(self.database.sweep_ttl()?)
    }
}

impl fmt::Debug for EmbeddedDynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedDynamoDb").finish_non_exhaustive()
    }
}

/// The clock in the form that dynoxide needs.
struct GivenClock<F>(F);

impl<F: Fn() -> SystemTime> GivenClock<F> {
    fn since_1970(&self) -> Duration {
        (self.0)().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

impl<F: Fn() -> SystemTime + Send + Sync> Clock for GivenClock<F> {
    fn now_unix_secs(&self) -> u64 {
        self.since_1970().as_secs()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.since_1970().as_secs_f64()
    }
}
