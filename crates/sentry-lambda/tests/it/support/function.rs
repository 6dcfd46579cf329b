//! Runs the function as a process, between a Runtime API server and the servers that it talks to.
//!
//! As Lambda does, the server stops the process (SIGSTOP) when it asks for the next event, and continues it with that
//! event.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};

use super::http::{self, Request};

/// An event to handle.
pub(crate) struct Event {
    pub(crate) payload: Value,
    pub(crate) time: Duration,
    pub(crate) client_context: Option<String>,
}

impl From<Value> for Event {
    fn from(payload: Value) -> Self {
        Self { payload, time: Duration::from_secs(30), client_context: None }
    }
}

/// The answer to an event.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The last part of the path: `response` or `error`.
    pub(crate) kind: String,
    pub(crate) body: Value,
    /// The time from the event to the response.
    pub(crate) latency: Duration,
    /// The time from the response to the request for the next event.
    pub(crate) after: Duration,
}

/// A response, when its event was handed out, and when the response came.
type Response = (Request, Instant, Instant);
type Reply = oneshot::Sender<Response>;

pub(crate) struct Function {
    child: Mutex<Child>,
    pid: Pid,
    events: mpsc::UnboundedSender<(Event, Reply)>,
    /// The time of each request for an event.
    asked: tokio::sync::Mutex<mpsc::UnboundedReceiver<Instant>>,
    /// What the process logged.
    pub(crate) log: Arc<Mutex<String>>,
}

impl Function {
    /// Starts a stripped function and waits until it asks for its first event.
    pub(crate) async fn start(name: &str, environment: &[(&str, &str)]) -> Self {
        let function = Self::spawn(name, environment).await;
        let asked = function.asked.lock().await.recv().await;
        asked.unwrap_or_else(|| panic!("no request: {}", function.log.lock().unwrap()));
        function
    }

