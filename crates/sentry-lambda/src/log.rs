//! The integration's own log: single JSON lines on standard output, rare and short.

use std::io::Write;

use serde_json::{Value, json};

/// One line with a level, a message and fields.
pub(crate) fn line(level: &str, message: &str, fields: Value) {
    let mut line = json!({"level": level, "target": "sentry_lambda", "message": message});
    if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
        line.extend(fields);
    }
    write(&line);
}

/// A line as it is.
pub(crate) fn write(line: &Value) {
    // A closed standard output is no reason to fail.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
