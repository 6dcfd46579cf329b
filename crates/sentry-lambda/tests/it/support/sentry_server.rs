//! A Sentry server that keeps what it receives. It can be slow, hang, trickle, reset, refuse and give any answer.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::http::{self, Request};

/// How the server answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Ok,
    After(Duration),
    Status(u16, &'static [(&'static str, &'static str)]),
    Hang,
    Trickle,
    Reset,
    /// Resets a request that holds this text, and accepts all others.
    ResetOf(&'static str),
}

/// One item of an envelope that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) header: Value,
    pub(crate) payload: Value,
}

impl Item {
    pub(crate) fn ty(&self) -> &str {
        self.header["type"].as_str().unwrap_or_default()
    }
}

/// One envelope that arrived: the request, its text, and the parsed items.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) request: Request,
    pub(crate) text: String,
    pub(crate) header: Value,
    pub(crate) items: Vec<Item>,
}

#[derive(Debug)]
struct State {
    answer: Mutex<Answer>,
    envelopes: Mutex<Vec<Envelope>>,
    /// The number of requests that came, answered or not.
    requests: AtomicUsize,
}

pub(crate) struct SentryServer {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl SentryServer {
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    /// Starts at an address that was used before.
    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(128).unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            answer: Mutex::new(Answer::Ok),
            envelopes: Mutex::default(),
            requests: AtomicUsize::default(),
        };
        let state = Arc::new(state);
        let accepting = tokio::spawn(accept(listener, state.clone()));
        Self { address, state, accepting }
    }

    pub(crate) fn dsn(&self) -> String {
        format!("http://public@{}/1", self.address)
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.state.answer.lock().unwrap() = answer;
    }

    pub(crate) fn envelopes(&self) -> Vec<Envelope> {
        self.state.envelopes.lock().unwrap().clone()
    }

    /// How many requests have come, answered or not.
    pub(crate) fn requests(&self) -> usize {
        self.state.requests.load(Ordering::Relaxed)
    }

    /// The payloads of all items of this type.
    pub(crate) fn items(&self, ty: &str) -> Vec<Value> {
        let envelopes = self.envelopes();
        envelopes.into_iter().flat_map(|e| e.items).filter(|i| i.ty() == ty).map(|i| i.payload).collect()
    }

    /// Polls until `count` items of this type are there.
    pub(crate) async fn wait_for(&self, ty: &str, count: usize) -> Vec<Value> {
        for _ in 0..2000 {
            let items = self.items(ty);
            if items.len() >= count {
                return items;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{count} {ty} expected, got {:#?}", self.items(ty).len());
    }
}

impl Drop for SentryServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Connections end with the server.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, state.clone()));
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    stream.set_nodelay(true).unwrap();
    let (read, mut write) = stream.into_split();
    let mut reader = BufReader::new(read);
    while let Some(request) = http::read(&mut reader).await {
        state.requests.fetch_add(1, Ordering::Relaxed);
        let answer = state.answer.lock().unwrap().clone();
        let (mut status, mut headers): (u16, &[(&str, &str)]) = (200, &[]);
        match answer {
            Answer::Ok => {}
            Answer::After(time) => tokio::time::sleep(time).await,
            Answer::Status(code, with) => (status, headers) = (code, with),
            Answer::Hang => std::future::pending().await,
            Answer::ResetOf(text) if !contains(&decoded(&request), text) => {}
            Answer::Reset | Answer::ResetOf(_) => {
                let stream = reader.into_inner().reunite(write).unwrap();
                socket_reset(&stream);
                return;
            }
            Answer::Trickle => loop {
                if write.write_all(b"H").await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            },
        }
        if status == 200 {
            record(&request);
            state.envelopes.lock().unwrap().push(parse(request));
        }
        let mut answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n");
        headers.iter().for_each(|(name, value)| answer.push_str(&format!("{name}: {value}\r\n")));
        answer.push_str("\r\n{}");
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Sends a reset instead of an end, even if there is unread data.
fn socket_reset(stream: &TcpStream) {
    #[expect(deprecated, reason = "a linger of zero does not block")]
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}

fn contains(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}

fn decoded(request: &Request) -> Vec<u8> {
    if request.header("content-encoding") != Some("gzip") {
        return request.body.clone();
    }
    let mut body = Vec::new();
    flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut body).unwrap();
    body
}

/// Records the envelope for the scripts, if `SENTRY_LAMBDA_RECORD` names a directory.
fn record(request: &Request) {
    let Some(directory) = std::env::var_os("SENTRY_LAMBDA_RECORD").map(std::path::PathBuf::from) else {
        return;
    };
    let time = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join(format!("{time}.envelope")), decoded(request)).unwrap();
}

fn parse(request: Request) -> Envelope {
    let body = decoded(&request);
    let text = String::from_utf8_lossy(&body).into_owned();
    let mut lines = body.splitn(2, |b| *b == b'\n');
    let header = serde_json::from_slice(lines.next().unwrap()).unwrap();
    let mut rest = lines.next().unwrap_or_default();
    let mut items = Vec::new();
    while let Some(end) = rest.iter().position(|b| *b == b'\n') {
        if end == 0 {
            rest = &rest[1..];
            continue;
        }
        let header: Value = serde_json::from_slice(&rest[..end]).unwrap();
        let length = header["length"].as_u64().unwrap() as usize;
        let payload = &rest[end + 1..end + 1 + length];
        let payload =
            serde_json::from_slice(payload).unwrap_or_else(|_| String::from_utf8_lossy(payload).into());
        items.push(Item { header, payload });
        rest = &rest[end + 1 + length..];
    }
    Envelope { request, text, header, items }
}
