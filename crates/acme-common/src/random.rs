//! Random ids, from the operating system or, in a simulation, from a seed.

use uuid::Uuid;

/// A new random id (UUID version 4). All random ids of the shop come from this function, so that a simulation can
/// repeat them.
pub fn uuid() -> Uuid {
    #[cfg(feature = "seeded")]
    if let Some(bytes) = seeded::bytes() {
        return uuid::Builder::from_random_bytes(bytes).into_uuid();
    }
    Uuid::new_v4()
}

#[cfg(feature = "seeded")]
pub use seeded::seed;

#[cfg(feature = "seeded")]
mod seeded {
    use std::cell::RefCell;

    use fastrand::Rng;

    thread_local! {
        static IDS: RefCell<Option<Rng>> = const { RefCell::new(None) };
    }

    /// From now on this thread gets its ids from `seed`. Other threads still get theirs from the operating system.
    pub fn seed(seed: u64) {
        IDS.set(Some(Rng::with_seed(seed)));
    }

    pub(super) fn bytes() -> Option<[u8; 16]> {
        IDS.with_borrow_mut(|ids| ids.as_mut().map(|ids| ids.u128(..).to_le_bytes()))
    }
}
