//! The adapter to DynamoDB on an embedded DynamoDB. Every request is a step, and the AWS SDK retries requests as
//! usual.

use std::error::Error;
use std::time::SystemTime;

use acme_aws::{Aws, Table};
use acme_catalog::demo;
use acme_common::id::OrderId;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use embedded_dynamodb::EmbeddedDynamoDb;

use crate::calls::call;
use crate::clock;
use crate::stage::{Point, Touch};

/// DynamoDB's answer to a throttled request.
const THROTTLED: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}"#;
/// The prefixes of the partition keys, and what each item is about.
const ITEMS: [(&str, Touch); 5] = [
    ("\"ORDER#", Touch::Orders),
    ("\"PAYMENT#", Touch::Payments),
    ("\"SHIPMENT#", Touch::Shipments),
    ("\"CART#", Touch::Carts),
    // The last one, because an answer is kept in the same transaction as another item.
    ("\"IDEMPOTENCY#", Touch::Keys),
];

/// Makes a new table in memory, with the catalog in it.
pub(crate) async fn table() -> Result<Table, Box<dyn Error + Send + Sync>> {
    let database = EmbeddedDynamoDb::memory_at(|| SystemTime::from(clock::now()))?;
    let table = Aws::embedded(SharedHttpClient::new(Stepwise(database))).table("acme");
    table.create_table().await?;
    demo::seed(&table).await?;
    Ok(table)
}

/// An embedded DynamoDB whose every request is a step.
#[derive(Debug, Clone)]
struct Stepwise(EmbeddedDynamoDb);

impl HttpClient for Stepwise {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Stepwise {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.0.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let body = request.body().bytes().unwrap_or_default();
            let refused = || ConnectorError::other(THROTTLED.into(), None);
            let unknown = || ConnectorError::timeout("no answer came".into());
            let answered = call(point(target, body), refused, unknown, async {
                let answer = database.answer(target, body);
                response(answer.status, answer.body)
            });
            match answered.await {
                // A throttled request has an answer as well.
                Err(error) if error.is_other() => response(400, THROTTLED),
                answered => answered,
            }
        })
    }
}

fn response(status: u16, body: impl Into<SdkBody>) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::user(error.into()))?;
    let mut response = HttpResponse::new(status, body.into());
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}

/// Describes a request as a step.
fn point(target: &str, body: &[u8]) -> Point {
    let operation = target.rsplit('.').next().unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    let item = ITEMS.iter().find_map(|(prefix, touches)| Some((text.split_once(prefix)?.1, *touches)));
    let (name, writes) = match operation {
        "GetItem" => ("dynamodb GetItem", false),
        "PutItem" => ("dynamodb PutItem", true),
        "Query" => ("dynamodb Query", false),
        "BatchGetItem" => ("dynamodb BatchGetItem", false),
        "UpdateItem" => ("dynamodb UpdateItem", true),
        "DeleteItem" => ("dynamodb DeleteItem", true),
        "TransactWriteItems" => ("dynamodb TransactWriteItems", true),
        _ => ("dynamodb", true),
    };
    let touches = item.filter(|_| writes).map_or(Touch::Nothing, |(_, touches)| touches);
    let of_order = |(id, touches): (&str, Touch)| match touches {
        Touch::Carts | Touch::Keys => None,
        _ => OrderId::parse(id.split('"').next()?),
    };
    Point { name, touches, order: item.and_then(of_order) }
}
