//! The general part of the document: what the shop is, its address, and its domains.

use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// The shop, with the routes of all domains and those that only the local shop has.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "ACME Serverless Fitness Shop",
        version = "1.0.0",
        license(name = "Apache-2.0", url = "https://www.apache.org/licenses/LICENSE-2.0"),
        description = "Every path also answers with a slash at its end. Bodies are read liberally: names in any case, numbers \
            as text and text as numbers, unknown members ignored, JSON whatever the content type says. Tokens are asked for \
            with AUTH_MODE=1; with AUTH_MODE=0 every route is open. `x-function` is the function that serves a route; a route \
            without one is served by the local shop only. `x-who` says who may call it.",
    ),
    servers(
        (url = "http://127.0.0.1:8080", description = "The shop in one process on this machine."),
        (
            url = "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
            description = "A deployment.",
            variables(("api" = (default = "api")), ("region" = (default = "us-east-1")), ("stage" = (default = "dev"))),
        ),
    ),
    security(("token" = [])),
    tags((name = "cart"), (name = "catalog"), (name = "orders"), (name = "users"), (name = "local", description = "Only the local shop serves these.")),
    modifiers(&Domains, &Token),
)]
pub(crate) struct Shop;

struct Domains;
struct Token;

impl utoipa::Modify for Domains {
    fn modify(&self, shop: &mut OpenApi) {
        use utoipa::OpenApi as _;

        shop.info.contact = None;
        for domain in [
            acme_cart::http::Description::openapi(),
            acme_catalog::http::Description::openapi(),
            acme_order::http::Description::openapi(),
            acme_payment::http::Description::openapi(),
            acme_shipment::http::Description::openapi(),
            acme_user::http::Description::openapi(),
            acme_local::description(),
        ] {
            shop.merge(domain);
        }
    }
}

impl utoipa::Modify for Token {
    fn modify(&self, shop: &mut OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let token = token.description(Some("An access token, as /login gives it.")).build();
        let components = shop.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token));
    }
}
