//! HTTP events: API Gateway v1 and v2, Function URLs, ALB.

use sentry::protocol::Request;
use serde_json::Value;

use super::outline::Outline;

/// The headers that are sent to Sentry. Any other header may say who the caller is.
const SHOWN: [&str; 9] = [
    "accept",
    "accept-encoding",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-amzn-trace-id",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// A request as an event describes it.
#[derive(Clone, Debug)]
pub(super) struct Http {
    method: String,
    /// The route's template, if there is one.
    route: Option<String>,
    path: String,
    /// The names are in lower case.
    pub(super) headers: Vec<(String, String)>,
}

impl Http {
    /// The transaction's name: the method and the template. Without a template, the path with `*` for its ids.
    pub(super) fn name(&self) -> String {
        let route = self.route.clone().unwrap_or_else(|| starred(&self.path));
        format!("{} {route}", self.method)
    }

    /// The request in Sentry's form. It has no query, no cookies and no addresses: nothing personal by default.
    pub(super) fn request(&self) -> Request {
        let header = |name: &str| self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let host = header("host").unwrap_or("localhost");
        let scheme = header("x-forwarded-proto").unwrap_or("https");
        let shown = self.headers.iter().filter(|(name, _)| SHOWN.contains(&name.as_str()));
        Request {
            method: Some(self.method.clone()),
            url: format!("{scheme}://{host}{}", self.path).parse().ok(),
            headers: shown.cloned().collect(),
            ..Default::default()
        }
    }
}

/// The service that the request came through, and the request.
pub(super) fn of(outline: &Outline<'_>, context: &Value) -> Option<(&'static str, Http)> {
    let headers = headers(outline);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if let Some(http) = context.get("http") {
        let route = outline.text("routeKey").filter(|key| key != "$default");
        let is_url = text(context.get("domainName")).is_some_and(|domain| domain.contains(".lambda-url."));
        let http = Http {
            method: text(http.get("method"))?,
            route: route
                .and_then(|key| key.split_once(' ').map(|(_, route)| route.to_owned()))
                .filter(|route| is_template(route)),
            path: outline.text("rawPath").or_else(|| text(http.get("path")))?,
            headers,
        };
        return Some((if is_url { "function-url" } else { "apigateway-v2" }, http));
    }
    let source = if context.get("elb").is_some() { "alb" } else { "apigateway-v1" };
    let route = outline.text("resource").or_else(|| text(context.get("resourcePath")));
    let (method, path) = (outline.text("httpMethod")?, outline.text("path")?);
    Some((source, Http { method, route: route.filter(|route| is_template(route)), path, headers }))
}

/// Whether a route is a useful name. A catch-all such as `{proxy+}` is not.
fn is_template(route: &str) -> bool {
    !route.contains("+}")
}

fn headers(outline: &Outline<'_>) -> Vec<(String, String)> {
    let Some(Value::Object(map)) =
        outline.get("headers").filter(Value::is_object).or_else(|| outline.get("multiValueHeaders"))
    else {
        return Vec::new();
    };
    let value = |value: Value| match value {
        Value::String(value) => Some(value),
        Value::Array(values) => values.first()?.as_str().map(str::to_owned),
        _ => None,
    };
    map.into_iter().filter_map(|(name, v)| Some((name.to_ascii_lowercase(), value(v)?))).collect()
}

/// Replaces the ids in a path by `*`. A segment is an id if it has a digit or is longer than 32 bytes; `v1` is a
/// version.
fn starred(path: &str) -> String {
    let star = |s: &str| s.len() > 32 || s.chars().any(|c| c.is_ascii_digit() && !is_version(s));
    path.split('/').map(|segment| if star(segment) { "*" } else { segment }).collect::<Vec<_>>().join("/")
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit()))
}
