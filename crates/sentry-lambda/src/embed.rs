//! The build-script helper: packs the workspace's sources so that every event shows its lines.
//!
//! Nothing is uploaded, and stripping does not remove the sources, because they are data of the binary. A file costs
//! about a fifth of its size.
//!
//! ```no_run
//! // build.rs of the crate that calls `embedded_sources!()`, with the feature `build` as a build-dependency:
//! // sentry-lambda = { version = "0.1", default-features = false, features = ["build"] }
//! fn main() -> std::io::Result<()> {
//!     sentry_lambda::build::embed_sources()
//! }
//! ```

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Packs every Rust file in `src`, `examples` and `tests` of the workspace's packages into the file that
/// [`embedded_sources!`](crate::embedded_sources) includes. Call it from a build script.
///
/// The workspace is the nearest directory above the crate whose `Cargo.toml` has a `[workspace]` table. Paths are
/// relative to it, as [`Location::file`](std::panic::Location::file) gives them.
///
/// # Errors
/// When a source cannot be read, when the pack cannot be written, or outside a build script.
pub fn embed_sources() -> io::Result<()> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(name));
    let crate_dir = variable("CARGO_MANIFEST_DIR")?;
    let root = workspace_root(&crate_dir);
    let pack = variable("OUT_DIR")?.join("sentry_lambda_sources.bin");
    fs::write(&pack, pack_sources(&root)?)?;
    let mut out = io::stdout().lock();
    writeln!(out, "cargo:rustc-env=SENTRY_LAMBDA_SOURCES={}", pack.display())?;
    let mut directories = Vec::new();
    source_directories(&root, 0, &mut directories)?;
    directories.iter().try_for_each(|d| writeln!(out, "cargo:rerun-if-changed={}", d.display()))
}

/// Packs all sources below `root`, and returns the pack.
///
/// # Errors
/// When a source cannot be read.
pub fn pack_sources(root: &Path) -> io::Result<Vec<u8>> {
    let (mut directories, mut files) = (Vec::new(), Vec::new());
    source_directories(root, 0, &mut directories)?;
    for directory in &directories {
        rust_files(directory, &mut files)?;
    }
    files.sort();
    let mut pack = Vec::new();
    for file in files {
        let Some(path) = file.strip_prefix(root).ok().and_then(Path::to_str) else {
            continue;
        };
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(&file)?)?;
        let data = encoder.finish()?;
        pack.extend(u32::try_from(path.len()).map_err(io::Error::other)?.to_le_bytes());
        pack.extend(u32::try_from(data.len()).map_err(io::Error::other)?.to_le_bytes());
        pack.extend_from_slice(path.as_bytes());
        pack.extend_from_slice(&data);
    }
    Ok(pack)
}

fn workspace_root(crate_dir: &Path) -> PathBuf {
    let is_workspace = |dir: &&Path| {
        fs::read_to_string(dir.join("Cargo.toml")).is_ok_and(|t| t.lines().any(|l| l.trim() == "[workspace]"))
    };
    crate_dir.ancestors().find(is_workspace).unwrap_or(crate_dir).to_owned()
}

/// Collects `src`, `examples` and `tests` of every package, at most four levels down.
fn source_directories(dir: &Path, depth: usize, into: &mut Vec<PathBuf>) -> io::Result<()> {
    if dir.join("Cargo.toml").is_file() {
        into.extend(["src", "examples", "tests"].map(|d| dir.join(d)).into_iter().filter(|d| d.is_dir()));
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let skipped = name.starts_with('.') || ["target", "node_modules", "src", "tests"].contains(&name);
        if depth < 4 && !skipped && path.is_dir() && !path.is_symlink() {
            source_directories(&path, depth + 1, into)?;
        }
    }
    Ok(())
}

fn rust_files(dir: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
    Ok(())
}
