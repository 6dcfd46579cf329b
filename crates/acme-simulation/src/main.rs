//! `make simulate`: runs one seed after the other, until one breaks an invariant or all have run.

use std::error::Error;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use acme_simulation::{Config, Part, Shrunk, Stats, Store, shrink, simulate};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(stdout(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what the environment asks for. Returns `false` if an invariant broke.
fn run() -> Result<bool, Box<dyn Error + Send + Sync>> {
    let config = Config::from_env(|name| std::env::var(name).ok())?;
    let (begin, mut all) = (Instant::now(), Stats::default());
    for seed in config.seeds() {
        for store in &config.stores {
            let begin = Instant::now();
            let run = simulate(&config, *store, seed, &Part::whole())?;
            print(&format!("seed {seed} {store}: {}", run.stats.told(begin.elapsed())))?;
            if let Some(violation) = run.violation {
                print(&format!("seed {seed} breaks: {}\n  {}", violation.invariant.name(), violation.seen))?;
                print(&told(&config, *store, seed, &shrink(&config, *store, seed, &violation)?))?;
                return Ok(false);
            }
            all += run.stats;
        }
    }
    print(&format!("all: {}", all.told(begin.elapsed())))?;
    Ok(true)
}

/// Describes a failure, and how to repeat it.
fn told(config: &Config, store: Store, seed: u64, shrunk: &Shrunk) -> String {
    let Shrunk { history, alone, faults: [before, after], .. } = shrunk;
    let others = if *alone { ", and without all other clients" } else { "" };
    let again = config.command(seed, store);
    format!(
        "again: {again}\n\
         history of that client, with {after} of {before} faults and whims{others}:\n\
         \x20      seconds  who\n{history}"
    )
}

fn print(text: &str) -> Result<(), std::io::Error> {
    let mut out = stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

trait Told {
    fn told(&self, took: Duration) -> String;
}

impl Told for Stats {
    fn told(&self, took: Duration) -> String {
        let seconds = took.as_secs_f64();
        format!(
            "{} orders ({} accepted), {} requests, {} deliveries, {} duplicates, {} crashes, {} throttled, \
             {} unknown outcomes, {} pushes, {} jumps of the clock, {} dead letters; {} steps in {seconds:.1} s, {:.0} orders/s",
            self.orders,
            self.accepted,
            self.requests,
            self.deliveries,
            self.duplicates,
            self.crashes,
            self.throttled,
            self.unknown,
            self.pushes,
            self.jumps,
            self.dead_letters,
            self.steps,
            self.orders as f64 / seconds
        )
    }
}
