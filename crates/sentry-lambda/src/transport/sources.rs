//! Source snippets. The workspace's sources are packed into the binary at build time, and read only for an event.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Mutex;

use flate2::read::DeflateDecoder;
use serde_json::{Value, json};

/// The number of lines shown before and after the failing line, as in Sentry's SDKs.
const AROUND: usize = 5;
/// Longer lines are cut to this many characters.
const WIDTH: usize = 200;

/// The embedded sources of one binary.
#[derive(Debug)]
pub(crate) struct Sources {
    packed: &'static [u8],
    in_app: Vec<String>,
    /// Compressed bytes by the path in the pack. Built at the first event.
    index: Mutex<Option<HashMap<String, &'static [u8]>>>,
    unpacked: Mutex<HashMap<String, Option<std::sync::Arc<str>>>>,
}

impl Sources {
    /// `packed` is what the build helper wrote, or empty. `in_app` has extra path prefixes of own code.
    pub(crate) fn new(packed: &'static [u8], in_app: Vec<String>) -> Self {
        Self { packed, in_app, index: Mutex::default(), unpacked: Mutex::default() }
    }

    /// Completes a frame that has a file and a line: the snippet, the function if it has no name, `in_app`, and a
    /// short file name.
    pub(crate) fn complete(&self, frame: &mut Value) {
        let Some(file) = frame.get("filename").and_then(Value::as_str).map(str::to_owned) else {
            return;
        };
        let line = frame.get("lineno").and_then(Value::as_u64).and_then(|l| usize::try_from(l).ok());
        let path = self.path_in_pack(&file);
        let Some(frame) = frame.as_object_mut() else {
            return;
        };
        if frame.get("in_app").is_none_or(Value::is_null) {
            frame.insert("in_app".into(), json!(self.is_in_app(&file, path.is_some())));
        }
        if file.starts_with('/') {
            frame.insert("abs_path".into(), json!(file));
        }
        let Some(path) = path else { return };
        frame.insert("filename".into(), json!(path));
        let (Some(line), Some(text)) = (line, self.text(&path)) else {
            return;
        };
        let lines: Vec<&str> = text.lines().collect();
        let Some(at) = line.checked_sub(1).filter(|at| *at < lines.len()) else {
            return;
        };
        let cut = |l: &&str| l.chars().take(WIDTH).collect::<String>();
        frame.insert("context_line".into(), json!(cut(&lines[at])));
        frame.insert("pre_context".into(), lines[at.saturating_sub(AROUND)..at].iter().map(cut).collect());
        frame.insert(
            "post_context".into(),
            lines[at + 1..(at + 1 + AROUND).min(lines.len())].iter().map(cut).collect(),
        );
        // The compiler's name of an async block is no use to a reader.
        let named = frame.get("function").and_then(Value::as_str).is_some_and(|name| !name.starts_with('{'));
        if !named && let Some(name) = enclosing_function(&lines[..=at]) {
            frame.insert("function".into(), json!(name));
        }
    }

    /// Whether a file is own code: it is in the pack, under an extra prefix, or (without a pack) has a relative path,
    /// as Cargo passes it for members of the workspace. The standard library, a registry and this crate are not,
    /// unless an extra prefix names them.
    fn is_in_app(&self, file: &str, in_pack: bool) -> bool {
        const FOREIGN: [&str; 3] = ["/rustc/", "/.cargo/registry/", "/.cargo/git/"];
        if self.in_app.iter().any(|prefix| file.starts_with(prefix)) {
            return true;
        }
        if FOREIGN.iter().any(|f| file.contains(f)) || is_this_crate(file) {
            return false;
        }
        in_pack || (self.packed.is_empty() && !file.starts_with('/'))
    }

    /// Finds a file's path in the pack. The pack has paths from the workspace's root, and a debugger's path may have
    /// more in front.
    fn path_in_pack(&self, file: &str) -> Option<String> {
        let mut index = self.index.lock().ok()?;
        let index = index.get_or_insert_with(|| read_index(self.packed).unwrap_or_default());
        let mut rest = file.trim_start_matches("./");
        loop {
            if index.contains_key(rest) {
                return Some(rest.to_owned());
            }
            rest = rest.split_once('/')?.1;
        }
    }

