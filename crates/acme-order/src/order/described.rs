//! Parts of an order, for the examples in the description of the routes.

use acme_common::catalog::Offer;

use super::{Address, Line};

pub(crate) fn address() -> Address {
    Address {
        street: "20 Riding Lane".to_owned(),
        city: "San Francisco".to_owned(),
        zip: "10201".to_owned(),
        state: "CA".to_owned(),
        country: "USA".to_owned(),
    }
}

pub(super) fn line() -> Line {
    Line::new(Offer::example(), 2)
}
