//! The database behind the client: in memory or in a file, with the machine's clock or another one.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError};

use crate::operation::{self, Answer};

/// A DynamoDB of this process. Clones share the data.
#[derive(Clone)]
pub struct EmbeddedDynamoDb {
    database: Database,
}

/// The database cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] DynoxideError);

impl EmbeddedDynamoDb {
    /// An empty database, which is gone with its last clone.
    ///
    /// # Errors
    /// When SQLite cannot be started.
    pub fn memory() -> Result<Self, Error> {
        Ok(Self { database: Database::memory()? })
    }

    /// An empty database whose items expire by `clock` and not by the machine's.
    ///
    /// # Errors
    /// When SQLite cannot be started.
    pub fn memory_at(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Result<Self, Error> {
        Ok(Self { database: Database::memory_with_clock(Arc::new(GivenClock(clock)))? })
    }

    /// The database in the file at `path`, which is created where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds something else.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { database: Database::new(&path.to_string_lossy())? })
    }

    /// The HTTP client to configure an SDK client with.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Answers one request of DynamoDB's JSON protocol: `target` is the header `x-amz-target`.
    pub fn answer(&self, target: &str, body: &[u8]) -> Answer {
        operation::answer(&self.database, target, body)
    }

    /// Deletes the items whose time to live is over, which DynamoDB does by itself. Returns how many there were.
    ///
    /// It blocks, and lets requests in between.
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

/// A clock as dynoxide asks for it.
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
