//! The card check (the contract's section 5). Nothing is charged.

use acme_common::card::{Card, brand_of};
use jiff::civil::Date;

use crate::payment::Reason;

/// Checks `card` on the day `today` in UTC. A card is valid through the last day of its month.
///
/// # Errors
/// The first fault in the order expired, number, expiry, CVV.
pub fn check(card: &Card, today: Date) -> Result<(), Reason> {
    let expiry = (i32::from(card.exp_year), i32::from(card.exp_month));
    if expiry < (i32::from(today.year()), i32::from(today.month())) {
        return Err(Reason::Expired);
    }
    let number = card.number();
    let brand = brand_of(number).ok_or(Reason::Number)?;
    let claimed = card.claimed.is_none_or(|claimed| claimed == brand);
    if !(13..=19).contains(&number.len()) || !claimed || !luhn(number) {
        return Err(Reason::Number);
    }
    if !(1..=12).contains(&card.exp_month) {
        return Err(Reason::Expiry);
    }
    if card.cvv().len() != brand.cvv_digits() || !card.cvv().bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::Cvv);
    }
    Ok(())
}

/// Whether `number` consists of digits and its last digit is the right check digit (ISO/IEC 7812-1, annex B).
pub fn luhn(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        let sum: u32 = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
            .sum();
        !digits.is_empty() && sum.is_multiple_of(10)
    })
}
