//! Dead letters in the table: lists, filters, pages, replacement, and deletion.

use acme_aws::Table;
use acme_aws::dead_letters::DeadLetterFilter;
use acme_common::id::OrderId;
use acme_common::messaging::{DeadLetter, DeadLetters};
use acme_common::store::{PageRequest, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::samples::items;
use crate::table;

fn letter(number: i64) -> DeadLetter {
    let start: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    DeadLetter {
        id: format!("m-{number}"),
        function: if number % 2 == 0 { "order-ship" } else { "shipment-send" }.to_owned(),
        body: "{}".to_owned(),
        reason: "the store is unavailable".to_owned(),
        receive_count: 5,
        failed_at: start + SignedDuration::from_secs(number),
        order_id: (number % 5 != 0).then(|| OrderId::parse(&format!("o-{}", number % 5)).unwrap()),
        trace_id: (number % 3 == 0).then(|| "0123456789abcdef0123456789abcdef".to_owned()),
        trace_headers: vec![("sentry-trace".to_owned(), "0123-4567-1".to_owned())],
    }
}

/// All dead letters that `wanted` selects, sorted by id and read in pages of `limit`. Also returns the lengths of the
/// pages.
async fn listed(table: &Table, wanted: &DeadLetterFilter, limit: usize) -> (Vec<DeadLetter>, Vec<usize>) {
    let (mut all, mut lengths, mut page) = (Vec::new(), Vec::new(), PageRequest::first(limit));
    loop {
        let got = table.dead_letters(wanted, &page).await.unwrap();
        lengths.push(got.items.len());
        all.extend(got.items);
        page.cursor = got.next;
        if page.cursor.is_none() {
            all.sort_by_key(|letter| letter.failed_at);
            return (all, lengths);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_listed_as_they_were_kept_and_by_queue_and_order() {
    let table = table().await;
    let letters: Vec<_> = (0..40).map(letter).collect();
    for letter in &letters {
        table.send(letter).await.unwrap();
    }
    let function = |name: &str| Some(name.to_owned());
    for (function, order) in [
        (None, None),
        (function("order-ship"), None),
        (None, OrderId::parse("o-1")),
        (function("order-ship"), OrderId::parse("o-1")),
        (function("order-update"), None),
        (None, OrderId::parse("o-9")),
    ] {
        let wanted = DeadLetterFilter { function, order_id: order };
        let is_wanted = |letter: &&DeadLetter| {
            wanted.function.as_ref().is_none_or(|function| *function == letter.function)
                && wanted.order_id.as_ref().is_none_or(|order| Some(order) == letter.order_id.as_ref())
        };
        let expected: Vec<_> = letters.iter().filter(is_wanted).cloned().collect();
        for limit in [1, 3, 1_000] {
            let (found, lengths) = listed(&table, &wanted, limit).await;
            assert_eq!(found, expected, "{wanted:?}");
            let (_, full) = lengths.split_last().unwrap();
            assert!(full.iter().all(|length| *length == limit), "{wanted:?}: {lengths:?}");
        }
    }
    let bad = PageRequest { cursor: Some("nonsense".to_owned()), ..PageRequest::default() };
    let refused = table.dead_letters(&DeadLetterFilter::default(), &bad).await;
    assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_again_takes_its_own_place_and_one_that_is_forgotten_is_gone() {
    let table = table().await;
    let first = letter(1);
    table.send(&first).await.unwrap();
    let again = DeadLetter { reason: "something else".to_owned(), failed_at: letter(90).failed_at, ..first };
    table.send(&again).await.unwrap();
    assert_eq!(table.dead_letter("m-1").await.unwrap().as_ref(), Some(&again));
    assert_eq!(listed(&table, &DeadLetterFilter::default(), 10).await.0, std::slice::from_ref(&again));
    let expiry = items(&table).await[0]["expiresAt"].as_n().unwrap().parse::<i64>().unwrap();
    assert_eq!(expiry - again.failed_at.as_second(), 14 * 24 * 3600);

    for _ in 0..2 {
        table.forget_dead_letter("m-1").await.unwrap();
        assert_eq!(table.dead_letter("m-1").await.unwrap(), None);
    }
    assert!(items(&table).await.is_empty());
}
