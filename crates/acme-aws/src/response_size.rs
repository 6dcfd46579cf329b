//! How much of an answer an item takes, since Lambda lets none pass that is larger than 6 MB.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::Item;

/// The most that the items of one page weigh; the rest of the 6 MB is for what this only estimates.
pub(crate) const MAX_PAGE_BYTES: usize = 4_000_000;

/// Around a value there are quotes, a colon and a comma, and a quote takes two bytes (see [`of_text`]).
const JSON_OVERHEAD: usize = 10;

/// About how many bytes the item takes in an answer.
pub(crate) fn response_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + of(value)).sum()
}

fn of(value: &AttributeValue) -> usize {
    JSON_OVERHEAD
        + match value {
            AttributeValue::S(text) => of_text(text),
            AttributeValue::N(number) => number.len(),
            AttributeValue::L(values) => values.iter().map(of).sum(),
            AttributeValue::M(item) => response_size(item),
            _ => 0,
        }
}

/// The body is JSON, and Lambda puts it as a text into JSON of its own: what is escaped is so twice.
fn of_text(text: &str) -> usize {
    let escaped = |byte| match byte {
        b'"' | b'\\' => 4,
        0..0x20 => 7,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}
