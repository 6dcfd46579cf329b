//! What the shop prints: one readable line for each event, such as `order 3f… payment declined: creditcard has
//! expired`.

use std::fmt::Write as _;
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Prints the shop's events to standard output from now on.
pub(crate) fn install() {
    let ours = tracing_subscriber::filter::filter_fn(|event| {
        event.target().starts_with("acme") && *event.level() <= Level::INFO
    });
    // An error means that a test has installed its own subscriber.
    let _ = tracing_subscriber::registry().with(LogLines.with_filter(ours)).try_init();
}

struct LogLines;

impl<S: Subscriber> Layer<S> for LogLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = Message::default();
        event.record(&mut message);
        let level = match *event.metadata().level() {
            Level::ERROR => "ERROR ",
            Level::WARN => "WARN ",
            _ => "",
        };
        // The shop goes on when nobody can read its output.
        let _ = writeln!(std::io::stdout().lock(), "{level}{}", message.0);
    }
}

/// The message of an event, without its fields. The message already contains them in words.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
