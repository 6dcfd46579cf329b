//! The facts of one invocation, and the unit of work made from them.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime};

use lambda_runtime::LambdaInvocation;
use serde_json::json;

use super::trigger::Trigger;
use super::{cloudwatch, memory};
use crate::init::Inner;
use crate::unit::{RunningUnit, UnitOfWork};

/// What is known at the start of an invocation.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(super) trigger: Trigger,
    pub(super) function: String,
    pub(super) request_id: String,
    pub(super) began: SystemTime,
    /// The time that Lambda gives the invocation, from now. `None` if the deadline has passed, as local emulators may
    /// say.
    pub(super) given: Option<Duration>,
    /// The memory limit in MiB.
    pub(super) memory_limit: u64,
    version: String,
    arn: String,
    xray: Option<String>,
    logs: (String, String),
    cold_start: bool,
}

impl Facts {
    pub(super) fn new(invocation: &LambdaInvocation, shared: &Arc<Inner>) -> Self {
        let context = &invocation.context;
        let config = &context.env_config;
        let custom = context.client_context.as_ref().map(|c| &c.custom).into_iter().flatten();
        let began = SystemTime::now();
        let deadline = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(context.deadline));
        Self {
            trigger: Trigger::of(&invocation.body, custom),
            function: config.function_name.clone(),
            request_id: context.request_id.clone(),
            began,
            given: deadline
                .and_then(|deadline| deadline.duration_since(began).ok())
                .filter(|given| !given.is_zero()),
            memory_limit: u64::try_from(config.memory).unwrap_or(0),
            version: config.version.clone(),
            arn: context.invoked_function_arn.clone(),
            xray: context.xray_trace_id.clone(),
            logs: (config.log_group.clone(), config.log_stream.clone()),
            cold_start: !shared.warm.swap(true, Relaxed),
        }
    }

    /// The time left. `None` if it is not known.
    pub(super) fn left(&self) -> Option<Duration> {
        let passed = SystemTime::now().duration_since(self.began).unwrap_or(Duration::ZERO);
        self.given.map(|given| given.saturating_sub(passed))
    }

    fn region(&self) -> String {
        let field = |i: usize| self.arn.split(':').nth(i).unwrap_or_default().to_owned();
        std::env::var("AWS_REGION").unwrap_or_else(|_| field(3))
    }

    /// Starts the unit of work.
    pub(super) fn start(&self) -> Option<RunningUnit> {
        let http = self.trigger.http.as_ref();
        let (name, op) = match http {
            Some(http) => (http.name(), "http.server"),
            None => (self.function.clone(), "function.aws"),
        };
        let region = self.region();
        let mut invocation = UnitOfWork::new(name, op)
            .trace_headers(self.trigger.headers.iter().map(|(name, value)| (name, value.clone())))
            .tag("faas.name", &*self.function)
            .tag("faas.version", &*self.version)
            .tag("faas.invocation_id", &*self.request_id)
            .tag("faas.coldstart", self.cold_start.to_string())
            .tag("faas.trigger", self.trigger.kind)
            .tag("cloud.region", &*region)
            .data("faas.invocation_id", &*self.request_id)
            .data("faas.coldstart", self.cold_start)
            .data("faas.trigger", self.trigger.kind);
        invocation.mechanism = "aws_lambda";
        if let Some(xray) = &self.xray {
            invocation = invocation.tag("aws.xray.trace_id", &**xray);
        }
        for (key, value) in &self.trigger.data {
            invocation = invocation.data(*key, value.clone());
        }
        invocation = invocation
            .context(
                "cloud_resource",
                json!({
                    "cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": region,
                    "cloud.account.id": self.arn.split(':').nth(4).unwrap_or_default(),
                }),
            )
            .context(
                "aws.lambda",
                json!({
                    "function_name": self.function, "function_version": self.version, "invoked_function_arn": self.arn,
                    "aws_request_id": self.request_id, "memory_limit_in_mb": self.memory_limit,
                    "cold_start": self.cold_start, "xray_trace_id": self.xray, "trigger": self.trigger.source,
                    "remaining_time_at_start_in_ms": self.given.map(millis),
                }),
            )
            .context(
                "aws.cloudwatch.logs",
                json!({
                    "log_group": self.logs.0, "log_stream": self.logs.1,
                    "url": cloudwatch::url(&region, &self.logs.0, &self.logs.1, &self.request_id, self.began),
                }),
            )
            .context("runtime", json!({"name": std::env::var("AWS_EXECUTION_ENV").unwrap_or_else(|_| "rust".into())}));
        let started = invocation.start()?;
        self.add_live_facts(&started);
        Some(started)
    }

    /// Adds what is known only when an event is captured: the time left and the memory used. Adds the request, too.
    fn add_live_facts(&self, started: &RunningUnit) {
        let request = self.trigger.http.as_ref().map(super::http::Http::request);
        if let (Some(transaction), Some(request)) = (&started.transaction, &request) {
            transaction.set_request(request.clone());
        }
        let (began, given, limit) = (self.began, self.given, self.memory_limit);
        started.hub.configure_scope(move |scope| {
            scope.add_event_processor(move |mut event| {
                event.request = event.request.or_else(|| request.clone());
                let passed = SystemTime::now().duration_since(began).unwrap_or(Duration::ZERO);
                let live = json!({
                    "type": "unknown",
                    "elapsed_in_ms": millis(passed),
                    "remaining_time_in_ms": given.map(|given| millis(given.saturating_sub(passed))),
                    "memory_peak_in_mb": memory::peak_mib(),
                    "memory_limit_in_mb": limit,
                });
                if let serde_json::Value::Object(live) = live {
                    let live = sentry::protocol::Context::Other(live.into_iter().collect());
                    event.contexts.insert("aws.lambda.live".into(), live);
                }
                Some(event)
            });
        });
    }
}

/// Whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
