//! Masks pairs in text: `key=value`, `"key": "value"`, header lines, and the same in the output of Rust's `Debug`.

use super::MASK;
use super::key::{self, Kind};
use super::text::{is_word, replace};

const OPEN: [char; 3] = ['[', '(', '{'];
const CLOSE: [char; 3] = [']', ')', '}'];

/// What stands between a key and its value.
enum Link {
    /// `=`, `:`, `=>`.
    Assigned,
    /// `"key", "value"`.
    Listed,
    /// `key 123`, `key is 123`.
    Prose,
}

/// Masks the values of sensitive keys. Each word is judged once, and a masked value is not read again.
pub(super) fn mask_pairs(text: &str) -> Option<String> {
    let (mut ranges, mut at) = (Vec::new(), 0);
    while let Some(start) = text[at..].find(is_word).map(|length| at + length) {
        let end = text[start..].find(|c| !is_word(c)).map_or(text.len(), |length| start + length);
        at = pair(text, start, end, &mut ranges).unwrap_or(end);
    }
    replace(text, &ranges)
}

/// Masks the value of the key at `start..end`. Returns where the value ends, or `None` if there is no value.
fn pair(text: &str, start: usize, end: usize, ranges: &mut Vec<(usize, usize)>) -> Option<usize> {
    let (link, at, quoted) = link(text, end)?;
    let key = &text[start..end];
    let mut values = Values { text, kind: key::kind(key), ranges };
    if values.kind == Kind::Harmless {
        return None;
    }
    match link {
        Link::Assigned => {
            let at = after_scheme(text, at, key::is_header(key));
            let bare = !quoted && quote(&text[at..]).is_none() && opener(&text[at..]).is_none();
            if bare && key::is_header(key) { Some(values.line(at)) } else { Some(values.mask(at)) }
        }
        Link::Listed => values.listed(at),
        Link::Prose => values.digits(at),
    }
}

/// Finds the value that belongs to the word that ends at `end`: the link, where the value begins, and whether the
/// word was quoted.
fn link(text: &str, end: usize) -> Option<(Link, usize, bool)> {
    let rest = text[end..].trim_start_matches(['"', '\'', '`', '\\', ' ']);
    let between = &text[end..text.len() - rest.len()];
    let quoted = between.contains(['"', '\'', '`']);
    let at = |rest: &str| text.len() - rest.len();
    // `user[password]=x`
    let rest = rest.strip_prefix(']').filter(|rest| rest.starts_with('=')).unwrap_or(rest);
    match rest.chars().next() {
        Some(':') if rest.starts_with("::") => None,
        Some(':' | '=') => {
            Some((Link::Assigned, at(rest[1..].trim_start_matches(['=', '>', ' ', '\t'])), quoted))
        }
        Some(',') if quoted => Some((Link::Listed, skip_blank(text, at(&rest[1..])), quoted)),
        _ if between.contains(' ') => {
            let rest = &text[end + between.rfind(' ')? + 1..];
            let rest = rest.strip_prefix("is ").unwrap_or(rest).trim_start_matches(' ');
            Some((Link::Prose, at(rest), quoted))
        }
        _ => None,
    }
}

/// Skips the name of an authentication scheme. It is not secret, and it tells what follows.
fn after_scheme(text: &str, at: usize, header: bool) -> usize {
    const ANY: [&str; 2] = ["bearer", "basic"];
    const HEADER: [&str; 5] = ["token", "apikey", "digest", "negotiate", "aws4-hmac-sha256"];
    let rest = &text[at..];
    let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
    let known = |schemes: &[&str]| schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    let value = rest[word.len()..].trim_start_matches(' ');
    let ends = value.starts_with(['\n', '\r']) || value.is_empty();
    if known(&ANY) && ends || rest[word.len()..].starts_with(' ') && (known(&ANY) || header && known(&HEADER))
    {
        text.len() - value.len()
    } else {
        at
    }
}

/// Skips blanks and new lines, also in the escaped form of `Debug` and JSON.
fn skip_blank(text: &str, from: usize) -> usize {
    let mut rest = &text[from..];
    loop {
        let trimmed = rest.trim_start();
        let escape = trimmed.trim_start_matches('\\');
        let is_escape = escape.len() < trimmed.len() && escape.starts_with(['n', 'r', 't']);
        if !is_escape {
            return text.len() - trimmed.len();
        }
        rest = &escape[1..];
    }
}

/// How a quoted text begins: the length up to its content, the number of backslashes before its quote, and the quote.
fn quote(text: &str) -> Option<(usize, usize, char)> {
    // Some libraries show bytes as `b"x"`.
    let prefix = usize::from(text.starts_with(['b', 'r', 'u', 'c']));
    let rest = text[prefix..].trim_start_matches('\\');
    let level = text.len() - prefix - rest.len();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    Some((prefix + level + 1, level, quote))
}

/// A quoted text: where its content begins and ends, and where the text behind it begins.
fn quotation(text: &str) -> Option<(usize, usize, usize)> {
    let (start, level, quote) = quote(text)?;
    for (i, _) in text[start..].match_indices(quote) {
        let content = &text[start..start + i];
        let before = content.len() - content.trim_end_matches('\\').len();
        // Within an escaped text, its own quotes have more backslashes. The quotes of the text around it have fewer.
        if before < level || before % (2 * (level + 1)) == level {
            return Some((start, start + i - before.min(level), start + i + 1));
        }
    }
    Some((start, text.len(), text.len()))
}