    pub(crate) async fn spawn(name: &str, environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = listener.local_addr().unwrap().to_string();
        let mut child = tokio::process::Command::new(executable())
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/test"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[7]ab"),
                ("AWS_REGION", "eu-west-1"),
            ])
            .envs(environment.iter().copied())
            .stderr(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        tokio::spawn(keep_log(child.stderr.take().unwrap(), log.clone()));
        tokio::spawn(keep_log(child.stdout.take().unwrap(), log.clone()));
        let (events, to_handle) = mpsc::unbounded_channel();
        let (ask, asked) = mpsc::unbounded_channel();
        let api = Api {
            pid,
            // Concurrent environments are not frozen while any of their invocations runs.
            freezes: environment.iter().all(|(name, _)| *name != "AWS_LAMBDA_MAX_CONCURRENCY"),
            to_handle: tokio::sync::Mutex::new(to_handle),
            waiting: Mutex::default(),
            ask,
        };
        tokio::spawn(Arc::new(api).accept(listener));
        Self { child: Mutex::new(child), pid, events, asked: tokio::sync::Mutex::new(asked), log }
    }

    /// Hands out an event. Waits for its response and for the request for the next event.
    pub(crate) async fn invoke(&self, event: impl Into<Event>) -> Answer {
        let answer = self.begin(event).await.expect("a response");
        let (request, handed_out, answered) = answer;
        let asked = self.asked.lock().await.recv().await.expect("a request for the next event");
        let kind = request.path.rsplit('/').next().unwrap().to_owned();
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        Answer { kind, body, latency: answered - handed_out, after: asked - answered }
    }

    /// Hands out an event and waits for its response. `None` if no response comes in the event's time.
    pub(crate) async fn begin(&self, event: impl Into<Event>) -> Option<Response> {
        let (answer, answered) = oneshot::channel();
        let event = event.into();
        let time = event.time;
        self.events.send((event, answer)).ok()?;
        tokio::time::timeout(time, answered).await.ok()?.ok()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    pub(crate) async fn wait_for_exit(&self) -> Option<i32> {
        for _ in 0..1000 {
            if let Some(status) = self.child.lock().unwrap().try_wait().unwrap() {
                return status.code();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("still running");
    }
}

struct Api {
    pid: Pid,
    freezes: bool,
    to_handle: tokio::sync::Mutex<mpsc::UnboundedReceiver<(Event, Reply)>>,
    waiting: Mutex<HashMap<String, (Reply, Instant)>>,
    ask: mpsc::UnboundedSender<Instant>,
}

impl Api {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(self.clone().serve(stream));
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let (read, mut write) = stream.into_split();
        let mut reader = BufReader::new(read);
        while let Some(request) = http::read(&mut reader).await {
            let answer = match request.path.rsplit('/').next() {
                Some("next") => {
                    // The process is frozen until there is an event.
                    if self.freezes {
                        let _ = kill_process(self.pid, Signal::STOP);
                    }
                    let _ = self.ask.send(Instant::now());
                    let Some((event, answer)) = self.to_handle.lock().await.recv().await else {
                        return;
                    };
                    let (id, next) = next_event(&event);
                    self.waiting.lock().unwrap().insert(id, (answer, Instant::now()));
                    let _ = kill_process(self.pid, Signal::CONT);
                    next
                }
                _ => {
                    let id = request.path.split('/').nth(4).unwrap_or_default().to_owned();
                    if let Some((answer, handed_out)) = self.waiting.lock().unwrap().remove(&id) {
                        let _ = answer.send((request, handed_out, Instant::now()));
                    }
                    "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
                }
            };
            if write.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

fn next_event(event: &Event) -> (String, String) {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let id = format!("request-{}", NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let deadline = SystemTime::UNIX_EPOCH.elapsed().unwrap() + event.time;
    let body = event.payload.to_string();
    let context = event.client_context.as_ref().map(|c| format!("Lambda-Runtime-Client-Context: {c}\r\n"));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nLambda-Runtime-Aws-Request-Id: {id}\r\n\
         Lambda-Runtime-Deadline-Ms: {}\r\nLambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:test\r\n{}\
         content-length: {}\r\n\r\n",
        deadline.as_millis(),
        context.unwrap_or_default(),
        body.len(),
    );
    (id, head + &body)
}

async fn keep_log(output: impl AsyncRead + Unpin, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap();
        log.push_str(&line);
        log.push('\n');
    }
}

/// The path of the function. `SENTRY_LAMBDA_FUNCTION` may name it. Otherwise the function is built with the profile
/// in `SENTRY_LAMBDA_PROFILE`, and a copy is stripped of all symbols and debug information.
fn executable() -> PathBuf {
    static BUILT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    let build = || {
        if let Some(built) = std::env::var_os("SENTRY_LAMBDA_FUNCTION") {
            return PathBuf::from(built);
        }
        let profile = std::env::var("SENTRY_LAMBDA_PROFILE").unwrap_or_else(|_| "dev".to_owned());
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args([
                "build",
                "--package",
                "sentry-lambda-function",
                "--message-format",
                "json",
                "--profile",
                &profile,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(std::process::Stdio::inherit())
            .output()
            .unwrap();
        assert!(built.status.success());
        let messages = String::from_utf8(built.stdout).unwrap();
        let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let executable =
            artifacts.filter_map(|a| a["executable"].as_str().map(PathBuf::from)).next_back().unwrap();
        // Several test processes may do this at once, so the file is replaced by a rename, which is atomic.
        let stripped = executable.with_extension("stripped");
        let own = executable.with_extension(std::process::id().to_string());
        assert!(
            Command::new("strip")
                .arg("--strip-all")
                .arg("-o")
                .args([&own, &executable])
                .status()
                .unwrap()
                .success()
        );
        std::fs::rename(own, &stripped).unwrap();
        stripped
    };
    BUILT.get_or_init(build).clone()
}
