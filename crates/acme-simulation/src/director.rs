//! The director: takes the next entry off the agenda, and lets it happen.

mod carry;
mod look;
mod serve;
mod step;

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use jiff::SignedDuration;

use crate::agenda::{Agenda, Due};
use crate::clients::Client;
use crate::clock::{self, MOST_WRONG};
use crate::config::{Config, SWEEP_EVERY, Store};
use crate::fates::{CLOCK, Fates, Fault, SWEEP, Stream};
use crate::history::History;
use crate::invariants::{Broken, Invariant, Violation, World};
use crate::invocation::{Cause, Invocation, Woken};
use crate::run::{Part, Run, Stats};
use crate::shop::Shop;
use crate::stores::Stores;
use crate::transport::Transport;

/// Runs a seed on new stores.
///
/// # Errors
/// When the stores cannot be made.
pub fn simulate(
    config: &Config,
    store: Store,
    seed: u64,
    part: &Part,
) -> Result<Run, Box<dyn Error + Send + Sync>> {
    in_virtual_time(async { Ok(run(config, seed, part, Stores::new(store).await?).await) })?
}

/// Runs a seed on the given stores. They must hold the catalog and nothing else.
///
/// # Errors
/// When no Tokio runtime can be made.
pub fn simulate_on(
    stores: Stores,
    config: &Config,
    seed: u64,
    part: &Part,
) -> Result<Run, Box<dyn Error + Send + Sync>> {
    in_virtual_time(run(config, seed, part, stores))
}

fn in_virtual_time<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Error + Send + Sync>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    Ok(runtime.block_on(work))
}

async fn run(config: &Config, seed: u64, part: &Part, stores: Stores) -> Run {
    let mut director = Director {
        config,
        fates: Fates::new(seed, config.rates, part.without.clone(), part.watch),
        shop: Shop::new(stores),
        clients: Vec::new(),
        world: World::default(),
        transport: Transport::default(),
        agenda: Agenda::default(),
        running: Vec::new(),
        free: Vec::new(),
        woken: Woken::default(),
        asleep: BTreeSet::new(),
        turns: 0,
        now: Duration::ZERO,
        passed: Duration::ZERO,
        wrong: SignedDuration::ZERO,
        calm_since: None,
        history: History::new(part.watch),
        stats: Stats::default(),
    };
    director.open(part.only);
    let ended = director.play().await;
    let violation = ended.err().map(|((invariant, seen), client)| {
        let at = director.now;
        director.history.note(at, client, || format!("BROKEN: {}: {seen}", invariant.name()));
        Violation { invariant, client, seen, at }
    });
    let (history, faults) = (director.history.into_text(), director.fates.fired);
    Run { violation, history, faults, stats: director.stats }
}

/// An invariant that was found broken, with the client that it concerns.
type Ended = Result<(), (Broken, Option<u32>)>;

struct Director<'a> {
    config: &'a Config,
    fates: Fates,
    shop: Shop,
    clients: Vec<Client>,
    world: World,
    transport: Transport,
    agenda: Agenda,
    running: Vec<Option<Invocation>>,
    free: Vec<usize>,
    woken: Woken,
    /// The functions that wait for time to pass and not for the director.
    asleep: BTreeSet<usize>,
    turns: u64,
    now: Duration,
    /// How far the runtime's clock was advanced.
    passed: Duration,
    /// By how much the clock of all machines is wrong.
    wrong: SignedDuration,
    /// The time from which nothing goes wrong any more.
    calm_since: Option<Duration>,
    history: History,
    stats: Stats,
}

