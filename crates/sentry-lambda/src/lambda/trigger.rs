//! The trigger of an invocation. It decides the transaction's name, operation and trace.

use serde_json::Value;

use super::http::{self, Http};
use super::outline::Outline;
use crate::trace;

/// An invocation's trigger.
#[derive(Debug, Default)]
pub(super) struct Trigger {
    /// `faas.trigger` of the OpenTelemetry conventions: `http`, `pubsub`, `datasource`, `timer`, `other`.
    pub(super) kind: &'static str,
    /// The service, such as `apigateway-v2` or `sqs`.
    pub(super) source: &'static str,
    pub(super) http: Option<Http>,
    /// The trace headers in the event.
    pub(super) headers: Vec<(String, String)>,
    /// Data of the transaction.
    pub(super) data: Vec<(&'static str, Value)>,
    /// The name of a timer's rule or schedule.
    pub(super) schedule: Option<String>,
}

impl Trigger {
    /// Reads the trigger from the event. `client_context` has the custom values of a direct invocation's client
    /// context.
    pub(super) fn of<'a>(
        event: &[u8],
        client_context: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Self {
        let outline = Outline::new(event);
        let mut trigger = Self::http(&outline)
            .or_else(|| Self::batch(&outline))
            .or_else(|| Self::bridge(&outline))
            .unwrap_or_else(|| Self { kind: "other", source: "invoke", ..Self::default() });
        if trigger.headers.is_empty() {
            let pairs = client_context.into_iter().map(|(name, value)| (name.clone(), value.clone()));
            trigger.headers = pairs.filter(|(name, _)| trace::is_header(name)).collect();
        }
        trigger
    }

    fn http(outline: &Outline<'_>) -> Option<Self> {
        let context = outline.get("requestContext")?;
        let (source, http) = http::of(outline, &context)?;
        let headers = http.headers.iter().filter(|(name, _)| trace::is_header(name)).cloned().collect();
        Some(Self { kind: "http", source, headers, http: Some(http), ..Self::default() })
    }

    fn batch(outline: &Outline<'_>) -> Option<Self> {
        let records = outline.records();
        let first = records.first()?;
        let arn = ["eventSourceARN", "EventSubscriptionArn"]
            .iter()
            .find_map(|key| first.text(key))
            .unwrap_or_default();
        let (kind, source) = match first.text("eventSource").or_else(|| first.text("EventSource"))?.as_str() {
            "aws:sqs" => ("pubsub", "sqs"),
            "aws:sns" => ("pubsub", "sns"),
            "aws:kinesis" => ("pubsub", "kinesis"),
            "aws:s3" => ("datasource", "s3"),
            "aws:dynamodb" => ("datasource", "dynamodb"),
            _ => ("other", "records"),
        };
        let mut trigger = Self { kind, source, ..Self::default() };
        trigger.data.push(("messaging.batch.message_count", records.len().into()));
        if kind == "pubsub" {
            let system = format!("aws_{source}");
            trigger.data.push(("messaging.system", system.into()));
            trigger.data.push(("messaging.destination.name", trace::arn_name(&arn).into()));
        }
        // Only a batch of one record has one trace.
        if let [only] = records.as_slice() {
            let record: serde_json::Map<String, Value> = ["messageAttributes", "attributes", "body", "Sns"]
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), only.get(key)?)))
                .collect();
            trigger.headers = trace::of_record(&Value::Object(record));
        }
        Some(trigger)
    }

    fn bridge(outline: &Outline<'_>) -> Option<Self> {
        let detail_type = outline.text("detail-type")?;
        let source = outline.text("source")?;
        let schedule = outline.get("resources").and_then(|r| r.get(0)?.as_str().map(trace::arn_name));
        if detail_type == "Scheduled Event" || source == "aws.scheduler" {
            return Some(Self { kind: "timer", source: "schedule", schedule, ..Self::default() });
        }
        let headers = outline.get("detail").map(|detail| trace::of_detail(&detail)).unwrap_or_default();
        let data = vec![
            ("messaging.system", "aws_eventbridge".into()),
            ("messaging.destination.name", detail_type.into()),
        ];
        Some(Self { kind: "pubsub", source: "eventbridge", headers, data, ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TRACE: &str = "0123456789abcdef0123456789abcdef-0123456789abcdef-1";

    fn check(event: Value, kind: &str, source: &str, name: Option<&str>, traced: bool) {
        let trigger = Trigger::of(event.to_string().as_bytes(), []);
        assert_eq!((trigger.kind, trigger.source), (kind, source), "{event}");
        assert_eq!(trigger.http.as_ref().map(Http::name).as_deref(), name, "{event}");
        assert_eq!(trigger.headers.iter().any(|(_, value)| value == TRACE), traced, "{event}");
    }

    #[test]
    fn triggers() {
        let v2 = json!({"version": "2.0", "routeKey": "GET /items/{id}", "rawPath": "/items/7", "headers": {"Sentry-Trace": TRACE},
            "requestContext": {"domainName": "x.execute-api.eu-west-1.amazonaws.com", "http": {"method": "GET", "path": "/items/7"}}});
        check(v2, "http", "apigateway-v2", Some("GET /items/{id}"), true);
        let url = json!({"version": "2.0", "routeKey": "$default", "rawPath": "/items/7/x", "headers": {"sentry-trace": TRACE},
            "requestContext": {"domainName": "x.lambda-url.eu-west-1.on.aws", "http": {"method": "GET", "path": "/items/7/x"}}});
        check(url, "http", "function-url", Some("GET /items/*/x"), true);
        let v1 = json!({"resource": "/items/{id}", "path": "/items/7", "httpMethod": "POST", "headers": null,
            "multiValueHeaders": {"SENTRY-TRACE": [TRACE]}, "requestContext": {"stage": "prod", "resourcePath": "/items/{id}"}});
        check(v1, "http", "apigateway-v1", Some("POST /items/{id}"), true);
        let alb = json!({"httpMethod": "GET", "path": "/a", "headers": {}, "requestContext": {"elb": {"targetGroupArn": "x"}}});
        check(alb, "http", "alb", Some("GET /a"), false);
        let sqs = |n| {
            let record = json!({"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:jobs", "body": "{}",
                "messageAttributes": {"sentry-trace": {"stringValue": TRACE, "dataType": "String"}}});
            json!({"Records": vec![record; n]})
        };
        check(sqs(1), "pubsub", "sqs", None, true);
        check(sqs(2), "pubsub", "sqs", None, false);
        let bridged =
            json!({"detail-type": "Placed", "source": "x", "detail": {"metadata": {"sentry-trace": TRACE}}});
        let within = json!({"Records": [{"eventSource": "aws:sqs", "eventSourceARN": "a:b", "body": bridged.to_string()}]});
        check(bridged, "pubsub", "eventbridge", None, true);
        check(within, "pubsub", "sqs", None, true);
        let timer = json!({"detail-type": "Scheduled Event", "source": "aws.events", "resources": ["arn:aws:events:eu-west-1:1:rule/sweep"], "detail": {}});
        assert_eq!(Trigger::of(timer.to_string().as_bytes(), []).schedule.as_deref(), Some("sweep"));
        check(timer, "timer", "schedule", None, false);
        for other in
            [json!({"a": 1}), json!([1]), json!("x"), json!({"Records": 1}), json!({"requestContext": 1})]
        {
            check(other, "other", "invoke", None, false);
        }
        let custom = std::collections::HashMap::from([("sentry-trace".to_owned(), TRACE.to_owned())]);
        assert_eq!(Trigger::of(b"not json", &custom).headers.len(), 1);
    }
}
