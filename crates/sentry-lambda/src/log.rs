//! The integration's own log: few and short JSON lines on standard output.

use std::io::Write;

use serde_json::{Value, json};

/// Writes one line with a level, a message and fields.
pub(crate) fn line(level: &str, message: &str, fields: Value) {
    let mut line = json!({"level": level, "target": "sentry_lambda", "message": message});
    if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
        line.extend(fields);
    }
    write(&line);
}

/// Writes a line as it is.
pub(crate) fn write(line: &Value) {
    // A closed standard output must not fail the function.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
