//! `acme-local`: runs the whole shop on this machine.

use std::io::Write as _;
use std::process::ExitCode;

use acme_local::Config;

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| matches!(argument.as_str(), "--help" | "-h")) {
        return match writeln!(std::io::stdout(), "{}", acme_local::config::USAGE) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let config = match Config::from_env(std::env::args().skip(1), |name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}\n\n{}", acme_local::config::USAGE);
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("acme-local: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        if config.seed { acme_local::seed_deployment().await } else { acme_local::run(config).await }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("acme-local: {}", acme_common::telemetry::chain(&*error));
            ExitCode::FAILURE
        }
    }
}
