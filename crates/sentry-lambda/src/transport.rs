//! The transport: the SDK fills a queue, and a flush empties it over HTTP. Time, count and bytes are bounded.
//!
//! In [`Mode::Flush`] nothing happens outside a flush: no thread, no task, no connection. An envelope leaves the
//! queue when its outcome is known, so a flush that is cut off loses no envelope. An envelope may arrive twice.
//! Sentry then drops the second one by its event id.

mod breaker;
mod components;
mod envelope;
mod frames;
mod http;
mod image;
mod limits;
mod losses;
mod queue;
mod sending;
mod sources;
mod worker;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sentry::types::Dsn;
use sentry::{Envelope, Transport};
use serde_json::json;
use tokio::sync::Notify;

use self::breaker::{Breaker, Permit};
use self::http::Http;
use self::limits::Limits;
use self::queue::Queue;
use self::sources::Sources;
use crate::init::Stats;
use crate::log;
use crate::options::{LastResort, Mode, Options};

/// The transport of one `init`. All its clients share it.
pub(crate) struct Delivery {
    /// The URL and the value of `X-Sentry-Auth`. `None` with Spotlight alone.
    upstream: Option<(String, String)>,
    spotlight: Option<String>,
    spotlight_rests_until: Mutex<Option<SystemTime>>,
    http: Http,
    plain_http: Http,
    sources: Sources,
    last_resort: Option<LastResort>,
    flush_limit: Duration,
    probe_interval: Duration,
    state: Mutex<State>,
    /// The flush that sends holds this lock. Another flush waits for it, because the first one may carry its
    /// envelopes.
    sending: tokio::sync::Mutex<()>,
    in_flight: AtomicUsize,
    worker: Option<Arc<Notify>>,
    worker_started: AtomicBool,
    closed: AtomicBool,
    sent: AtomicU64,
    dropped: AtomicU64,
    to_last_resort: AtomicU64,
}

struct State {
    queue: Queue,
    limits: Limits,
    breaker: Breaker,
    /// Drops that are not logged yet: quantity by reason and category.
    unlogged: envelope::Losses,
    /// When drops were last logged while the circuit was open.
    logged_at: Option<SystemTime>,
}

impl Delivery {
    pub(crate) fn new(options: &Options, dsn: Option<&Dsn>, spotlight: Option<String>) -> Arc<Self> {
        let https = dsn.is_some_and(|dsn| dsn.scheme() == sentry::types::Scheme::Https);
        let delivery = Arc::new(Self {
            upstream: dsn.map(http::endpoint),
            spotlight,
            spotlight_rests_until: Mutex::default(),
            http: Http::new(options.http_client.clone(), https),
            plain_http: Http::new(None, false),
            sources: Sources::new(options.sources, options.in_app.clone()),
            last_resort: options.last_resort.clone(),
            flush_limit: options.flush_limit,
            probe_interval: options.probe_interval,
            state: Mutex::new(State {
                queue: Queue::new(options.queue_envelopes, options.queue_bytes),
                limits: Limits::default(),
                breaker: Breaker::new(options.probe_interval),
                unlogged: envelope::Losses::new(),
                logged_at: None,
            }),
            sending: tokio::sync::Mutex::default(),
            in_flight: AtomicUsize::new(0),
            worker: (options.mode == Mode::Background).then(Arc::default),
            worker_started: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            to_last_resort: AtomicU64::new(0),
        });
        worker::start(&delivery);
        delivery
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_drained(&self) -> bool {
        self.state().queue.is_empty() && self.in_flight.load(Relaxed) == 0
    }

    /// See [`Sentry::flush`](crate::Sentry::flush).
    pub(crate) async fn flush(&self, limit: Duration) -> bool {
        if self.is_drained() {
            return true;
        }
        if self.state().breaker.permit(SystemTime::now()) == Permit::Nothing {
            self.wait_for_better();
            self.log_drops_now_and_then();
            return self.is_drained();
        }
        if limit.is_zero() {
            return false;
        }
        let began = AtomicBool::new(false);
        let accepted = self.sent.load(Relaxed);
        let sends = async {
            let _one_at_a_time = self.sending.lock().await;
            began.store(true, Relaxed);
            self.send_queued().await;
        };
        // A flush that only waited for another flush says nothing about Sentry. A flush that had an envelope accepted
        // only had more work than time.
        let cut_off = tokio::time::timeout(limit, sends).await.is_err();
        if cut_off && began.load(Relaxed) && self.sent.load(Relaxed) == accepted {
            let whole = limit >= self.flush_limit / 2;
            self.failed("no answer in time", whole);
        }
        self.wait_for_better();
        self.log_drops();
        self.is_drained()
    }

    /// Keeps the queue within its bounds. With an open circuit, the last resort takes what waits.
    fn wait_for_better(&self) {
        let evicted = {
            let mut state = self.state();
            if self.last_resort.is_some() && state.breaker.is_open() {
                state.queue.take(usize::MAX)
            } else {
                state.queue.shrink()
            }
        };
        self.lose(evicted, "queue_overflow");
    }

    /// Whether the queue is half full, so that more envelopes would soon be lost.
    #[cfg(feature = "lambda")]
    pub(crate) fn is_half_full(&self) -> bool {
        self.state().queue.is_half_full()
    }

    /// Counts a failed attempt. Logs it when the circuit opens.
    fn failed(&self, error: &str, cost_the_bound: bool) {
        let opened = {
            let mut state = self.state();
            let before = state.breaker.is_open();
            state.breaker.failed(cost_the_bound, SystemTime::now());
            !before && state.breaker.is_open()
        };
        if opened {
            log::line("WARN", "sentry: unreachable, circuit open", json!({"error": error}));
        }
    }

    /// Allows one more attempt, whatever the circuit says, because the process ends.
    pub(crate) fn try_once_more(&self) {
        self.state().breaker.probe_now(SystemTime::now());
    }

    /// Accepts nothing more. What is left goes to the last resort.
    pub(crate) fn close(&self) {
        self.closed.store(true, Relaxed);
        let left = self.state().queue.take(usize::MAX);
        self.lose(left, "network_error");
        self.log_drops();
        if let Some(worker) = &self.worker {
            worker.notify_one();
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let state = self.state();
        Stats {
            sent: self.sent.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            last_resort: self.to_last_resort.load(Relaxed),
            queued: state.queue.len() + self.in_flight.load(Relaxed),
            circuit_open: state.breaker.is_open(),
        }
    }
}

impl Transport for Delivery {
    fn send_envelope(&self, envelope: Envelope) {
        if self.closed.load(Relaxed) {
            return;
        }
        let evicted = self.state().queue.push(envelope);
        self.lose(evicted.into_iter().collect(), "queue_overflow");
        if let Some(worker) = &self.worker {
            worker.notify_one();
        }
    }

    /// Says whether everything is sent. It never blocks, because a blocked thread could not send.
    fn flush(&self, _: Duration) -> bool {
        self.is_drained()
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.notify_one();
        }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
