//! The fewest components that an HTTP client of the AWS SDK needs: a clock and a sleep.
//!
//! The SDK makes connectors from a client's full set of components. A connector uses only these two. All others
//! refuse every call, because an HTTP client has no use for them.

use std::borrow::Cow;

use aws_smithy_async::rt::sleep::AsyncSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::{
    AuthScheme, AuthSchemeEndpointConfig, AuthSchemeId, AuthSchemeOptionResolverParams,
    ResolveAuthSchemeOptions, Sign,
};
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityFuture, ResolveCachedIdentity, ResolveIdentity, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::retries::{RetryStrategy, ShouldAttempt};
use aws_smithy_runtime_api::client::runtime_components::{
    GetIdentityResolver, RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;

const UNUSED: &str = "unused";

/// Makes components with a clock and a sleep. All others refuse every call.
pub(crate) fn only_time(
    sleep: impl AsyncSleep + 'static,
    time: impl TimeSource + 'static,
) -> Option<RuntimeComponents> {
    let scheme = AuthSchemeId::new(UNUSED);
    let mut builder = RuntimeComponentsBuilder::new("sentry-lambda")
        .with_auth_scheme_option_resolver(Some(Unused))
        .with_endpoint_resolver(Some(Unused))
        .with_auth_scheme(Unused)
        .with_identity_cache(Some(Unused))
        .with_retry_strategy(Some(Unused))
        .with_sleep_impl(Some(sleep))
        .with_time_source(Some(time));
    builder.set_identity_resolver(scheme, Unused);
    builder.build().ok()
}

#[derive(Debug)]
struct Unused;

impl ResolveAuthSchemeOptions for Unused {
    fn resolve_auth_scheme_options(
        &self,
        _: &AuthSchemeOptionResolverParams,
    ) -> Result<Cow<'_, [AuthSchemeId]>, BoxError> {
        Err(UNUSED.into())
    }
}

impl ResolveEndpoint for Unused {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Err(UNUSED.into()))
    }
}

impl AuthScheme for Unused {
    fn scheme_id(&self) -> AuthSchemeId {
        AuthSchemeId::new(UNUSED)
    }

    fn identity_resolver(&self, _: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        None
    }

    fn signer(&self) -> &dyn Sign {
        self
    }
}

impl Sign for Unused {
    fn sign_http_request(
        &self,
        _: &mut HttpRequest,
        _: &Identity,
        _: AuthSchemeEndpointConfig<'_>,
        _: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<(), BoxError> {
        Err(UNUSED.into())
    }
}

impl ResolveCachedIdentity for Unused {
    fn resolve_cached_identity<'a>(
        &'a self,
        _: SharedIdentityResolver,
        _: &'a RuntimeComponents,
        _: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::ready(Err(UNUSED.into()))
    }
}

impl ResolveIdentity for Unused {
    fn resolve_identity<'a>(&'a self, _: &'a RuntimeComponents, _: &'a ConfigBag) -> IdentityFuture<'a> {
        IdentityFuture::ready(Err(UNUSED.into()))
    }
}

impl RetryStrategy for Unused {
    fn should_attempt_initial_request(
        &self,
        _: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<ShouldAttempt, BoxError> {
        Ok(ShouldAttempt::No)
    }

    fn should_attempt_retry(
        &self,
        _: &InterceptorContext,
        _: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<ShouldAttempt, BoxError> {
        Ok(ShouldAttempt::No)
    }
}
