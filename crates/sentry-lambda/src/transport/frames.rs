//! Completes the frames of an event before it is sent.
//!
//! Capturing an address costs microseconds. Names, lines and snippets are looked up only when an event is really
//! sent, after the response. In a stripped file the lookup finds nothing, and Sentry does it with uploaded debug
//! files. Frames from a `Location` are complete either way.

use std::ffi::c_void;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::sources::Sources;

/// Completes the stacks of an event. Returns true if a frame has an address.
///
/// Names and lines come from line tables, if there are any. Functions and snippets come from embedded sources. Each
/// frame is marked as the application's own code or not.
pub(crate) fn complete(event: &mut Value, sources: &Sources) -> bool {
    let mut addressed = false;
    for list in ["exception", "threads"] {
        let Some(values) =
            event.get_mut(list).and_then(|l| l.get_mut("values")).and_then(Value::as_array_mut)
        else {
            continue;
        };
        for value in values {
            let Some(frames) = value.pointer_mut("/stacktrace/frames").and_then(Value::as_array_mut) else {
                continue;
            };
            addressed |= frames.iter().any(|f| f.get("instruction_addr").is_some());
            let mut resolved = Vec::with_capacity(frames.len());
            for frame in frames.drain(..) {
                resolve(frame, &mut resolved);
            }
            trim(&mut resolved);
            for frame in &mut resolved {
                sources.complete(frame);
            }
            *frames = resolved;
        }
    }
    addressed
}

/// Adds the frame to `into`. Inlined functions at its address give several frames, outermost first.
fn resolve(frame: Value, into: &mut Vec<Value>) {
    let ip = frame.get("instruction_addr").and_then(Value::as_str).and_then(|a| a.strip_prefix("0x"));
    let Some(ip) = ip.and_then(|hex| usize::from_str_radix(hex, 16).ok()) else {
        into.push(frame);
        return;
    };
    if frame.get("function").is_some() {
        into.push(frame);
        return;
    }
    let mut found = Vec::new();
    backtrace::resolve(ip as *mut c_void, |symbol| {
        let mut one = Map::new();
        one.insert("instruction_addr".into(), json!(format!("{ip:#x}")));
        if let Some(name) = symbol.name() {
            one.insert("function".into(), json!(format!("{name:#}")));
        }
        if let (Some(file), Some(line)) = (symbol.filename().and_then(Path::to_str), symbol.lineno()) {
            one.insert("filename".into(), json!(file));
            one.insert("lineno".into(), json!(line));
            symbol.colno().map(|column| one.insert("colno".into(), json!(column)));
        }
        found.push(Value::Object(one));
    });
    found.reverse();
    let located = frame.get("filename").is_some();
    let knows_lines = found.iter().any(|f| f.get("lineno").is_some());
    match (located, knows_lines) {
        // The note has the exact place. The line tables add only the function's name and the frames around it.
        (true, true) => {
            while found.last().is_some_and(own) {
                found.pop();
            }
            let innermost = found.pop();
            into.append(&mut found);
            let mut frame = frame;
            if let (Some(Value::Object(inner)), Some(outer)) = (innermost, frame.as_object_mut())
                && let Some(function) = inner.get("function")
            {
                outer.insert("function".into(), function.clone());
            }
            into.push(frame);
        }
        (false, _) if !found.is_empty() => into.append(&mut found),
        _ => into.push(frame),
    }
}

/// Functions of the panic machinery below the failing line, by the start of their names.
const MACHINERY: [&str; 9] = [
    "backtrace::",
    "core::panicking::",
    "std::panicking::",
    "std::sys::backtrace::",
    "rust_begin_unwind",
    "__rustc",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "<alloc::boxed::Box<",
];

/// Removes the frames of the panic machinery and of this crate at the inner end, and the frames that repeat the
/// located frame.
fn trim(frames: &mut Vec<Value>) {
    let Some(last) = frames.pop() else { return };
    let is_located = last.get("lineno").is_some();
    let named = |frame: &Value, names: &[&str]| {
        frame.get("function").and_then(Value::as_str).is_some_and(|f| names.iter().any(|n| f.starts_with(n)))
    };
    if is_located {
        let panicked =
            frames.iter().rposition(|f| named(f, &["core::panicking::", "std::panicking::begin_panic"]));
        if let Some(at) = panicked {
            let from = frames[..at].iter().rposition(|f| !named(f, &MACHINERY)).map_or(0, |i| i + 1);
            frames.truncate(from);
        }
        while frames.last().is_some_and(|f| named(f, &MACHINERY) || own(f) || same_place(f, &last)) {
            let removed = frames.pop();
            if let (Some(removed), true) = (removed, last.get("function").is_none())
                && same_place(&removed, &last)
            {
                let mut last = last.clone();
                copy(&removed, &mut last, "function");
                copy(&removed, &mut last, "instruction_addr");
                frames.push(last);
                return;
            }
        }
    }
    frames.push(last);
}

fn own(frame: &Value) -> bool {
    let text = |key| frame.get(key).and_then(Value::as_str).unwrap_or_default();
    let function = text("function");
    function.starts_with("sentry_lambda::")
        || function.contains("as sentry_lambda::")
        || super::sources::is_this_crate(text("filename"))
}

fn same_place(a: &Value, b: &Value) -> bool {
    let file = |v: &Value| v.get("filename").and_then(Value::as_str).map(str::to_owned);
    let same_file = match (file(a), file(b)) {
        (Some(a), Some(b)) => a.ends_with(&b) || b.ends_with(&a),
        _ => false,
    };
    same_file && a.get("lineno") == b.get("lineno")
}

fn copy(from: &Value, to: &mut Value, key: &str) {
    if let (Some(value), Some(to)) = (from.get(key), to.as_object_mut()) {
        to.insert(key.into(), value.clone());
    }
}
