//! How large an item is in an answer. Lambda does not accept an answer of more than 6 MB.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::Item;

/// The most bytes of all items of one page. The rest of the 6 MB is a reserve, because these sizes are estimates.
pub(crate) const MAX_PAGE_BYTES: usize = 4_000_000;

/// A value needs quotes, a colon and a comma. A quote takes two bytes (see [`of_text`]).
const JSON_OVERHEAD: usize = 10;

/// About how many bytes the item needs in an answer.
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

/// The body is JSON, and Lambda puts it as text into its own JSON. So characters are escaped twice.
fn of_text(text: &str) -> usize {
    let escaped = |byte| match byte {
        b'"' | b'\\' => 4,
        0..0x20 => 7,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}