/// The length of an opening that may wrap a value: `[`, `(`, `{`, `Some(` or `Secret {`.
fn opener(text: &str) -> Option<usize> {
    let name = |text: &str| {
        let word = text.find(|c: char| !(c.is_ascii_alphanumeric() || "_:<>".contains(c)));
        word.filter(|_| text.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    if text.starts_with(OPEN) {
        return Some(1);
    }
    let (word, rest) = text.split_at(name(text)?);
    if rest.starts_with(" {") {
        return Some(word.len() + 2);
    }
    let rest = rest.strip_prefix('(')?;
    let inner = &rest[skip_blank(rest, 0)..];
    // A password may look like this, too. So only what `Debug` certainly wrote counts.
    let nested = name(inner).is_some_and(|end| inner[end..].starts_with('('));
    let sure = ["Some", "Ok", "Secret"].contains(&word) || inner.starts_with(OPEN);
    (sure || nested || quote(inner).is_some()).then_some(word.len() + 1)
}

/// The length of a value without quotes. A mask at its start belongs to it, because text that touches a card may be
/// secret.
fn bare(text: &str) -> usize {
    let from = if text.starts_with(MASK) { MASK.len() } else { 0 };
    let ends = |c: char| c.is_whitespace() || ",;&\"'`\\)]}".contains(c);
    text[from..].find(ends).map_or(text.len(), |length| from + length)
}

/// Where the name of a field ends, including its colon or arrow.
fn field(text: &str) -> Option<usize> {
    let end = match quotation(text) {
        Some((_, _, end)) => end,
        None => text.find(|c| !is_word(c)).filter(|end| text[*end..].starts_with(": "))?,
    };
    let after = text[end..].trim_start_matches(' ');
    (after.starts_with(':') || after.starts_with("=>"))
        .then(|| text.len() - after[1..].trim_start_matches('>').len())
}

/// Collects the ranges to mask.
struct Values<'a> {
    text: &'a str,
    kind: Kind,
    ranges: &'a mut Vec<(usize, usize)>,
}

impl Values<'_> {
    fn push(&mut self, from: usize, to: usize) {
        let shown = &self.text[from..to];
        let count = self.kind == Kind::Count && key::is_number(shown);
        if !shown.is_empty() && shown != MASK && !count {
            self.ranges.push((from, to));
        }
    }

    /// Masks one value, quoted or not. Returns where it ends.
    fn one(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        if let Some((from, to, end)) = quotation(rest) {
            self.push(at + from, at + to);
            return at + end;
        }
        let from = at + rest.len() - rest.trim_start_matches('\\').len();
        let to = from + bare(&self.text[from..]);
        self.push(from, to);
        to
    }

    /// Masks the value at `at`. If it is wrapped or a list, masks every value in it. Returns where it ends.
    fn mask(&mut self, mut at: usize) -> usize {
        let (text, mut depth) = (self.text, 0_usize);
        loop {
            let rest = &text[at..];
            if let Some(length) = opener(rest).filter(|_| !rest.starts_with(MASK)) {
                depth += 1;
                at += length;
            } else if depth > 0 && rest.starts_with(CLOSE) {
                depth -= 1;
                at += 1;
            } else if depth > 0 && rest.starts_with(',') {
                at += 1;
            } else if let Some(length) = field(rest).filter(|_| depth > 0) {
                at += length;
            } else {
                let end = self.one(at);
                let next = text[skip_blank(text, end)..].starts_with(|c| c == ',' || CLOSE.contains(&c));
                depth = if end > at && next { depth } else { 0 };
                at = end;
            }
            if depth == 0 {
                return at;
            }
            at = skip_blank(text, at);
        }
    }

    /// Masks the second part of `"key", "value"`, or the value of `"name": "key", "value":`.
    fn listed(&mut self, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        if let Some(length) = field(rest) {
            let name = rest[..length].trim_matches(|c| !is_word(c));
            let value = skip_blank(self.text, at + length);
            return name.eq_ignore_ascii_case("value").then(|| self.mask(value));
        }
        let wrapped = !rest.starts_with(MASK) && opener(rest).is_some();
        let number = key::is_number(&rest[..bare(rest)]);
        (number || wrapped || quote(rest).is_some()).then(|| self.mask(at))
    }

    /// Masks only digits. Otherwise every sentence about passwords would lose a word.
    fn digits(&mut self, at: usize) -> Option<usize> {
        let from = at + quote(&self.text[at..]).map_or(0, |(length, ..)| length);
        let to = from + bare(&self.text[from..]);
        let digits = to > from && self.text[from..to].bytes().all(|b| b.is_ascii_digit());
        digits.then(|| self.push(from, to))?;
        Some(to)
    }

    /// Masks the rest of a header's line. The line ends with the quoted text that it is in.
    fn line(&mut self, at: usize) -> usize {
        let (rest, mut inner, mut last, mut before) = (&self.text[at..], None, ' ', ' ');
        let end = rest.char_indices().find(|(i, c)| {
            let escaped = std::mem::replace(&mut before, *c) == '\\';
            match c {
                '\\' => return false,
                '\n' | '\r' => return true,
                'n' | 'r' if escaped => return true,
                // `Digest username="x"`
                '"' | '\'' | '`' if inner == Some(*c) => inner = None,
                '"' | '\'' | '`' if inner.is_none() && last == '=' => inner = Some(*c),
                '"' | '\'' | '`' if inner.is_none() && !rest[i + 1..].starts_with(is_word) => return true,
                _ => {}
            }
            last = *c;
            false
        });
        let line = rest[..end.map_or(rest.len(), |(i, _)| i)].trim_end_matches(['\\', ' ']);
        self.push(at, at + line.len());
        at + line.len()
    }
}
