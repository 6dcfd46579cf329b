//! The same seed gives the same ids, on the thread that got the seed.

use std::thread;

use acme_common::random::{seed, uuid};

#[test]
fn a_seed_repeats_its_ids_on_its_thread_alone() {
    let drawn = |with: u64| {
        seed(with);
        [uuid(), uuid()]
    };
    let first = drawn(7);
    assert_eq!(first, drawn(7));
    assert_ne!(first, drawn(8));
    assert_ne!(first[0], first[1]);
    assert!(first.iter().all(|id| id.get_version_num() == 4));

    seed(7);
    let elsewhere: Vec<_> = (0..2).map(|_| thread::spawn(uuid).join().unwrap()).collect();
    assert_ne!(elsewhere[0], elsewhere[1]);
    assert!(!elsewhere.contains(&first[0]));
}
