//! Money: whole cents in the program, two decimals outside. No sum uses floats.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An amount in cents, never negative. An amount that was read is from 0 to [`Money::MAX`].
///
/// ```
/// use acme_common::money::Money;
///
/// let price: Money = "73.76".parse()?;
/// assert_eq!(price.cents(), 7_376);
/// assert_eq!(price.times(3).to_string(), "221.28");
/// assert_eq!(serde_json::to_string(&price)?, "73.76");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// A text that is not an amount from 0.00 to [`Money::MAX`] in whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount from 0.00 to {} in whole cents", Money::MAX)]
pub struct NotMoney;

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);
    /// The largest amount that the shop reads: ten million. Sums may be larger. They saturate far above the price of
    /// any cart.
    pub const MAX: Money = Money(1_000_000_000);

    /// An amount in cents. A negative number counts as zero.
    pub const fn from_cents(cents: i64) -> Self {
        Self(if cents < 0 { 0 } else { cents })
    }

    /// The amount in cents.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// The amount multiplied by `quantity`.
    #[must_use]
    pub const fn times(self, quantity: u32) -> Self {
        Self(self.0.saturating_mul(quantity as i64))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, part| Self(sum.0.saturating_add(part.0)))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Money {
    /// Writes a JSON number. Up to 10^15 cents, far above any cart, the nearest float is printed with exactly these
    /// decimals.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            return serializer.serialize_i64(self.0 / 100);
        }
        #[allow(clippy::cast_precision_loss, reason = "exact: see above")]
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let number = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::Number);
        let number = number.description(Some("An amount of money, with two decimals at most."));
        number.minimum(Some(0)).examples([26.5]).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Money {}

impl FromStr for Money {
    type Err = NotMoney;

    /// Reads `12`, `12.5`, `12.50` and `.5`, and also the result of adding floats, such as `12.500000000000002`.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty())
            || whole.len() > 12
            || !digits(whole)
            || !digits(fraction)
        {
            return Err(NotMoney);
        }
        let (cents, rest) = fraction.split_at(fraction.len().min(2));
        let carry = float_noise(rest).ok_or(NotMoney)?;
        let number = |part: &str| {
            if part.is_empty() { Ok(0) } else { part.parse::<i64>() }
        };
        let whole = number(whole).map_err(|_| NotMoney)?;
        let cents = number(&format!("{cents:0<2}")).map_err(|_| NotMoney)?;
        let money = Money(whole * 100 + cents + carry);
        if money <= Money::MAX { Ok(money) } else { Err(NotMoney) }
    }
}

/// How many cents the digits after the second decimal add. `None` unless they are float noise: `000…` or `9999…`.
fn float_noise(rest: &str) -> Option<i64> {
    let all = |digit| rest.bytes().all(|b| b == digit);
    if all(b'0') || (rest.len() > 6 && rest.starts_with("000000")) {
        Some(0)
    } else if rest.len() > 6 && rest.starts_with("999999") {
        Some(1)
    } else {
        None
    }
}
