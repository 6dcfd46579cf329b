//! Chance: every decision of a run comes from its seed, and from nothing else that happens in the run.
//!
//! What happens to the third message of a client depends only on the seed, the client and the number three. So it
//! stays the same when other clients or other faults are left out, and a history can be shortened.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::time::Duration;

use fastrand::Rng;

use crate::config::Rates;
use crate::history::Watch;

/// Whose fate it is: a client's number, or one of the two numbers of the shop.
pub(crate) type Who = u32;
/// The sweep as a whole.
pub(crate) const SWEEP: Who = Who::MAX;
/// The clock of all machines.
pub(crate) const CLOCK: Who = Who::MAX - 1;

/// What a fate decides about. Each stream of a client is a sequence of fates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stream {
    Plan,
    OrderAdd,
    CartAdd,
    Validate,
    Ship,
    Send,
    Deliver,
    Update,
    Message,
    Copy,
    Pause,
    Poison,
    Sweep,
    SweepStep,
    Jump,
}

/// Something that goes wrong, or that a client does and need not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    Duplicate,
    Reorder,
    LoseMessage,
    LoseAck,
    Crash,
    Throttle,
    LoseAnswer,
    Hang,
    Skew,
    Jump,
    /// A client puts a poison message on a queue.
    Poison,
    /// A client also puts something into its cart.
    Cart,
    /// A client gives up when it gets no answer.
    GiveUp,
    /// A client sends two requests at once.
    Twice,
    /// A client sends the same request again after it was answered.
    Again,
    /// A client sends another request under the same Idempotency-Key.
    Other,
}

/// One place in a run at which something may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId {
    who: Who,
    stream: Stream,
    nth: u32,
    draw: u32,
}

/// The random decisions about one thing, such as a message or an invocation.
#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) who: Who,
    pub(crate) stream: Stream,
    pub(crate) nth: u32,
    draws: u32,
    rng: Rng,
}

/// Hands out fates, and decides about faults.
#[derive(Debug)]
pub(crate) struct Fates {
    seed: u64,
    rates: Rates,
    /// Whether faults happen at all.
    pub(crate) faults: bool,
    given: HashMap<(Who, Stream), u32>,
    left_out: BTreeSet<FaultId>,
    /// Whose faults are recorded, in addition to the faults that concern all.
    recorded: Watch,
    pub(crate) fired: Vec<FaultId>,
}

impl Fault {
    /// How often it happens.
    fn rate(self, rates: &Rates) -> f64 {
        match self {
            Self::Duplicate => rates.duplicates,
            Self::Reorder => rates.reordered,
            Self::LoseMessage => rates.lost,
            Self::LoseAck => rates.lost_acks,
            Self::Crash => rates.crashes,
            Self::Throttle => rates.throttles,
            Self::LoseAnswer => rates.unknown,
            Self::Hang => rates.hangs,
            Self::Skew => rates.skewed,
            Self::Jump => rates.jumps,
            Self::Poison => rates.poison,
            Self::Cart => rates.carts,
            Self::GiveUp | Self::Twice => 0.10,
            Self::Again => 0.15,
            Self::Other => 0.05,
        }
    }
}

impl Fates {
    pub(crate) fn new(seed: u64, rates: Rates, left_out: BTreeSet<FaultId>, recorded: Watch) -> Self {
        Self { seed, rates, faults: true, given: HashMap::new(), left_out, recorded, fired: Vec::new() }
    }

    /// The next fate in the stream `stream` of `who`.
    pub(crate) fn next(&mut self, who: Who, stream: Stream) -> Fate {
        let given = self.given.entry((who, stream)).or_default();
        let nth = *given;
        *given += 1;
        let seed = [u64::from(who), stream as u64, u64::from(nth)].into_iter().fold(self.seed, mix);
        Fate { who, stream, nth, draws: 0, rng: Rng::with_seed(seed) }
    }

    /// Whether `fault` happens here. The draw is the same whether or not faults are on, so that later draws do not
    /// change.
    pub(crate) fn strikes(&mut self, fate: &mut Fate, fault: Fault) -> bool {
        let Fate { who, stream, nth, .. } = *fate;
        let id = FaultId { who, stream, nth, draw: fate.draws };
        let struck = fate.chance(fault.rate(&self.rates)) && self.faults && !self.left_out.contains(&id);
        if struck && self.recorded.includes((who < CLOCK).then_some(who)) {
            self.fired.push(id);
        }
        struck
    }
}

impl Fate {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.draws += 1;
        self.rng.u64(0..bound.max(1))
    }

    /// Whether something with this probability happens.
    pub(crate) fn chance(&mut self, rate: f64) -> bool {
        self.draws += 1;
        self.rng.f64() < rate
    }

    /// A time in this range of milliseconds, drawn in microseconds.
    pub(crate) fn millis(&mut self, range: RangeInclusive<u64>) -> Duration {
        let (least, most) = (range.start() * 1_000, range.end() * 1_000);
        Duration::from_micros(least + self.below(most - least + 1))
    }

    /// A seed for code that draws its own numbers.
    pub(crate) fn seed(&mut self) -> u64 {
        self.draws += 1;
        self.rng.u64(..)
    }
}

/// Mixes `value` into `state` (the finalizer of SplitMix64).
fn mix(state: u64, value: u64) -> u64 {
    let mut mixed = state.wrapping_add(value.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
