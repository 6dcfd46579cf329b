//! The SDK's integration. It completes every event, and a hub finds the clients of this crate through it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sentry::protocol::{Event, Level};
use sentry::{Client, ClientOptions, Integration};

use crate::{capture, stack, trail, unit_state};

/// The integration in every client that this crate makes.
pub(crate) struct Lambda {
    shared: Weak<Clients>,
}

/// One client for each server name. All clients share one transport.
pub(crate) struct Clients {
    options: ClientOptions,
    by_name: Mutex<HashMap<String, Arc<Client>>>,
}

/// The most server names with their own client. Further names use the outer hub's client, so that memory is bounded.
const NAMES: usize = 256;

impl Clients {
    /// Makes the registry and the client of the default server name.
    pub(crate) fn new(options: ClientOptions) -> (Arc<Self>, Arc<Client>) {
        let clients = Arc::new_cyclic(|weak: &Weak<Self>| {
            let options = options.add_integration(Lambda { shared: weak.clone() });
            Self { options, by_name: Mutex::default() }
        });
        let client = Arc::new(Client::with_options(clients.options.clone()));
        (clients, client)
    }

    fn named(&self, name: &str) -> Option<Arc<Client>> {
        if self.options.server_name.as_deref() == Some(name) {
            return None;
        }
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = by_name.get(name) {
            return Some(client.clone());
        }
        if by_name.len() >= NAMES {
            return None;
        }
        let client = Arc::new(Client::with_options(self.options.clone().server_name(name.to_owned())));
        by_name.insert(name.to_owned(), client.clone());
        Some(client)
    }

    /// The clients made so far for other server names.
    pub(crate) fn all(&self) -> Vec<Arc<Client>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}

impl Lambda {
    /// The client of this server name. `None` for the default name.
    pub(crate) fn client(&self, server_name: Option<&str>) -> Option<Arc<Client>> {
        self.shared.upgrade()?.named(server_name?)
    }
}

impl Integration for Lambda {
    fn name(&self) -> &'static str {
        "aws-lambda"
    }

    /// Completes an event of plain `sentry::capture_error`, which has no mechanism and no stack. Notes the error as
    /// reported.
    fn process_event(&self, mut event: Event<'static>, _: &ClientOptions) -> Option<Event<'static>> {
        if event.exception.values.last().is_some_and(|e| e.mechanism.is_none()) {
            capture::mechanisms(&mut event, "generic", true);
        }
        let mut nearest = None;
        for exception in event.exception.values.iter_mut().rev() {
            if exception.stacktrace.is_none() {
                let sites = exception.value.as_deref().map(trail::sites).unwrap_or_default();
                exception.stacktrace =
                    stack::of_sites(&sites).or_else(|| nearest.as_ref().map(stack::located));
            }
            nearest = exception.stacktrace.clone().or(nearest);
        }
        if let (Some(unit), Some(error)) = (unit_state::current(), event.exception.values.last())
            && matches!(event.level, Level::Warning | Level::Error | Level::Fatal)
        {
            unit.note_reported(error.value.as_deref().unwrap_or_default());
        }
        Some(event)
    }
}
