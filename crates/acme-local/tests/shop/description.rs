//! The description, the local shop and the code have the same routes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::process::{Shop, directory};

/// The method and the path of every operation in the description.
fn described() -> BTreeSet<(String, String)> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/openapi.json")).unwrap();
    let description: Value = serde_json::from_str(&text).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

#[test]
fn what_is_described_is_served_with_and_without_a_slash() {
    let shop = Shop::owning(directory(), &[]);
    let described = described();
    assert!(described.len() > 20, "{described:?}");
    for (method, path) in described {
        for end in ["", "/"] {
            let path = path.trim_end_matches('/').replace("{userid}", "someone").replace("{id}", "some-id");
            let path = path.replace("{name}", "kettlebell-1.svg") + if path.is_empty() { "/" } else { end };
            let answer = shop.client().send(&method, &path, String::new()).unwrap();
            let unknown = answer.status == 405 || answer.text().contains("no such route");
            assert!(!unknown, "{method} {path} is described but not served: {}", answer.text());
        }
    }
    assert!(shop.client().get("/order").text().contains("no such route"), "the check can fail");
}

#[test]
fn what_the_domains_route_is_described() {
    // The page at the root has only one spelling, so it is routed in another way.
    let described: BTreeSet<String> =
        described().into_iter().map(|(_, path)| path).filter(|path| path != "/").collect();
    let crates = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()).unwrap();
    let routed: BTreeSet<String> = crates
        .flat_map(|folder| sources(&folder.unwrap().path().join("src")))
        .flat_map(|source| {
            let calls =
                source.split("route(&[").skip(1).map(|rest| rest.split(']').next().unwrap().to_owned());
            calls.collect::<Vec<_>>()
        })
        .flat_map(|paths| paths.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(routed, described);
}

/// The texts of all files below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap()] })
        .collect()
}
