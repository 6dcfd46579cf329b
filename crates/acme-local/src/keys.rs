//! The keys of tokens and cards. The first start makes them beside the database, and only their owner can read them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use acme_common::card::{CardOpener, NotAKey};
use acme_http::token::{BadKey, Issuer, Verifier};

use crate::config::{Config, Database};

/// The keys of the shop.
pub(crate) struct Keys {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) opener: CardOpener,
}

/// Why the shop has no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("the keys cannot be kept")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Token(#[from] BadKey),
    #[error(transparent)]
    Card(#[from] NotAKey),
}

impl Keys {
    /// Reads the keys beside the database, or makes new keys if there are none.
    pub(crate) fn of(config: &Config) -> Result<Self, KeysError> {
        let (issuer, opener) = match &config.database {
            Database::Memory => (Issuer::generate()?.0, CardOpener::generate()),
            Database::Directory(directory) => {
                let token = kept(&directory.join("token-key.pem"), || Ok(Issuer::generate()?.1.to_string()))?;
                let card = kept(&directory.join("card-key.txt"), || {
                    Ok(CardOpener::generate().to_base64().to_string())
                })?;
                (Issuer::from_pem(&token)?, CardOpener::from_base64(&card)?)
            }
        };
        let verifier = Verifier::from_pem(issuer.public_pem())?;
        Ok(Self { issuer: Arc::new(issuer), verifier: Arc::new(verifier), opener })
    }
}

/// Returns the text of the file. If there is no file, it writes the text that `new` makes.
fn kept(path: &Path, new: impl FnOnce() -> Result<String, KeysError>) -> Result<String, KeysError> {
    if !path.exists() {
        let text = new()?;
        // The text goes to another file, which is then renamed. So a process that is killed halfway leaves no half key.
        let aside = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(aside, path)?;
    }
    Ok(fs::read_to_string(path)?)
}
