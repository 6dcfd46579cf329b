//! The suite that every store of users must pass. The tests of each implementation run it.

#![allow(clippy::unwrap_used, missing_docs, reason = "for tests")]

use acme_common::id::UserId;
use acme_common::idempotency::conformance::unclaimed;
use acme_common::store::{PageRequest, StoreError};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::failures::{Failures, MAX_FAILURES, WINDOW_SECONDS};
use crate::password::PasswordHash;
use crate::store::{RegisterError, Users};
use crate::user::{Credentials, Email, User, Username};

/// Runs the whole suite on an empty store.
pub async fn check(users: &dyn Users) {
    nobody_is_there(users).await;
    who_registers_is_found(users).await;
    who_registers_under_a_taken_key_is_not(users).await;
    usernames_are_unique_in_any_case(users).await;
    of_many_at_once_one_is_registered(users).await;
    failures_count_within_their_window(users).await;
    failures_at_once_all_count(users).await;
    a_lock_is_not_cleared(users).await;
    every_user_is_on_some_page(users).await;
}

async fn nobody_is_there(users: &dyn Users) {
    assert_eq!(users.by_id(&UserId::random()).await.unwrap(), None);
    assert!(users.all(&PageRequest::default()).await.unwrap().items.is_empty());
    let login = users.login(&name("nobody")).await.unwrap();
    assert!(login.credentials.is_none());
    assert_eq!(login.failures, Failures::default());
}

async fn who_registers_is_found(users: &dyn Users) {
    let customer = credentials("Dan.Doe");
    let mut staff = credentials("boss");
    staff.user.staff = true;
    staff.user.firstname.clear();
    staff.user.lastname.clear();
    for new in [&customer, &staff] {
        users.register(new.clone(), None).await.unwrap();
        assert_eq!(users.by_id(&new.user.id).await.unwrap().as_ref(), Some(&new.user));
        let upper = name(&new.user.username.as_str().to_uppercase());
        for username in [&new.user.username, &upper] {
            let found = users.login(username).await.unwrap().credentials.unwrap();
            assert_eq!(found.user, new.user);
            assert_eq!(found.password.as_phc(), new.password.as_phc());
        }
    }
}

async fn who_registers_under_a_taken_key_is_not(users: &dyn Users) {
    let late = credentials("late");
    let registered = users.register(late.clone(), Some(&unclaimed())).await;
    assert!(matches!(registered, Err(RegisterError::Store(StoreError::KeyTaken))), "{registered:?}");
    assert_eq!(users.by_id(&late.user.id).await.unwrap(), None);
    assert!(users.login(&late.user.username).await.unwrap().credentials.is_none());
}

async fn usernames_are_unique_in_any_case(users: &dyn Users) {
    let first = credentials("Ann");
    users.register(first.clone(), None).await.unwrap();
    for taken in ["Ann", "ann", "ANN"] {
        let second = credentials(taken);
        let refused = users.register(second.clone(), None).await;
        assert!(matches!(refused, Err(RegisterError::Taken)), "{taken}");
        assert_eq!(users.by_id(&second.user.id).await.unwrap(), None, "no half of it");
    }
    let mut same_id = credentials("bob");
    same_id.user.id = first.user.id.clone();
    assert!(matches!(users.register(same_id, None).await, Err(RegisterError::Taken)));
    assert!(users.login(&name("bob")).await.unwrap().credentials.is_none());
    assert_eq!(users.by_id(&first.user.id).await.unwrap(), Some(first.user));
}

async fn of_many_at_once_one_is_registered(users: &dyn Users) {
    let many = ["eve", "Eve", "eVe", "evE", "EVE"].map(|n| users.register(credentials(n), None));
    let registered = join_all(many).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(registered, 1);
}

async fn failures_count_within_their_window(users: &dyn Users) {
    let now = Timestamp::now();
    // The second name has no user. The store must treat both alike.
    for who in ["dan.doe", "no-one"].map(name) {
        assert_eq!(users.clear_failures(&who, now).await.unwrap(), Failures::default());
        for count in 1..MAX_FAILURES {
            let counted = users.failed_login(&who, after(now, i64::from(count) - 1)).await.unwrap();
            assert_eq!(counted.count, count);
        }
        let upper = name(&who.as_str().to_uppercase());
        let counted = users.login(&upper).await.unwrap().failures;
        let expected = Failures { count: MAX_FAILURES - 1, ..Failures::first(now) };
        assert_eq!(counted, expected, "in the first failure's window");
        assert_eq!(users.clear_failures(&upper, now).await.unwrap(), counted);
        assert_eq!(users.login(&who).await.unwrap().failures, Failures::default(), "forgotten");
        let again = users.failed_login(&who, now).await.unwrap();
        assert_eq!(again, Failures::first(now));
        let later = after(now, WINDOW_SECONDS);
        let anew = users.failed_login(&who, later).await.unwrap();
        assert_eq!(anew, Failures::first(later), "the old window has ended");
    }
    assert!(users.login(&name("no-one")).await.unwrap().credentials.is_none());
    users.register(credentials("no-one"), None).await.unwrap();
}

async fn failures_at_once_all_count(users: &dyn Users) {
    let (who, now) = (name("crowd"), Timestamp::now());
    let mut counts: Vec<_> = join_all((0..20).map(|_| users.failed_login(&who, now)))
        .await
        .into_iter()
        .map(|counted| counted.unwrap().count)
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<_>>());
}

async fn a_lock_is_not_cleared(users: &dyn Users) {
    let (who, now) = (name("locked"), Timestamp::now());
    for _ in 0..MAX_FAILURES {
        users.failed_login(&who, now).await.unwrap();
    }
    let locked = Failures { count: MAX_FAILURES, ..Failures::first(now) };
    let last = after(now, WINDOW_SECONDS - 1);
    assert_eq!(users.clear_failures(&who, last).await.unwrap(), locked);
    assert_eq!(users.login(&who).await.unwrap().failures, locked);
    let over = after(now, WINDOW_SECONDS);
    assert_eq!(users.clear_failures(&who, over).await.unwrap(), locked);
    assert_eq!(users.login(&who).await.unwrap().failures, Failures::default());
}

async fn every_user_is_on_some_page(users: &dyn Users) {
    let mut expected = Vec::new();
    for i in 0..25 {
        let new = credentials(&format!("user-{i}"));
        expected.push(new.user.clone());
        users.register(new, None).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::first(10);
    loop {
        let got = users.all(&page).await.unwrap();
        assert!(got.items.len() <= 10);
        seen.extend(got.items);
        match got.next {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    expected.retain(|user| !seen.contains(user));
    assert!(expected.is_empty(), "missing: {expected:?}");
    let mut ids: Vec<_> = seen.iter().map(|user| &user.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), seen.len(), "no user comes twice");
    let wrong = PageRequest { cursor: Some("no cursor".into()), ..page };
    assert!(matches!(users.all(&wrong).await, Err(StoreError::BadCursor)));
}

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn credentials(username: &str) -> Credentials {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo";
    Credentials {
        user: User {
            id: UserId::random(),
            username: name(username),
            firstname: format!("first name of {username}"),
            lastname: "O'Neill-\u{c5}str\u{f6}m".into(),
            email: Email::parse(&format!("{username}@example.com")).unwrap(),
            staff: false,
        },
        password: PasswordHash::parse(hash).unwrap(),
    }
}
