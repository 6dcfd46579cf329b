//! Packs the workspace's sources into the function.

fn main() -> std::io::Result<()> {
    sentry_lambda::build::embed_sources()
}
