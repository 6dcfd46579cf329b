//! The modules of a crate do not depend on each other in a circle, so a reader can read each module after the modules
//! it uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::modules::{Modules, Uses};

#[test]
fn the_modules_of_a_crate_form_no_circle() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(crates).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // The library about Sentry does not belong to the shop. Its modules depend on each other more closely.
        if name == "sentry-lambda" {
            continue;
        }
        let uses = Modules::of_crate(&crates.join(&name).join("src/lib.rs")).uses();
        seen += uses.values().map(|used| used.len()).sum::<usize>();
        let circle = circle(&uses).map(|circle| circle.join(", which is used by "));
        assert_eq!(circle, None, "a circle in {name}");
    }
    assert!(seen > 200, "the sources were read: {seen} uses");
}

#[test]
fn a_circle_is_found() {
    for (source, expected) in [
        // No circle: a module uses a module below it, a module above it, something that another module re-exports, or
        // another crate.
        ("mod a { pub struct A; } mod b { use crate::a::A; }", ""),
        ("pub struct A; mod b { use super::A; }", ""),
        ("mod a { pub struct A; } mod b { use crate::A; } pub use a::A;", ""),
        ("mod a { use http::Method; mod http { pub struct Method; } } mod http { use http::Uri; }", ""),
        ("mod a { use serde::serde; fn f() { serde::x() } }", ""),
        ("mod a { pub fn now() {} } mod b { fn g() { crate::a::now() } fn h(now: u8) { now; } }", ""),
        ("pub use b::now; mod b { pub fn now() { crate::take() } } fn take() { let now = 1; now; }", ""),
        ("mod a { pub(crate) struct A; } mod b { pub(super) fn f(_: crate::a::A) {} }", ""),
        (
            "mod a { pub struct A; #[cfg(test)] mod tests { use crate::b::B; } } mod b { use crate::a::A; pub struct B; }",
            "",
        ),
        // Two modules use each other, in every way to write it.
        (
            "mod a { use crate::b::B; pub struct A; } mod b { use crate::a::A; pub struct B; }",
            "a (A) b (B) a",
        ),
        (
            "mod a { use crate::B; pub struct A; } mod b { use crate::a::A; pub struct B; } pub use b::B;",
            "a (A) b (B) a",
        ),
        (
            "mod a { use super::b; fn f() { b::g() } pub struct A; } mod b { use super::a::A; pub fn g() {} }",
            "a (A) b (g) a",
        ),
        (
            "mod a { fn f() { crate::b::g() } pub struct A; } mod b { fn h(a: crate::a::A) {} pub fn g() {} }",
            "a (A) b (g) a",
        ),
        (
            "mod a { fn f() { let x = vec![(crate::b::g(), 1)]; } pub struct A; } mod b { use crate::a::A as B; pub fn g() {} }",
            "a (A) b (g) a",
        ),
        (
            "mod a { fn f() { use crate::b::g; } pub trait A {} } mod b { use crate::a::A as _; pub fn g() {} }",
            "a (A) b (g) a",
        ),
        (
            "mod a { use crate::{b::{self, B}}; pub struct A; } mod b { pub struct B; impl B { fn f() -> crate::a::A { loop {} } } }",
            "a (A) b (B) a",
        ),
        (
            "mod a { pub struct A; fn f(_: crate::b::B) {} } mod b { use crate::c::C; pub struct B; } mod c { use crate::a::A; pub struct C; }",
            "a (A) c (C) b (B) a",
        ),
        (
            "mod a { use crate::b::*; pub struct A; } mod b { use super::a::*; pub struct B; }",
            "a (*) b (*) a",
        ),
        // A parent and its child.
        ("pub struct A; mod b { use super::A; pub fn g() {} } fn f() { b::g() }", "crate (A) b (g) crate"),
        ("mod a { mod b { use super::A; pub fn g() {} } use b::g; pub struct A; }", "a (A) a::b (g) a"),
    ] {
        let found = circle(&Modules::of_text(source).uses()).unwrap_or_default();
        assert_eq!(found.join(" "), expected, "{source}");
    }
}

/// The first circle: its modules, each with the name of something that the next module uses of it.
fn circle(uses: &Uses) -> Option<Vec<String>> {
    uses.keys().find_map(|start| {
        let mut path = Vec::new();
        reaches(uses, start, start, &mut BTreeSet::new(), &mut path).then(|| {
            path.push(short(start));
            path
        })
    })
}

/// Whether `module` leads to `start` through the modules that it uses. Then `path` has the way back from `start`.
fn reaches<'a>(
    uses: &'a Uses,
    module: &'a str,
    start: &str,
    seen: &mut BTreeSet<&'a str>,
    path: &mut Vec<String>,
) -> bool {
    for (used, name) in &uses[module] {
        if used == start || (seen.insert(used) && reaches(uses, used, start, seen, path)) {
            path.push(format!("{} ({name})", short(used)));
            return true;
        }
    }
    false
}

fn short(module: &str) -> String {
    module.strip_prefix("crate::").unwrap_or(module).to_owned()
}
