//! The database: DynamoDB on SQLite in this process, behind its real HTTP API on a port of its own.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::time::Duration;

use acme_aws::{Aws, Table};
use dynoxide::Database;
use tokio::net::TcpListener;

use crate::config;

/// How often items whose time is over are deleted.
const TTL_EVERY: Duration = Duration::from_secs(60);

/// Makes the directory, readable for its owner only since password hashes and addresses are in it, and keeps other
/// processes out of it as long as the file is held.
pub(crate) fn lock(place: &config::Database) -> io::Result<Option<File>> {
    let config::Database::Directory(directory) = place else { return Ok(None) };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let lock = File::create(directory.join("lock"))?;
    lock.try_lock().map_err(|_| {
        io::Error::other(format!(
            "another shop has its data in {}; DATA_DIR names another place",
            directory.display()
        ))
    })?;
    Ok(Some(lock))
}

/// Opens the database where `place` says, and the shop's table in it.
pub(crate) async fn open(place: &config::Database) -> Result<Table, Box<dyn Error + Send + Sync>> {
    let database = match place {
        config::Database::Memory => Database::memory()?,
        config::Database::Directory(directory) => {
            Database::new(&directory.join("dynamodb.sqlite").to_string_lossy())?
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(expire(database.clone()));
    // Without a graceful stop: requests that are under way when the shop stops still need it.
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let table = Aws::local(endpoint).table("acme");
    table.create_table().await?;
    Ok(table)
}

/// Deletes what has expired, which DynamoDB does by itself.
async fn expire(database: Database) {
    loop {
        tokio::time::sleep(TTL_EVERY).await;
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!("expired items were not deleted: {error}");
        }
    }
}
