//! For tests: what the log and Sentry receive.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use sentry::ClientOptions;
use sentry::protocol::Event;

use super::CaptureSuccess;

/// Runs `work` with its own Sentry client and its own log, and returns what both received.
pub fn watched(capture_success: CaptureSuccess, work: impl FnOnce()) -> (Vec<Event<'static>>, String) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().without_time().with_ansi(false);
    let subscriber = subscriber.with_writer(move || writer.clone()).finish();
    let work = || tracing::subscriber::with_default(subscriber, work);
    let options = ClientOptions::new().add_integration(capture_success);
    let reported = sentry::test::with_captured_events_options(work, options);
    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner);
    (reported, String::from_utf8_lossy(&log).into_owned())
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
