//! Random ids: the operating system's or, in a simulation, those of a seed.

use uuid::Uuid;

/// A new random id (UUID version 4). Every id that the shop draws comes from here, so that a simulation can repeat it.
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

    /// From now on this thread draws its ids from `seed`. Other threads go on with those of the operating system.
    pub fn seed(seed: u64) {
        IDS.set(Some(Rng::with_seed(seed)));
    }

    pub(super) fn bytes() -> Option<[u8; 16]> {
        IDS.with_borrow_mut(|ids| ids.as_mut().map(|ids| ids.u128(..).to_le_bytes()))
    }
}
