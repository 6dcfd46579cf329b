//! Schemas for the description of the routes, for types that the shop reads and writes in its own form.
//!
//! Types that serde writes get their schema from a derive. Types that the shop writes by hand, or reads liberally
//! through [`Field`](crate::json::Field), get their schema from this module. A schema of what the shop reads shows the
//! spelling and the types that the contract names first.

use std::ops::RangeInclusive;

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};

use crate::money::Money;

/// Text with this many characters.
pub fn text(characters: RangeInclusive<usize>) -> ObjectBuilder {
    let least = Some(*characters.start()).filter(|least| *least > 0);
    ObjectBuilder::new().schema_type(Type::String).min_length(least).max_length(Some(*characters.end()))
}

/// Text that has one of these values.
pub fn one_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts))
}

/// A whole number that is written as a number.
pub fn whole() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}

/// A whole number as a client may send it: as a number or as text.
pub fn read_whole(range: RangeInclusive<i64>) -> ObjectBuilder {
    let number_or_text = SchemaType::from_iter([Type::Integer, Type::String]);
    ObjectBuilder::new().schema_type(number_or_text).minimum(Some(*range.start())).maximum(Some(*range.end()))
}

/// An amount of money as a client may send it: as a number or as text.
pub fn read_amount() -> RefOr<Schema> {
    let number_or_text = SchemaType::from_iter([Type::Number, Type::String]);
    let most = Money::MAX.cents() / 100;
    let amount = ObjectBuilder::new().schema_type(number_or_text).minimum(Some(0)).maximum(Some(most));
    amount.examples(["26.50"]).into()
}

/// True or false.
pub fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

/// An amount of money that is written as text.
pub fn amount_as_text() -> RefOr<Schema> {
    text(4..=20).pattern(Some(r"^\d+\.\d\d$")).examples(["53.00"]).into()
}

/// A time in the form of the contract.
pub fn time() -> RefOr<Schema> {
    let pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$";
    text(24..=24).pattern(Some(pattern)).examples(["2026-11-23T10:00:00.000Z"]).into()
}

/// An object that has all of these members.
pub fn object<const N: usize>(members: [(&str, RefOr<Schema>); N]) -> ObjectBuilder {
    members.into_iter().fold(ObjectBuilder::new().schema_type(Type::Object), |object, (name, schema)| {
        object.property(name, schema).required(name)
    })
}

/// A reference to another schema of the description.
pub fn named(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}
