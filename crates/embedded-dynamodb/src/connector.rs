//! The client and the connector for the AWS SDK.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{spawn_blocking, yield_now};

use crate::database::EmbeddedDynamoDb;

impl HttpClient for EmbeddedDynamoDb {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for EmbeddedDynamoDb {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let dynamodb = self.clone();
        HttpConnectorFuture::new(async move {
            if has_many_threads() {
                // SQLite waits for the disk. The runtime has few threads, and other requests need them.
                let answered = spawn_blocking(move || respond(&dynamodb, &request)).await;
                return answered.map_err(|e| ConnectorError::io(e.into()))?;
            }
            // Other tasks get their turn at each call, as they do while a network answers.
            yield_now().await;
            respond(&dynamodb, &request)
        })
    }
}

fn has_many_threads() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

fn respond(dynamodb: &EmbeddedDynamoDb, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let Some(body) = request.body().bytes() else {
        return Err(ConnectorError::user("the body of a request to DynamoDB must be in memory".into()));
    };
    let answer = dynamodb.answer(request.headers().get("x-amz-target").unwrap_or_default(), body);
    let status = StatusCode::try_from(answer.status).map_err(|e| ConnectorError::other(e.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
