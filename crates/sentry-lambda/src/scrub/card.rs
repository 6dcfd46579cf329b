//! Card numbers: 13 to 19 digits with the Luhn check digit, of a range that is issued to banks.

use super::MASK;

/// Masks every card number in `text`; `None` if there is none.
///
/// A number may be grouped with single spaces or dashes. It must stand alone: digits inside a longer word
/// or number (an id in hexadecimal, a decimal fraction) are none. The first digit of a bank's card is 2 to 6
/// (ISO/IEC 7812), so timestamps in milliseconds to nanoseconds, which begin with 1, are none either.
pub fn mask_cards(text: &str) -> Option<String> {
    // Nearly every string ends here.
    if text.bytes().filter(u8::is_ascii_digit).count() < 13 {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut masked, mut kept, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = run_end(bytes, at);
        if let Some((from, to)) = card_within(bytes, at, end) {
            masked.push_str(&text[kept..from]);
            masked.push_str(MASK);
            kept = to;
            at = to.max(at + 1);
        } else {
            at = end;
        }
    }
    (kept > 0).then(|| masked + &text[kept..])
}

/// The end of a run of digits, each separated from the next by at most one separator.
fn run_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    while digit(end) || (bytes.get(end).is_some_and(|b| b" -".contains(b)) && digit(end + 1)) {
        end += 1;
    }
    end
}

/// The first card in a run: beginning and ending at a group's edge, the longest first.
fn card_within(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let word = |at: Option<usize>| {
        at.and_then(|i| bytes.get(i)).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 128)
    };
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let fraction = |at: usize| at >= 2 && bytes.get(at - 1) == Some(&b'.') && digit(at - 2);
    let starts = (start..end).filter(|i| digit(*i) && !word(i.checked_sub(1)) && !fraction(*i));
    for from in starts {
        let ends = (from..=end).rev().filter(|i| *i > from && digit(*i - 1) && !word(Some(*i)));
        for to in ends {
            let digits: Vec<u8> =
                bytes[from..to].iter().filter(|b| b.is_ascii_digit()).map(|b| b - b'0').collect();
            if digits.len() < 13 {
                break;
            }
            if digits.len() <= 19 && (2..=6).contains(&digits[0]) && luhn(&digits) && !repeated(&digits) {
                return Some((from, to));
            }
        }
    }
    None
}

/// The check of ISO/IEC 7812-1.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, d * 2) {
            (0, _) => u32::from(*d),
            (_, double) => u32::from(double / 10 + double % 10),
        })
        .sum();
    sum.is_multiple_of(10)
}

fn repeated(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}
