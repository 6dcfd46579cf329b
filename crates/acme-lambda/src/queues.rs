//! The queues that a function publishes to: one variable for each type of event, such as `SHIPMENT_SENT_QUEUE_URLS`. It has
//! the URLs of all consumers' queues, so a publisher need not know who its consumers are.

use acme_aws::publisher::Queues;
use acme_common::event::EventKind;
use lambda_runtime::Error;

/// The queues of each event, from the variables that are set.
///
/// # Errors
/// When a variable is no list of URLs.
pub(crate) fn queues(
    given: impl Fn(&str) -> Option<String>,
    bad: impl Fn(&str, &str) -> Error,
) -> Result<Queues, Error> {
    let read = |kind| {
        let name = variable(kind);
        let list = given(&name)?;
        let urls: Vec<String> = list.split(',').map(|url| url.trim().to_owned()).collect();
        let is_url = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        Some(if urls.iter().all(is_url) {
            Ok((kind, urls))
        } else {
            Err(bad(&name, "the URLs of queues, with commas between them"))
        })
    };
    EventKind::ALL.into_iter().filter_map(read).collect()
}

/// The variable of an event: the words of its type, in capitals.
fn variable(kind: EventKind) -> String {
    let mut name = String::new();
    for letter in kind.name().chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name + "_QUEUE_URLS"
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "for tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_variable_lists_the_queues_of_all_consumers_of_its_event() {
        let one = "https://sqs/1/update";
        let two = "https://sqs/1/update, http://127.0.0.1:4566/1/mail";
        for (list, expected) in [
            (None, Some(vec![])),
            (Some(one), Some(vec!["https://sqs/1/update"])),
            (Some(two), Some(vec!["https://sqs/1/update", "http://127.0.0.1:4566/1/mail"])),
            (Some("https://sqs/1/update,"), None),
            (Some("update"), None),
        ] {
            let given = |name: &str| (name == "SHIPMENT_SENT_QUEUE_URLS").then_some(list?.to_owned());
            let read = queues(given, |name, expected| format!("{name}: expected {expected}").into());
            let Some(urls) = expected else {
                let error = read.unwrap_err().to_string();
                let wanted =
                    "SHIPMENT_SENT_QUEUE_URLS: expected the URLs of queues, with commas between them";
                assert_eq!(error, wanted, "{list:?}");
                continue;
            };
            let read = read.unwrap();
            assert_eq!(read.of(EventKind::ShipmentSent).unwrap_or_default(), urls, "{list:?}");
            assert!(read.of(EventKind::DeliveryDue).is_err(), "{list:?}");
        }
    }

    #[test]
    fn the_template_gives_the_variables_of_all_events() {
        let template = include_str!("../../../infra/template.yaml").lines();
        let names = template.filter_map(|line| line.trim().split_once("_QUEUE_URLS: "));
        let given: BTreeSet<_> = names.map(|(event, _)| format!("{event}_QUEUE_URLS")).collect();
        assert_eq!(given, BTreeSet::from(EventKind::ALL.map(variable)));
    }
}
