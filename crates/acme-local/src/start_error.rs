//! Why the shop cannot start, in one sentence that also says what to do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why the shop cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens on the address.
    #[error("PORT={port}: another program listens on {0}; stop it, or choose another port, such as PORT={other}", port = .0.port(), other = other(.0.port()))]
    PortTaken(SocketAddr),
    /// This user may not listen on the port.
    #[error("PORT={port}: you may not listen on {0}; choose a port from 1024 on, such as PORT=8080", port = .0.port())]
    PortForbidden(SocketAddr),
    /// The machine does not have the address.
    #[error("HOST={host}: this machine has no such address; HOST=127.0.0.1 always works", host = .0.ip())]
    NoSuchHost(SocketAddr),
    /// The system refuses to listen, for another reason.
    #[error("HOST, PORT: cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Another shop uses the data directory.
    #[error("DATA_DIR={}: another shop uses this folder; stop it, or choose another folder", .0.display())]
    DataTaken(PathBuf),
    /// The data directory cannot be made or written.
    #[error("DATA_DIR={}: cannot write to this folder; choose another one", .0.display())]
    Data(PathBuf, #[source] io::Error),
}

impl StartError {
    /// The reason for an error of listening on `address`.
    pub(crate) fn listen(address: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::AddrInUse => Self::PortTaken(address),
            ErrorKind::PermissionDenied => Self::PortForbidden(address),
            ErrorKind::AddrNotAvailable => Self::NoSuchHost(address),
            _ => Self::Listen(address, error),
        }
    }

    /// The reason for an error in the data directory.
    pub(crate) fn data(directory: &Path, error: io::Error) -> Self {
        Self::Data(directory.to_owned(), error)
    }
}

/// A port that is probably free.
fn other(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8080)
}
