//! The database: DynamoDB on SQLite in this process. No other process can reach it.

use std::error::Error;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::time::Duration;

use acme_aws::{Aws, Table};
use embedded_dynamodb::EmbeddedDynamoDb;

use crate::config;
use crate::start_error::StartError;

/// How often expired items are deleted.
const TTL_EVERY: Duration = Duration::from_secs(60);

/// Makes the directory and locks it. Only its owner can read it, because it contains password hashes and addresses. No
/// other process can use the directory while the file is held.
pub(crate) fn lock(place: &config::Database) -> Result<Option<File>, StartError> {
    let config::Database::Directory(directory) = place else { return Ok(None) };
    let failed = |error| StartError::data(directory, error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let lock = File::create(directory.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(StartError::DataTaken(directory.clone())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Opens the database at `place`, and the shop's table in it.
pub(crate) async fn open(place: &config::Database) -> Result<Table, Box<dyn Error + Send + Sync>> {
    let dynamodb = match place {
        config::Database::Memory => EmbeddedDynamoDb::memory()?,
        config::Database::Directory(directory) => EmbeddedDynamoDb::open(&directory.join("dynamodb.sqlite"))?,
    };
    let table = Aws::embedded(dynamodb.http_client()).table("acme");
    tokio::spawn(expire(dynamodb));
    table.create_table().await?;
    Ok(table)
}

/// Deletes expired items. On AWS, DynamoDB does this itself.
async fn expire(dynamodb: EmbeddedDynamoDb) {
    loop {
        tokio::time::sleep(TTL_EVERY).await;
        let dynamodb = dynamodb.clone();
        let swept = tokio::task::spawn_blocking(move || dynamodb.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!("expired items were not deleted: {error}");
        }
    }
}
