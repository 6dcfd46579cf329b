//! Packs the workspace's sources into the binary, so that Sentry shows the source lines of every error.

fn main() -> std::io::Result<()> {
    sentry_lambda::build::embed_sources()
}
