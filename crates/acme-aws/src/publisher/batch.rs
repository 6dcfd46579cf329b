//! Splits events that are published together, because one request has limits.

/// The most entries of one request, for SQS `SendMessageBatch` and for EventBridge `PutEvents`.
const MAX_ENTRIES: usize = 10;
/// The most bytes of all entries of one request. Both services have always accepted this size. Newer limits may be
/// higher.
const MAX_BYTES: usize = 256 * 1024;

/// Splits entries into requests, in their order and with as many entries as a request may hold. `size` returns the
/// bytes of an entry. An entry that is too large gets its own request, which the service refuses.
pub(super) fn requests<T>(entries: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut requests: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let more = size(&entry);
        match requests.last_mut() {
            Some(last) if last.len() < MAX_ENTRIES && bytes + more <= MAX_BYTES => {
                last.push(entry);
                bytes += more;
            }
            _ => {
                requests.push(vec![entry]);
                bytes = more;
            }
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_request_is_within_the_limits_and_full(sizes in prop::collection::vec(1..=MAX_BYTES, 0..60)) {
            let requests = requests(sizes.clone(), |size| *size);
            prop_assert_eq!(requests.concat(), sizes);
            let sum = |request: &[usize]| request.iter().sum::<usize>();
            for request in &requests {
                prop_assert!((1..=MAX_ENTRIES).contains(&request.len()) && sum(request) <= MAX_BYTES);
            }
            for pair in requests.windows(2) {
                prop_assert!(pair[0].len() == MAX_ENTRIES || sum(&pair[0]) + pair[1][0] > MAX_BYTES);
            }
        }
    }
}