impl Director<'_> {
    /// Fills the agenda with what begins by itself: the clients (or only one of them), the sweep, the jumps of the
    /// clock, and the end of all faults.
    fn open(&mut self, only: Option<u32>) {
        let span = self.config.span();
        clock::set(Duration::ZERO, [SignedDuration::ZERO; 2]);
        for number in 0..self.config.orders {
            let mut fate = self.fates.next(number, Stream::Plan);
            let wanted = only.is_none_or(|only| only == number);
            let token = |user: &str| if wanted { self.shop.token(user) } else { String::new() };
            let client = Client::new(number, token, &mut self.fates, &mut fate, span);
            if wanted {
                for (task, wish) in client.tasks.iter().enumerate() {
                    self.agenda.note(wish.begins, Due::Send { client: number, task });
                    if wish.twice {
                        self.agenda
                            .note(wish.begins + fate.millis(0..=10), Due::Send { client: number, task });
                    }
                }
                if let Some(at) = client.poisons_at {
                    self.agenda.note(at, Due::Poison(number));
                }
            }
            self.clients.push(client);
        }
        self.agenda.note(SWEEP_EVERY, Due::Sweep);
        self.agenda.note(Duration::ZERO, Due::Jump);
        self.agenda.note(span + SWEEP_EVERY, Due::Calm);
    }

    /// Plays the agenda until everything is at rest.
    async fn play(&mut self) -> Ended {
        while let Some((at, due)) = self.agenda.next() {
            self.pass_time(at).await?;
            match due {
                Due::Step { place, turn } => self.step(place, turn).await?,
                Due::Deliver(message) => self.deliver(message).await?,
                Due::Send { client, task } => self.send(client, task).await?,
                Due::GiveUp { client, task, attempt } => self.give_up(client, task, attempt),
                Due::Poison(client) => self.poison(client),
                Due::Sweep => self.sweep().await?,
                Due::Jump => self.jump(),
                Due::Calm => self.calm(),
                Due::Tick => self.tick(),
            }
            let idle = self.agenda.work == 0 && self.running.len() == self.free.len();
            if let (true, Some(since)) = (idle, self.calm_since) {
                let Some(order) = self.world.waiting.first() else { return self.compare().await };
                if self.now > since + self.config.rest_within {
                    let seen = format!("order {order} stands still, and nothing is under way");
                    return Err(((Invariant::ComesToRest, seen), self.world.owner(order)));
                }
            }
        }
        Ok(())
    }

    /// Advances the time, also for functions that sleep.
    async fn pass_time(&mut self, at: Duration) -> Ended {
        self.now = self.now.max(at);
        let passes = self.now.saturating_sub(self.passed);
        self.passed = self.now;
        if self.asleep.is_empty() || passes.is_zero() {
            return Ok(());
        }
        tokio::time::advance(passes).await;
        self.wake().await
    }

    async fn sweep(&mut self) -> Ended {
        self.agenda.note(self.now + SWEEP_EVERY, Due::Sweep);
        let fate = self.fates.next(SWEEP, Stream::Sweep);
        self.begin(Cause::Sweep, "order-sweep", None, fate, self.shop.sweep()).await
    }

    /// Sets the clock of all machines if the fate says so.
    fn jump(&mut self) {
        let mut fate = self.fates.next(CLOCK, Stream::Jump);
        self.agenda.note(self.now + fate.millis(10_000..=120_000), Due::Jump);
        let jumps = self.fates.strikes(&mut fate, Fault::Jump);
        let wrong = error(&mut fate);
        if jumps {
            self.wrong = wrong;
            self.stats.jumps += 1;
            self.history.note(self.now, None, || format!("the clocks are set: they are wrong by {wrong:#}"));
        }
    }

    fn calm(&mut self) {
        self.fates.faults = false;
        self.wrong = SignedDuration::ZERO;
        self.calm_since = Some(self.now);
        self.history.note(self.now, None, || "the clocks are right, and nothing fails any more".to_owned());
    }
}

/// By how much a clock is wrong.
fn error(fate: &mut crate::fates::Fate) -> SignedDuration {
    let most = u64::try_from(MOST_WRONG.as_secs()).unwrap_or_default();
    let seconds = i64::try_from(fate.below(2 * most + 1)).unwrap_or_default();
    SignedDuration::from_secs(seconds) - MOST_WRONG
}
