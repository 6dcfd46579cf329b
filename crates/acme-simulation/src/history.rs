//! What happened in a run, in words, for those who want to know.

use std::fmt::Write;
use std::time::Duration;

/// Whose history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Nobody's.
    Nobody,
    /// One client's, and what concerns all.
    Client(u32),
    /// Everybody's.
    Everybody,
}

/// The history so far.
#[derive(Debug)]
pub(crate) struct History {
    watch: Watch,
    text: String,
}

impl History {
    pub(crate) fn new(watch: Watch) -> Self {
        Self { watch, text: String::new() }
    }

    /// Notes what happened to a client, or to all.
    pub(crate) fn note(&mut self, at: Duration, client: Option<u32>, what: impl FnOnce() -> String) {
        let wanted = match self.watch {
            Watch::Nobody => false,
            Watch::Client(watched) => client.is_none_or(|client| client == watched),
            Watch::Everybody => true,
        };
        if wanted {
            let who = client.map_or_else(|| "all".to_owned(), |client| format!("client {client}"));
            let _ = writeln!(self.text, "{:>14.6}  {who:<12}  {}", at.as_secs_f64(), what());
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}
