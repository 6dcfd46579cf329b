//! Makes AWS clients from the environment variables that Lambda sets. All clients share one HTTP client.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use sentry_lambda::AwsSdkInterceptor;

use crate::http;
#[cfg(feature = "parameters")]
use crate::parameters::SsmParameters;
#[cfg(feature = "messaging")]
use crate::publisher::{DeadLetterQueue, EventBridgePublisher, Queues, SqsPublisher};
use crate::table::Table;

/// How to reach AWS: region, credentials, and the endpoint of a stand-in if there is one.
#[derive(Debug, Clone)]
pub struct Aws {
    region: Region,
    credentials: Credentials,
    endpoint: Option<String>,
    http: SharedHttpClient,
    timeouts: TimeoutConfig,
}

/// An environment variable is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is missing")]
pub struct Missing(pub &'static str);

/// The configuration of a service's client. The SDK has another type for each service.
macro_rules! config {
    ($aws:expr, $service:ident) => {
        config!($aws, $service, $aws.timeouts.clone(), 3)
    };
    ($aws:expr, $service:ident, $timeouts:expr, $attempts:expr) => {{
        let mut config = $service::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region($aws.region.clone())
            .credentials_provider($aws.credentials.clone())
            .http_client($aws.http.clone())
            .retry_config(RetryConfig::standard().with_max_attempts($attempts))
            .timeout_config($timeouts)
            .interceptor(AwsSdkInterceptor::new());
        config.set_endpoint_url($aws.endpoint.clone());
        $service::Client::from_conf(config.build())
    }};
}

impl Aws {
    /// Reads the environment: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and, for
    /// a stand-in, `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// When one of the first three variables is missing.
    pub fn from_env() -> Result<Self, Missing> {
        let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let var = |name| given(name).ok_or(Missing(name));
        let (key, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(key, secret, given("AWS_SESSION_TOKEN"), None, "environment");
        let (region, endpoint) = (var("AWS_REGION")?, given("AWS_ENDPOINT_URL"));
        let http = http::client(&region, endpoint.as_deref());
        Ok(Self { region: Region::new(region), credentials, endpoint, http, timeouts: timeouts() })
    }

    /// Connects to a stand-in at `endpoint`, which accepts any credentials.
    pub fn local(endpoint: impl Into<String>) -> Self {
        let endpoint = endpoint.into();
        Self {
            region: REGION,
            credentials: any_credentials(),
            http: http::client(REGION.as_ref(), Some(&endpoint)),
            endpoint: Some(endpoint),
            timeouts: timeouts(),
        }
    }

    /// Connects to a DynamoDB inside this process through `http`. Its calls have no timeout, because no call gets lost,
    /// and DynamoDB makes a call even when the caller has given it up.
    pub fn embedded(http: SharedHttpClient) -> Self {
        let timeouts = TimeoutConfig::disabled();
        Self { region: REGION, credentials: any_credentials(), endpoint: None, http, timeouts }
    }

    /// The shop's table with this name.
    pub fn table(&self, name: impl Into<String>) -> Table {
        Table::new(config!(self, aws_sdk_dynamodb), name)
    }

    /// The parameters of Systems Manager.
    #[cfg(feature = "parameters")]
    pub fn parameters(&self) -> SsmParameters {
        // Parameters are read only at the start. After a deployment all functions ask at once, and Systems Manager
        // answers only 40 calls a second.
        let patient = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1));
        let patient = patient.operation_attempt_timeout(Duration::from_secs(2));
        let patient = patient.operation_timeout(Duration::from_secs(8)).build();
        SsmParameters::new(config!(self, aws_sdk_ssm, patient, 6))
    }

    /// Publishes to SQS queues.
    #[cfg(feature = "messaging")]
    pub fn sqs_publisher(&self, queues: Queues) -> SqsPublisher {
        SqsPublisher::new(config!(self, aws_sdk_sqs), queues)
    }

    /// Publishes to the EventBridge bus `bus`. Events with a delay go to `queues`.
    #[cfg(feature = "messaging")]
    pub fn eventbridge_publisher(&self, bus: impl Into<String>, queues: Queues) -> EventBridgePublisher {
        EventBridgePublisher::new(config!(self, aws_sdk_eventbridge), bus, self.sqs_publisher(queues))
    }

    /// The dead-letter queue at `url`.
    #[cfg(feature = "messaging")]
    pub fn dead_letters(&self, url: impl Into<String>) -> DeadLetterQueue {
        DeadLetterQueue::new(config!(self, aws_sdk_sqs), url)
    }
}

/// The region for a database that is not on AWS.
const REGION: Region = Region::from_static("eu-central-1");

/// Credentials for services that accept any.
fn any_credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "local")
}

/// Timeouts that leave a function of ten seconds enough time to answer that a service is unavailable. The longest chain
/// of calls in one request has four calls, in order-add.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1_500))
        .operation_timeout(Duration::from_millis(2_300))
        .build()
}
