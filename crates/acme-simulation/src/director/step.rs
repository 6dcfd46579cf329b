//! The functions: how they begin, take a step, and die.

use std::time::Duration;

use acme_common::random;
use jiff::SignedDuration;

use super::{Director, Ended, error};
use crate::agenda::Due;
use crate::clock;
use crate::fates::{Fate, Fault, Stream};
use crate::invariants::Invariant;
use crate::invocation::{Cause, Invocation, Work};
use crate::stage::{Touch, Verdict};

/// The timeout of a function in the deployment. The sweep may take longer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much time passes at once while functions sleep.
const TICK: Duration = Duration::from_millis(5);

impl Director<'_> {
    /// Begins a function and runs it up to its first call.
    pub(super) async fn begin(
        &mut self,
        cause: Cause,
        function: &'static str,
        client: Option<u32>,
        mut fate: Fate,
        work: Work,
    ) -> Ended {
        let spared = matches!(cause, Cause::Delivery { last: true, .. });
        let dies = self.fates.strikes(&mut fate, Fault::Crash) && !spared;
        let skewed = self.fates.strikes(&mut fate, Fault::Skew);
        let (dies_at, skew) = (fate.below(if cause == Cause::Sweep { 40 } else { 5 }), error(&mut fate));
        let skew = if skewed { skew } else { SignedDuration::ZERO };
        let place = self.free.pop().unwrap_or_else(|| {
            self.running.push(None);
            self.running.len() - 1
        });
        let (nth, wrong) = (fate.nth, clock::set(self.now, [self.wrong, skew]));
        self.history.detail(self.now, client, || {
            let clock =
                if wrong.is_zero() { String::new() } else { format!(", its clock wrong by {wrong:#}") };
            let last = if spared { ", its message's last chance" } else { "" };
            format!("{function}#{nth} begins{clock}{last}")
        });
        let (began, dies_at, waker) = (self.now, dies.then_some(dies_at), self.woken.waker(place));
        let (steps, turn, waiting, done) = (0, 0, Vec::new(), None);
        let invocation = Invocation {
            cause,
            function,
            client,
            fate,
            began,
            skew,
            dies_at,
            steps,
            spared,
            turn,
            waiting,
            done,
            work,
            waker,
        };
        self.running[place] = Some(invocation);
        self.go_on(place, None).await
    }

    /// Lets a function take the step that it waits for, or ends it.
    pub(super) async fn step(&mut self, place: usize, turn: u64) -> Ended {
        let running = self.running.get_mut(place).and_then(Option::as_mut);
        let Some(running) = running.filter(|running| running.turn == turn) else { return Ok(()) };
        self.stats.steps += 1;
        let step = running.steps;
        running.steps += 1;
        let late = running.cause != Cause::Sweep && !running.spared && self.now > running.began + TIMEOUT;
        // A function with fewer steps than that dies after its last step, before its message is acknowledged.
        let ends = running.done.is_some();
        let dies = running.dies_at.is_some_and(|dies_at| ends || step >= dies_at) && self.fates.faults;
        if late || dies {
            return self.die(place, if late { "runs out of time" } else { "dies" });
        }
        let at = usize::try_from(running.fate.below(running.waiting.len() as u64)).unwrap_or_default();
        let Some(waiting) = running.waiting.get(at) else { return self.end(place) };
        let (point, spared, client) = (waiting.point.clone(), running.spared, running.client);
        // A fault in the sweep at one order comes from that order's fate. So other orders that the sweep finds do not
        // change it.
        let owner =
            point.order.as_ref().and_then(|order| self.world.owner(order)).filter(|_| client.is_none());
        let mut of_order = owner.map(|owner| self.fates.next(owner, Stream::SweepStep));
        let fate = of_order.as_mut().unwrap_or(&mut running.fate);
        let throttled = self.fates.strikes(fate, Fault::Throttle) && !spared;
        let unanswered = self.fates.strikes(fate, Fault::LoseAnswer) && !spared;
        let verdict = match point.touches {
            _ if throttled => Verdict::Refuse,
            touches if unanswered && touches != Touch::Nothing => Verdict::LoseAnswer,
            _ => Verdict::Go,
        };
        self.stats.throttled += u64::from(verdict == Verdict::Refuse);
        self.stats.unknown += u64::from(verdict == Verdict::LoseAnswer);
        let (function, nth, who) = (running.function, running.fate.nth, client.or(owner));
        self.history.detail(self.now, who, || {
            let what = match verdict {
                Verdict::Go => "",
                Verdict::Refuse => ": throttled",
                Verdict::LoseAnswer => ": done, but the answer is lost",
            };
            format!("{function}#{nth} {}{what}", point.name)
        });
        self.go_on(place, Some((at, verdict))).await?;
        if verdict == Verdict::Refuse { Ok(()) } else { self.look(who, point.touches).await }
    }

    /// Polls a function, carries what it published, and plans its next step.
    async fn go_on(&mut self, place: usize, release: Option<(usize, Verdict)>) -> Ended {
        let Some(Some(running)) = self.running.get_mut(place) else { return Ok(()) };
        clock::set(self.now, [self.wrong, running.skew]);
        random::seed(running.fate.seed());
        fastrand::seed(running.fate.seed());
        let polled = running.poll(release);
        if let Err(panic) = polled {
            return Err((
                (Invariant::NothingPanics, format!("{}: {panic}", running.function)),
                running.client,
            ));
        }
        let hangs = self.fates.strikes(&mut running.fate, Fault::Hang) && !running.spared;
        let usual = running.fate.millis(if running.cause == Cause::Sweep { 0..=1 } else { 1..=20 });
        let slow = running.fate.millis(1_000..=30_000);
        self.turns += 1;
        running.turn = self.turns;
        if running.sleeps() {
            if self.asleep.is_empty() {
                self.agenda.note(self.now + TICK, Due::Tick);
            }
            self.asleep.insert(place);
        } else {
            self.asleep.remove(&place);
            let turn = running.turn;
            self.agenda.note(self.now + if hangs { slow } else { usual }, Due::Step { place, turn });
        }
        let client = running.client;
        self.carry(client)
    }

    /// Polls the functions that something other than the director woke, such as a timer.
    pub(super) async fn wake(&mut self) -> Ended {
        for place in self.woken.take() {
            let running = self.running.get(place).and_then(Option::as_ref);
            if running.is_some_and(|running| running.done.is_none()) {
                self.go_on(place, None).await?;
            }
        }
        Ok(())
    }

    /// Plans the next tick, as long as a function sleeps.
    pub(super) fn tick(&mut self) {
        if !self.asleep.is_empty() {
            self.agenda.note(self.now + TICK, Due::Tick);
        }
    }

    /// Ends a function that dies. Its effects stay, and nobody gets an answer.
    fn die(&mut self, place: usize, how: &str) -> Ended {
        let Some(dead) = self.running[place].take() else { return Ok(()) };
        self.free.push(place);
        self.stats.crashes += 1;
        let (function, nth) = (dead.function, dead.fate.nth);
        let before = dead.waiting.first().map_or("it ends", |waiting| waiting.point.name);
        self.history.note(self.now, dead.client, || format!("{function}#{nth} {how} before {before}"));
        self.has_ended(dead.cause, dead.client, None)
    }

    /// Ends a function, and tells whoever waits for it.
    fn end(&mut self, place: usize) -> Ended {
        let Some(ended) = self.running[place].take() else { return Ok(()) };
        self.free.push(place);
        self.has_ended(ended.cause, ended.client, ended.done)
    }
}

impl Invocation {
    /// Whether the function waits for time to pass.
    fn sleeps(&self) -> bool {
        self.waiting.is_empty() && self.done.is_none()
    }
}
