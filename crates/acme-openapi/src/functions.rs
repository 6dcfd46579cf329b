//! Adds to each operation its function and who may call it, from `functions/functions.toml`.

use std::collections::BTreeMap;

use acme_http::openapi::operations;
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::OpenApi;
use utoipa::openapi::extensions::ExtensionsBuilder;

/// The list of functions and the routes do not match.
#[derive(Debug, thiserror::Error)]
pub enum BadList {
    /// The list cannot be read.
    #[error("functions.toml: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// A function has a route that no domain describes.
    #[error("functions.toml: no domain describes {0}")]
    NotDescribed(String),
}

/// The part of the list that contains routes.
#[derive(Deserialize)]
struct List {
    function: BTreeMap<String, Function>,
}

/// A function of the list.
#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    routes: Vec<String>,
    callers: Option<Callers>,
}

/// Who may call a function's routes.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Callers {
    Public,
    User,
    Staff,
}

impl Callers {
    fn text(self) -> &'static str {
        match self {
            Self::Public => "anyone",
            Self::User => "the user in the path, or staff",
            Self::Staff => "staff",
        }
    }
}

/// Adds the function and the callers to each operation. Only the local shop has the routes that are not in the list.
pub(crate) fn add(api: &mut OpenApi, list: &str) -> Result<(), BadList> {
    let List { function: functions } = toml::from_str(list)?;
    let mut routes: BTreeMap<String, (String, Option<Callers>)> = BTreeMap::new();
    for (name, function) in functions {
        let rows = function.routes.into_iter().map(|route| (route, (name.clone(), function.callers)));
        routes.extend(rows);
    }
    let local = api.servers.iter().flatten().take(1).cloned().collect::<Vec<_>>();
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            let token = operation.security.as_ref().is_some_and(|security| !security.is_empty());
            let (extensions, callers) = match routes.remove(&format!("{method} {path}")) {
                Some((function, callers)) => {
                    (ExtensionsBuilder::new().add("x-function", json!(function)), callers)
                }
                None => {
                    operation.servers = Some(local.clone());
                    (ExtensionsBuilder::new(), Some(if token { Callers::Staff } else { Callers::Public }))
                }
            };
            let callers = callers.map(Callers::text);
            operation
                .extensions
                .get_or_insert_default()
                .merge(extensions.add("x-who", json!(callers)).build());
        }
    }
    routes.into_keys().next().map_or(Ok(()), |route| Err(BadList::NotDescribed(route)))
}
