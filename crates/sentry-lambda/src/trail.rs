//! Where errors were made: `here()` notes the place of an error without changing its type.
//!
//! An error value carries no stack, and in async code the stack is gone when the error is captured. So each `here()`
//! notes the file, line, column and return addresses in the running unit of work, under the error's text. When an
//! error is captured, each link of its source chain finds its notes by its text.

use std::cell::RefCell;
use std::error::Error;
use std::panic::Location;

use crate::stack;
use crate::unit_state;

/// Notes where an error passes, so that its report shows that line.
///
/// ```
/// use sentry_lambda::ErrorSite;
///
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse::<u32>().here()
/// }
/// # assert!(parse("x").is_err());
/// ```
pub trait ErrorSite {
    /// Returns `self` unchanged. For an `Err` it notes this line.
    ///
    /// It costs nothing on `Ok` and without an enabled client, and a few microseconds on `Err`. Call it where the
    /// error is made. Call it again where the error is passed on, if the way matters.
    #[must_use]
    #[track_caller]
    fn here(self) -> Self;
}

impl<T, E: Error> ErrorSite for Result<T, E> {
    #[inline(always)]
    #[track_caller]
    fn here(self) -> Self {
        if let Err(error) = &self
            && unit_state::active_hub().is_some()
        {
            note(&error.to_string(), Location::caller());
        }
        self
    }
}

/// One place that an error passed.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The error's text at this place. It ties the note to a link of a source chain.
    pub(crate) text: String,
    pub(crate) location: &'static Location<'static>,
    /// Return addresses, innermost first. Only the first note of an error has them.
    pub(crate) addresses: Vec<usize>,
}

/// The most notes that are kept. The oldest ones go first.
const KEPT: usize = 32;

thread_local! {
    /// Notes of errors outside any unit of work, such as at the start-up.
    static OUTSIDE: RefCell<Trail> = const { RefCell::new(Trail(Vec::new())) };
}

/// The notes of one unit of work, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Trail(Vec<Site>);

impl Trail {
    fn push(&mut self, text: &str, location: &'static Location<'static>, addresses: Vec<usize>) {
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(Site { text: text.to_owned(), location, addresses });
    }

    fn of(&self, text: &str) -> Vec<Site> {
        // An earlier error of the same text has its own first note. Only the notes from the last first note on count.
        let start = self.0.iter().rposition(|s| s.text == text && !s.addresses.is_empty()).unwrap_or(0);
        self.0[start..].iter().filter(|s| s.text == text).cloned().collect()
    }

    /// Whether the last error of this text passes here on its way up. If it left a note at this place, it was made
    /// again.
    fn continues(&self, text: &str, location: &Location<'_>) -> bool {
        let notes = self.of(text);
        !notes.is_empty() && notes.iter().all(|s| s.location != location)
    }
}

/// The notes of the last error with this text. The first note is where the error was made.
pub(crate) fn sites(text: &str) -> Vec<Site> {
    with(|trail| trail.of(text))
}

#[cold]
#[inline(never)]
fn note(text: &str, location: &'static Location<'static>) {
    let passed_on = with(|trail| trail.continues(text, location));
    let addresses = if passed_on { Vec::new() } else { stack::addresses(1) };
    with(|trail| trail.push(text, location, addresses));
}

fn with<R>(f: impl FnOnce(&mut Trail) -> R) -> R {
    match unit_state::current() {
        Some(unit) => f(&mut unit.trail()),
        None => OUTSIDE.with_borrow_mut(f),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does what `here()` does with an enabled client.
    #[track_caller]
    fn noted<T, E: Error>(result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            note(&error.to_string(), Location::caller());
        }
        result
    }

    fn fail() -> Result<(), std::num::ParseIntError> {
        noted("x".parse::<u32>().map(drop))
    }

    #[test]
    fn an_error_leaves_its_line_and_keeps_its_type() {
        let error = noted(fail()).unwrap_err();
        let sites = sites(&error.to_string());
        assert_eq!(sites.len(), 2);
        assert!(sites[0].location.file().ends_with("trail.rs"));
        assert!(!sites[0].addresses.is_empty());
        assert!(sites[1].addresses.is_empty());
    }

    #[test]
    fn the_same_error_made_again_starts_anew() {
        let _ = fail();
        let error = fail().unwrap_err();
        assert_eq!(sites(&error.to_string()).len(), 1);
    }
}
