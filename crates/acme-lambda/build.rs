//! Packs the workspace's sources into the binary, so that every error in Sentry shows its lines.

fn main() -> std::io::Result<()> {
    sentry_lambda::build::embed_sources()
}
