//! Pages of a list in memory, and times as text.

use acme_common::store::{PageRequest, StoreError, page_of};
use acme_common::time::rfc3339;
use jiff::Timestamp;
use proptest::prelude::*;

proptest! {
    #[test]
    fn pages_put_together_are_the_list(length in 0..50_usize, limit in 1..20_usize) {
        let mut page = PageRequest::first(limit);
        let mut seen = Vec::new();
        loop {
            let got = page_of(0..length, &page).unwrap();
            prop_assert!(got.items.len() <= limit);
            seen.extend(got.items);
            page.cursor = got.next;
            if page.cursor.is_none() {
                break;
            }
        }
        prop_assert_eq!(seen, (0..length).collect::<Vec<_>>());
    }

    #[test]
    fn any_cursor_is_a_page_or_refused(cursor in ".*") {
        let page = PageRequest { cursor: Some(cursor), ..PageRequest::default() };
        match page_of(0..3, &page) {
            Ok(page) => prop_assert_eq!(page.next, None),
            Err(error) => prop_assert!(matches!(error, StoreError::BadCursor)),
        }
    }

    #[test]
    fn text_of_times_sorts_as_time_does(a in 0..253_402_207_200_000_i64, b in 0..253_402_207_200_000_i64) {
        let text = |millis| rfc3339(Timestamp::from_millisecond(millis).unwrap());
        prop_assert_eq!(text(a).len(), 24);
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
        prop_assert_eq!(text(a).parse::<Timestamp>().unwrap().as_millisecond(), a);
    }
}

#[test]
fn a_page_knows_whether_there_is_more() {
    for (length, limit, cursor, items, next) in [
        (0, 2, None, 0..0, None),
        (2, 2, None, 0..2, None),
        (3, 2, None, 0..2, Some("2")),
        (3, 2, Some("2"), 2..3, None),
        (3, 2, Some("18446744073709551615"), 0..0, None),
    ] {
        let page = PageRequest { limit, cursor: cursor.map(str::to_owned) };
        let got = page_of(0..length, &page).unwrap();
        assert_eq!((got.items, got.next.as_deref()), (items.collect(), next), "{page:?}");
    }
}
