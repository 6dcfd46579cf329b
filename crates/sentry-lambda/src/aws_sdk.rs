//! The interceptor for AWS SDK clients: a span and a breadcrumb for every call.

mod call;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use self::call::Call;

/// Adds a span and a breadcrumb for every call of an AWS SDK client.
///
/// They hold the service, the operation, the table or queue, the duration, the attempts, the consumed capacity and
/// the error code. They never hold keys, values or messages.
///
/// One interceptor serves all clients. Give it to each client's `interceptor(...)`:
///
/// ```
/// fn configured<B>(builder: B, interceptor: impl Fn(B, sentry_lambda::AwsSdkInterceptor) -> B) -> B {
///     // aws_sdk_dynamodb::config::Builder::from(&shared).interceptor(AwsSdkInterceptor::new())
///     interceptor(builder, sentry_lambda::AwsSdkInterceptor::new())
/// }
/// ```
///
/// Calls of DynamoDB are `db` spans. Calls that publish to SQS, SNS, EventBridge or Kinesis are `queue.publish`
/// spans. All other calls are `rpc` spans.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AwsSdkInterceptor {}

impl AwsSdkInterceptor {
    /// Makes the interceptor. It has no settings.
    pub fn new() -> Self {
        Self {}
    }
}

/// The running call, in the SDK's configuration bag.
#[derive(Debug)]
struct Running(Call);

impl Storable for Running {
    type Storer = StoreReplace<Self>;
}

impl Intercept for AwsSdkInterceptor {
    fn name(&self) -> &'static str {
        "SentryLambda"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let metadata = cfg.load::<Metadata>().cloned();
        if let Some(call) = metadata.and_then(|m| Call::start(m.service(), m.name())) {
            cfg.interceptor_state().store_put(Running(call));
        }
        Ok(())
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(running), Some(body)) =
            (cfg.get_mut_from_interceptor_state::<Running>(), context.request().body().bytes())
        {
            running.0.read_request(body);
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(running) = cfg.get_mut_from_interceptor_state::<Running>() {
            running.0.attempts += 1;
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(running) = cfg.get_mut_from_interceptor_state::<Running>() {
            let response = context.response();
            let error_type = response.headers().get("x-amzn-errortype");
            running.0.read_response(response.status().as_u16(), error_type, response.body().bytes());
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = context.output_or_error().is_none_or(|result| result.is_err());
        if let Some(running) = cfg.get_mut_from_interceptor_state::<Running>() {
            running.0.finish(failed);
        }
        Ok(())
    }
}
