//! The history of a run in words.

use std::fmt::Write;
use std::time::Duration;

/// Whose history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Nobody's.
    Nobody,
    /// The history of one client, and what concerns all.
    Client(u32),
    /// Everybody's.
    Everybody,
}

impl Watch {
    /// Whether to keep what happens to `client`. `None` means all clients.
    pub(crate) fn includes(self, client: Option<u32>) -> bool {
        match self {
            Self::Nobody => false,
            Self::Client(watched) => client.is_none_or(|client| client == watched),
            Self::Everybody => true,
        }
    }
}

/// The history so far.
#[derive(Debug)]
pub(crate) struct History {
    watch: Watch,
    text: String,
    /// The last line, and how often it was repeated at once.
    last: String,
    repeated: u32,
}

impl History {
    pub(crate) fn new(watch: Watch) -> Self {
        Self { watch, text: String::new(), last: String::new(), repeated: 0 }
    }

    /// Notes what happened to a client. `None` means all clients.
    pub(crate) fn note(&mut self, at: Duration, client: Option<u32>, what: impl FnOnce() -> String) {
        if self.watch.includes(client) {
            let who = client.map_or_else(|| "all".to_owned(), |client| format!("client {client}"));
            self.add(at, format!("{who:<12}  {}", what()));
        }
    }

    /// Notes a detail. A detail that concerns all is left out if only one client is watched.
    pub(crate) fn detail(&mut self, at: Duration, client: Option<u32>, what: impl FnOnce() -> String) {
        if client.is_some() || self.watch == Watch::Everybody {
            self.note(at, client, what);
        }
    }

    fn add(&mut self, at: Duration, line: String) {
        if self.last == line {
            self.repeated += 1;
            return;
        }
        self.flush();
        let _ = writeln!(self.text, "{:>14.6}  {line}", at.as_secs_f64());
        self.last = line;
    }

    fn flush(&mut self) {
        if self.repeated > 0 {
            let _ = writeln!(self.text, "{:>14}  and {} times more", "", self.repeated);
        }
        self.repeated = 0;
    }

    pub(crate) fn into_text(mut self) -> String {
        self.flush();
        self.text
    }
}
