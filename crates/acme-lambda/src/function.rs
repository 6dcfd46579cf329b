//! The environment of a function: its settings, its stores and its keys. Each is made only when the function asks for
//! it.

use std::env;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use acme_aws::publisher::DeadLetterQueue;
use acme_aws::{Aws, Table};
use acme_common::card::{CardOpener, CardSealer};
use acme_common::messaging::Publisher;
use acme_common::telemetry::{CaptureSuccess, Parameters};
use acme_common::time;
use acme_http::token::{Issuer, Verifier};
use acme_http::{AuthMode, Authorizer, Idempotency};
use jiff::Timestamp;
use lambda_runtime::Error;

use crate::queues::queues;

/// The environment of a function. The error of each method names the variable that is missing or cannot be read.
#[derive(Debug)]
pub struct Function {
    name: &'static str,
    aws: Aws,
}

/// A variable or parameter that is missing or cannot be read. The error says what was expected, and never the value.
#[derive(Debug, thiserror::Error)]
#[error("{name}: expected {expected}")]
struct BadSetting {
    name: String,
    expected: String,
    #[source]
    cause: Option<Error>,
}

impl Function {
    pub(crate) fn from_env(name: &'static str) -> Result<Self, Error> {
        Ok(Self { name, aws: Aws::from_env()? })
    }

    /// The function's name. It is the name of its package.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn aws(&self) -> &Aws {
        &self.aws
    }

    /// The shop's table (`TABLE_NAME`), which implements every store.
    ///
    /// # Errors
    /// When the variable is missing.
    pub fn table(&self) -> Result<Arc<Table>, Error> {
        Ok(Arc::new(self.aws.table(required("TABLE_NAME")?)))
    }

    /// The store of the answers to requests with an Idempotency-Key. It is in the shop's table (`TABLE_NAME`).
    ///
    /// # Errors
    /// When the variable is missing.
    pub fn idempotency(&self) -> Result<Idempotency, Error> {
        Ok(Idempotency::new(self.table()?, Timestamp::now))
    }

    /// The publisher of events: SQS or EventBridge, as `MESSAGING` says. The queues of each event's consumers are in a
    /// variable of its own, such as `SHIPMENT_SENT_QUEUE_URLS`.
    ///
    /// # Errors
    /// When a variable is missing or cannot be read.
    pub fn publisher(&self) -> Result<Arc<dyn Publisher>, Error> {
        let queues = queues(given, bad)?;
        match required("MESSAGING")?.as_str() {
            "sqs" => Ok(Arc::new(self.aws.sqs_publisher(queues))),
            "eventbridge" => {
                Ok(Arc::new(self.aws.eventbridge_publisher(required("EVENT_BUS_NAME")?, queues)))
            }
            _ => Err(bad("MESSAGING", "sqs or eventbridge")),
        }
    }

    /// The queue of dead letters (`DEAD_LETTER_QUEUE_URL`).
    ///
    /// # Errors
    /// When the variable is missing.
    pub fn dead_letters(&self) -> Result<DeadLetterQueue, Error> {
        Ok(self.aws.dead_letters(required("DEAD_LETTER_QUEUE_URL")?))
    }

    /// Who may call, as `AUTH_MODE` says. If tokens are required but the function has no keys to check them, nobody
    /// may call.
    ///
    /// # Errors
    /// When the variable is neither 0 nor 1, or the keys cannot be read.
    pub async fn authorizer(&self) -> Result<Authorizer, Error> {
        match given("AUTH_MODE").as_deref().unwrap_or("1").parse()? {
            AuthMode::Compatibility => Ok(Authorizer::AllowAll),
            AuthMode::Tokens if given("JWT_PUBLIC_KEYS_PARAMETER").is_none() => Ok(Authorizer::DenyAll),
            AuthMode::Tokens => Ok(Authorizer::Tokens(self.verifier().await?)),
        }
    }

    /// The keys that check tokens. `JWT_PUBLIC_KEYS_PARAMETER` names their parameter.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn verifier(&self) -> Result<Arc<Verifier>, Error> {
        Ok(Arc::new(Verifier::from_pem(&self.parameter("JWT_PUBLIC_KEYS_PARAMETER").await?)?))
    }

    /// The key that signs tokens. `JWT_PRIVATE_KEY_PARAMETER` names its parameter.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn issuer(&self) -> Result<Arc<Issuer>, Error> {
        Ok(Arc::new(Issuer::from_pem(&self.parameter("JWT_PRIVATE_KEY_PARAMETER").await?)?))
    }

    /// The key that seals cards. `CARD_PUBLIC_KEY_PARAMETER` names its parameter.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn card_sealer(&self) -> Result<CardSealer, Error> {
        Ok(CardSealer::from_base64(&self.parameter("CARD_PUBLIC_KEY_PARAMETER").await?)?)
    }

    /// The key that opens sealed cards. `CARD_PRIVATE_KEY_PARAMETER` names its parameter.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn card_opener(&self) -> Result<CardOpener, Error> {
        Ok(CardOpener::from_base64(&self.parameter("CARD_PRIVATE_KEY_PARAMETER").await?)?)
    }

    /// The shortest and the longest time of a delivery, in seconds (`DELIVERY_SECONDS`, such as `5-119`).
    ///
    /// # Errors
    /// When the variable cannot be read.
    pub fn delivery_seconds(&self) -> Result<RangeInclusive<u64>, Error> {
        let range = time::delivery_seconds(&required("DELIVERY_SECONDS")?);
        range.ok_or_else(|| bad("DELIVERY_SECONDS", "least-most in seconds, at most 900, such as 5-119"))
    }

    /// How long an order may stand still before the sweep pushes it (`SWEEP_AFTER_SECONDS`).
    ///
    /// # Errors
    /// When the variable cannot be read.
    pub fn sweep_after(&self) -> Result<Duration, Error> {
        let seconds: NonZeroU32 = read("SWEEP_AFTER_SECONDS", "a number of seconds, at least 1")?;
        Ok(Duration::from_secs(seconds.get().into()))
    }

    /// Reads the parameter whose name is in `variable`.
    async fn parameter(&self, variable: &'static str) -> Result<String, Error> {
        let name = required(variable)?;
        let value = self.aws.parameters().parameter(&name).await;
        value.map_err(|cause| {
            let expected = format!("the parameter {name} to be readable");
            BadSetting { name: variable.to_owned(), expected, cause: Some(cause) }.into()
        })
    }
}

/// Whether a success is a message in Sentry (`SENTRY_CAPTURE_SUCCESS`).
pub(crate) fn capture_success() -> Result<CaptureSuccess, Error> {
    given("SENTRY_CAPTURE_SUCCESS").map_or(Ok(CaptureSuccess::default()), |value| Ok(value.parse()?))
}

fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &'static str) -> Result<String, Error> {
    given(name).ok_or_else(|| bad(name, "the variable to be set"))
}

fn read<T: FromStr>(name: &'static str, expected: &str) -> Result<T, Error> {
    required(name)?.parse().map_err(|_| bad(name, expected))
}

fn bad(name: &str, expected: &str) -> Error {
    BadSetting { name: name.to_owned(), expected: expected.to_owned(), cause: None }.into()
}