    fn text(&self, path: &str) -> Option<std::sync::Arc<str>> {
        let mut unpacked = self.unpacked.lock().ok()?;
        if let Some(known) = unpacked.get(path) {
            return known.clone();
        }
        let packed = *self.index.lock().ok()?.as_ref()?.get(path)?;
        let mut text = String::new();
        let text = DeflateDecoder::new(packed).read_to_string(&mut text).ok().map(|_| text.into());
        unpacked.insert(path.to_owned(), Option::clone(&text));
        text
    }
}

/// Whether a file is in this crate's own library, in a workspace or a registry.
pub(super) fn is_this_crate(file: &str) -> bool {
    file.contains(concat!(env!("CARGO_PKG_NAME"), "/src/"))
        || file.contains(concat!(env!("CARGO_PKG_NAME"), "-", env!("CARGO_PKG_VERSION"), "/src/"))
}

/// Reads the pack: `path length, size` as little-endian u32 pairs, each followed by the path and the deflated text.
fn read_index(mut packed: &'static [u8]) -> Option<HashMap<String, &'static [u8]>> {
    let mut index = HashMap::new();
    while !packed.is_empty() {
        let (path, rest) = packed.split_first_chunk::<4>()?;
        let (size, rest) = rest.split_first_chunk::<4>()?;
        let (path, rest) = rest.split_at_checked(u32::from_le_bytes(*path) as usize)?;
        let (data, rest) = rest.split_at_checked(u32::from_le_bytes(*size) as usize)?;
        index.insert(std::str::from_utf8(path).ok()?.to_owned(), data);
        packed = rest;
    }
    Some(index)
}

/// The name of the function that the last of these lines is in: the nearest `fn` above that is indented less.
fn enclosing_function(lines: &[&str]) -> Option<String> {
    let indent = |l: &str| l.len() - l.trim_start().len();
    let own = indent(lines.last()?);
    lines.iter().rev().filter(|l| !l.trim().is_empty()).find_map(|line| {
        let head = line.trim_start();
        if head.starts_with("//") || (indent(line) >= own && own > 0) {
            return None;
        }
        let at = if head.starts_with("fn ") { 0 } else { head.find(" fn ")? + 1 };
        let name: String = head[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn pack(files: &[(&str, &str)]) -> &'static [u8] {
        let mut out = Vec::new();
        for (path, text) in files {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text.as_bytes()).unwrap();
            let data = encoder.finish().unwrap();
            out.extend((path.len() as u32).to_le_bytes());
            out.extend((data.len() as u32).to_le_bytes());
            out.extend(path.as_bytes());
            out.extend(data);
        }
        out.leak()
    }

    #[test]
    fn a_frame_gets_its_line_its_neighbours_and_its_function() {
        let text = "use x;\n\npub async fn pay() {\n    let a = 1;\n    fail(a)?;\n}\n";
        let sources = Sources::new(pack(&[("crates/app/src/lib.rs", text)]), vec![]);
        let mut frame = json!({"filename": "/build/crates/app/src/lib.rs", "lineno": 5});
        sources.complete(&mut frame);
        assert_eq!(frame["context_line"], "    fail(a)?;");
        assert_eq!(frame["pre_context"].as_array().unwrap().len(), 4);
        assert_eq!(frame["post_context"], json!(["}"]));
        assert_eq!(frame["function"], "pay");
        assert_eq!(frame["in_app"], true);
        assert_eq!(frame["filename"], "crates/app/src/lib.rs");
    }

    #[test]
    fn foreign_and_damaged_input_is_left_alone() {
        let sources = Sources::new(b"\x01\x00\x00", vec![]);
        let mut frame = json!({"filename": "/rustc/abc/library/core/src/x.rs", "lineno": 9});
        sources.complete(&mut frame);
        assert_eq!(frame["in_app"], false);
        assert!(frame.get("context_line").is_none());
    }
}
