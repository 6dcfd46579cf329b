//! Card numbers: 13 to 19 digits with a valid Luhn check digit, in a range that banks issue.

use super::MASK;

/// Masks every card number in `text`. `None` if there is none.
///
/// A card number is one run of digits, or it is grouped as on a card:
/// - in fours, 4-6-5 or 4-6-4, with up to three separators between two groups: blanks, dashes, dots or slashes, also
///   in the encoding of a URL;
/// - in twos to fives, with one blank or dash between two groups.
///
/// Letters may touch a card number. These are no card numbers: a word of only hexadecimal digits (an id), a decimal
/// fraction (a measure), `YYYYMMDDhhmmss` (a time). The first digit of a bank's card is 2 to 6 (ISO/IEC 7812). So a
/// timestamp in milliseconds to nanoseconds, which begins with 1, is no card number either.
pub fn mask_cards(text: &str) -> Option<String> {
    // Nearly every string ends here, so this check comes first.
    if text.bytes().filter(u8::is_ascii_digit).count() < 13 {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut masked, mut kept, mut at, mut escaped) = (String::new(), 0, 0, 0);
    let mut word = Word::default();
    while let Some(byte) = bytes.get(at) {
        if at == escaped || !byte.is_ascii_alphanumeric() {
            word = Word::default();
        }
        if matches!(byte, b'%' | b'\\') {
            escaped = escape_end(bytes, at);
        }
        let starts = byte.is_ascii_digit() && (at == kept || at == escaped || !is_digit(bytes, at - 1));
        if let Some(to) = starts.then(|| card_end(text, at, kept, word)).flatten() {
            masked.push_str(&text[kept..at]);
            masked.push_str(MASK);
            (kept, at, word) = (to, to, Word::default());
        } else {
            word.push(*byte);
            at += 1;
        }
    }
    (kept > 0).then(|| masked + &text[kept..])
}

fn is_digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// The end of an escape: `%3D`, `%253D`, `\n`, `\x1b` or `\u003d`. Its letters and digits belong to no word.
fn escape_end(bytes: &[u8], at: usize) -> usize {
    let hex = |from: usize, count: usize| {
        bytes.get(from..from + count).is_some_and(|b| b.iter().all(u8::is_ascii_hexdigit))
    };
    match (bytes[at], bytes.get(at + 1)) {
        (b'%', _) if bytes[at..].starts_with(b"%25") && hex(at + 3, 2) => at + 5,
        (b'%', _) if hex(at + 1, 2) => at + 3,
        (b'\\', Some(b'u')) if hex(at + 2, 4) => at + 6,
        (b'\\', Some(b'x')) if hex(at + 2, 2) => at + 4,
        (b'\\', Some(letter)) if letter.is_ascii_alphabetic() => at + 2,
        _ => at,
    }
}

/// What is known of a word of letters and digits.
#[derive(Clone, Copy, Default)]
struct Word {
    length: usize,
    zero: bool,
    letters: bool,
    others: bool,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if !byte.is_ascii_alphanumeric() {
            return;
        }
        let prefix = self.length == 1 && self.zero && byte.eq_ignore_ascii_case(&b'x');
        self.zero |= self.length == 0 && byte == b'0';
        self.letters |= byte.is_ascii_alphabetic();
        self.others |= !byte.is_ascii_hexdigit() && !prefix;
        self.length += 1;
    }

    /// Whether the word is an id in hexadecimal. `after` is the rest of the word, behind a number.
    fn is_id(mut self, after: &[u8]) -> bool {
        // No id is longer, and the work stays bounded.
        after.iter().take(128).take_while(|b| b.is_ascii_alphanumeric()).for_each(|b| self.push(*b));
        self.letters && !self.others
    }
}

/// The end of the longest card number that starts at `from`. `kept` is where the last one ended. Nothing before
/// `kept` is read, because a second scrubbing would find a mask there.
fn card_end(text: &str, from: usize, kept: usize, before: Word) -> Option<usize> {
    let bytes = text.as_bytes();
    if !(b'2'..=b'6').contains(&bytes[from]) {
        return None;
    }
    let (mut digits, mut sizes, mut plain) = (Vec::with_capacity(20), Vec::with_capacity(10), true);
    let (mut at, mut found) = (from, None);
    while digits.len() < 19 && is_possible(&sizes) {
        let size = bytes[at..].iter().take(20).take_while(|b| b.is_ascii_digit()).count();
        digits.extend(bytes[at..at + size].iter().map(|b| b - b'0'));
        sizes.push(size);
        at += size;
        let alone = sizes.len() == 1;
        if (13..=19).contains(&digits.len())
            && is_grouping(&sizes, plain)
            && luhn(&digits)
            && !repeated(&digits)
            && !(alone && (is_time(&digits) || is_fraction(bytes, kept, from) || is_span(bytes, from, at)))
            && !before.is_id(&bytes[at..])
        {
            found = Some(at);
        }
        let gap = separator(&text[at..]);
        if size == 0 || gap == 0 || !is_digit(bytes, at + gap) {
            break;
        }
        plain &= matches!(&text[at..at + gap], " " | "-");
        at += gap;
    }
    found
}

/// The length of the separator between two groups. 0 if there is none.
fn separator(text: &str) -> usize {
    const ENCODED: [&str; 4] = ["%20", "%2D", "%C2%A0", "\\u00a0"];
    let mut length = 0;
    for _ in 0..3 {
        let rest = &text[length..];
        length += match rest.chars().next() {
            Some(' ' | '-' | '+' | '.' | '/' | '_') => 1,
            Some(c @ ('\u{a0}' | '\u{2007}'..='\u{2015}' | '\u{202f}' | '\u{2212}')) => c.len_utf8(),
            Some('%' | '\\') => ENCODED
                .iter()
                .find(|e| rest.get(..e.len()).is_some_and(|start| start.eq_ignore_ascii_case(e)))
                .map_or(0, |e| e.len()),
            _ => 0,
        };
    }
    length
}

/// Whether one more group may follow groups of these sizes.
fn is_possible(sizes: &[usize]) -> bool {
    match sizes {
        [] | [4, 6] => true,
        [first, rest @ ..] => (2..=5).contains(first) && rest.iter().all(|size| size == first),
    }
}

fn is_grouping(sizes: &[usize], plain: bool) -> bool {
    match sizes {
        [_] | [4, 6, 4 | 5] => true,
        [first, rest @ .., last] => {
            (*first == 4 || plain) && rest.iter().all(|size| size == first) && last <= first
        }
        [] => false,
    }
}

/// The Luhn check of ISO/IEC 7812-1.
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

/// Whether this is `YYYYMMDDhhmmss`, with or without milliseconds. No bank issues cards that begin with 20.
fn is_time(digits: &[u8]) -> bool {
    const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    matches!(digits.len(), 14 | 17)
        && two(0) == 20
        && usize::from(two(4)).checked_sub(1).and_then(|month| DAYS.get(month)).is_some_and(|d| two(6) <= *d)
        && two(6) > 0
        && two(8) < 24
        && two(10) < 60
        && two(12) < 60
}

fn is_fraction(bytes: &[u8], kept: usize, from: usize) -> bool {
    from >= kept + 2 && bytes[from - 1] == b'.' && is_digit(bytes, from - 2)
}

/// Whether this is the span id of a trace header, `<32 digits>-<16 digits>`.
fn is_span(bytes: &[u8], from: usize, to: usize) -> bool {
    let trace = from.checked_sub(33).and_then(|start| bytes[start..from].strip_suffix(b"-"));
    to - from == 16 && trace.is_some_and(|t| t.iter().all(u8::is_ascii_hexdigit))
}
