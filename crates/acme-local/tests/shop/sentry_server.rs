//! A Sentry server that keeps everything that it receives.

use std::io::Read;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::Value;

/// A Sentry server on a free port of this machine, which ends with the test.
pub(crate) struct SentryServer {
    /// The DSN of its only project.
    pub(crate) dsn: String,
    envelopes: Arc<Mutex<Vec<Vec<u8>>>>,
    _runtime: tokio::runtime::Runtime,
}

impl SentryServer {
    pub(crate) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let envelopes: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = envelopes.clone();
        let keep = async move |headers: HeaderMap, body: Bytes| {
            let mut plain = Vec::new();
            if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
                flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
            } else {
                plain.extend_from_slice(&body);
            }
            kept.lock().unwrap().push(plain);
            "{}"
        };
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let keep = move |headers, body| {
            let keep = keep.clone();
            async move { keep(headers, body).await }
        };
        runtime.spawn(async move {
            axum::serve(listener, Router::new().route("/api/1/envelope/", post(keep))).await
        });
        Self { dsn: format!("http://key@{address}/1"), envelopes, _runtime: runtime }
    }

    /// All bytes that the server received.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.envelopes.lock().unwrap().concat()
    }

    /// The payloads of all items of this type.
    pub(crate) fn items(&self, kind: &str) -> Vec<Value> {
        let envelopes = self.envelopes.lock().unwrap();
        envelopes.iter().flat_map(|envelope| items(envelope, kind)).collect()
    }
}

/// The payloads of all items of this type in an envelope. An envelope is a header line, and then a header line and a
/// payload for each item.
fn items(envelope: &[u8], kind: &str) -> Vec<Value> {
    let mut lines = envelope.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    let mut found = Vec::new();
    while let (Some(header), Some(payload)) = (lines.next(), lines.next()) {
        let header: Value = serde_json::from_slice(header).unwrap();
        if header["type"] == kind {
            found.push(serde_json::from_slice(payload).unwrap());
        }
    }
    found
}
