//! Captures errors: every link of the source chain gets a mechanism and a stack.

use std::error::Error;
use std::panic::Location;

use sentry::protocol::{Event, Level, Mechanism, SpanStatus};
use sentry::types::Uuid;

use crate::{stack, trail, unit_state};

/// Captures a handled error with its whole `source()` chain.
///
/// Each link has the stack that [`here()`](crate::ErrorSite::here) noted. A link without a note shows the located
/// frames of the link around it. The outermost link without a note has the stack of this call.
///
/// Returns the event's id, or the nil id without an enabled client.
///
/// ```
/// if let Err(error) = "x".parse::<u32>() {
///     sentry_lambda::capture_error(&error);
/// }
/// ```
#[inline(never)]
#[track_caller]
pub fn capture_error(error: &dyn Error) -> Uuid {
    Capture::handled().error(error, Location::caller())
}

/// Captures an unhandled error at `level`, for a caller that has its own error boundary.
///
/// An error that was already reported in this unit of work is not reported again. In that case, and without an
/// enabled client, the function returns the nil id.
#[inline(never)]
#[track_caller]
pub fn capture_unhandled(error: &dyn Error, level: Level) -> Uuid {
    Capture::unhandled().level(level).error(error, Location::caller())
}

/// How an error is captured.
#[derive(Debug)]
pub(crate) struct Capture<'a> {
    handled: bool,
    level: Level,
    fingerprint: Option<Vec<&'a str>>,
}

impl<'a> Capture<'a> {
    pub(crate) fn handled() -> Self {
        Self { handled: true, level: Level::Error, fingerprint: None }
    }

    pub(crate) fn unhandled() -> Self {
        Self { handled: false, level: Level::Error, fingerprint: None }
    }

    pub(crate) fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn fingerprint(mut self, fingerprint: Vec<&'a str>) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    // This function, its callers and its callees are not inlined, because `stack::addresses` skips a fixed number of
    // frames.
    #[inline(never)]
    pub(crate) fn error(self, error: &dyn Error, location: &'static Location<'static>) -> Uuid {
        let Some(hub) = unit_state::active_hub() else {
            return Uuid::nil();
        };
        let unit = unit_state::current();
        if let Some(unit) = &unit
            && !self.handled
        {
            unit.set_status(SpanStatus::InternalError);
            if unit.has_reported(Some(&error.to_string())) {
                return Uuid::nil();
            }
        }
        let mut event = event(error, location);
        event.level = self.level;
        let ty = if self.handled { "generic" } else { unit.map_or("aws_lambda", |u| u.mechanism) };
        mechanisms(&mut event, ty, self.handled);
        if let Some(fingerprint) = self.fingerprint {
            event.fingerprint =
                fingerprint.into_iter().map(|f| f.to_owned().into()).collect::<Vec<_>>().into();
        }
        hub.capture_event(event)
    }
}

/// Makes an event of the whole chain, with a stack in each link.
#[inline(never)]
fn event(error: &dyn Error, location: &'static Location<'static>) -> Event<'static> {
    let mut event = sentry::event_from_error(error);
    let here = stack::of_location(location, &stack::addresses(3));
    // From the outermost link inwards: a link without notes was made where it was wrapped.
    let (mut nearest, mut outermost) = (here, true);
    for exception in event.exception.values.iter_mut().rev() {
        let sites = exception.value.as_deref().map(trail::sites).unwrap_or_default();
        let own = stack::of_sites(&sites);
        let first = std::mem::take(&mut outermost);
        exception.stacktrace = Some(match own {
            Some(own) => own,
            None if first => nearest.clone(),
            None => stack::located(&nearest),
        });
        nearest = exception.stacktrace.clone().unwrap_or(nearest);
    }
    event
}

/// Gives the outermost link the mechanism `ty`, and the links below it the mechanism `chained`.
pub(crate) fn mechanisms(event: &mut Event<'_>, ty: &str, handled: bool) {
    let outermost = event.exception.values.len().saturating_sub(1);
    for (i, exception) in event.exception.values.iter_mut().enumerate() {
        let ty = if i == outermost { ty } else { "chained" };
        exception.mechanism = Some(Mechanism { ty: ty.into(), handled: Some(handled), ..Default::default() });
    }
}

/// Reports the response's HTTP `status`, as Sentry's web integrations do.
///
/// A 5xx is an event, unless an error was already reported in this unit of work. A 4xx is a breadcrumb. The
/// transaction gets the status.
#[track_caller]
pub fn set_http_status(status: u16) {
    http_status(status, Location::caller());
}

/// Does what [`set_http_status`] does, with `location` as the place of the event.
pub(crate) fn http_status(status: u16, location: &'static Location<'static>) {
    let Some(unit) = unit_state::current() else { return };
    let Some(hub) = unit_state::active_hub() else { return };
    unit.set_status(span_status(status));
    hub.configure_scope(|scope| {
        scope.set_tag("http.response.status_code", status);
        if let Some(span) = scope.get_span() {
            span.set_data("http.response.status_code", status.into());
        }
    });
    if status >= 500 && !unit.has_reported(None) {
        let mut event = Event {
            exception: vec![sentry::protocol::Exception {
                ty: "HttpError".into(),
                value: Some(format!("responded with {status}")),
                stacktrace: Some(stack::of_location(location, &[])),
                ..Default::default()
            }]
            .into(),
            level: Level::Error,
            ..Default::default()
        };
        mechanisms(&mut event, unit.mechanism, false);
        hub.capture_event(event);
    } else if (400..500).contains(&status) {
        hub.add_breadcrumb(sentry::Breadcrumb {
            ty: "http".into(),
            category: Some("response".into()),
            level: Level::Warning,
            data: [("status_code".to_owned(), status.into())].into_iter().collect(),
            ..Default::default()
        });
    }
}

/// The span status of an HTTP status, from Sentry's table.
fn span_status(status: u16) -> SpanStatus {
    match status {
        ..400 => SpanStatus::Ok,
        401 => SpanStatus::Unauthenticated,
        403 => SpanStatus::PermissionDenied,
        404 => SpanStatus::NotFound,
        409 => SpanStatus::AlreadyExists,
        429 => SpanStatus::ResourceExhausted,
        499 => SpanStatus::Cancelled,
        400..=499 => SpanStatus::InvalidArgument,
        501 => SpanStatus::Unimplemented,
        503 => SpanStatus::Unavailable,
        504 => SpanStatus::DeadlineExceeded,
        _ => SpanStatus::InternalError,
    }
}
