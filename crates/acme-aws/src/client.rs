//! Makes AWS clients from the environment that Lambda gives, each when it is asked for, all on one HTTP client.

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

/// How to reach AWS: region, credentials, and another endpoint where there is a stand-in.
#[derive(Debug, Clone)]
pub struct Aws {
    region: Region,
    credentials: Credentials,
    endpoint: Option<String>,
    http: SharedHttpClient,
    timeouts: TimeoutConfig,
}

/// A variable that is missing from the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is missing")]
pub struct Missing(pub &'static str);

/// The configuration of a service's client; the SDK has a type of its own for each.
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
    /// What the environment says: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`
    /// and, for a stand-in, `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// When one of the first three is missing.
    pub fn from_env() -> Result<Self, Missing> {
        let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let var = |name| given(name).ok_or(Missing(name));
        let (key, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(key, secret, given("AWS_SESSION_TOKEN"), None, "environment");
        let (region, endpoint) = (var("AWS_REGION")?, given("AWS_ENDPOINT_URL"));
        let http = http::client(&region, endpoint.as_deref());
        Ok(Self { region: Region::new(region), credentials, endpoint, http, timeouts: timeouts() })
    }

    /// A stand-in at `endpoint`, which takes any credentials.
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

    /// A DynamoDB inside this process, which `http` is the client of. Its calls have no timeout: none is lost, and one
    /// that is given up is made all the same.
    pub fn embedded(http: SharedHttpClient) -> Self {
        let timeouts = TimeoutConfig::disabled();
        Self { region: REGION, credentials: any_credentials(), endpoint: None, http, timeouts }
    }

    /// The shop's table called `name`.
    pub fn table(&self, name: impl Into<String>) -> Table {
        Table::new(config!(self, aws_sdk_dynamodb), name)
    }

    /// The parameters of Systems Manager.
    #[cfg(feature = "parameters")]
    pub fn parameters(&self) -> SsmParameters {
        // Read at the start only, when after a deploy all functions ask at once: 40 a second are answered.
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

    /// Publishes to the EventBridge bus called `bus`, and what has a delay to `queues`.
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

/// The region of what is not AWS.
const REGION: Region = Region::from_static("eu-central-1");

/// Credentials for what takes any.
fn any_credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "local")
}

/// Bounds that leave a function of ten seconds the time to answer that something is away: the longest chain of calls
/// that one request makes, order-add's, is four.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1_500))
        .operation_timeout(Duration::from_millis(2_300))
        .build()
}
