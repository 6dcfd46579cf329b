//! Parameters of AWS Systems Manager.

use std::error::Error;

use acme_common::telemetry::Parameters;
use async_trait::async_trait;
use aws_sdk_ssm::Client;

/// Reads parameters, and decrypts each `SecureString`.
#[derive(Debug, Clone)]
pub struct SsmParameters(Client);

impl SsmParameters {
    pub(crate) fn new(client: Client) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Parameters for SsmParameters {
    async fn parameter(&self, name: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        let got = self.0.get_parameter().name(name).with_decryption(true).send().await?;
        let value = got.parameter.and_then(|parameter| parameter.value);
        value.ok_or_else(|| format!("the parameter {name} has no value").into())
    }
}
